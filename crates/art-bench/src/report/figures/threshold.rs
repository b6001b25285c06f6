//! What other thresholds would find.

use super::canvas::{GREY, INK, SIZE, chart, color, label_style, svg};
use crate::error::BenchError;
use art_core::Cut;
use plotters::prelude::*;

/// Share of a class's rows that are found and of alarms that are right, by the probability from which the class is decided for; a
/// dashed line at the threshold that decides.
pub(in crate::report) fn thresholds(
    cuts: &[Cut],
    decides: Option<f64>,
) -> Result<String, BenchError> {
    let all = cuts.last().map_or(0, |cut| cut.found).max(1);
    let largest = cuts.iter().map(|cut| cut.score).fold(0.0, f64::max);
    let right = (1.05 * largest.max(decides.unwrap_or(0.0))).clamp(1e-6, 1.0);
    svg("found and right by threshold", SIZE, |area| {
        let mut chart = chart(area, 0.0..right, 0.0..1.0)?;
        chart
            .configure_mesh()
            .bold_line_style(GREY.mix(0.25))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .x_label_formatter(&|x| percent(*x, right))
            .y_label_formatter(&|y| format!("{:.0}", 100.0 * y))
            .x_desc("probability from which it is an alarm, %")
            .y_desc("of 100")
            .x_labels(6)
            .y_labels(6)
            .label_style(label_style())
            .draw()?;
        let found = cuts
            .iter()
            .map(|cut| (cut.score, cut.found as f64 / all as f64));
        let is_right = cuts.iter().map(|cut| {
            let alarms = (cut.found + cut.false_alarms) as f64;
            (cut.score, cut.found as f64 / alarms)
        });
        chart.draw_series(LineSeries::new(found, color(0).stroke_width(2)))?;
        chart.draw_series(LineSeries::new(is_right, color(1).stroke_width(2)))?;
        if let Some(at) = decides {
            let ends = vec![(at, 0.0), (at, 1.0)];
            chart.draw_series(DashedLineSeries::new(ends, 6, 4, INK.stroke_width(2)))?;
        }
        Ok(())
    })
}

/// In percent, with as many digits as the axis needs.
fn percent(p: f64, right: f64) -> String {
    match right {
        right if right > 0.1 => format!("{:.0}", 100.0 * p),
        right if right > 0.01 => format!("{:.1}", 100.0 * p),
        _ => format!("{:.3}", 100.0 * p),
    }
}
