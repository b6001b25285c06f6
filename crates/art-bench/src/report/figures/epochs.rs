//! What moves from epoch to epoch.

use super::canvas::{Chart, GREY, INK, SIZE, chart, color, label_style, svg};
use crate::{error::BenchError, results::Curve};
use plotters::prelude::*;

/// Share of each class in what an epoch draws, stacked, class 0 at the bottom.
pub(in crate::report) fn distribution(
    curve: &Curve,
    kept: Option<u32>,
) -> Result<String, BenchError> {
    let n_epochs = curve.distribution.len();
    svg("class distribution by epoch", SIZE, |area| {
        let mut chart = chart(area, 0.5..n_epochs as f64 + 0.5, 0.0..1.0)?;
        let n_classes = curve.distribution.first().map_or(0, Vec::len);
        for class in 0..n_classes {
            let up_to = |epoch: &[f64], classes: usize| epoch[..classes].iter().sum::<f64>();
            chart.draw_series(curve.distribution.iter().enumerate().map(|(e, shares)| {
                let epoch = e as f64 + 1.0;
                let corners = [
                    (epoch - 0.5, up_to(shares, class)),
                    (epoch + 0.5, up_to(shares, class + 1)),
                ];
                Rectangle::new(corners, color(class).filled())
            }))?;
        }
        configure_epochs(&mut chart, "share of drawn rows")?;
        mark_kept(&mut chart, kept, 1.0)
    })
}

/// Validation F1 of each class by epoch.
pub(in crate::report) fn class_f1(curve: &Curve, kept: Option<u32>) -> Result<String, BenchError> {
    let n_epochs = curve.f1.len();
    svg("validation F1 of each class by epoch", SIZE, |area| {
        let mut chart = chart(area, 0.5..n_epochs as f64 + 0.5, 0.0..1.0)?;
        configure_epochs(&mut chart, "validation F1")?;
        let n_classes = curve.f1.first().map_or(0, Vec::len);
        for class in 0..n_classes {
            let line = curve
                .f1
                .iter()
                .enumerate()
                .map(|(e, f1)| (e as f64 + 1.0, f1[class]));
            chart.draw_series(LineSeries::new(line, color(class).stroke_width(2)))?;
        }
        mark_kept(&mut chart, kept, 1.0)
    })
}

/// Mean losses by epoch, one line a loss, `[epoch][line]`.
pub(in crate::report) fn losses(
    losses: &[Vec<f64>],
    kept: Option<u32>,
) -> Result<String, BenchError> {
    let largest = losses.iter().flatten().copied().fold(0.0, f64::max);
    svg("losses by epoch", SIZE, |area| {
        let top = if largest > 0.0 { 1.05 * largest } else { 1.0 };
        let mut chart = chart(area, 0.5..losses.len() as f64 + 0.5, 0.0..top)?;
        configure_epochs(&mut chart, "loss")?;
        for line in 0..losses.first().map_or(0, Vec::len) {
            let points = losses.iter().enumerate();
            let points = points.map(|(e, values)| (e as f64 + 1.0, values[line]));
            chart.draw_series(LineSeries::new(points, color(line).stroke_width(2)))?;
        }
        mark_kept(&mut chart, kept, top)
    })
}

/// A dashed line at the epoch whose weights were kept, where it is one of the figure.
fn mark_kept(
    chart: &mut Chart<'_, '_>,
    kept: Option<u32>,
    top: f64,
) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(epoch) = kept {
        let ends = vec![(f64::from(epoch), 0.0), (f64::from(epoch), top)];
        chart.draw_series(DashedLineSeries::new(ends, 6, 4, INK.stroke_width(2)))?;
    }
    Ok(())
}

/// Epochs are whole; marks between them have no name.
fn whole(x: f64) -> String {
    if x.fract() == 0.0 {
        format!("{x:.0}")
    } else {
        String::new()
    }
}

fn configure_epochs(chart: &mut Chart<'_, '_>, y: &str) -> Result<(), Box<dyn std::error::Error>> {
    chart
        .configure_mesh()
        .bold_line_style(GREY.mix(0.25))
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .x_label_formatter(&|&x| whole(x))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .x_desc("epoch")
        .y_desc(y)
        .y_labels(6)
        .label_style(label_style())
        .draw()?;
    Ok(())
}
