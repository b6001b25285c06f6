//! What results may be taken for: tests, intervals and advice where seeds share divisions, where nothing varies, where
//! classes are missing, and where feedback had no part.

use art_bench::{
    AbsentClass, Advice, BeforeRefresh, CellId, CellRecord, CellResult, CellSpec, Course,
    DatasetResults, Division, Epochs, Evaluation, Matrix, MatrixMethod, Measured, Metric, NoAdvice,
    Outcome, Part, RefreshAt, Results, RunInfo, SCHEMA, SplitFacts, advice_text, caveats,
    changes_text, write_report,
};
use art_core::{ConfusionMatrix, Seed};
use art_methods::Registry;
use art_train::StopReason;
use std::{collections::BTreeMap, fs};

const TABLE: &str = "own-table-12345678";

/// The evaluation of test rows, truth against prediction, as a run would record it.
fn of_confusion(rows: &[Vec<u64>]) -> Evaluation {
    let confusion = ConfusionMatrix::from_rows(rows).unwrap();
    let n_classes = rows.len();
    Evaluation {
        macro_f1: confusion.macro_f1(),
        per_class_f1: confusion.per_class_f1(),
        confusion,
        train_counts: vec![50; n_classes],
        test_over_train: 0.2,
        best_epoch: 3,
        epochs: 8,
        steps: 4,
        stopped: StopReason::MaxEpochs,
        initial_distribution: vec![1.0 / n_classes as f64; n_classes],
        warnings: vec![],
        offsets: vec![],
        affine: None,
        temperature: None,
        calibration: None,
        second_stage: None,
        course: Course::Whole(Epochs {
            refreshes: vec![],
            validation_f1: vec![vec![0.5; n_classes]; 8],
        }),
    }
}

/// `right` of 1,000 test rows of each of two classes predicted rightly: macro F1 is `right` in thousandths.
fn scored(right: u64) -> Evaluation {
    of_confusion(&[vec![right, 1000 - right], vec![1000 - right, right]])
}

fn matrix(methods: &[&str], seeds: u64) -> Matrix {
    let mut matrix = Matrix::quick();
    matrix.datasets = vec![TABLE.into()];
    matrix.methods = methods
        .iter()
        .map(|id| MatrixMethod::with_defaults(id))
        .collect();
    matrix.seeds = (1..=seeds).collect();
    matrix.initialisations = 1;
    matrix.resolved(&Registry::standard()).unwrap()
}

fn results_of(info: &RunInfo, evaluation: impl Fn(&CellSpec) -> Evaluation) -> Results {
    let mut records: BTreeMap<CellId, CellRecord> = BTreeMap::new();
    for pair in info.matrix.pairs() {
        for spec in info.matrix.cells(&pair) {
            let result = CellResult {
                schema: SCHEMA,
                id: spec.id(),
                outcome: Outcome::Evaluated(evaluation(&spec)),
                spec,
            };
            let measured = Measured::default();
            records.insert(result.id.clone(), CellRecord { result, measured });
        }
    }
    Results::new(info, &records, &Registry::standard()).unwrap()
}

fn info(matrix: Matrix, classes: &[&str]) -> RunInfo {
    let classes = classes.iter().map(|&name| name.to_owned()).collect();
    RunInfo::new(matrix, [(TABLE.to_owned(), classes)].into(), [].into())
}

/// Scores of two classes, `right` in thousandths.
fn two_classes(methods: &[&str], seeds: u64, right: impl Fn(&CellSpec) -> u64) -> DatasetResults {
    let info = info(matrix(methods, seeds), &["no", "yes"]);
    results_of(&info, |spec| scored(right(spec)))
        .datasets
        .remove(0)
}

fn advice(dataset: &DatasetResults) -> &Advice {
    &dataset.verdict.as_ref().unwrap().advice
}

#[test]
fn differences_that_are_the_same_on_every_split_are_no_evidence() {
    for seeds in [2, 5, 10] {
        let right = |spec: &CellSpec| match &*spec.method {
            "baseline" => 400 + spec.seed,
            _ => 778 + spec.seed,
        };
        let dataset = two_classes(&["baseline", "ldam-drw"], seeds, right);
        let found = &dataset.verdict.as_ref().unwrap().against_plain[0];
        assert!((found.difference - 0.378).abs() < 1e-9);
        assert_eq!((found.corrected_t, found.plain_t), (None, None));
        assert_eq!((found.corrected_interval, found.interval), (None, None));
        assert_eq!(found.effect, None);
        // What does not vary is no evidence of its own, and other tables have not shown so much of any method.
        let text = advice_text(&dataset).unwrap();
        assert!(!text.contains(" p "), "{text}");
        let said = caveats(&dataset).join("\n");
        assert!(said.contains("the same on every split for LDAM"), "{said}");
        assert_eq!(said.contains("Only 2 splits"), seeds == 2, "{said}");
    }
}

