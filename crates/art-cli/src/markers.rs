//! Values that may stand for missing ones, or for others than they seem.

use art_bench::counted;
use art_data::{Column, ColumnKind, Values};

/// A marker of missing values that looks like the words of its column, as NA does among the codes of countries.
pub(crate) fn marker_like_words(column: &Column) -> Option<(&str, usize)> {
    let Values::Words { levels, .. } = &column.values else {
        return None;
    };
    let is_like = |marker: &str, level: &String| {
        level.len() == marker.len() && level.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let marker = column.markers.iter().find(|marker| {
        let is_word = marker.text.bytes().all(|byte| byte.is_ascii_uppercase());
        is_word && levels.len() > 1 && levels.iter().all(|level| is_like(&marker.text, level))
    })?;
    Some((&marker.text, marker.n))
}

/// What to say of numbers or dates that several rows have and that are further from the next one than all others from one
/// another; and of dates that no row can mean.
pub(crate) fn far_away(column: &Column) -> Option<String> {
    let Values::Numbers(numbers) = &column.values else {
        return None;
    };
    let is_dates = matches!(column.kind, ColumnKind::Dates(_));
    let mut far = far_ends(numbers);
    if far.is_empty() && is_dates {
        far.extend(beyond_plans(numbers));
    }
    let last = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let text = |value: f64| match &column.ends {
        Some([first, end]) if is_dates => {
            let text = if value < last { first } else { end };
            if text.contains(' ') {
                format!("{text:?}")
            } else {
                text.clone()
            }
        }
        _ => value.to_string(),
    };
    let held: Vec<String> = far
        .iter()
        .map(|(value, n)| format!("{} {}", text(*value), counted(*n, "time")))
        .collect();
    let options: Vec<String> = far
        .iter()
        .map(|(value, _)| format!("--missing {}", text(*value)))
        .collect();
    let (stands, marker) = match far.len() {
        0 => return None,
        1 => ("it stands", "a missing value"),
        _ => ("they stand", "missing values"),
    };
    Some(format!(
        "column {:?} holds {}, far away from its other {}; if {stands} for {marker}, say so ({})",
        column.name,
        held.join(" and "),
        if is_dates { "dates" } else { "numbers" },
        options.join(" ")
    ))
}

/// The largest or smallest number, or both, where several rows have it and it is further from the next one than all others from
/// one another; and how many rows have each.
fn far_ends(numbers: &[f64]) -> Vec<(f64, usize)> {
    const SEVERAL: usize = 3;
    const DIFFERENT: usize = 10;
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let runs: Vec<&[f64]> = sorted.chunk_by(|a, b| a == b).collect();
    let [lowest, second, .., last_but_one, highest] = &*runs else {
        return vec![];
    };
    // Codes of nines are no measurements even where there are few others.
    let is_code = |end: &[f64]| [99.0, 999.0, 9_999.0, 99_999.0].contains(&end[0].abs());
    let is_many = |end: &[f64]| runs.len() > DIFFERENT || is_code(end);
    let is_far = |end: &[f64], next: f64, other_end: f64| {
        end.len() >= SEVERAL && is_many(end) && (next - end[0]).abs() > (other_end - next).abs()
    };
    let (low, high) = ((lowest[0], lowest.len()), (highest[0], highest.len()));
    let (next_low, next_high) = (second[0], last_but_one[0]);
    if is_far(lowest, next_low, next_high) && is_far(highest, next_high, next_low) {
        vec![low, high]
    } else if is_far(lowest, next_low, highest[0]) {
        vec![low]
    } else if is_far(highest, next_high, lowest[0]) {
        vec![high]
    } else {
        vec![]
    }
}

/// The last day, where it is from 2200 on, and how many rows have it.
fn beyond_plans(days: &[f64]) -> Option<(f64, usize)> {
    const YEAR_2200: f64 = 84_006.0;
    let last = days.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let n = days.iter().filter(|&&day| day == last).count();
    (last >= YEAR_2200).then_some((last, n))
}

/// What to say of dates whose years have two digits, where some are after the day on which the file was written.
pub(crate) fn future_dates(column: &Column, written: f64) -> Option<String> {
    const DAY: f64 = 1.0;
    let (Values::Numbers(days), ColumnKind::Dates(_), Some([_, last])) =
        (&column.values, column.kind, &column.ends)
    else {
        return None;
    };
    let mut parts = last
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    let (first, year) = (parts.next()?, parts.nth(1)?);
    let n = days.iter().filter(|&&day| day > written + DAY).count();
    (first.len() <= 3 && year.len() == 2 && n > 0).then(|| {
        let name = &column.name;
        format!(
            "column {name:?} holds {} after the day on which the file was written, up to {last:?}: years of two digits below \
             69 are of this century; if they are past, write them with four digits, or leave the column out (--ignore {name:?})",
            counted(n, "date")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_may_be_far_away() {
        let within: Vec<f64> = (0..30).map(f64::from).collect();
        let with = |more: &[f64]| far_ends(&[&within[..], more].concat());
        assert_eq!(with(&[-999.0; 3]), [(-999.0, 3)]);
        assert_eq!(with(&[999.0; 4]), [(999.0, 4)]);
        let both = [-999.0, -999.0, -999.0, 999.0, 999.0, 999.0];
        assert_eq!(with(&both), [(-999.0, 3), (999.0, 3)]);
        assert_eq!(with(&both[..5]), []);
        assert_eq!(with(&[-5.0, -5.0, -5.0, 35.0, 35.0, 35.0]), []);
    }
}
