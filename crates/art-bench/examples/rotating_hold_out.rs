//! With few labelled rows, where should ART read its difficulty: from rows that are never trained on, from folds that take
//! turns, or from the rows that it trains on?
//!
//! For each number of labelled rows and each seed, runs on the same labelled rows that differ by the sampler alone; that of folds
//! in turn pools its counts with a memory of 0.5, since a fold is a fifth of the rows. A large
//! set of the same population stands for the truth: it decides nothing, but for the run named "by the truth". All epochs are
//! trained and the last one is judged on further rows.
//!
//! `cargo run --release -p art-bench --example rotating_hold_out [SEEDS]` prints `docs/results/rotating_hold_out.md`.

use art_bench::SyntheticFamily;
use art_core::{
    ArtConfig, ArtParams, ArtSampler, Basics, ClassCounts, ClassIndex, ConfusionMatrix, CoreError,
    EpochDraw, EpochSampler, Feedback, Refresh, RotatingArt, RowList, Seed, Shuffle,
};
use art_data::{Split, SplitRows, Standardizer};
use art_losses::CrossEntropy;
use art_stats::{PairedSet, difference_across};
use art_train::{History, Mlp, MlpParams, Predictions, StopCriterion, TrainParams, Trainer};
use candle_core::Device;
use std::sync::Arc;

const EPOCHS: u32 = 60;
const FOLDS: u32 = 5;
/// Rows that are held out: as many as 15 % of all rows where another 15 % are for a test.
const HELD_OUT: f64 = 0.15 / 0.85;
const LABELLED: [usize; 5] = [250, 500, 1000, 2000, 4000];
const RUNS: [&str; 5] = [
    "plain training",
    "held out",
    "in turn",
    "trained rows",
    "by the truth",
];

/// ART that draws from some of the training rows and reads its difficulty from some.
struct ByRows {
    art: ArtSampler,
    counts: ClassCounts,
    labels: Vec<u32>,
    drawn: Vec<u32>,
    read: Vec<u32>,
}

impl ByRows {
    fn new(
        config: ArtConfig,
        labels: &[u32],
        n_classes: usize,
        (drawn, read): (Vec<u32>, Vec<u32>),
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let of_drawn: Vec<u32> = drawn.iter().map(|&row| labels[row as usize]).collect();
        Ok(Self {
            art: ArtSampler::new(config, ClassIndex::new(&of_drawn, n_classes)?, seed)?,
            counts: ClassCounts::from_labels(labels, n_classes)?,
            labels: labels.to_vec(),
            drawn,
            read,
        })
    }
}

impl EpochSampler for ByRows {
    fn name(&self) -> &'static str {
        "art-by-rows"
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            class_counts: &self.counts,
            ..self.art.basics()
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        let rows = self.art.draw(epoch).to_vec();
        let rows = rows.iter().map(|&place| self.drawn[place as usize]);
        let list = Arc::new(RowList::listed(rows.collect()));
        EpochDraw::new(list, self.seed(), epoch)
    }

    fn wants_rows(&self) -> bool {
        true
    }

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        let Feedback::Rows(rows) = feedback else {
            return Ok(None);
        };
        let mut matrix = ConfusionMatrix::new(self.counts.n_classes())?;
        for &row in &self.read {
            matrix.record(self.labels[row as usize], rows.predicted()[row as usize])?;
        }
        self.art.observe(epoch, &matrix)
    }
}

/// The sampler of each of [`RUNS`].
fn sampler(run: usize, split: &Split, seed: Seed) -> anyhow::Result<Box<dyn EpochSampler>> {
    let data = split.train.data();
    let index = data.class_index()?;
    let params = || ArtParams::new().blend_constant(0.5).boost_frequency(5);
    let by_rows = |parts| {
        let (labels, n_classes) = (data.labels(), data.n_classes());
        ByRows::new(params().check()?, labels, n_classes, parts, seed)
    };
    let all: Vec<u32> = (0..data.n_rows() as u32).collect();
    Ok(match RUNS[run] {
        "plain training" => Box::new(Shuffle::new(index.counts().clone(), seed)),
        "held out" => {
            // At least one row of each class is held out, and at least one is drawn.
            let (mut drawn, mut held_out) = (vec![], vec![]);
            for class in 0..data.n_classes() {
                let rows = index.rows(class);
                let n = (HELD_OUT * rows.len() as f64).round().max(1.0) as usize;
                held_out.extend(&rows[..n]);
                drawn.extend(&rows[n..]);
            }
            Box::new(by_rows((drawn, held_out))?)
        }
        "in turn" => {
            let config = params().memory(0.5).check()?;
            Box::new(RotatingArt::new(config, FOLDS, index, seed)?)
        }
        "trained rows" => Box::new(by_rows((all.clone(), all))?),
        _ => Box::new(ArtSampler::new(params().check()?, index, seed)?),
    })
}

