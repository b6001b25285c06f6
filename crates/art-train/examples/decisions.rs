//! Prints what each rule decides from given logits as JSON, for packages in other languages to be held to:
//! `cargo run --package art-train --example decisions > python/tests/golden/decisions.json`.

use art_core::{ClassDistribution, Seed, elementary::ln};
use art_train::{
    ClassThresholds, CostMatrix, LogitPrior, PlugIn, PostHoc, Predictions, TauE, Temperature,
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let worlds = [
        world(&[160, 25], &[1.0, 1.0], 1)?,
        world(&[140, 45, 15], &[140.0, 45.0, 15.0], 2)?,
        world(&[30, 8, 4], &[2.0, 1.0, 1.0], 3)?,
        world(&[90, 30, 0, 12], &[90.0, 30.0, 5.0, 12.0], 4)?,
    ];
    println!("{}", json!(worlds));
    Ok(())
}

/// Normal classes with `counts` rows each, the logits of a model for the shares `prior`, and what rules make of them.
fn world(counts: &[u32], prior: &[f64], seed: u64) -> Result<Value, Box<dyn std::error::Error>> {
    let n_classes = counts.len();
    let mut stream = Seed::new(seed).stream("rows", 0);
    let (mut logits, mut labels) = (vec![], vec![]);
    for (label, &n) in (0_u32..).zip(counts) {
        for _ in 0..n {
            for (class, &size) in (0_u32..).zip(counts) {
                let own = if class == label { 1.2 } else { 0.0 };
                let favored = ln(f64::from(size + 5)) * 0.8;
                logits.push((own + favored + stream.normal()) as f32);
            }
            labels.push(label);
        }
    }
    let shares: Vec<f64> = counts.iter().map(|&n| f64::from(n)).collect();
    let natural = ClassDistribution::from_scores(&shares)?;
    let of_model = LogitPrior::from(ClassDistribution::from_scores(prior)?);
    let rows = Predictions::from_logits(n_classes, logits.clone(), labels.clone());
    let rules: [(&str, &dyn PostHoc); 4] = [
        ("tau-e", &TauE),
        ("plug-in", &PlugIn),
        ("thresholds", &ClassThresholds),
        ("temperature", &Temperature),
    ];
    let mut decided = serde_json::Map::new();
    for (name, rule) in rules {
        let moved = rule.adjust(&rows, &of_model, &natural);
        let classes = rows.decided_by(&moved);
        let chosen =
            json!({"classes": classes, "offsets": moved.offsets, "temperature": moved.temperature});
        decided.insert(name.to_owned(), chosen);
    }
    // A missed row of a class costs the more the later it stands.
    let cost = |predicted, truth| {
        if predicted == truth {
            0.0
        } else {
            1.0 + 3.0 * truth as f64
        }
    };
    let row = |predicted| (0..n_classes).map(|truth| cost(predicted, truth)).collect();
    let costs = CostMatrix::new((0..n_classes).map(row).collect())?;
    let calibrated = Temperature.adjust(&rows, &of_model, &natural).temperature;
    let probabilities = rows.probabilities(&of_model, &natural, calibrated.unwrap_or(1.0));
    let classes: Vec<usize> = probabilities.iter().map(|of| costs.decide(of)).collect();
    let by_costs = json!({"classes": classes, "probabilities": probabilities.first()});
    decided.insert("costs".to_owned(), by_costs);
    Ok(json!({"logits": logits, "labels": labels, "prior": prior, "rules": decided}))
}
