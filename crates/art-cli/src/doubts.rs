//! Features and classes that may not be what they seem: a person knows better.

use crate::{
    args::FormatArgs,
    folded::{Kind, Warning},
    markers::{far_away, future_dates, marker_like_words},
};
use art_bench::counted;
use art_data::{
    Column, DateOrder, LabelledFrame, Lookalike, LookalikeKind, NumberStyle, Values, alike_pairs,
    shown_alike,
};
use std::{path::Path, time::UNIX_EPOCH};

/// What to say of the features of `table`, and of its classes.
pub(crate) fn doubts(table: &LabelledFrame, format: &FormatArgs) -> Vec<Warning> {
    let written = day_written(table.frame().path());
    let features = table.feature_columns();
    let doubt = |column: &Column| doubt(column, format, written);
    let mut doubts: Vec<Warning> = features.filter_map(doubt).collect();
    for (name, other) in alike_pairs(table.class_names()) {
        let text = format!(
            "classes {name:?} and {other:?} are {}; if they are one, write them so",
            alike(name, other)
        );
        doubts.push(Warning::of(Kind::AlikeClasses, text));
    }
    doubts
}

/// The day from 1970-01-01 on which a file was last written.
fn day_written(path: &Path) -> Option<f64> {
    let written = path.metadata().and_then(|data| data.modified()).ok()?;
    let since = written.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64() / 86_400.0)
}

/// How two spellings are alike.
fn alike(one: &str, other: &str) -> &'static str {
    if shown_alike(one, other) {
        "shown alike and stored otherwise (accents in one sign with their letters, Unicode NFC, or apart, NFD)"
    } else {
        "written alike"
    }
}

fn doubt(column: &Column, format: &FormatArgs, written: Option<f64>) -> Option<Warning> {
    let name = &column.name;
    let said = |kind: Kind, text: String| Some(Warning::of(kind, text));
    let is_declared = format.words.contains(name);
    if let Some(lookalike) = column.lookalike().filter(|_| !is_declared) {
        let text = format!(
            "column {name:?} is taken for words, though {}; train and compare leave it out (--words {name:?} takes each \
             different field for a word)",
            of_lookalike(&lookalike)
        );
        return said(Kind::Unreadable, text);
    }
    // A model learns nothing from them, and predictions for other rows have other names.
    if column.seems_to_name_rows() {
        let text = format!(
            "column {name:?} seems to name rows rather than to describe them; --ignore {name:?} leaves it out"
        );
        return said(Kind::NamesRows, text);
    }
    if column.values.n_missing() == 0 && column.values.is_constant() {
        let text = format!("column {name:?} has one value alone and says nothing");
        return said(Kind::Constant, text);
    }
    if let Some(text) = far_away(column) {
        return said(Kind::FarAway, text);
    }
    if let Some(text) = written.and_then(|written| future_dates(column, written)) {
        return said(Kind::Future, text);
    }
    if is_declared {
        return None;
    }
    if let Some((marker, n)) = marker_like_words(column) {
        let text = format!(
            "{} of column {name:?} {} {marker:?} and taken for missing values, and its words are like it; \
             --not-missing {marker} takes it for a word",
            counted(n, "field"),
            if n == 1 { "is" } else { "are" }
        );
        return said(Kind::MarkerLikeWords, text);
    }
    if let Some(code) = code(&column.values) {
        let text = format!(
            "column {name:?} is taken for words, since whole numbers in it, such as {code:?}, begin with zeros or are longer \
             than a number may be; --numbers {name:?} takes it for numbers"
        );
        return said(Kind::Codes, text);
    }
    if let Some(word) = word_among_numbers(&column.values) {
        let text = format!(
            "column {name:?} is taken for words, though nearly all of its words are numbers; if {word:?} stands for a missing \
             value, say so (--missing {word:?})"
        );
        return said(Kind::WordAmongNumbers, text);
    }
    if let Values::Words { levels, .. } = &column.values
        && let Some((one, other)) = alike_pairs(levels).first()
    {
        let text = format!(
            "column {name:?} holds {one:?} and {other:?}, which are {}; if they are one word, write them so",
            alike(one, other)
        );
        return said(Kind::AlikeWords, text);
    }
    let text = || {
        format!(
            "column {name:?} holds words that look like numbers or dates, in no one form that is known; train and compare \
             leave it out (--words {name:?} takes each different field for a word)"
        )
    };
    is_written_otherwise(&column.values).then(|| Warning::of(Kind::Unreadable, text()))
}

