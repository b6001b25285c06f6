//! Rows of a figure: a name, what is drawn for it on a common scale, and the number. Names wrap and the drawing takes the
//! width that is left, so that nothing is cut on any screen.

use crate::report::table::escape;
use std::fmt::Write as _;

/// What all rows of a figure are drawn on.
pub(super) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// Holds all of `values`, with room at both ends for labels.
    pub(super) fn over(values: impl Iterator<Item = f64>) -> Self {
        const MARGIN: f64 = 0.12;
        let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
        for value in values.filter(|value| value.is_finite()) {
            ends = [ends[0].min(value), ends[1].max(value)];
        }
        if ends[0] > ends[1] {
            ends = [0.0, 1.0];
        }
        let margin = MARGIN * (ends[1] - ends[0]).max(1.0);
        Self {
            low: ends[0] - margin,
            high: ends[1] + margin,
        }
    }

    /// Where a value is, in percent of the width.
    pub(super) fn at(&self, value: f64) -> f64 {
        100.0 * (value - self.low) / (self.high - self.low)
    }

    /// Few round values far enough from the ends, and the digits behind the point that tell them apart.
    fn ticks(&self) -> (Vec<f64>, usize) {
        const MOST: f64 = 5.0;
        let mut step = 0.001;
        let mut factors = [2.0, 2.5, 2.0].into_iter().cycle();
        while (self.high - self.low) / step > MOST {
            step *= factors.next().unwrap_or(2.0);
        }
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        let ticks = (first..=last).map(|tick| tick as f64 * step);
        let is_inside = |tick: &f64| (6.0..=94.0).contains(&self.at(*tick));
        let digits = match step {
            s if s > 0.99 => 0,
            s if s > 0.099 => 1,
            s if s > 0.0099 => 2,
            _ => 3,
        };
        (ticks.filter(is_inside).collect(), digits)
    }
}

/// A row of such a figure.
pub(super) struct Strip {
    pub(super) title: String,
    /// Whether it stands out.
    pub(super) is_accent: bool,
    /// What is drawn, by [`line`], [`dot`] and [`bar`].
    pub(super) marks: String,
    /// The number beside it, and what stands below that.
    pub(super) value: String,
    pub(super) aside: Option<String>,
}

/// The whole figure; `heads` are those of names, drawing and numbers, and `zero` a value with a line of its own.
pub(super) fn strips(scale: &Scale, heads: [&str; 3], zero: Option<f64>, rows: &[Strip]) -> String {
    let (ticks, digits) = scale.ticks();
    let mut axis = String::new();
    let mut grid = String::new();
    for tick in ticks {
        let at = scale.at(tick);
        // No minus before nothing.
        let tick = tick + 0.0;
        let _ = write!(
            axis,
            "<text x=\"{at:.2}%\" y=\"75%\" text-anchor=\"middle\">{tick:.digits$}</text>"
        );
        grid += &upright(at, "grid");
    }
    if let Some(zero) = zero {
        grid += &upright(scale.at(zero), "zero");
    }
    let [names, drawing, numbers] = heads;
    let mut text = format!(
        "<div class=\"strips\"><table><thead><tr><th scope=\"col\">{names}</th><th scope=\"col\" class=\"strip\">{drawing}\
         <svg class=\"axis\" aria-hidden=\"true\">{axis}</svg></th><th scope=\"col\">{numbers}</th></tr></thead><tbody>"
    );
    for row in rows {
        let class = if row.is_accent {
            " class=\"accent\""
        } else {
            ""
        };
        let aside = row.aside.as_ref();
        let aside = aside.map(|aside| format!("<br><small>{}</small>", escape(aside)));
        let _ = write!(
            text,
            "<tr{class}><th scope=\"row\">{}</th><td class=\"strip\"><svg aria-hidden=\"true\">{grid}{}</svg></td><td>{}{}</td></tr>",
            escape(&row.title),
            row.marks,
            escape(&row.value),
            aside.unwrap_or_default()
        );
    }
    text + "</tbody></table></div>"
}

fn upright(at: f64, class: &str) -> String {
    format!("<line class=\"{class}\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"0\" y2=\"100%\"/>")
}

/// A line from one place to another, in percent of the width, at a height in percent of the row.
pub(super) fn line(from: f64, to: f64, height: f64) -> String {
    format!(
        "<line class=\"mark\" x1=\"{from:.2}%\" x2=\"{to:.2}%\" y1=\"{height:.1}%\" y2=\"{height:.1}%\"/>"
    )
}

/// A short upright line about the middle of the row.
pub(super) fn bar(at: f64, class: &str) -> String {
    format!("<line class=\"{class}\" x1=\"{at:.2}%\" x2=\"{at:.2}%\" y1=\"18%\" y2=\"82%\"/>")
}

/// A dot.
pub(super) fn dot(at: f64, height: f64, radius: f64) -> String {
    format!("<circle class=\"dot\" cx=\"{at:.2}%\" cy=\"{height:.1}%\" r=\"{radius}\"/>")
}

/// A box between two places.
pub(super) fn area(from: f64, to: f64) -> String {
    format!(
        "<rect class=\"box\" x=\"{from:.2}%\" y=\"22%\" width=\"{:.2}%\" height=\"56%\"/>",
        to - from
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_an_axis_differ_and_lie_inside() {
        for ends in [
            [0.0, 0.0],
            [-0.03, 0.2],
            [-27.0, 39.0],
            [49.0, 70.0],
            [0.0, 4000.0],
        ] {
            let scale = Scale::over(ends.into_iter());
            let (ticks, digits) = scale.ticks();
            let mut labels: Vec<String> = ticks.iter().map(|t| format!("{t:.digits$}")).collect();
            labels.dedup();
            assert!((2..=6).contains(&ticks.len()), "{ends:?}: {ticks:?}");
            assert_eq!(labels.len(), ticks.len(), "{ends:?}: {labels:?}");
            assert!(
                ticks
                    .iter()
                    .all(|tick| scale.at(*tick) > 5.0 && scale.at(*tick) < 95.0)
            );
        }
    }
}
