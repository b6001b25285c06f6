//! One file a command.

pub(crate) mod compare;
pub(crate) mod draw;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod methods;
pub(crate) mod predict;
pub(crate) mod report;
pub(crate) mod resample;
pub(crate) mod stats;
pub(crate) mod train;
