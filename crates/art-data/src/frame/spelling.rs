//! The same value spelled in two ways: which are certainly one, and which only look so.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// What a value is known by: equal for spellings that are certainly one, which are whole numbers with and without zeros
/// behind the point (`1`, `1.0`), and true and false in any capitals.
///
/// ```
/// use art_data::spelling_key;
/// assert_eq!(spelling_key("1.0"), spelling_key("1"));
/// assert_eq!(spelling_key("FALSE"), spelling_key("False"));
/// assert_ne!(spelling_key("01"), spelling_key("1"));
/// assert_ne!(spelling_key("Bonn"), spelling_key("bonn"));
/// ```
pub fn spelling_key(text: &str) -> Cow<'_, str> {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return text.to_ascii_lowercase().into();
    }
    match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            let digits = whole.strip_prefix('-').unwrap_or(whole);
            let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            match is_whole {
                true if whole == "-0" => "0".into(),
                true => whole.into(),
                false => text.into(),
            }
        }
        _ if text == "-0" => "0".into(),
        _ => text.into(),
    }
}

/// `text` with each accent in one sign with its letter (Unicode's form NFC).
fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

/// Whether two spellings are shown alike, since they differ only in whether accents are signs of their own.
///
/// ```
/// use art_data::shown_alike;
/// assert!(shown_alike("caf\u{e9}", "cafe\u{301}"));
/// assert!(!shown_alike("cafe", "caf\u{e9}"));
/// ```
pub fn shown_alike(one: &str, other: &str) -> bool {
    one != other && composed(one) == composed(other)
}

/// What is equal for values that a person might take for one: capitals, spaces, marks at the end, the writing of a number and
/// whether accents are signs of their own are passed over.
fn likeness(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || ".,;:!_".contains(c);
    let text = composed(text);
    let text = text.trim_matches(ends);
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{:?}", number + 0.0),
        _ => {
            let words = text.split(|c: char| c.is_whitespace() || c == '_' || c == '-');
            let words: Vec<String> = words.map(str::to_lowercase).collect();
            words.join(" ")
        }
    }
}

/// The first of `known` that is written much like `text`, and not the same.
pub fn written_alike<'k>(text: &str, known: &'k [String]) -> Option<&'k str> {
    let own = likeness(text);
    let mut others = known.iter().filter(|other| *other != text);
    others
        .find(|other| likeness(other) == own)
        .map(String::as_str)
}

/// Pairs of `names` that are written much alike, each with the one before it.
pub fn alike_pairs(names: &[String]) -> Vec<(&str, &str)> {
    let mut sorted: Vec<(String, usize)> =
        names.iter().map(|name| likeness(name)).zip(0..).collect();
    sorted.sort();
    let pair = |pair: &[(String, usize)]| {
        let [(one, first), (other, second)] = pair else {
            return None;
        };
        (one == other).then(|| (&*names[*first], &*names[*second]))
    };
    sorted.windows(2).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certain_is_one_value() {
        let is_one = |a: &str, b: &str| spelling_key(a) == spelling_key(b);
        for (a, b) in [
            ("0", "0.0"),
            ("-1.00", "-1"),
            ("-0.0", "0"),
            ("TRUE", "true"),
            ("10", "10.0"),
        ] {
            assert!(is_one(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("0", "False"),
            ("01", "1"),
            ("1", "1."),
            ("1e0", "1"),
            (">50K.", ">50K"),
            ("No", "no"),
            (".0", "0"),
            ("a.0", "a"),
        ] {
            assert!(!is_one(a, b), "{a} {b}");
        }
    }

    #[test]
    fn what_is_written_alike_is_found() {
        let known = [">50K".to_owned(), "<=50K".to_owned(), "New York".to_owned()];
        assert_eq!(written_alike(">50K.", &known), Some(">50K"));
        assert_eq!(written_alike("new_york", &known), Some("New York"));
        assert_eq!(written_alike(">50K", &known), None);
        let names = ["b", "A", "a", "1", "x", "1.0", "B "].map(str::to_owned);
        assert_eq!(alike_pairs(&names), [("1", "1.0"), ("A", "a"), ("b", "B ")]);
        let accents = ["Cafe", "Cafe\u{301}", "caf\u{e9}"].map(str::to_owned);
        assert_eq!(alike_pairs(&accents), [("Cafe\u{301}", "caf\u{e9}")]);
    }
}
