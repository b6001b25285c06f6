//! Average ranks with their critical difference.

use super::text_width::text_width;
use crate::{error::BenchError, report::table::escape, results::Ranking};
use std::fmt::Write as _;

/// Height of letters.
const LETTERS: f64 = 14.0;
/// Grey that can be seen on light and dark ground, for a viewer that knows no style of the page.
const GREY: &str = "#808080";
/// The color of what cannot be told apart, for the same.
const ACCENT: &str = "#4477aa";

/// Where a text ends or begins.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// The drawing as far as it is done.
struct Drawing(String);

impl Drawing {
    fn line(&mut self, points: &[(f64, f64)], width: f64, class: &str, color: &str) {
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = write!(
            self.0,
            "<polyline class=\"{class}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\" points=\"{}\"/>",
            points.join(" ")
        );
    }

    fn text(&mut self, text: &str, (x, y): (f64, f64), anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let _ = write!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        );
    }
}

/// Average ranks on a line, the best on the left; methods under one bar cannot be told apart. The margins are as wide as the
/// longest label.
///
/// # Errors
/// None now: the result is one for drawings that can fail.
pub fn critical_difference(ranking: &Ranking) -> Result<String, BenchError> {
    const WIDTH: f64 = 340.0;
    const ROW: f64 = 20.0;
    const AXIS: f64 = 44.0;
    let n = ranking.ranks.len();
    let half = n.div_ceil(2);
    let labels = ranking.ranks.iter();
    let labels: Vec<String> = labels
        .map(|(title, rank)| format!("{title} {rank:.2}"))
        .collect();
    let critical_label = format!("CD {:.2}", ranking.critical_difference);
    let widest = |labels: &[String]| {
        let widths = labels.iter().map(|label| text_width(label, LETTERS));
        widths.fold(0.0, f64::max) + 24.0
    };
    let left = widest(&labels[..half]).max(text_width(&critical_label, LETTERS) + 24.0);
    let right = left + WIDTH;
    let alike = ranking.alike();
    let bars = 52.0 + 10.0 * alike.len() as f64;
    let (width, height) = (
        right + widest(&labels[half..]),
        bars + ROW * half as f64 + 14.0,
    );
    let x = |rank: f64| left + (rank - 1.0) / (n as f64 - 1.0) * WIDTH;
    let mut drawing = Drawing(format!(
        "<svg class=\"wide\" role=\"img\" aria-label=\"average ranks with critical difference\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"{LETTERS}\" \
         xmlns=\"http://www.w3.org/2000/svg\">"
    ));
    let grey = |drawing: &mut Drawing, points: &[(f64, f64)], width: f64| {
        drawing.line(points, width, "quiet", GREY);
    };
    grey(&mut drawing, &[(left, AXIS), (right, AXIS)], 1.0);
    for rank in 1..=n {
        let at = x(rank as f64);
        grey(&mut drawing, &[(at, AXIS - 5.0), (at, AXIS)], 1.0);
        drawing.text(&rank.to_string(), (at, AXIS - 9.0), Anchor::Middle);
    }
    let critical = ranking.critical_difference.min(n as f64 - 1.0);
    grey(
        &mut drawing,
        &[(left, 12.0), (x(1.0 + critical), 12.0)],
        2.0,
    );
    drawing.text(&critical_label, (left - 8.0, 17.0), Anchor::End);
    for (level, (first, last)) in alike.iter().enumerate() {
        let y = AXIS + 8.0 + 10.0 * level as f64;
        let ends = [*first, *last].map(|at| x(ranking.ranks[at].1));
        let bar = [(ends[0] - 4.0, y), (ends[1] + 4.0, y)];
        drawing.line(&bar, 4.0, "accent", ACCENT);
    }
    for (position, ((_, rank), label)) in ranking.ranks.iter().zip(&labels).enumerate() {
        let on_left = position < half;
        let level = if on_left { position } else { n - 1 - position };
        let y = bars + ROW * level as f64 + 8.0;
        let (end, beyond, anchor) = if on_left {
            (left - 8.0, -4.0, Anchor::End)
        } else {
            (right + 8.0, 4.0, Anchor::Start)
        };
        grey(
            &mut drawing,
            &[(x(*rank), AXIS), (x(*rank), y), (end, y)],
            1.0,
        );
        drawing.text(label, (end + beyond, y + 5.0), anchor);
    }
    Ok(drawing.0 + "</svg>")
}
