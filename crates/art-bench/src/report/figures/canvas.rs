//! What the figures share: colors, axes, and the empty area that they are drawn on.

use crate::error::BenchError;
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};

/// Colors that stay apart for most color-blind readers; each has a contrast of at least 3 to 1 on light and on dark ground.
pub(super) const PALETTE: [RGBColor; 8] = [
    RGBColor(0x3b, 0x7d, 0xd8),
    RGBColor(0xd1, 0x49, 0x5b),
    RGBColor(0x22, 0x88, 0x33),
    RGBColor(0x99, 0x80, 0x00),
    RGBColor(0x0e, 0x8a, 0x8a),
    RGBColor(0xc2, 0x40, 0x8c),
    RGBColor(0xc4, 0x62, 0x10),
    RGBColor(0x88, 0x66, 0xdd),
];
/// Axes and grid: a grey that can be seen on light and dark ground.
pub(super) const GREY: RGBColor = RGBColor(0x80, 0x80, 0x80);
/// Stands for the color of the page's text in what is drawn; no figure uses it else.
pub(super) const INK: RGBColor = RGBColor(0x01, 0x02, 0x03);
pub(super) const SIZE: (u32, u32) = (480, 300);

/// The color of a line; grey for those beyond the colors that there are, so that none is taken for another.
pub(super) fn color(index: usize) -> RGBColor {
    PALETTE.get(index).copied().unwrap_or(GREY)
}

/// The same for a legend outside the figure.
pub(in crate::report) fn css_color(index: usize) -> String {
    css(color(index))
}

fn css(RGBColor(r, g, b): RGBColor) -> String {
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
    let text = text.replace("#010203", "currentColor");
    // Described to those who cannot see it.
    let label = format!("<svg role=\"img\" aria-label=\"{figure}\" ");
    Ok(text.replacen("<svg ", &label, 1))
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
