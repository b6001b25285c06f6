//! A report from records made by hand: numbers computed on paper, gaps shown with their reason.

use art_bench::{
    CellId, CellRecord, CellResult, Evaluation, Matrix, MatrixMethod, Measured, Outcome, Registry,
    Results, RunInfo, SCHEMA, macro_f1_text, write_report,
};
use art_core::ConfusionMatrix;
use art_train::StopReason;
use std::{collections::BTreeMap, fs};

/// Ten test rows of each of two classes, `right` of each predicted rightly.
fn evaluation(right: u64) -> Evaluation {
    let rows = [vec![right, 10 - right], vec![10 - right, right]];
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
        warnings: vec![],
        offsets: vec![],
        temperature: None,
        calibration: None,
        second_stage: None,
        refreshes: vec![],
        validation_f1: vec![vec![0.5, 0.5]; 2],
    }
}

fn results() -> Results {
    let mut matrix = Matrix::quick();
    matrix.datasets = vec!["pima".into()];
    matrix.methods = ["baseline", "art"]
        .map(MatrixMethod::with_defaults)
        .to_vec();
    matrix.seeds = vec![1, 2, 3];
    let registry = Registry::standard();
    let matrix = matrix.resolved(&registry).unwrap();
    let mut records: BTreeMap<CellId, CellRecord> = BTreeMap::new();
    // Macro F1 equals right / 10. Baseline of seed 3 fails, ART of seed 3 is missing.
    let outcomes = [Some(6), Some(8), Some(7), Some(8), None];
    let cells = matrix.seeds.iter().flat_map(|&seed| {
        let cells = matrix.pairs().into_iter().map(move |pair| pair.cell(seed));
        cells.collect::<Vec<_>>()
    });
    for (spec, right) in cells.zip(outcomes) {
        let outcome = right.map_or_else(
            || Outcome::Failed {
                error: "the loss is <NaN>".into(),
            },
            |right| Outcome::Evaluated(evaluation(right)),
        );
        let result = CellResult {
            schema: SCHEMA,
            id: spec.id(),
            spec,
            outcome,
        };
        let measured = Measured::default();
        records.insert(result.id.clone(), CellRecord { result, measured });
    }
    let classes = vec!["negative".into(), "positive".into()];
    let info = RunInfo::new(
        matrix,
        BTreeMap::from([("pima".into(), classes)]),
        [].into(),
    );
    Results::new(&info, &records, &registry).unwrap()
}

#[test]
fn numbers_are_those_computed_on_paper() {
    let results = results();
    let [baseline, art] = &results.datasets[0].methods[..] else {
        panic!("two methods")
    };
    let macro_f1 = |method: &art_bench::MethodResults| method.summaries.as_ref().unwrap().macro_f1;
    assert!((macro_f1(baseline).mean - 0.65).abs() < 1e-12);
    assert!((macro_f1(baseline).sd - 0.005_f64.sqrt()).abs() < 1e-12);
    assert!((macro_f1(art).mean - 0.8).abs() < 1e-12 && macro_f1(art).n == 2);

    let comparison = &results.datasets[0].comparisons[0];
    assert!((comparison.difference - 0.15).abs() < 1e-12);
    // Differences 0.2 and 0.1: t = 0.15 / (sd / √2) = 3 with one degree of freedom.
    assert!(
        (comparison.plain_t.p - 2.0 * (0.5 - 3.0_f64.atan() / std::f64::consts::PI)).abs() < 1e-9
    );
    assert!(comparison.corrected_t.p > comparison.plain_t.p);
    assert_eq!(comparison.corrected_t.holm, comparison.corrected_t.p);
    assert!((comparison.effect - 0.15 / 0.005_f64.sqrt()).abs() < 1e-9);
    assert!(comparison.interval.low >= 0.1 - 1e-12 && comparison.interval.high <= 0.2 + 1e-12);
    assert_eq!(comparison.signed_rank.p, 0.5);
}

#[test]
fn failed_and_missing_cells_are_shown_with_their_reason() {
    let folder = tempfile::tempdir().unwrap();
    let files = write_report(&results(), folder.path()).unwrap();
    assert!(files.iter().all(|file| file.exists()));
    let markdown = fs::read_to_string(folder.path().join("report.md")).unwrap();
    insta::assert_snapshot!(markdown);
    let html = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(html.contains("pima/baseline/3 failed: the loss is &lt;NaN&gt;"));
    assert!(html.contains("pima/art: 1 of 3 cells were not run"));
    let text = macro_f1_text(&results());
    assert!(text.contains("ART       80.00 ± 0.00 (2 of 3)"), "{text}");
}
