//! Warnings, of which many of one kind are folded into few lines.

use std::collections::BTreeMap;

/// Lines of one kind.
const MOST: usize = 5;

/// What to know of a table.
pub(crate) struct Warning {
    kind: Kind,
    text: String,
}

/// What a warning is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    AlikeClasses,
    AlikeWords,
    Codes,
    Constant,
    Empty,
    FarAway,
    FewRows,
    Future,
    ManyWords,
    MarkerLikeWords,
    NamesRows,
    /// One of its own.
    Single,
    TooFewRows,
    Unreadable,
    WordAmongNumbers,
}

impl Kind {
    /// What several of them are.
    fn noun(self) -> &'static str {
        match self {
            Self::AlikeClasses => "pairs of classes",
            Self::FewRows | Self::TooFewRows => "classes",
            Self::Single => "warnings",
            _ => "columns",
        }
    }
}

impl Warning {
    pub(crate) fn of(kind: Kind, text: String) -> Self {
        Self { kind, text }
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The texts in their order; of many of one kind the first, and how many more there are.
pub(crate) fn folded(warnings: &[Warning]) -> Vec<String> {
    let mut all: BTreeMap<Kind, usize> = BTreeMap::new();
    for warning in warnings {
        *all.entry(warning.kind).or_default() += 1;
    }
    let mut shown: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut lines = vec![];
    for Warning { kind, text } in warnings {
        let shown = shown.entry(*kind).or_default();
        let n_more = all[kind].saturating_sub(MOST);
        // One more takes as many lines as saying so.
        let is_whole = *kind == Kind::Single || n_more < 2;
        if is_whole || *shown < MOST {
            lines.push(text.clone());
            *shown += 1;
            if !is_whole && *shown == MOST {
                lines.push(format!(
                    "and {} more {} like these; art inspect --json lists them",
                    with_commas(n_more),
                    kind.noun()
                ));
            }
        }
    }
    lines
}

/// A number with a comma between its thousands.
fn with_commas(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_one_kind_are_folded_and_others_stay() {
        let warning = |kind| Warning::of(kind, format!("{kind:?}"));
        let mut warnings: Vec<Warning> = (0..4_326).map(|_| warning(Kind::Constant)).collect();
        warnings.extend((0..6).map(|_| warning(Kind::FewRows)));
        warnings.extend((0..9).map(|_| warning(Kind::Single)));
        let lines = folded(&warnings);
        assert_eq!(lines.len(), 5 + 1 + 6 + 9);
        assert_eq!(
            lines[5],
            "and 4,321 more columns like these; art inspect --json lists them"
        );
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(with_commas),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
