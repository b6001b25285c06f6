//! What to do with a table: what many tables have shown, what this one shows, and what that comes to.

mod decision;
mod experience;

pub(crate) use decision::LEVEL;
pub use decision::{Choice, INDIFFERENCE, LIKELY_HARM, WORTH_IT, WouldTell, choose};
pub use experience::Experience;
