//! Scores of every seed, and differences at a glance.

use super::canvas::{GREY, PALETTE, SIZE, color, label_style, svg};
use crate::{
    error::BenchError,
    results::{DatasetResults, Results},
};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// One box with its dots a method, with a thick bar at the mean; the first method on top.
pub(in crate::report) fn scores(dataset: &DatasetResults) -> Result<String, BenchError> {
    let all = || {
        dataset
            .methods
            .iter()
            .flat_map(|m| m.scores.iter().map(|(_, score)| 100.0 * score))
    };
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let margin = 0.08 * (high - low).max(1.0);
    let n_methods = dataset.methods.len();
    let height = 60 + 26 * n_methods as u32;
    svg("macro F1 of every seed", (SIZE.0, height), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(42)
            .y_label_area_size(190)
            .build_cartesian_2d(low - margin..high + margin, -0.5..n_methods as f64 - 0.5)?;
        // Row 0 is at the top, that is, at the largest y.
        let row = |y: f64| n_methods as f64 - 1.0 - y;
        let method_title = |y: &f64| {
            let index = row(*y);
            let method = dataset.methods.get(index.max(0.0).round() as usize);
            let on_a_row = (index - index.round()).abs() < 0.01;
            method
                .filter(|_| on_a_row)
                .map_or_else(String::new, |method| method.title.clone())
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .bold_line_style(GREY.mix(0.35))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .y_labels(2 * n_methods + 1)
            .y_label_formatter(&method_title)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .x_desc("macro F1 × 100")
            .label_style(label_style())
            .draw()?;
        for (index, method) in dataset.methods.iter().enumerate() {
            let y = row(index as f64);
            let n = method.scores.len().max(2) as f64;
            if let Some(quartiles) = method.quartiles {
                let [low, quarter, middle, three_quarters, high] = quartiles.map(|q| 100.0 * q);
                let outline = color(index).stroke_width(1);
                let whiskers = [
                    vec![(low, y), (quarter, y)],
                    vec![(three_quarters, y), (high, y)],
                ];
                for whisker in whiskers {
                    chart.draw_series(LineSeries::new(whisker, outline))?;
                }
                let corners = [(quarter, y - 0.3), (three_quarters, y + 0.3)];
                chart.draw_series([
                    Rectangle::new(corners, color(index).mix(0.2).filled()),
                    Rectangle::new(corners, outline),
                ])?;
                let median = vec![(middle, y - 0.3), (middle, y + 0.3)];
                chart.draw_series(LineSeries::new(median, outline))?;
            }
            chart.draw_series(method.scores.iter().enumerate().map(|(k, (_, score))| {
                // Spread over a fixed width in seed order, so that equal scores stay visible.
                let beside = 0.5 * (0.5 - k as f64 / (n - 1.0));
                Circle::new(
                    (100.0 * score, y + beside),
                    3,
                    color(index).mix(0.7).filled(),
                )
            }))?;
            if let Some(summaries) = &method.summaries {
                let mean = 100.0 * summaries.macro_f1.mean;
                let bar = vec![(mean, y - 0.38), (mean, y + 0.38)];
                chart.draw_series(LineSeries::new(bar, color(index).stroke_width(3)))?;
            }
        }
        Ok(())
    })
}

/// ART minus each method in points, a cell a method and data set (the paper's Fig. 3): orange where ART is
/// ahead, blue where it is behind, starred where the corrected t-test stays below 0.05 after Holm.
pub(in crate::report) fn deltas(results: &Results) -> Result<Option<String>, BenchError> {
    /// Points at which a colour is full.
    const FULL: f64 = 10.0;
    let mut titles: Vec<&str> = vec![];
    for comparison in results.datasets.iter().flat_map(|d| &d.comparisons) {
        if !titles.contains(&&*comparison.title) {
            titles.push(&comparison.title);
        }
    }
    if titles.is_empty() {
        return Ok(None);
    }
    let (left, top, width, height) = (215, 34, 110, 26);
    let n_columns = results.datasets.len() as i32;
    let size = (
        (left + width * n_columns + 8) as u32,
        (top + height * titles.len() as i32 + 8) as u32,
    );
    svg("ART minus each method", size, |area| {
        let text = |text: &str, at: (i32, i32), anchor| {
            area.draw(&Text::new(text.to_owned(), at, label_style().pos(anchor)))
        };
        let middle = Pos::new(HPos::Center, VPos::Center);
        let right = Pos::new(HPos::Right, VPos::Center);
        for (row, title) in titles.iter().enumerate() {
            let y = top + height * row as i32 + height / 2;
            text(title, (left - 8, y), right)?;
        }
        for (column, dataset) in results.datasets.iter().enumerate() {
            let x = left + width * column as i32;
            text(&dataset.title, (x + width / 2, top / 2), middle)?;
            for (row, title) in titles.iter().enumerate() {
                let y = top + height * row as i32;
                let found = dataset.comparisons.iter().find(|c| c.title == *title);
                let corners = [(x + 1, y + 1), (x + width - 1, y + height - 1)];
                let Some(c) = found else {
                    text("—", (x + width / 2, y + height / 2), middle)?;
                    continue;
                };
                let difference = 100.0 * c.difference;
                let hue = if difference > 0.0 {
                    PALETTE[6]
                } else {
                    PALETTE[0]
                };
                let strength = 0.7 * (difference.abs() / FULL).min(1.0);
                area.draw(&Rectangle::new(corners, hue.mix(strength).filled()))?;
                let star = if c.is_beyond_chance() { " *" } else { "" };
                let value = format!("{difference:+.1}{star}");
                text(&value, (x + width / 2, y + height / 2), middle)?;
            }
        }
        Ok(())
    })
    .map(Some)
}
