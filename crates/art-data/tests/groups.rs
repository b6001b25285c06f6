//! Divisions that keep groups whole: what holds for any table, and what seeds make of it.

use art_core::Seed;
use art_data::{
    Column, Frame, LabelledFrame, ReadOptions, SplitConfig, SplitParams, SplitRows, Values,
    read_frame,
};
use proptest::prelude::*;
use std::{collections::BTreeSet, fmt::Write as _};

const SHARES: [f64; 3] = [0.7, 0.15, 0.15];

/// A table of groups: of each the number of rows of each class.
fn table(groups: &[Vec<usize>]) -> LabelledFrame {
    let mut text = String::from("group,x,class\n");
    for (group, counts) in groups.iter().enumerate() {
        for (class, &n) in counts.iter().enumerate() {
            for row in 0..n {
                let _ = writeln!(text, "g{group},{row},c{class}");
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.csv");
    std::fs::write(&path, text).unwrap();
    let mut options = ReadOptions::default();
    options.words.extend(["group", "class"].map(String::from));
    let frame = read_frame(&path, &options).unwrap();
    let frame = LabelledFrame::new(frame, "class").unwrap();
    frame.grouped_by("group").unwrap()
}

/// The group of each row.
fn codes(frame: &Frame) -> &[u32] {
    let column: &Column = frame.column("group").unwrap();
    match &column.values {
        Values::Words { codes, .. } => codes,
        Values::Numbers(_) => panic!("groups are words"),
    }
}

/// `n` groups of 1 to 40 rows of two classes; in some of them the rare class is more frequent than in others.
fn unequal(n: usize, salt: u64) -> Vec<Vec<usize>> {
    let mut random = Seed::new(salt).stream("test groups", 0);
    let group = |_| {
        let rows = 1 + random.below(40);
        let rare = random.below(rows / 3 + 1);
        vec![rows - rare, rare]
    };
    let mut groups: Vec<Vec<usize>> = (0..n).map(group).collect();
    for group in &mut groups[..2] {
        group[1] += 1;
    }
    groups
}

fn parts(rows: &SplitRows) -> [&Vec<u32>; 3] {
    [&rows.train, &rows.valid, &rows.test]
}

/// What holds for every division: each row is in one part, no group is cut, every class is trained on, and no part is off by
/// more than the largest group or 2 %.
fn check(table: &LabelledFrame, rows: &SplitRows, shares: [f64; 3]) {
    let codes = codes(table.frame());
    let n = codes.len() as f64;
    let mut all = parts(rows).map(Clone::clone).concat();
    all.sort_unstable();
    assert_eq!(all, (0..codes.len() as u32).collect::<Vec<_>>());
    let groups_of =
        |part: &Vec<u32>| -> BTreeSet<u32> { part.iter().map(|&r| codes[r as usize]).collect() };
    let in_parts: usize = parts(rows).iter().map(|part| groups_of(part).len()).sum();
    let all: BTreeSet<u32> = codes.iter().copied().collect();
    assert_eq!(in_parts, all.len(), "a group is cut");
    let trained: BTreeSet<u32> = rows
        .train
        .iter()
        .map(|&r| table.labels()[r as usize])
        .collect();
    assert_eq!(trained.len(), table.class_names().len());
    let mut sizes = vec![0_usize; all.len()];
    for &code in codes {
        sizes[code as usize] += 1;
    }
    let bound = (sizes.into_iter().max().unwrap() as f64 / n).max(0.02);
    for (part, share) in parts(rows).iter().zip(shares) {
        let off = (part.len() as f64 / n - share).abs();
        assert!(off <= bound + 1e-9, "{off} beyond {bound}");
    }
}

/// The largest distance of a class's share in a part from what it should be.
fn off_of_classes(table: &LabelledFrame, rows: &SplitRows) -> f64 {
    let count = |rows: &[u32], class: u32| {
        let labels = rows.iter().map(|&row| table.labels()[row as usize]);
        labels.filter(|&label| label == class).count() as f64
    };
    let all: Vec<u32> = (0..table.labels().len() as u32).collect();
    let of_class = |class: u32| {
        let shares = parts(rows).map(|part| count(part, class) / count(&all, class));
        let off = shares.iter().zip(SHARES).map(|(a, b)| (a - b).abs());
        off.fold(0.0, f64::max)
    };
    (0..table.class_names().len() as u32)
        .map(of_class)
        .fold(0.0, f64::max)
}

#[test]
fn seeds_divide_few_and_many_unequal_groups_otherwise_near_the_shares() {
    // Groups, fewest different test parts of 50 seeds, furthest that a class's share may lie from its target.
    for (n, fewest, furthest) in [(6, 5, 0.35), (20, 30, 0.12), (200, 50, 0.03)] {
        for salt in 0..4 {
            let table = table(&unequal(n, salt));
            let mut tests = BTreeSet::new();
            for seed in 1..=50 {
                let rows = table
                    .rows(&SplitConfig::default(), Seed::new(seed))
                    .unwrap();
                check(&table, &rows, SHARES);
                let off = off_of_classes(&table, &rows);
                assert!(off <= furthest, "{n} groups, seed {seed}: off by {off}");
                tests.insert(rows.test);
            }
            assert!(
                tests.len() >= fewest,
                "{n} groups: {} test parts",
                tests.len()
            );
        }
    }
}

#[test]
fn every_one_of_a_few_clinics_is_a_test_part_for_some_seed() {
    let clinics = [
        [500, 40],
        [430, 60],
        [380, 71],
        [350, 77],
        [300, 80],
        [260, 82],
        [220, 83],
        [180, 84],
    ];
    let table = table(&clinics.map(|counts| counts.to_vec()));
    let mut tested = BTreeSet::new();
    for seed in 1..=50 {
        let rows = table
            .rows(&SplitConfig::default(), Seed::new(seed))
            .unwrap();
        check(&table, &rows, SHARES);
        tested.extend(
            rows.test
                .iter()
                .map(|&row| codes(table.frame())[row as usize]),
        );
    }
    assert_eq!(tested.len(), clinics.len(), "{tested:?}");
}

#[test]
fn a_class_of_one_group_is_trained_on_and_one_of_two_keeps_a_group_for_training() {
    let mut groups = vec![vec![12, 0, 0, 0]; 10];
    groups.extend(vec![vec![0, 8, 0, 0]; 3]);
    groups.push(vec![0, 0, 5, 0]);
    groups.extend(vec![vec![0, 0, 0, 2]; 2]);
    let table = table(&groups);
    for seed in 1..=50 {
        let rows = table
            .rows(&SplitConfig::default(), Seed::new(seed))
            .unwrap();
        check(&table, &rows, SHARES);
        // The class of three groups has one in each part.
        for part in parts(&rows) {
            assert!(part.iter().any(|&row| table.labels()[row as usize] == 1));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_groups_stay_whole_within_the_bound(
        groups in proptest::collection::vec(proptest::collection::vec(1_usize..12, 3), 5..60),
        seed: u64,
        valid in 0.1..0.3_f64,
        test in 0.0..0.3_f64,
    ) {
        let test = if test < 0.1 { 0.0 } else { test };
        let table = table(&groups);
        let config = SplitParams::new().valid_share(valid).test_share(test).check().unwrap();
        let rows = table.rows(&config, Seed::new(seed)).unwrap();
        check(&table, &rows, [1.0 - valid - test, valid, test]);
        prop_assert_eq!(&rows, &table.rows(&config, Seed::new(seed)).unwrap());
    }
}

#[test]
fn copies_of_a_row_stay_together_and_rows_without_any_are_gone() {
    let n = 120_u32;
    let values = Values::Numbers((0..n).map(f64::from).collect());
    let labels = Values::of_labels(
        &["a", "b", "never"].map(String::from),
        &(0..n)
            .map(|row| if row == 0 { 2 } else { row % 2 })
            .collect::<Vec<_>>(),
    );
    let frame = Frame::of_columns(vec![
        Column::new("row", values),
        Column::new("class", labels),
    ]);
    let table = LabelledFrame::new(frame.unwrap(), "class").unwrap();
    let copies: Vec<u32> = (0..n).map(|row| row % 4).collect();
    let refused = table.clone().with_copies(&copies[1..]).unwrap_err();
    assert!(refused.to_string().contains("119"), "{refused}");
    let grouped = table
        .clone()
        .in_groups(&(0..n).map(|row| row / 3 + 7).collect::<Vec<_>>());
    let grouped = grouped.unwrap().with_copies(&copies).unwrap();
    let table = table.with_copies(&copies).unwrap();
    // The only row of this class stands no times.
    assert_eq!(table.class_names(), ["a", "b"]);
    assert_eq!(table.features(), ["row"]);
    let Values::Numbers(rows) = &table.frame().column("row").unwrap().values else {
        panic!("rows are numbers");
    };
    let expected = (0..n).flat_map(|row| vec![f64::from(row); row as usize % 4]);
    assert_eq!(*rows, expected.collect::<Vec<_>>());
    let shares = SplitParams::new().check().unwrap();
    let parts = table.rows(&shares, Seed::new(3)).unwrap();
    let of = |part: &[u32]| {
        part.iter()
            .map(|&at| rows[at as usize] as u32)
            .collect::<BTreeSet<_>>()
    };
    let [train, valid, test] =
        [&parts.train, &parts.valid, &parts.test].map(|part| of(part.as_slice()));
    assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
    let all: Vec<u32> = (0..rows.len() as u32).collect();
    let folds = table.folds(&all, 5, Seed::new(3)).unwrap();
    for fold in 0..5 {
        let [held_out, trained] = [folds.held_out(fold), folds.trained_on(fold)];
        assert!(of(&held_out).is_disjoint(&of(&trained)));
    }
    // Copies of rows of one group stay together as well.
    let thirds = |part: &[u32]| {
        of(part)
            .into_iter()
            .map(|row| row / 3)
            .collect::<BTreeSet<_>>()
    };
    let folds = grouped.folds(&all, 5, Seed::new(3)).unwrap();
    for fold in 0..5 {
        let [held_out, trained] = [folds.held_out(fold), folds.trained_on(fold)];
        assert!(thirds(&held_out).is_disjoint(&thirds(&trained)));
    }
}
