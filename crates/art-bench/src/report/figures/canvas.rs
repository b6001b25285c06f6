//! What the figures share: colours, axes, and the empty area that they are drawn on.

use crate::error::BenchError;
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};

/// Colours that stay apart for most colour-blind readers, on light and dark ground; ten of them.
pub(super) const PALETTE: [RGBColor; 10] = [
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
pub(super) const GREY: RGBColor = RGBColor(0x88, 0x88, 0x88);
pub(super) const SIZE: (u32, u32) = (480, 300);

pub(super) fn color(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// The colour of a class for a legend outside the figure.
pub(in crate::report) fn css_color(class: usize) -> String {
    let RGBColor(r, g, b) = color(class);
    format!("#{r:02x}{g:02x}{b:02x}")
}

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws on an empty area and returns the SVG.
pub(super) fn svg(
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

pub(super) fn chart<'a, 'b>(
    area: &'a Area<'b>,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(8)
        .x_label_area_size(42)
        .y_label_area_size(60);
    Ok(builder.build_cartesian_2d(x, y)?)
}

pub(super) fn label_style() -> TextStyle<'static> {
    ("sans-serif", 16).into_text_style(&SIZE)
}
