//! What a resampler makes of a table that is read pass by pass is what it makes of the table in memory.

use art_core::Seed;
use art_data::{
    BorderlineSmote, BorderlineVariant, DataError, Encoder, Fallback, LabelledFrame, Origin,
    RandomOverSampler, RandomUnderSampler, ReadOptions, Repeats, Replacement, Resampled, Resampler,
    SamplingStrategy, Smote, SmoteEnn, SmoteGap, StreamedResampling, StreamedTable, TableSize,
    TooFewNeighbors, TrainSet, Unseen, read_frame,
};
use std::{fmt::Write as _, fs, path::Path};

/// Three classes of 150, 40 and 4 rows, of numbers and, where `has_words`, words and holes as well.
fn table(has_words: bool) -> String {
    let mut stream = Seed::new(5).stream("table", 0);
    let mut text = String::from("a,b,c,y\n");
    for row in 0..194_u32 {
        let class = [0, 1, 2][usize::from(row % 5 == 1) + usize::from(row % 50 == 1)];
        let number =
            |stream: &mut art_core::Stream| stream.below(30) as f64 / 4.0 + f64::from(class);
        let (a, b) = (number(&mut stream), number(&mut stream));
        let word = ["red", "green", "Green", ""][stream.below(4)];
        let c = if has_words {
            word.to_owned()
        } else {
            number(&mut stream).to_string()
        };
        let hole = has_words && stream.below(8) == 0;
        let a = if hole { String::new() } else { a.to_string() };
        writeln!(text, "{a},{b},{c},{}", ["x", "m", "s"][class as usize]).unwrap();
    }
    text
}

fn options() -> ReadOptions {
    ReadOptions {
        words: vec!["y".into()],
        ..ReadOptions::default()
    }
}

/// The table in memory, resampled.
fn in_memory(path: &Path, method: &dyn Resampler) -> (Option<Encoder>, Resampled) {
    let frame = read_frame(path, &options()).unwrap();
    let table = LabelledFrame::new(frame, "y").unwrap();
    let rows: Vec<u32> = (0..table.labels().len() as u32).collect();
    let encoder = Encoder::fit(table.frame(), table.features(), &rows).unwrap();
    let (data, _) = table.encoded(&encoder, &rows, Unseen::Refused).unwrap();
    let resampled = method.resample(&TrainSet::new(data), Seed::new(3)).unwrap();
    (method.reads_features().then_some(encoder), resampled)
}

/// Origins by the numbers of the table.
fn by_number(origin: Origin, numbers: &[u32]) -> Origin {
    let number = |place: u32| numbers[place as usize];
    match origin {
        Origin::Original { row } => Origin::Original { row: number(row) },
        Origin::Duplicate { row } => Origin::Duplicate { row: number(row) },
        Origin::Jittered { row } => Origin::Jittered { row: number(row) },
        Origin::Synthetic { base, partner, gap } => Origin::Synthetic {
            base: number(base),
            partner: number(partner),
            gap,
        },
        Origin::Voted { base, partner, gap } => Origin::Voted {
            base: number(base),
            partner: number(partner),
            gap,
        },
        Origin::Boxed { base, partner } => Origin::Boxed {
            base: number(base),
            partner: number(partner),
        },
    }
}

fn methods() -> Vec<Box<dyn Resampler>> {
    let borderline = BorderlineSmote::new();
    vec![
        Box::new(RandomOverSampler::new()),
        Box::new(RandomOverSampler::new().copies(Repeats::Even)),
        Box::new(RandomUnderSampler::new()),
        Box::new(RandomUnderSampler::new().replacement(Replacement::With)),
        Box::new(Smote::new()),
        Box::new(Smote::new().bases(Repeats::Even)),
        Box::new(Smote::new().gap(SmoteGap::PerFeature)),
        Box::new(Smote::new().gap(SmoteGap::PerFeature).bases(Repeats::Even)),
        Box::new(Smote::new().rare_class(TooFewNeighbors::Duplicate)),
        Box::new(Smote::new().strategy(SamplingStrategy::Counts(vec![60, 4, 155]))),
        Box::new(borderline.clone()),
        Box::new(borderline.clone().m(2).fallback(Fallback::Smote)),
        Box::new(borderline.clone().m(2).fallback(Fallback::Duplicate)),
        Box::new(borderline.clone().variant(BorderlineVariant::AnyClass)),
        Box::new(borderline.variant(BorderlineVariant::AnyClass).k(12).m(3)),
    ]
}

