//! Prints the rows of the first epochs of several samplers as JSON, for packages in other languages to be held to:
//! `cargo run --package art-core --example epoch_rows > python/tests/golden/epochs.json`.

use art_core::{
    ArtParams, ArtSampler, BreakEven, BreakEvenParams, ClassBalanced, ClassIndex, ConfusionMatrix,
    CoreError, EpochSampler, PowerSampler, PowerSchedule, Seed, ShrunkF1, Shuffle,
};
use serde_json::json;

/// Epochs that are drawn; each but the last is observed.
const EPOCHS: u32 = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // 40, 12, 0 and 5 rows.
    let classes = [(0, 40), (1, 12), (3, 5)];
    let labels: Vec<u32> = classes
        .into_iter()
        .flat_map(|(class, n)| vec![class; n])
        .collect();
    let index = ClassIndex::new(&labels, 4)?;
    let seed = Seed::new(1834);
    let art = ArtParams::new().boost_frequency(1);
    let shrunk = art.clone().memory(0.5).difficulty(ShrunkF1::new(4.0)?);
    let break_even = BreakEvenParams::new().check()?;
    let power = |schedule| PowerSampler::new(schedule, 10, index.clone(), seed);
    let samplers: Vec<(&str, Box<dyn EpochSampler>)> = vec![
        (
            "art",
            Box::new(ArtSampler::new(art.check()?, index.clone(), seed)?),
        ),
        (
            "art-shrunk",
            Box::new(ArtSampler::new(shrunk.check()?, index.clone(), seed)?),
        ),
        (
            "static-blend",
            Box::new(ArtSampler::static_blend(0.3, index.clone(), seed)?),
        ),
        (
            "break-even",
            Box::new(BreakEven::new(break_even, index.clone(), seed)),
        ),
        ("power", Box::new(power(PowerSchedule::Constant(0.5))?)),
        ("progressive", Box::new(power(PowerSchedule::Progressive)?)),
        (
            "class-balanced",
            Box::new(ClassBalanced::new(index.clone(), seed)),
        ),
        (
            "shuffle",
            Box::new(Shuffle::new(index.counts().clone(), seed)),
        ),
    ];
    let mut drawn = serde_json::Map::new();
    for (name, mut sampler) in samplers {
        drawn.insert(name.to_owned(), json!(epochs(&mut *sampler)?));
    }
    println!(
        "{}",
        json!({"labels": labels, "seed": seed.value(), "rows": drawn})
    );
    Ok(())
}

/// The rows of each epoch, with a validation result behind each.
fn epochs(sampler: &mut dyn EpochSampler) -> Result<Vec<Vec<u32>>, CoreError> {
    let validation = [[18, 2, 0, 0], [3, 3, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]];
    let validation = validation.map(|row| row.to_vec());
    let validation = ConfusionMatrix::from_rows(&validation)?;
    let mut rows = vec![];
    for epoch in 1..=EPOCHS {
        rows.push(sampler.draw(epoch).to_vec());
        if epoch < EPOCHS {
            sampler.observe(epoch, &validation)?;
        }
    }
    Ok(rows)
}
