//! How wide a text is at most where the font is not known.

/// Width of `text` in letters of a height, taken from the widest fonts that a page without a font of its own is shown in.
pub(super) fn text_width(text: &str, height: f64) -> f64 {
    height * text.chars().map(width).sum::<f64>()
}

/// Width of a letter over its height.
fn width(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.34,
        '(' | ')' | '[' | ']' | 'f' | 't' | 'r' | '-' | '/' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        '+' | '=' | '<' | '>' | '±' | '−' => 0.84,
        'A'..='Z' => 0.78,
        '\u{0}'..='\u{2e7f}' => 0.65,
        _ => 1.05,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_more_room() {
        assert!(text_width("WWW", 10.0) > text_width("iii", 10.0));
        assert!((text_width("ii", 10.0) - 6.8).abs() < 1e-9);
        assert!(text_width("\u{4e2d}", 10.0) > 10.0);
    }
}
