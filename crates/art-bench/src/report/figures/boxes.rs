//! Scores of every seed.

use super::strip::{Scale, Strip, area, bar, dot, line, strips};
use crate::{
    report::highlight::highlighted,
    results::{DatasetResults, MethodResults},
};

/// One box with its dots a method, with a thick bar at the mean; the largest mean on top and one method in color.
pub(in crate::report) fn boxes(dataset: &DatasetResults) -> String {
    let mean = |m: &MethodResults| m.summaries.as_ref().map(|s| s.macro_f1.mean);
    let with_scores = dataset.methods.iter().filter(|m| !m.scores.is_empty());
    let mut methods: Vec<&MethodResults> = with_scores.collect();
    let order = |m: &MethodResults| mean(m).unwrap_or(f64::NEG_INFINITY);
    methods.sort_by(|a, b| order(b).total_cmp(&order(a)));
    let scores = methods.iter().flat_map(|m| &m.scores);
    let scale = Scale::over(scores.map(|(_, score)| 100.0 * score));
    let at = |score: f64| scale.at(100.0 * score);
    let row = |method: &&MethodResults| {
        let mut marks = String::new();
        if let Some([low, quarter, middle, three_quarters, high]) = method.quartiles {
            marks += &line(at(low), at(quarter), 50.0);
            marks += &line(at(three_quarters), at(high), 50.0);
            marks += &area(at(quarter), at(three_quarters));
            marks += &bar(at(middle), "mark");
        }
        let n = method.scores.len().max(2) as f64;
        for (k, (_, score)) in method.scores.iter().enumerate() {
            // Spread over a fixed height in seed order, so that equal scores stay visible.
            marks += &dot(at(*score), 25.0 + 50.0 * k as f64 / (n - 1.0), 2.5);
        }
        let summary = method.summaries.as_ref().map(|s| s.macro_f1);
        if let Some(summary) = summary {
            marks += &bar(at(summary.mean), "mean");
        }
        Strip {
            title: method.title.clone(),
            is_accent: highlighted(dataset) == method.id,
            marks,
            value: summary.map_or_else(String::new, |s| {
                format!("{:.2} ± {:.2}", 100.0 * s.mean, 100.0 * s.sd)
            }),
            aside: None,
        }
    };
    let rows: Vec<Strip> = methods.iter().map(row).collect();
    strips(&scale, ["method", "macro F1 × 100", "mean"], None, &rows)
}
