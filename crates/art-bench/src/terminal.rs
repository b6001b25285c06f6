//! Text for a terminal: what comes out of files is shown there and never obeyed, and no message is longer than a page.

use crate::screen::Screen;
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
/// JSON what it is. Lines are laid out for its screen.
#[derive(Debug)]
pub struct Terminal<W: Write> {
    out: W,
    screen: Screen,
    /// A line that has no end yet.
    line: String,
}

impl<W: Write> Terminal<W> {
    /// What is written to `out`, which looks like `screen`.
    pub fn new(out: W, screen: Screen) -> Self {
        Self {
            out,
            screen,
            line: String::new(),
        }
    }

    /// How lines are laid out.
    pub fn screen(&self) -> Screen {
        self.screen
    }

    /// Writes lines that stand out where that can be shown.
    ///
    /// # Errors
    /// Why they could not be written.
    pub fn strong(&mut self, lines: &str) -> io::Result<()> {
        self.flush_line()?;
        for line in terminal_lines(lines).lines() {
            for line in self.screen.wrapped(line).lines() {
                writeln!(self.out, "{}", self.screen.strong(line))?;
            }
        }
        Ok(())
    }

    fn flush_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.out
            .write_all(self.screen.wrapped(&terminal_lines(&line)).as_bytes())
    }
}

impl<W: Write> Write for Terminal<W> {
    /// `buffer` is whole characters, as formatted text always is.
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(buffer);
        for part in text.split_inclusive('\n') {
            match part.strip_suffix('\n') {
                None => self.line.push_str(part),
                Some(rest) => {
                    self.line.push_str(rest);
                    self.flush_line()?;
                    self.out.write_all(b"\n")?;
                }
            }
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_line()?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Terminal<W> {
    fn drop(&mut self) {
        // Whoever wants to know whether that goes well flushes before.
        let _ = self.flush_line();
    }
}

/// Writes a message and a line break to the standard error, control characters as escapes, cut after some 2,000 characters and
/// laid out for its screen; where nobody reads there it is lost.
pub fn say(message: impl Display) {
    let mut errors = Terminal::new(io::stderr(), Screen::of_errors());
    let _ = writeln!(errors, "{}", terminal_message(&message.to_string()));
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
    let mut out = Terminal::new(io::stdout().lock(), Screen::of_output());
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
        let mut out = Terminal::new(vec![], Screen::default());
        write!(out, "{text}").unwrap();
        out.flush().unwrap();
        assert_eq!(out.out, shown.as_bytes());
        let json = serde_json::json!({"name": text});
        let mut out = Terminal::new(vec![], Screen::default());
        write!(out, "{json:#}").unwrap();
        out.flush().unwrap();
        assert!(!out.out.contains(&b'\x1b') && !out.out.contains(&0x9b));
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&out.out).unwrap(),
            json
        );
        assert_eq!(terminal_field("1\n2\t3"), "1\\n2\\t3");
        assert!(matches!(terminal_field("größe — ø"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_are_laid_out_for_the_screen_and_stand_out_on_it() {
        let screen = Screen {
            width: Some(12),
            is_colored: true,
        };
        let mut bytes = vec![];
        let mut out = Terminal::new(&mut bytes, screen);
        write!(out, "one two").unwrap();
        writeln!(out, " three").unwrap();
        out.strong("four \u{1b}[31m five").unwrap();
        drop(out);
        let text = String::from_utf8(bytes).unwrap();
        let expected = "one two\nthree\n\u{1b}[1mfour\u{1b}[0m\n\u{1b}[1m\\u001b[31m\u{1b}[0m\n\u{1b}[1mfive\u{1b}[0m\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_very_long_is_cut_between_characters() {
        let long = "ä".repeat(1_000);
        assert_eq!(terminal_field(&long), "ä".repeat(200) + "…");
        let message = shortened(Cow::Borrowed(&long), 10, |n| format!(" ({n} more)"));
        assert_eq!(message, "ä".repeat(10) + " (990 more)");
    }
}
