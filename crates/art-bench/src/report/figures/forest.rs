//! How far each method is from plain training, with what is known of that.

use super::strip::{Scale, Strip, dot, line, strips};
use crate::results::{Comparison, DatasetResults};

/// The difference of each method from plain training with its adjusted interval, the largest first and the advised one in
/// color; none for a data set of the paper.
pub(in crate::report) fn forest(dataset: &DatasetResults) -> Option<String> {
    let verdict = dataset.verdict.as_ref()?;
    let mut compared: Vec<&Comparison> = verdict.against_plain.iter().collect();
    compared.sort_by(|a, b| b.difference.total_cmp(&a.difference));
    let points = |c: &Comparison| {
        let ends = c.corrected_interval.map(|i| [i.low, i.high]);
        let ends = ends.into_iter().flatten();
        ends.chain([c.difference]).map(|x| 100.0 * x)
    };
    let all = compared.iter().flat_map(|c| points(c).collect::<Vec<_>>());
    let scale = Scale::over(all.chain([0.0]));
    let row = |c: &&Comparison| {
        let at = |x: f64| scale.at(100.0 * x);
        let interval = c.corrected_interval;
        let marks = interval.map(|i| line(at(i.low), at(i.high), 50.0));
        let text = interval.map(|i| format!("{:+.1} to {:+.1}", 100.0 * i.low, 100.0 * i.high));
        Strip {
            title: c.title.clone(),
            is_accent: verdict.recommended() == Some(&*c.other),
            marks: marks.unwrap_or_default() + &dot(at(c.difference), 50.0, 5.0),
            value: format!("{:+.1}", 100.0 * c.difference),
            aside: text,
        }
    };
    let rows: Vec<Strip> = compared.iter().map(row).collect();
    let heads = ["method", "points over plain training", "mean, 95 %"];
    Some(strips(&scale, heads, Some(0.0), &rows))
}
