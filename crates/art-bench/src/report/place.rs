//! Where in the paper something stands.

use std::fmt;

/// A place in the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Table(usize),
    /// The first and the last of several tables.
    Tables(usize, usize),
    Figure(usize),
    /// The first and the last of several figures.
    Figures(usize, usize),
    Section(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(number) => write!(f, "Table {number}"),
            Self::Tables(first, last) => write!(f, "Tables {first} to {last}"),
            Self::Figure(number) => write!(f, "Fig. {number}"),
            Self::Figures(first, last) => write!(f, "Figs. {first} to {last}"),
            Self::Section(number) => write!(f, "section {number}"),
        }
    }
}

/// A heading: the title, and the place in brackets behind it.
pub(super) fn heading(title: &str, place: Option<Place>) -> String {
    match place {
        None => title.to_owned(),
        Some(place) => format!("{title} ({place})"),
    }
}
