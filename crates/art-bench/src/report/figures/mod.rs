//! The figures of a report, as SVG text to put inside the page.

mod ablation;
mod canvas;
mod epochs;
mod ranks;
mod reliability;
mod scores;

pub(super) use ablation::{ablation, ablation_lines};
pub(super) use canvas::css_color;
pub(super) use epochs::{class_f1, distribution, losses};
pub use ranks::critical_difference;
pub(super) use reliability::reliability;
pub(super) use scores::{deltas, scores};
