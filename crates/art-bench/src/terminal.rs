//! Text for a terminal: what comes out of files is shown there and never obeyed, and no message is longer than a page.

use std::{
    borrow::Cow,
    fmt::{Display, Write as _},
    io::{self, Write},
    process::ExitCode,
};

/// Most characters of a message.
const LONGEST_MESSAGE: usize = 2_000;
/// Most characters of a field of a table.
const LONGEST_FIELD: usize = 200;

/// Whether a terminal would obey the character rather than show it, or show others in another order.
pub(crate) fn is_obeyed(c: char) -> bool {
    let turns_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_direction || matches!(c, '\u{2028}' | '\u{2029}')
}

fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_shown = |c: char| is_kept(c) || !is_obeyed(c);
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_shown(c) {
            shown.push(c);
        } else {
            // As JSON writes them, which may pass here as well.
            let _ = match c {
                '\n' => write!(shown, "\\n"),
                '\r' => write!(shown, "\\r"),
                '\t' => write!(shown, "\\t"),
                other => write!(shown, "\\u{:04x}", u32::from(other)),
            };
        }
    }
    Cow::Owned(shown)
}

fn shortened(text: Cow<'_, str>, most: usize, rest: impl Fn(usize) -> String) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => {
            let left_out = text[end..].chars().count();
            Cow::Owned(text[..end].to_owned() + &rest(left_out))
        }
    }
}

/// A field of a table on one line: control characters as escapes, cut where it is very long.
///
/// ```
/// assert_eq!(art_bench::terminal_field("a\u{1b}[31mb\nc"), r"a\u001b[31mb\nc");
/// ```
pub fn terminal_field(text: &str) -> Cow<'_, str> {
    shortened(escaped(text, |_| false), LONGEST_FIELD, |_| "…".into())
}

/// Text of several lines: control characters but line breaks and tabs as escapes.
pub(crate) fn terminal_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n' || c == '\t')
}

/// A message of several lines at most: control characters but line breaks and tabs as escapes, cut after some 2,000
/// characters.
pub fn terminal_message(text: &str) -> Cow<'_, str> {
    shortened(terminal_lines(text), LONGEST_MESSAGE, |left_out| {
        format!(" … ({left_out} more characters)")
    })
}

/// A terminal, or what may be one: control characters but line breaks and tabs come out as escapes, in the form that keeps
/// JSON what it is.
#[derive(Debug)]
pub struct Terminal<W>(W);

impl<W: Write> Terminal<W> {
    /// What is written to `out`.
    pub fn new(out: W) -> Self {
        Self(out)
    }
}

impl<W: Write> Write for Terminal<W> {
    /// `buffer` is whole characters, as formatted text always is.
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(buffer);
        self.0.write_all(terminal_lines(&text).as_bytes())?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes a message and a line break to the standard error, control characters as escapes, cut after some 2,000 characters;
/// where nobody reads there it is lost.
pub fn say(message: impl Display) {
    let _ = writeln!(io::stderr(), "{}", terminal_message(&message.to_string()));
}

/// Shows what came of a run, whose exit code is `code`, on the standard output. Whoever stops reading has seen enough; the
/// code stays.
///
/// # Errors
/// Why it could not be written.
pub(crate) fn show(
    code: ExitCode,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<ExitCode> {
    let mut out = Terminal::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to the standard output"))
        }
        _ => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let text = "a\u{1b}]0;t\u{7}\r\u{9b}2J\u{202e}b\nc\td";
        let lines = terminal_lines(text);
        let shown = "a\\u001b]0;t\\u0007\\r\\u009b2J\\u202eb\nc\td";
        assert_eq!(lines, shown);
        let mut out = Terminal::new(vec![]);
        write!(out, "{text}").unwrap();
        assert_eq!(out.0, shown.as_bytes());
        let json = serde_json::json!({"name": text});
        let mut out = Terminal::new(vec![]);
        write!(out, "{json:#}").unwrap();
        assert!(!out.0.contains(&b'\x1b') && !out.0.contains(&0x9b));
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&out.0).unwrap(),
            json
        );
        assert_eq!(terminal_field("1\n2\t3"), "1\\n2\\t3");
        assert!(matches!(terminal_field("größe — ø"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_very_long_is_cut_between_characters() {
        let long = "ä".repeat(1_000);
        assert_eq!(terminal_field(&long), "ä".repeat(200) + "…");
        let message = shortened(Cow::Borrowed(&long), 10, |n| format!(" ({n} more)"));
        assert_eq!(message, "ä".repeat(10) + " (990 more)");
    }
}
