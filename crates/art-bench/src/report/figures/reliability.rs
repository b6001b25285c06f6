//! Whether probabilities mean what they say.

use super::canvas::{GREY, SIZE, chart, color, css_color, label_style, svg};
use crate::{error::BenchError, report::highlight::highlighted, results::DatasetResults};
use art_train::{Calibration, ReliabilityBin};
use plotters::prelude::*;

/// The colors of the highlighted method and of the others, for a legend.
pub(in crate::report) fn legend_colors() -> [String; 2] {
    [css_color(0), css_color(usize::MAX)]
}

/// Share of correct rows by the probability of the most probable class, one line a method and one of them in color; none
/// where no run says it. Bins of fewer than 10 rows are left out.
pub(in crate::report) fn reliability(
    dataset: &DatasetResults,
) -> Result<Option<String>, BenchError> {
    let mut lines = vec![];
    for method in &dataset.methods {
        let calibration = method
            .summaries
            .as_ref()
            .and_then(|s| s.calibration.as_ref());
        let points = calibration.map_or_else(Vec::new, |c| points(&c.bins));
        if !points.is_empty() {
            lines.push((highlighted(dataset) == method.id, points));
        }
    }
    // The highlighted one is drawn last, over the others.
    lines.sort_by_key(|(is_highlighted, _)| *is_highlighted);
    drawn(lines)
}

/// The same of a single model.
pub(in crate::report) fn reliability_of(
    calibration: &Calibration,
) -> Result<Option<String>, BenchError> {
    let points = points(&calibration.bins);
    drawn(if points.is_empty() {
        vec![]
    } else {
        vec![(true, points)]
    })
}

fn points(bins: &[ReliabilityBin]) -> Vec<(f64, f64)> {
    const FEWEST: u64 = 10;
    let point = |bin: &ReliabilityBin| {
        let rows = bin.rows as f64;
        (bin.confidence / rows, bin.correct as f64 / rows)
    };
    let bins = bins.iter().filter(|bin| bin.rows >= FEWEST);
    bins.map(point).collect()
}

/// Lines, those in color marked; none without a line.
fn drawn(lines: Vec<(bool, Vec<(f64, f64)>)>) -> Result<Option<String>, BenchError> {
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
        for (is_highlighted, points) in lines {
            let (color, width) = if is_highlighted {
                (color(0), 3)
            } else {
                (GREY, 1)
            };
            chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(width)))?;
            let dot = |at| Circle::new(at, width + 1, color.filled());
            chart.draw_series(points.into_iter().map(dot))?;
        }
        Ok(())
    })?;
    Ok(Some(figure))
}
