//! What a terminal is like: how wide, and whether it shows colors.

use console::{Term, measure_text_width};

/// Narrower than this nothing is wrapped to.
const NARROWEST: usize = 30;

/// How text is to be laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Characters in a line; none where no person looks.
    pub width: Option<usize>,
    /// Whether it shows colors.
    pub is_colored: bool,
}

impl Screen {
    /// The standard output.
    pub fn of_output() -> Self {
        Self::of(&Term::stdout(), console::colors_enabled())
    }

    /// The standard error.
    pub fn of_errors() -> Self {
        Self::of(&Term::stderr(), console::colors_enabled_stderr())
    }

    fn of(term: &Term, is_colored: bool) -> Self {
        let size = term.size_checked().filter(|_| term.is_term());
        Self {
            width: size.map(|(_, columns)| usize::from(columns).max(NARROWEST)),
            is_colored: is_colored && term.is_term(),
        }
    }

    /// The line as it is where it fits, is one of a table or a command to copy, else lines broken between words, the later
    /// ones as far in as the first.
    pub fn wrapped(self, line: &str) -> String {
        let Some(width) = self.width else {
            return line.to_owned();
        };
        let body = line.trim_start_matches(' ');
        let is_command = ["art ", "next: "]
            .iter()
            .any(|start| body.starts_with(start));
        if measure_text_width(line) <= width || body.contains("  ") || is_command {
            return line.to_owned();
        }
        let indent = " ".repeat(line.len() - body.len());
        let mut lines = vec![];
        let mut current = indent.clone();
        for word in body.split(' ') {
            let is_first = current.len() == indent.len();
            let needed = measure_text_width(&current) + measure_text_width(word);
            if !is_first && needed + 1 > width {
                lines.push(std::mem::replace(&mut current, indent.clone()));
            } else if !is_first {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
        lines.join("\n")
    }

    /// The same in bold where that can be shown.
    pub(crate) fn strong(self, text: &str) -> String {
        if self.is_colored {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(width: usize) -> Screen {
        Screen {
            width: Some(width),
            is_colored: false,
        }
    }

    #[test]
    fn prose_is_broken_between_words_and_tables_are_not() {
        let text = "  one two three four five six seven eight nine";
        let wrapped = wide(20).wrapped(text);
        assert_eq!(
            wrapped,
            "  one two three four\n  five six seven\n  eight nine"
        );
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&wrapped), words(text));
        let table = "method                 12.3  45.6";
        assert_eq!(wide(20).wrapped(table), table);
        let command = "next: art predict model.art new.csv";
        assert_eq!(wide(20).wrapped(command), command);
        assert_eq!(Screen::default().wrapped(text), text);
    }

    #[test]
    fn a_long_word_stands_alone_and_wide_signs_count_twice() {
        let wrapped = wide(10).wrapped("a https://example.org/long b");
        assert_eq!(wrapped, "a\nhttps://example.org/long\nb");
        assert_eq!(wide(9).wrapped("日本 日本 日本"), "日本 日本\n日本");
    }
}
