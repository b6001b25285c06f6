//! Whether probabilities mean what they say.

use super::canvas::{GREY, SIZE, chart, color, label_style, svg};
use crate::{error::BenchError, results::DatasetResults};
use art_train::ReliabilityBin;
use plotters::prelude::*;

/// Share of correct rows by the probability of the most probable class, one line a method; none where no run
/// says it. Bins of fewer than 10 rows are left out.
pub(in crate::report) fn reliability(
    dataset: &DatasetResults,
) -> Result<Option<String>, BenchError> {
    const FEWEST: u64 = 10;
    let mut lines = vec![];
    for (index, method) in dataset.methods.iter().enumerate() {
        let calibration = method
            .summaries
            .as_ref()
            .and_then(|s| s.calibration.as_ref());
        let bins = calibration.iter().flat_map(|c| &c.bins);
        let point = |bin: &ReliabilityBin| {
            let rows = bin.rows as f64;
            (bin.confidence / rows, bin.correct as f64 / rows)
        };
        let points: Vec<(f64, f64)> = bins.filter(|b| b.rows >= FEWEST).map(point).collect();
        if !points.is_empty() {
            lines.push((index, points));
        }
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let figure = svg("reliability of probabilities", SIZE, |area| {
        let mut chart = chart(area, 0.0..1.0, 0.0..1.0)?;
        chart
            .configure_mesh()
            .bold_line_style(GREY.mix(0.25))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .x_label_formatter(&|x| format!("{x:.1}"))
            .y_label_formatter(&|y| format!("{y:.1}"))
            .x_desc("probability of the most probable class")
            .y_desc("share of correct rows")
            .x_labels(6)
            .y_labels(6)
            .label_style(label_style())
            .draw()?;
        chart.draw_series(LineSeries::new(
            [(0.0, 0.0), (1.0, 1.0)],
            GREY.stroke_width(1),
        ))?;
        for (index, points) in lines {
            let style = color(index).stroke_width(2);
            chart.draw_series(LineSeries::new(points.clone(), style))?;
            let dot = |at| Circle::new(at, 3, color(index).filled());
            chart.draw_series(points.into_iter().map(dot))?;
        }
        Ok(())
    })?;
    Ok(Some(figure))
}
