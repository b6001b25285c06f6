//! The figures of a report, as SVG or tables to put inside the page.

mod ablation;
mod boxes;
mod canvas;
mod epochs;
mod forest;
mod heat;
mod ranks;
mod reliability;
mod strip;
mod text_width;
mod threshold;

pub(super) use ablation::{ablation, ablation_lines};
pub(super) use boxes::boxes;
pub(super) use canvas::css_color;
pub(super) use epochs::{class_f1, distribution, losses};
pub(super) use forest::forest;
pub(super) use heat::{deltas, heat};
pub use ranks::critical_difference;
pub(super) use reliability::{legend_colors, reliability, reliability_of};
pub(super) use threshold::thresholds;
