//! Average ranks with their critical difference.

use super::canvas::{GREY, PALETTE, label_style, svg};
use crate::{error::BenchError, results::Ranking};
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Average ranks on a line, the best on the left; methods under one bar cannot be told apart.
///
/// # Errors
/// [`BenchError::Figure`].
pub fn critical_difference(ranking: &Ranking) -> Result<String, BenchError> {
    let n = ranking.ranks.len();
    let alike = ranking.alike();
    let (left, right, row) = (150, 490, 20);
    let half = n.div_ceil(2);
    let bars = 52 + 10 * alike.len() as i32;
    let size = (640, (bars + row * half as i32 + 14) as u32);
    svg("average ranks with critical difference", size, |area| {
        let x = |rank: f64| {
            let share = (rank - 1.0) / (n as f64 - 1.0);
            left + (share * f64::from(right - left)) as i32
        };
        let line = |points: &[(i32, i32)], width: u32| {
            area.draw(&PathElement::new(points.to_vec(), GREY.stroke_width(width)))
        };
        let text = |text: String, at: (i32, i32), h: HPos, v: VPos| {
            area.draw(&Text::new(text, at, label_style().pos(Pos::new(h, v))))
        };
        let axis = 44;
        line(&[(left, axis), (right, axis)], 1)?;
        for rank in 1..=n {
            let at = x(rank as f64);
            line(&[(at, axis - 5), (at, axis)], 1)?;
            text(rank.to_string(), (at, axis - 7), HPos::Center, VPos::Bottom)?;
        }
        let critical = ranking.critical_difference.min(n as f64 - 1.0);
        line(&[(left, 12), (x(1.0 + critical), 12)], 2)?;
        let label = format!("CD {:.2}", ranking.critical_difference);
        text(label, (left - 8, 12), HPos::Right, VPos::Center)?;
        for (level, (first, last)) in alike.iter().enumerate() {
            let y = axis + 8 + 10 * level as i32;
            let ends = [*first, *last].map(|at| x(ranking.ranks[at].1));
            let bar = [(ends[0] - 4, y), (ends[1] + 4, y)];
            area.draw(&PathElement::new(bar.to_vec(), PALETTE[0].stroke_width(4)))?;
        }
        for (position, (title, rank)) in ranking.ranks.iter().enumerate() {
            let on_left = position < half;
            let level = if on_left { position } else { n - 1 - position };
            let y = bars + row * level as i32 + 8;
            let at = x(*rank);
            let end = if on_left { left - 8 } else { right + 8 };
            line(&[(at, axis), (at, y), (end, y)], 1)?;
            let label = format!("{title} {rank:.2}");
            let (anchor, beyond) = if on_left {
                (HPos::Right, -4)
            } else {
                (HPos::Left, 4)
            };
            text(label, (end + beyond, y), anchor, VPos::Center)?;
        }
        Ok(())
    })
}
