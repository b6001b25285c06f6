//! The loop that the project's README shows; `cargo xtask tidy` holds the one to the other.

fn loop_of_the_readme(
    labels: &[u32],
    n_classes: usize,
    n_epochs: u32,
    (truth, predicted): (&[u32], &[u32]),
    mut train: impl FnMut(u32),
) -> Result<(), art_core::CoreError> {
    use art_core::{BreakEven, BreakEvenParams, ClassIndex, ConfusionMatrix, EpochSampler, Seed};

    let classes = ClassIndex::new(labels, n_classes)?;
    let mut sampler = BreakEven::new(BreakEvenParams::new().check()?, classes, Seed::new(1834));
    for epoch in 1..=n_epochs {
        for row in sampler.draw(epoch) {
            train(row);
        }
        let validation = ConfusionMatrix::from_labels(n_classes, truth, predicted)?;
        sampler.observe(epoch, &validation)?;
    }
    Ok(())
}

#[test]
fn the_loop_draws_a_missed_class_more_often() {
    let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
    let mut n_rare = [0; 8];
    let mut n_drawn = 0;
    let train = |row: u32| {
        n_rare[n_drawn / 100] += labels[row as usize];
        n_drawn += 1;
    };
    // Half of the rare class is missed, and nothing is taken for it.
    let answers = (&[0, 0, 1, 1][..], &[0, 0, 1, 0][..]);
    loop_of_the_readme(&labels, 2, 8, answers, train).unwrap();
    assert_eq!(n_drawn, 800);
    assert!(n_rare[7] > n_rare[0], "{n_rare:?}");
}