/// How many values look like what they cannot be read as, how they are written, and what to do.
pub(crate) fn of_lookalike(lookalike: &Lookalike) -> String {
    const MOST_FORMS: usize = 4;
    let Lookalike {
        like,
        n,
        of,
        examples,
        forms,
        other,
    } = lookalike;
    let (what, form) = match like {
        LookalikeKind::Numbers => ("numbers", "1234.5, without a unit"),
        LookalikeKind::Dates => ("dates", "2021-03-28"),
        LookalikeKind::Times => ("times", "numbers, such as minutes"),
    };
    let mut counts: Vec<String> = forms
        .iter()
        .take(MOST_FORMS)
        .map(|(form, n)| format!("{n} {form}"))
        .collect();
    if forms.len() > MOST_FORMS {
        counts.push("others".into());
    }
    let mixture = match forms.len() {
        0 => String::new(),
        _ => format!(" ({})", counts.join(", ")),
    };
    let quoted: Vec<String> = examples.iter().map(|text| format!("{text:?}")).collect();
    let missing = other
        .as_ref()
        .map(|word| format!("if {word:?} stands for a missing value, say so (--missing {word:?})"));
    // Without that word they may be read as they are.
    let is_known = forms.is_empty() && examples.iter().all(|text| can_be_read(text));
    let remedy = match missing {
        Some(missing) if is_known => missing,
        Some(missing) => format!("{missing}; write the others all as {form}"),
        None => format!("write them all as {form}"),
    };
    format!(
        "{n} of its {of} values look like {what} that cannot be read so, such as {}{mixture}; {remedy}",
        quoted.join(" and ")
    )
}

/// Whether `text` alone is a number or a date in a known form.
fn can_be_read(text: &str) -> bool {
    let styles = [NumberStyle::Point, NumberStyle::Comma];
    let orders = [
        DateOrder::YearFirst,
        DateOrder::DayFirst,
        DateOrder::MonthFirst,
    ];
    styles.iter().any(|style| style.parse(text).is_some())
        || orders.iter().any(|order| order.parse(text).is_some())
}

/// A whole number of a column of words, nearly all of which are whole numbers, that is a code: it begins with zeros, or is
/// too long.
fn code(values: &Values) -> Option<&str> {
    const LONG: usize = 15;
    let Values::Words { levels, .. } = values else {
        return None;
    };
    let is_whole = |level: &&String| level.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = |level: &&String| level.len() > LONG || level.len() > 1 && level.starts_with('0');
    let whole = levels.iter().filter(is_whole);
    let code = whole.clone().find(is_code)?;
    (10 * whole.count() >= 9 * levels.len()).then_some(code)
}

/// The most frequent word that is no number, of a column most of whose fields are numbers.
fn word_among_numbers(values: &Values) -> Option<&str> {
    const MANY: usize = 10;
    let Values::Words { levels, .. } = values else {
        return None;
    };
    let is_number: Vec<bool> = levels.iter().map(|l| l.parse::<f64>().is_ok()).collect();
    let counts = values.level_counts();
    let all: usize = counts.iter().sum();
    let of_numbers = counts.iter().zip(&is_number).filter(|(_, is)| **is);
    let numbers: usize = of_numbers.map(|(n, _)| n).sum();
    let others = (0..levels.len()).filter(|&level| !is_number[level]);
    let most = others.max_by_key(|&level| counts[level])?;
    // One word among many different numbers is no word, however often it stands there.
    let is_alone = is_number.iter().filter(|is| !**is).count() == 1 && levels.len() > MANY;
    (2 * numbers > all || is_alone).then(|| &*levels[most])
}

/// Whether nearly all of many different words are digits and what stands between those of a number or a date, as in 12,5
/// or 3 % or 2024-01-31.
pub(crate) fn is_written_otherwise(values: &Values) -> bool {
    const MANY: usize = 20;
    let Values::Words { levels, .. } = values else {
        return false;
    };
    let is_mark = |c: char| ",.:/-+%$€£' TZ−".contains(c);
    let looks_so = |level: &&String| {
        let marks = level.chars().filter(|&c| is_mark(c)).count();
        let has_sign = level.contains([',', '%', '$', '€', '£', '−', ':', '/']);
        level.chars().all(|c| c.is_ascii_digit() || is_mark(c))
            && level.contains(|c: char| c.is_ascii_digit())
            && (has_sign || marks > 1)
            && level.parse::<f64>().is_err()
    };
    levels.len() > MANY && 10 * levels.iter().filter(looks_so).count() >= 9 * levels.len()
}
