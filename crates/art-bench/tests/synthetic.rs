//! The families with a known truth are what they say, as the true densities judge them.
//!
//! `cargo test --release -p art-bench --test synthetic -- --nocapture` prints the numbers of their documents.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_bench::SyntheticFamily::{self, Large, ManyClasses, Opposites};
use art_core::{ConfusionMatrix, Seed};
use art_data::Dataset;

/// Rows with the log of prior × density of each class.
struct Truth {
    counts: Vec<usize>,
    labels: Vec<u32>,
    joint: Vec<f64>,
}

impl Truth {
    /// The draws of some seeds, together.
    fn of(family: SyntheticFamily, seeds: std::ops::Range<u64>) -> Self {
        let population = family.population();
        let mut truth = Self {
            counts: population.counts().to_vec(),
            labels: vec![],
            joint: vec![],
        };
        for seed in seeds {
            let table = population.generate(Seed::new(seed)).unwrap();
            truth.labels.extend_from_slice(table.labels());
            for row in table.features().rows() {
                let row = row.to_slice().unwrap();
                truth.joint.extend(population.log_joint(row).unwrap());
            }
        }
        truth
    }

    /// F1 of each class when the class of largest posterior × multiplier is predicted.
    fn f1(&self, log_multipliers: &[f64]) -> Vec<f64> {
        self.decide(log_multipliers).per_class_f1()
    }

    /// What the class of largest posterior × multiplier is, against the truth.
    fn decide(&self, log_multipliers: &[f64]) -> ConfusionMatrix {
        let k = self.counts.len();
        let predict = |joint: &[f64]| {
            let score = |class: usize| joint[class] + log_multipliers[class];
            (0..k).fold(0, |best, class| {
                if score(class) > score(best) {
                    class
                } else {
                    best
                }
            }) as u32
        };
        let predicted: Vec<u32> = self.joint.chunks(k).map(predict).collect();
        ConfusionMatrix::from_labels(k, &self.labels, &predicted).unwrap()
    }

    /// ln of priorᶜ to the power q − 1: what drawing classes in proportion to priorᵠ does to a decision.
    fn static_multipliers(&self, q: f64) -> Vec<f64> {
        let n = self.counts.iter().sum::<usize>() as f64;
        let log_prior = |&rows: &usize| (rows as f64 / n).ln();
        self.counts
            .iter()
            .map(|rows| (q - 1.0) * log_prior(rows))
            .collect()
    }

    /// The q of 0, 0.05, … 1.5 with the best macro F1.
    fn best_q(&self) -> f64 {
        let scored = (0..=30).map(|step| {
            let q = f64::from(step) / 20.0;
            (q, mean(&self.f1(&self.static_multipliers(q))))
        });
        scored
            .fold(
                (0.0, 0.0),
                |best, next| {
                    if next.1 > best.1 { next } else { best }
                },
            )
            .0
    }

    /// The multipliers with the best macro F1, from those of `q` one class at a time.
    fn best_multipliers(&self, q: f64) -> Vec<f64> {
        let mut best = self.static_multipliers(q);
        let mut score = mean(&self.f1(&best));
        for step in [0.8, 0.4, 0.2, 0.1] {
            let mut moved = true;
            while moved {
                moved = false;
                for class in 1..best.len() {
                    for step in [step, -step] {
                        let mut next = best.clone();
                        next[class] += step;
                        let found = mean(&self.f1(&next));
                        if found > score + 1e-6 {
                            (best, score, moved) = (next, found, true);
                        }
                    }
                }
            }
        }
        best
    }