#[test]
fn pure_noise_is_nothing_to_act_on() {
    let methods = ["baseline", "ros", "cost", "ldam-drw", "art"];
    let mut advised = 0;
    for table in 0..60 {
        let seeds = [2, 3, 5, 10][table as usize % 4];
        // Few different scores, as small test parts have them.
        let right = |spec: &CellSpec| {
            let name: u64 = spec.method.bytes().map(u64::from).sum();
            let mut random = Seed::new(table).stream("noise", name * 1000 + spec.seed);
            400 + 100 * random.below(3) as u64
        };
        // A score of which nothing is known from other tables.
        let mut matrix = matrix(&methods, seeds);
        matrix.metric = Metric::Accuracy;
        let results = results_of(&info(matrix, &["no", "yes"]), |spec| scored(right(spec)));
        let verdict = results.datasets[0].verdict.as_ref().unwrap();
        assert_eq!(verdict.other_tables, None);
        advised += usize::from(matches!(
            verdict.advice,
            Advice::Train(_) | Advice::MoveDecision(_)
        ));
    }
    assert!(advised <= 3, "{advised} of 60 tables of noise");
}

#[test]
fn an_interval_leaves_out_none_where_its_adjusted_p_is_small() {
    let methods = ["baseline", "ros", "cost", "art", "smote"];
    let (mut in_it, mut out_of_it) = (0, 0);
    for table in 0..30 {
        let right = |spec: &CellSpec| {
            let place = methods.iter().position(|m| *m == spec.method).unwrap() as u64;
            let mut random = Seed::new(table).stream("gains", 100 * place + spec.seed);
            500 + 7 * place + random.below(20) as u64
        };
        let dataset = two_classes(&methods, 8, right);
        for found in &dataset.verdict.as_ref().unwrap().against_plain {
            let (interval, p) = (
                found.corrected_interval.unwrap(),
                found.corrected_t.unwrap().holm,
            );
            let leaves_out = interval.low > 0.0 || interval.high < 0.0;
            assert_eq!(leaves_out, p < 0.05, "{found:?}");
            *(if leaves_out {
                &mut out_of_it
            } else {
                &mut in_it
            }) += 1;
        }
    }
    assert!(in_it > 10 && out_of_it > 10, "{in_it} {out_of_it}");
}

