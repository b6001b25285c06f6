//! The figures of a report, as SVG text to put inside the page.

use crate::{BenchError, Curve, DatasetResults};
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};

/// Colours that stay apart for most colour-blind readers, on light and dark ground; ten of them.
const PALETTE: [RGBColor; 10] = [
    RGBColor(0x44, 0x77, 0xaa),
    RGBColor(0xee, 0x66, 0x77),
    RGBColor(0x22, 0x88, 0x33),
    RGBColor(0xcc, 0xbb, 0x44),
    RGBColor(0x66, 0xcc, 0xee),
    RGBColor(0xaa, 0x33, 0x77),
    RGBColor(0xee, 0x88, 0x33),
    RGBColor(0x99, 0x99, 0x99),
    RGBColor(0x88, 0x66, 0xdd),
    RGBColor(0x77, 0xaa, 0x99),
];
/// Axes and grid: a grey that can be seen on light and dark ground.
const GREY: RGBColor = RGBColor(0x88, 0x88, 0x88);
const SIZE: (u32, u32) = (480, 300);

fn color(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// The colour of a class for a legend outside the figure.
pub(super) fn css_color(class: usize) -> String {
    let RGBColor(r, g, b) = color(class);
    format!("#{r:02x}{g:02x}{b:02x}")
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws on an empty area and returns the SVG.
fn svg(
    figure: &'static str,
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<String, BenchError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        let drawn = draw(&area).and_then(|()| Ok(area.present()?));
        drawn.map_err(|error| BenchError::Figure {
            figure,
            reason: error.to_string(),
        })?;
    }
    // Sized by its container, and described to those who cannot see it.
    let size = format!("width=\"{}\" height=\"{}\" ", size.0, size.1);
    Ok(text.replacen(&size, &format!("role=\"img\" aria-label=\"{figure}\" "), 1))
}

fn chart<'a, 'b>(
    area: &'a Area<'b>,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(8)
        .x_label_area_size(34)
        .y_label_area_size(46);
    Ok(builder.build_cartesian_2d(x, y)?)
}

fn label_style() -> TextStyle<'static> {
    ("sans-serif", 16).into_text_style(&SIZE)
}

/// One row of dots a method, with a bar at the mean; the first method on top.
pub(super) fn scores(dataset: &DatasetResults) -> Result<String, BenchError> {
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
            .x_label_area_size(34)
            .y_label_area_size(130)
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

/// Share of each class in what an epoch draws, stacked, class 0 at the bottom.
pub(super) fn distribution(curve: &Curve) -> Result<String, BenchError> {
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
        configure_epochs(&mut chart, "share of drawn rows")
    })
}

/// Validation F1 of each class by epoch.
pub(super) fn class_f1(curve: &Curve) -> Result<String, BenchError> {
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
        Ok(())
    })
}

fn configure_epochs(chart: &mut Chart<'_, '_>, y: &str) -> Result<(), Box<dyn std::error::Error>> {
    chart
        .configure_mesh()
        .bold_line_style(GREY.mix(0.25))
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .x_desc("epoch")
        .y_desc(y)
        .y_labels(6)
        .label_style(label_style())
        .draw()?;
    Ok(())
}