    /// The multipliers at which every class is predicted about as often as it occurs.
    fn break_even(&self) -> Vec<f64> {
        let mut multipliers = vec![0.0; self.counts.len()];
        for _ in 0..100 {
            let matrix = self.decide(&multipliers);
            for (class, multiplier) in multipliers.iter_mut().enumerate() {
                let (rows, predicted) =
                    (matrix.support(class) as f64, matrix.predicted(class) as f64);
                let either = rows + predicted - matrix.count(class, class) as f64;
                *multiplier += 0.5 * (rows - predicted) / either;
            }
        }
        multipliers
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn print(what: &str, f1: &[f64]) {
    let few = &f1[..f1.len().min(5)];
    println!(
        "{what}: macro F1 {:.4}, of the first classes {few:.3?}",
        mean(f1)
    );
}

#[test]
fn no_static_power_of_the_prior_serves_both_rare_classes_of_the_opposites() {
    let (chosen, judged) = (Truth::of(Opposites, 0..4), Truth::of(Opposites, 4..8));
    for q in [0.0, 0.25, 0.5, 0.75, 1.0] {
        print(
            &format!("opposites, q = {q}"),
            &judged.f1(&judged.static_multipliers(q)),
        );
    }
    // The power is chosen on the rows that judge it, the multipliers are not.
    let q = judged.best_q();
    let together = judged.f1(&judged.static_multipliers(q));
    print(&format!("opposites, best q = {q}"), &together);
    let multipliers = chosen.best_multipliers(q);
    let apart = judged.f1(&multipliers);
    print(&format!("opposites, {multipliers:.2?}"), &apart);
    let multipliers = chosen.break_even();
    let even = judged.f1(&multipliers);
    print(
        &format!("opposites at break-even, {multipliers:.2?}"),
        &even,
    );
    assert!(mean(&apart) > mean(&together) + 0.03);
    assert!(mean(&even) > mean(&together) + 0.02);
    // Each rare class has its best F1 where the other one loses much of its own.
    let at = |q| judged.f1(&judged.static_multipliers(q));
    assert!(at(1.0)[1] > at(0.5)[1] + 0.1 && at(0.5)[2] > at(1.0)[2] + 0.1);
}

#[test]
fn the_other_families_can_be_learned_but_not_wholly() {
    for (family, seeds) in [(ManyClasses, 0..10), (Large, 0..4)] {
        let truth = Truth::of(family, seeds);
        let natural = truth.f1(&truth.static_multipliers(1.0));
        print(&format!("{family:?}, q = 1"), &natural);
        let q = truth.best_q();
        let best = truth.f1(&truth.static_multipliers(q));
        print(&format!("{family:?}, best q = {q}"), &best);
        assert!((0.7..0.85).contains(&mean(&best)), "{family:?}");
    }
}

#[test]
fn every_draw_has_the_same_counts_and_centers_and_rows_of_its_own() {
    let long_tail = ManyClasses.population();
    let counts = long_tail.counts();
    assert_eq!((counts.len(), counts[0], counts[49]), (50, 900, 9));
    assert_eq!(counts.iter().sum::<usize>(), 9917);
    assert!(counts.is_sorted_by(|a, b| a >= b));
    assert_eq!(
        Large.population().counts(),
        [70_000, 20_000, 7_500, 2_000, 500]
    );
    assert_eq!(Opposites.population().counts(), [96_000, 2_000, 2_000]);
    for (family, n_features) in [(ManyClasses, 20), (Large, 10), (Opposites, 10)] {
        let population = family.population();
        let first = family.generate(Seed::new(1)).unwrap();
        let second = family.generate(Seed::new(2)).unwrap();
        assert_eq!(first.n_features(), n_features);
        assert_eq!(first, family.generate(Seed::new(1)).unwrap());
        assert_ne!(first, second);
        for data in [&first, &second] {
            assert_eq!(data.class_counts().as_slice(), population.counts());
        }
        // Means of the largest class: equal to five of their standard errors, √(2/900) at most.
        let largest = population.counts()[0];
        for column in 0..n_features {
            let mean_of = |data: &Dataset| {
                let rows = data.features().column(column).to_owned();
                rows.iter()
                    .take(largest)
                    .map(|&x| f64::from(x))
                    .sum::<f64>()
                    / largest as f64
            };
            assert!((mean_of(&first) - mean_of(&second)).abs() < 0.25);
        }
    }
}