#[test]
fn what_every_split_shows_is_acted_on_and_what_nobody_would_notice_is_not() {
    let gain = |points: u64, seeds| {
        let right = |spec: &CellSpec| {
            let ahead = if spec.method == "ros" { 10 * points } else { 0 };
            600 + ahead + (spec.seed * 7 + ahead) % 13
        };
        two_classes(&["baseline", "ros"], seeds, right)
    };
    let large = gain(6, 10);
    assert_eq!(*advice(&large), Advice::Train("ros".into()));
    let text = advice_text(&large).unwrap();
    for part in [
        "are to be expected (95 %: +",
        "does worse is below 1 %",
        "10 splits",
        "other tables",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let said = changes_text(&large);
    assert_eq!(said.len(), 2);
    assert!(
        said[0].starts_with("Of 100 rows of \"no\" plain training finds 61 ("),
        "{said:?}"
    );
    let none = gain(0, 40);
    assert_eq!(*advice(&none), Advice::KeepPlain);
    assert!(
        advice_text(&none)
            .unwrap()
            .contains("nothing here is worth the trouble")
    );
    assert!(changes_text(&none).is_empty());
}

#[test]
fn where_too_little_is_known_it_is_said_what_would_tell() {
    let right = |spec: &CellSpec| {
        let ahead: i64 = match (&*spec.method, spec.seed) {
            ("baseline", _) => 0,
            (_, 1) => -20,
            (_, 2) => 60,
            _ => -70,
        };
        500_u64.saturating_add_signed(ahead)
    };
    let dataset = two_classes(&["baseline", "art"], 3, right);
    let Advice::Unclear(id, _) = advice(&dataset) else {
        panic!("{:?}", advice(&dataset));
    };
    assert_eq!(id, "art");
    let text = advice_text(&dataset).unwrap();
    assert!(
        text.contains("too little is known") && text.contains("as many rows"),
        "{text}"
    );
}

#[test]
fn nobody_is_told_to_bet_on_a_loss() {
    // Three splits that differ much and lose so many points in the mean.
    let losing = |loss: i64| {
        let right = |spec: &CellSpec| {
            let ahead = match (&*spec.method, spec.seed) {
                ("baseline", _) => 0,
                (_, 1) => 60 - loss,
                (_, 2) => -loss,
                _ => -60 - loss,
            };
            600_u64.saturating_add_signed(ahead)
        };
        two_classes(&["baseline", "art"], 3, right)
    };
    let is_unclear_loss = |dataset: &DatasetResults| {
        let verdict = dataset.verdict.as_ref().unwrap();
        let gain = verdict.expected_of("art").unwrap().gain;
        matches!(&verdict.advice, Advice::Unclear(..)) && gain < 0.0
    };
    let dataset = (0..30).map(|step| losing(10 * step)).find(is_unclear_loss);
    let dataset = dataset.expect("of some loss too little is known");
    assert_eq!(dataset.verdict.as_ref().unwrap().recommended(), None);
    let text = advice_text(&dataset).unwrap();
    assert!(text.contains("The best bet is plain training;"), "{text}");
    assert!(changes_text(&dataset).is_empty());
}

#[test]
fn seeds_of_one_division_are_not_tested_as_if_they_were_many() {
    let right = |spec: &CellSpec| {
        let ahead = if spec.method == "ros" { 60 } else { 0 };
        500 + ahead + (spec.seed * 7 + ahead) % 13
    };
    let methods = ["baseline", "ros", "art"];
    let mut given = info(matrix(&methods, 10), &["no", "yes"]);
    given.division = Division::Given;
    // A folder of an older program that does not say which seeds share a division.
    let mut unknown = given.clone();
    unknown.division = Division::Grouped;
    let mut grouped = unknown.clone();
    let facts = SplitFacts {
        repeats: (2..=10).map(|seed| (seed, 1)).collect(),
        absent: vec![],
    };
    grouped.splits.insert(TABLE.into(), facts);
    for info in [given, unknown, grouped] {
        let results = results_of(&info, |spec| scored(right(spec)));
        assert!(results.rankings.is_empty());
        let dataset = &results.datasets[0];
        assert_eq!(
            (dataset.divisions.seeds, dataset.divisions.different),
            (10, 1)
        );
        let verdict = dataset.verdict.as_ref().unwrap();
        assert_eq!(verdict.advice, Advice::Nothing(NoAdvice::OneDivision));
        let again = &dataset.again.as_ref().unwrap().comparison;
        for found in verdict
            .against_plain
            .iter()
            .chain(&dataset.comparisons)
            .chain([again])
        {
            assert_eq!((found.n, found.corrected_t, found.plain_t), (1, None, None));
            assert_eq!((found.signed_rank, found.interval), (None, None));
            assert_eq!(found.corrected_interval, None);
        }
        assert!(verdict.against_plain[0].difference > 0.05);
        let folder = tempfile::tempdir().unwrap();
        write_report(&results, folder.path()).unwrap();
        let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
        assert!(page.contains("1 division of 10 seeds") && page.contains("no advice"));
        let json = fs::read_to_string(folder.path().join("report.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(
            json["to_keep_in_mind"][0]
                .as_str()
                .unwrap()
                .starts_with("1 division")
        );
    }
}

#[test]
fn seeds_that_share_a_division_count_as_one() {
    let right = |spec: &CellSpec| {
        let ahead = if spec.method == "ros" {
            20 + 3 * spec.seed
        } else {
            0
        };
        500 + ahead
    };
    let mut info = info(matrix(&["baseline", "ros"], 7), &["no", "yes"]);
    info.division = Division::Grouped;
    let facts = SplitFacts {
        repeats: [(4, 1), (7, 6)].into(),
        absent: vec![],
    };
    info.splits.insert(TABLE.into(), facts);
    let results = results_of(&info, |spec| scored(right(spec)));
    let dataset = &results.datasets[0];
    assert_eq!(
        (dataset.divisions.seeds, dataset.divisions.different),
        (7, 5)
    );
    let found = &dataset.verdict.as_ref().unwrap().against_plain[0];
    assert_eq!(found.n, 5);
    // Seeds 1 and 4 are 23 and 32 ahead, 6 and 7 are 38 and 41.
    let means = [27.5, 26.0, 29.0, 35.0, 39.5].map(|ahead| ahead / 1000.0);
    let expected = art_stats::corrected_t_test(&means, &[0.0; 5], 0.2).unwrap();
    assert!((found.difference - expected.mean_difference).abs() < 1e-12);
    assert!((found.corrected_t.unwrap().p - expected.p_value.unwrap()).abs() < 1e-9);
    let said = caveats(dataset).join("\n");
    assert!(said.contains("5 different divisions of 7 seeds"), "{said}");
}

#[test]
fn what_a_folder_says_of_splits_makes_it_one_of_version_3_and_older_ones_still_open() {
    let folder = tempfile::tempdir().unwrap();
    let version = || {
        let text = fs::read_to_string(folder.path().join("matrix.json")).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["version"].as_u64().unwrap()
    };
    let mut info = info(matrix(&["baseline", "ros"], 2), &["no", "yes"]);
    info.save(folder.path()).unwrap();
    assert_eq!(version(), 2);
    assert!(RunInfo::load(folder.path()).unwrap().splits.is_empty());
    let facts = SplitFacts {
        repeats: [(2, 1)].into(),
        absent: vec![AbsentClass {
            class: "yes".into(),
            part: Part::Validation,
            seeds: vec![1],
        }],
    };
    info.splits.insert(TABLE.into(), facts);
    info.save(folder.path()).unwrap();
    assert_eq!(version(), 3);
    assert_eq!(RunInfo::load(folder.path()).unwrap().splits, info.splits);
}

#[test]
fn a_class_without_test_rows_is_left_out_and_named() {
    let mut info = info(
        matrix(&["baseline", "ros"], 5),
        &["benign", "malign", "odd"],
    );
    let absent = AbsentClass {
        class: "odd".into(),
        part: Part::Validation,
        seeds: vec![2],
    };
    let facts = SplitFacts {
        absent: vec![absent],
        ..SplitFacts::default()
    };
    info.splits.insert(TABLE.into(), facts);
    let results = results_of(&info, |spec| {
        let odd = if spec.seed == 1 {
            vec![0, 0, 0]
        } else {
            vec![0, 0, 10]
        };
        of_confusion(&[vec![8, 2, 0], vec![1, 9, 0], odd])
    });
    let dataset = &results.datasets[0];
    let plain = &dataset.methods[0];
    let present = f64::midpoint(16.0 / 19.0, 18.0 / 21.0);
    assert!((plain.scores[0].1 - present).abs() < 1e-12);
    assert!((plain.scores[1].1 - (2.0 * present + 1.0) / 3.0).abs() < 1e-12);
    let summaries = plain.summaries.as_ref().unwrap();
    let odd = summaries.per_class_f1[2].unwrap();
    assert_eq!((odd.n, odd.mean), (4, 1.0));
    let said = caveats(dataset).join("\n");
    assert!(
        said.contains("The class \"odd\" has no row in the test part of 1 of 5 seeds"),
        "{said}"
    );
    assert!(
        said.contains("\"odd\" has no row in the validation part of 1 of 5"),
        "{said}"
    );

    let results = results_of(&info, |_| {
        of_confusion(&[vec![8, 2, 0], vec![1, 9, 0], vec![0; 3]])
    });
    let summaries = results.datasets[0].methods[0].summaries.clone().unwrap();
    assert!(summaries.per_class_f1[2].is_none() && summaries.per_class_recall[2].is_none());
    assert!((summaries.macro_f1.mean - present).abs() < 1e-12);
    let folder = tempfile::tempdir().unwrap();
    write_report(&results, folder.path()).unwrap();
    let classes = fs::read_to_string(folder.path().join(format!("tables/per_class_{TABLE}.csv")));
    let classes = classes.unwrap();
    assert!(classes.contains("\nodd,,,,,,\n"), "{classes}");
}

#[test]
fn weights_from_before_the_first_refresh_are_counted() {
    let info = info(
        matrix(&["baseline", "art", "static-blend"], 6),
        &["no", "yes"],
    );
    let results = results_of(&info, |spec| {
        let refresh = |epoch| RefreshAt {
            epoch,
            distribution: vec![0.5, 0.5],
        };
        let mut evaluation = scored(600 + spec.seed);
        if spec.method == "art" {
            // The first refresh follows epoch 5; the last run stopped before it.
            evaluation.best_epoch = [1, 4, 5, 6, 8, 3][spec.seed as usize - 1];
            let Course::Whole(epochs) = &mut evaluation.course else {
                panic!("a run writes all of it");
            };
            if spec.seed != 6 {
                epochs.refreshes = [5].map(refresh).to_vec();
            }
        }
        evaluation
    });
    let dataset = &results.datasets[0];
    let counts: Vec<_> = dataset.methods.iter().map(|m| m.before_refresh).collect();
    let art = BeforeRefresh {
        kept_before: 4,
        runs: 6,
    };
    assert_eq!(counts, [None, Some(art), None]);
    let said = caveats(dataset).join("\n");
    let expected = "art: 4 of 6 runs kept weights from before the first refresh";
    assert!(said.contains(expected), "{said}");
    let folder = tempfile::tempdir().unwrap();
    write_report(&results, folder.path()).unwrap();
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    // Pages name methods by their titles.
    assert!(page.contains(&expected.replace("art:", "ART:")));
    let table = fs::read_to_string(folder.path().join("tables/before_refresh.csv")).unwrap();
    assert_eq!(table, "method,table_n,table_of\nART,4,6\n");
}