/// `n` labelled rows of the population in its proportions, but at least 3 of each class; a fifth of the others to tell the
/// truth, and three tenths to judge by.
fn labelled(family: SyntheticFamily, n: usize, seed: Seed) -> anyhow::Result<Split> {
    let data = family.generate(seed)?;
    let index = data.class_index()?;
    let mut rows = SplitRows {
        train: vec![],
        valid: vec![],
        test: vec![],
    };
    for class in 0..data.n_classes() {
        let mut of_class = index.rows(class).to_vec();
        seed.stream("labelled", class as u64).shuffle(&mut of_class);
        let share = |part: f64| (part * of_class.len() as f64).round() as usize;
        let own = share(n as f64 / data.n_rows() as f64).max(3);
        let (valid, test) = (own + share(0.2), own + share(0.5));
        rows.train.extend(&of_class[..own]);
        rows.valid.extend(&of_class[own..valid]);
        rows.test.extend(&of_class[valid..test]);
    }
    Ok(Standardizer::split(&Split::from_rows(&data, &rows)?)?)
}

/// Test macro F1 in points, and what happened.
fn fit(
    split: &Split,
    sampler: Box<dyn EpochSampler>,
    seed: Seed,
) -> anyhow::Result<(f64, History)> {
    let data = split.train.data();
    let shape = MlpParams::new(data.n_features(), data.n_classes()).hidden([64, 64]);
    let model = Mlp::new(shape.check()?, seed, &Device::Cpu)?;
    let config = TrainParams::new()
        .max_epochs(EPOCHS)
        .batch_size(32)
        .criterion(StopCriterion::LastEpoch)
        .check()?;
    let fitted = Trainer::new(config, seed).fit(
        model,
        &CrossEntropy,
        sampler,
        &split.train,
        &split.valid,
    )?;
    let test = Predictions::of(&fitted.model, split.test.data())?.confusion();
    Ok((100.0 * test.macro_f1(), fitted.history))
}

/// How far the difficulties of a run lie from those of the truth at the same epochs: the mean distance, and the mean
/// correlation over classes.
fn nearness(history: &History) -> (f64, f64) {
    let mut refreshes = vec![];
    for report in &history.epochs {
        let Some(refresh) = &report.refresh else {
            continue;
        };
        let truth = report
            .confusion
            .per_class_f1()
            .into_iter()
            .map(|f1| 1.0 - f1);
        let truth: Vec<f64> = truth.collect();
        let pairs = refresh.difficulty.iter().zip(&truth);
        let distance = pairs.map(|(d, t)| (d - t).abs()).sum::<f64>() / truth.len() as f64;
        refreshes.push((distance, correlation(&refresh.difficulty, &truth)));
    }
    let n = refreshes.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| refreshes.iter().map(of).sum::<f64>() / n;
    (mean(|r| r.0), mean(|r| r.1))
}

/// Pearson's; 0 where one of the lists does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| of(a - mean_a, b - mean_b)).sum()
    };
    let spread = (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    if spread == 0.0 {
        0.0
    } else {
        sum(&|a, b| a * b) / spread
    }
}

fn main() -> anyhow::Result<()> {
    let n_seeds: u64 = std::env::args().nth(1).map_or(Ok(20), |n| n.parse())?;
    println!("# Difficulty from rows held out, from folds in turn, and from trained rows\n");
    println!(
        "`cargo run --release -p art-bench --example rotating_hold_out {n_seeds}`: ART at c = 0.5, bf = 5, all of {EPOCHS} epochs in batches \
         of 32, {n_seeds} seeds with rows of their own. Macro F1 in points of the last epoch; differences with their standard errors.\n"
    );
    for (family, title) in [
        (SyntheticFamily::Large, "Large"),
        (SyntheticFamily::Opposites, "Opposites"),
    ] {
        println!("## {title}\n");
        println!(
            "| labelled rows | {} | in turn less held out | in turn less trained rows |",
            RUNS.join(" | ")
        );
        println!("|---|{}---|---|", "---|".repeat(RUNS.len()));
        let mut distances = vec![];
        for n in LABELLED {
            let mut scores = vec![vec![]; RUNS.len()];
            let mut near = vec![(0.0, 0.0); RUNS.len()];
            for seed in (1..=n_seeds).map(Seed::new) {
                let split = labelled(family, n, seed)?;
                for run in 0..RUNS.len() {
                    let (score, history) = fit(&split, sampler(run, &split, seed)?, seed)?;
                    scores[run].push(score);
                    if run > 0 {
                        let (distance, correlation) = nearness(&history);
                        near[run].0 += distance / n_seeds as f64;
                        near[run].1 += correlation / n_seeds as f64;
                    }
                }
            }
            let less = |other: usize| -> anyhow::Result<String> {
                let pair = PairedSet::new(&scores[2], &scores[other], 0.0)?;
                let outcome = difference_across(&[pair], 0.95)?;
                let (mean, error) = (outcome.mean_difference(), outcome.seed_error());
                Ok(format!("{mean:+.2} ± {error:.2}"))
            };
            let means = scores
                .iter()
                .map(|s| s.iter().sum::<f64>() / s.len() as f64);
            let means: Vec<String> = means.map(|mean| format!("{mean:.2}")).collect();
            println!(
                "| {n} | {} | {} | {} |",
                means.join(" | "),
                less(1)?,
                less(3)?
            );
            distances.push((n, near));
        }
        println!(
            "\nThe mean distance of a class's difficulty from the truth, and their correlation over classes:\n"
        );
        println!("| labelled rows | {} |", RUNS[1..4].join(" | "));
        println!("|---|---|---|---|");
        for (n, near) in distances {
            let cells = near[1..4].iter().map(|(d, r)| format!("{d:.3}, {r:.2}"));
            println!("| {n} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
        println!();
    }
    Ok(())
}