#[test]
fn rows_pass_by_pass_are_those_of_the_table_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    for has_words in [false, true] {
        fs::write(&path, table(has_words)).unwrap();
        let table = StreamedTable::open(&path, &options(), "y").unwrap();
        for (place, method) in methods().iter().enumerate() {
            let (encoder, expected) = in_memory(&path, &**method);
            for block in [Some(1), Some(7), None] {
                let seed = Seed::new(3);
                let plan =
                    StreamedResampling::in_blocks(&table, &**method, seed, folder.path(), block);
                let plan = plan.unwrap().unwrap();
                assert_eq!(plan.encoder(), encoder.as_ref(), "{place}");
                let mut shown = vec![];
                let kept = plan.originals(|row, fields| {
                    assert_eq!(fields.len(), 4);
                    shown.push(row);
                    Ok(())
                });
                let kept = kept.unwrap();
                assert_eq!(plan.numbers().collect::<Vec<_>>(), shown, "{place}");
                let mut origins: Vec<Origin> =
                    shown.iter().map(|&row| Origin::Original { row }).collect();
                let mut features = vec![];
                let warnings = plan.made(&kept, &mut |origin, row| {
                    origins.push(by_number(origin, &kept.numbers));
                    features.extend_from_slice(row);
                    Ok(())
                });
                assert_eq!(warnings.unwrap(), expected.warnings, "{place}");
                assert_eq!(origins, expected.origins, "{place} {block:?}");
                if method.reads_features() {
                    let all = expected.train.data().features_as_slice();
                    let n_made = features.len();
                    assert!(n_made > 0 || !expected.warnings.is_empty(), "{place}");
                    let made = &all[all.len() - n_made..];
                    assert_eq!(features, made, "{place} {block:?}");
                }
            }
        }
    }
}

#[test]
fn methods_that_need_all_pairs_say_so() {
    assert!(SmoteEnn::new().streamed().is_none());
    assert!(RandomOverSampler::new().smoothing(1.0).streamed().is_none());
}

#[test]
fn a_file_that_changes_between_passes_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let text = table(false);
    let smote = Smote::new();
    let refused = |changed: &str| {
        fs::write(&path, &text).unwrap();
        let table = StreamedTable::open(&path, &options(), "y").unwrap();
        let plan = StreamedResampling::new(&table, &smote, Seed::new(1), folder.path());
        let plan = plan.unwrap().unwrap();
        fs::write(&path, changed).unwrap();
        let after = plan.originals(|_, _| Ok(())).unwrap_err().to_string();
        let first = table.fit(folder.path(), None, |_| false).unwrap_err();
        assert_eq!(first.to_string(), after);
        after
    };
    let said = refused(&format!("{text}1,2,3,x\n"));
    assert!(
        said.contains("194 rows at first and has more now"),
        "{said}"
    );
    let (shorter, _) = text.trim_end().rsplit_once('\n').unwrap();
    let said = refused(shorter);
    assert!(
        said.contains("194 rows at first and has fewer now"),
        "{said}"
    );
}

#[test]
fn what_is_refused_ends_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, table(false)).unwrap();
    let table = StreamedTable::open(&path, &options(), "y").unwrap();
    let smote = Smote::new();
    let plan = StreamedResampling::new(&table, &smote, Seed::new(1), folder.path());
    let plan = plan.unwrap().unwrap();
    let refuse = || DataError::Empty {
        rows: 7,
        columns: 7,
    };
    let kept = plan.originals(|_, _| Ok(())).unwrap();
    let mut n_shown = 0;
    let error = plan.made(&kept, &mut |_, _| {
        n_shown += 1;
        if n_shown == 5 { Err(refuse()) } else { Ok(()) }
    });
    assert_eq!(error.unwrap_err().to_string(), refuse().to_string());
    assert_eq!(n_shown, 5);
    let zero = Smote::new().k(0);
    assert!(StreamedResampling::new(&table, &zero, Seed::new(1), folder.path()).is_err());
}

#[test]
fn the_size_of_a_table_is_that_of_its_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, table(true)).unwrap();
    let size = TableSize::of(&path, &options()).unwrap();
    assert_eq!((size.rows, size.columns, size.cells()), (194, 4, 776));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/tables.none.parquet");
    let size = TableSize::of(&golden, &ReadOptions::default());
    let frame = read_frame(&golden, &ReadOptions::default());
    match (size, frame) {
        (Ok(size), Ok(frame)) => {
            assert_eq!(size.rows, frame.n_rows());
            assert_eq!(size.columns, frame.columns().len());
        }
        (size, frame) => assert!(size.is_err() && frame.is_err(), "{size:?} {frame:?}"),
    }
}
