//! What needs no browser of the pages of a report: links lead somewhere, and the answer comes before its tables.

use art_bench::{
    CellId, CellRecord, CellResult, Course, Epochs, Evaluation, Matrix, MatrixMethod, Measured,
    Outcome, Results, RunInfo, SCHEMA, write_report_for,
};
use art_core::ConfusionMatrix;
use art_methods::Registry;
use art_train::StopReason;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

const OWN: &str = "own-people-0011223344556677";

/// Of 100 rows of each class so many are found.
fn evaluation(right: u64) -> Evaluation {
    let rows = [vec![right, 100 - right], vec![100 - right, right]];
    let confusion = ConfusionMatrix::from_rows(&rows).unwrap();
    Evaluation {
        macro_f1: confusion.macro_f1(),
        per_class_f1: confusion.per_class_f1(),
        confusion,
        train_counts: vec![50, 50],
        test_over_train: 0.2,
        best_epoch: 1,
        epochs: 2,
        steps: 4,
        stopped: StopReason::MaxEpochs,
        initial_distribution: vec![0.5, 0.5],
        warnings: vec!["a class cannot be brought to its target".into()],
        offsets: vec![],
        affine: None,
        temperature: None,
        calibration: None,
        second_stage: None,
        course: Course::Whole(Epochs {
            refreshes: vec![],
            validation_f1: vec![vec![0.5, 0.5]; 2],
        }),
    }
}

/// The page of a comparison on a data set, in which everything else is ahead of plain training by 20 points.
fn page(dataset: &str) -> String {
    let methods = ["baseline", "ros", "art", "break-even:folds=5+plug-in"];
    let mut matrix = Matrix::quick();
    matrix.datasets = vec![dataset.into()];
    matrix.methods = methods.map(MatrixMethod::with_defaults).to_vec();
    matrix.seeds = (1..=8).collect();
    matrix.initialisations = 1;
    matrix.purpose = "What is compared.".into();
    let matrix = matrix.resolved(&Registry::standard()).unwrap();
    let classes = ["no", "yes & <maybe>"].map(str::to_owned).to_vec();
    let info = RunInfo::new(matrix, [(dataset.to_owned(), classes)].into(), [].into());
    let mut records: BTreeMap<CellId, CellRecord> = BTreeMap::new();
    for pair in info.matrix.pairs() {
        for spec in info.matrix.cells(&pair) {
            let ahead = match &*spec.method {
                "baseline" => 0,
                name => 20 + name.len() as u64 % 5,
            };
            let result = CellResult {
                schema: SCHEMA,
                id: spec.id(),
                outcome: Outcome::Evaluated(evaluation(60 + ahead + spec.seed * 7 % 5)),
                spec,
            };
            let measured = Measured::default();
            records.insert(result.id.clone(), CellRecord { result, measured });
        }
    }
    let results = Results::new(&info, &records, &Registry::standard()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_report_for(&results, folder.path(), |_| Some("how it is done".into())).unwrap();
    fs::read_to_string(folder.path().join("report.html")).unwrap()
}

/// The values of an attribute.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let begin = format!(" {attribute}=\"");
    let parts = page.split(&*begin).skip(1);
    parts.map(|part| part.split('"').next().unwrap()).collect()
}

#[test]
fn every_link_has_a_target_and_every_id_is_there_once() {
    for page in [page(OWN), page("pima")] {
        let ids = values(&page, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{ids:?}");
        let links = values(&page, "href");
        assert!(links.len() > 10);
        for link in links {
            let target = link.strip_prefix('#').expect("the page needs nothing else");
            assert!(unique.contains(target), "{link} leads nowhere");
        }
    }
}

#[test]
fn of_a_table_of_ones_own_the_answer_comes_first_and_the_paper_never() {
    let page = page(OWN);
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
    let order = [
        "<h1>What helps on people?</h1>",
        "class=\"answer\"",
        "to be expected over",
        "how it is done",
        "Difference from plain training",
        "What became of the rows",
        "<h3>Macro F1</h3>",
        "How it was made",
        "<nav",
    ];
    let places: Vec<usize> = order.iter().map(|text| place(text)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for text in [
        "paper:",
        "(Table",
        "ART against each",
        "ART minus each method",
    ] {
        assert!(!page.contains(text), "{text}");
    }
    assert!(
        !page.contains("break-even:folds=5+plug-in ("),
        "titles, not ids"
    );
    // The largest mean comes first.
    let scores = page.split("<h3>Macro F1</h3>").nth(1).unwrap();
    let first = scores.split("<th scope=\"row\">").nth(1).unwrap();
    assert!(!first.starts_with("Baseline"), "{first:.80}");
}

#[test]
fn of_a_matrix_of_the_paper_the_sentences_come_first_and_then_its_tables() {
    let page = page("pima");
    let order = [
        "In short",
        "Macro F1 (Table 1)",
        "(Table 2)",
        "Every seed",
        "Cost",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|text| page.find(text)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}"
    );
}

#[test]
fn words_are_explained_where_they_are_first_used() {
    let page = page(OWN);
    assert_eq!(page.matches(">macro F1</abbr>").count(), 1);
    assert!(page.contains("What the words mean"));
}
