//! What a draw, a refresh and a merge of validation results cost with very many rows, classes and workers, one worker after the
//! other on one core: `cargo run --release --package art-core --example scale -- 1000000000 10000 1000`.
//!
//! Class sizes fall geometrically, the largest a thousand times the smallest. Rows of a class stand together, which no part of
//! the sampler makes use of. Each worker validates on rows of its own, of which seven in ten are right.

use art_core::{
    ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed, Shard, Stream,
    elementary::{exp, ln},
};
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

/// Validation rows of each worker.
const VALIDATED: usize = 10_000;
/// Positions that are asked for to time one.
const ASKED: usize = 1_000_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let numbers = std::env::args().skip(1).map(|text| text.parse());
    let numbers = numbers.collect::<Result<Vec<usize>, _>>()?;
    let [n_rows, n_classes, n_workers] = numbers[..] else {
        return Err("expected three numbers: rows, classes, workers".into());
    };
    println!("| what | cost |");
    println!("|---|---|");

    let (index, elapsed) = timed(|| index(n_rows, n_classes))?;
    row("rows by class, from labels", &text(elapsed));
    let counts = index.counts().clone();
    let config = ArtParams::new().boost_frequency(1).check()?;
    let (mut sampler, elapsed) = timed(|| Ok(ArtSampler::new(config, index, Seed::new(1))?))?;
    row("a sampler on them", &text(elapsed));

    let (mut matrices, elapsed) = timed(|| {
        let mut random = Seed::new(2).stream("validation", 0);
        let sizes: Vec<f64> = counts.as_slice().iter().map(|&n| n as f64).collect();
        let workers = 0..n_workers;
        workers
            .map(|_| validated(&sizes, &mut random))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let each = elapsed / n_workers as u32;
    row("a worker counts its validation rows", &text(each));
    let pairs = matrices[0].pairs().count();
    row("pairs of classes that a worker saw", &pairs.to_string());
    let sent = pairs * (2 * size_of::<u32>() + size_of::<u64>());
    row("bytes that a worker sends: its pairs", &bytes(sent));
    row(
        "the same as hits, misses and false alarms of each class",
        &bytes(3 * n_classes * size_of::<u64>()),
    );
    row(
        "the same as a full matrix",
        &bytes(n_classes * n_classes * size_of::<u64>()),
    );
    let (sum, elapsed) = timed(|| {
        let mut sum = matrices.pop().ok_or("there is no worker")?;
        for matrix in &matrices {
            sum.merge(matrix)?;
        }
        Ok(sum)
    })?;
    row("merging the pairs of all workers", &text(elapsed));
    row("pairs of all workers", &sum.pairs().count().to_string());
    drop(matrices);

    let (refresh, elapsed) = timed(|| Ok(sampler.observe(1, &sum)?))?;
    refresh.ok_or("a refresh was due")?;
    row("a refresh", &text(elapsed));
    let (draw, elapsed) = timed(|| Ok(sampler.draw(2)))?;
    row("an epoch, before any row is asked for", &text(elapsed));
    let mut random = Seed::new(3).stream("positions", 0);
    let positions: Vec<usize> = (0..ASKED).map(|_| random.below(draw.len())).collect();
    let (rows, elapsed) = timed(|| {
        let rows = positions.iter().filter_map(|&position| draw.get(position));
        Ok(rows.map(u64::from).sum::<u64>())
    })?;
    let nanoseconds = elapsed.as_secs_f64() * 1e9 / ASKED as f64;
    row("a row at any position", &format!("{nanoseconds:.0} ns"));
    let shard = Shard::new(n_workers / 2, n_workers)?;
    let (n_own, elapsed) = timed(|| Ok(draw.shard(shard).count()))?;
    row(
        &format!("the {n_own} rows of a worker, in order"),
        &text(elapsed),
    );
    row("most memory of this process", &peak()?);
    // What was asked for must not be left out.
    eprintln!("sum of the rows asked for: {rows}");
    Ok(())
}

fn row(what: &str, cost: &str) {
    println!("| {what} | {cost} |");
}

fn timed<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<(T, Duration), Failure> {
    let start = Instant::now();
    Ok((run()?, start.elapsed()))
}

/// Rows by class, of `n_rows` in all.
fn index(n_rows: usize, n_classes: usize) -> Result<Arc<ClassIndex>, Failure> {
    let ratio = ln(1e-3) / (n_classes - 1).max(1) as f64;
    let shares = (0..n_classes).map(|class| exp(ratio * class as f64));
    let shares: Vec<f64> = shares.collect();
    let sum: f64 = shares.iter().sum();
    let mut labels = Vec::with_capacity(n_rows);
    let mut share_before = 0.0;
    for (class, share) in (0..).zip(&shares) {
        share_before += share / sum;
        let end = (share_before * n_rows as f64).round() as usize;
        labels.resize(end.min(n_rows), class);
    }
    labels.resize(n_rows, n_classes as u32 - 1);
    Ok(Arc::new(ClassIndex::new(&labels, n_classes)?))
}

/// What a worker saw on its validation rows.
fn validated(sizes: &[f64], random: &mut Stream) -> Result<ConfusionMatrix, Failure> {
    let mut matrix = ConfusionMatrix::new(sizes.len())?;
    // One walk through the classes for all rows, in place of one for each.
    let mut places: Vec<f64> = (0..VALIDATED).map(|_| random.unit()).collect();
    places.sort_by(f64::total_cmp);
    let sum: f64 = sizes.iter().sum();
    let (mut class, mut before) = (0, sizes[0]);
    for place in places {
        while before < place * sum && class + 1 < sizes.len() {
            class += 1;
            before += sizes[class];
        }
        let predicted = if random.below(10) < 7 {
            class
        } else {
            random.below(sizes.len())
        };
        matrix.record(class as u32, predicted as u32)?;
    }
    Ok(matrix)
}

fn text(elapsed: Duration) -> String {
    match elapsed.as_secs_f64() {
        s if s < 1e-3 => format!("{:.1} µs", 1e6 * s),
        s if s < 1.0 => format!("{:.1} ms", 1e3 * s),
        s => format!("{s:.1} s"),
    }
}

fn bytes(n: usize) -> String {
    match n as f64 {
        n if n < 1e6 => format!("{:.0} kB", n / 1e3),
        n if n < 1e9 => format!("{:.0} MB", n / 1e6),
        n => format!("{:.1} GB", n / 1e9),
    }
}

/// As Linux tells it.
fn peak() -> Result<String, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: usize = kibibytes.ok_or("no VmHWM in /proc/self/status")?.parse()?;
    Ok(bytes(1024 * kibibytes))
}
