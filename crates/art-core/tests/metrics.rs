//! Scores of a confusion matrix.

use art_core::{ConfusionMatrix, Seed};
use proptest::prelude::*;

proptest! {
    #[test]
    fn macro_scores_do_not_depend_on_how_classes_are_numbered(
        pairs in proptest::collection::vec((0_u32..4, 0_u32..4), 1..80), seed: u64,
    ) {
        let mut names: Vec<u32> = (0..4).collect();
        Seed::new(seed).generator().shuffle(&mut names);
        let matrix = |rename: &dyn Fn(u32) -> u32| {
            let (t, p): (Vec<u32>, Vec<u32>) = pairs.iter().map(|&(t, p)| (rename(t), rename(p))).unzip();
            ConfusionMatrix::from_labels(4, &t, &p).unwrap()
        };
        let (a, b) = (matrix(&|c| c), matrix(&|c| names[c as usize]));
        for score in [
            ConfusionMatrix::macro_f1, ConfusionMatrix::accuracy, ConfusionMatrix::mcc,
            ConfusionMatrix::balanced_accuracy, ConfusionMatrix::g_mean,
            ConfusionMatrix::macro_precision, ConfusionMatrix::macro_recall,
        ] {
            prop_assert!((score(&a) - score(&b)).abs() < 1e-12);
        }
    }
}

#[test]
fn correlation_is_one_minus_one_and_zero_where_it_should_be() {
    let truth = [0, 0, 0, 1, 1];
    let mcc = |predicted: [u32; 5]| {
        ConfusionMatrix::from_labels(2, &truth, &predicted)
            .unwrap()
            .mcc()
    };
    assert!((mcc([0, 0, 0, 1, 1]) - 1.0).abs() < 1e-12);
    assert!((mcc([1, 1, 1, 0, 0]) + 1.0).abs() < 1e-12);
    assert_eq!(mcc([0; 5]), 0.0);
}
