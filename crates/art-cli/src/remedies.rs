//! Options that mend an error. The libraries say what would; what that is called on the command line is known here alone.

use crate::args::SmallClasses;
use art_bench::BenchError;
use art_data::{DataError, Remedy};
use art_train::TrainError;
use clap::ValueEnum;
use std::{borrow::Cow, error::Error};

/// Lines with the options of which each mends `error`, ready to be copied, and what each says.
pub(crate) fn remedies(error: &anyhow::Error) -> Vec<String> {
    let options: Vec<(String, &str)> = error.chain().flat_map(of_cause).collect();
    let width = options.iter().map(|(option, _)| option.chars().count());
    let width = width.max().unwrap_or(0);
    let line = |(option, meaning): &(String, &str)| format!("  {option:width$}  {meaning}");
    options.iter().map(line).collect()
}

fn of_cause(cause: &(dyn Error + 'static)) -> Vec<(String, &'static str)> {
    if let Some(error) = cause.downcast_ref::<BenchError>() {
        return of_bench(error);
    }
    let of_train = cause.downcast_ref::<TrainError>().and_then(data_of);
    let data = cause.downcast_ref::<DataError>().or(of_train);
    data.map_or_else(Vec::new, of_data)
}

fn data_of(error: &TrainError) -> Option<&DataError> {
    match error {
        TrainError::Data(error) => Some(error),
        _ => None,
    }
}

fn of_bench(error: &BenchError) -> Vec<(String, &'static str)> {
    match error {
        BenchError::Data(error) => of_data(error),
        BenchError::Train(error) => data_of(error).map_or_else(Vec::new, of_data),
        BenchError::NewerRecord { .. }
        | BenchError::Locked { .. }
        | BenchError::OtherMatrix { .. } => {
            vec![("--out DIR".into(), "puts the results into another folder")]
        }
        BenchError::Incomplete { .. } => vec![("--partial".into(), "merges what is there")],
        BenchError::OtherProgram {
            of_revision: true, ..
        } => vec![(
            "--any-revision".into(),
            "merges them all the same, since their arithmetic is the same",
        )],
        BenchError::Threads { .. } => vec![("--jobs N".into(), "asks for fewer")],
        _ => vec![],
    }
}

fn of_data(error: &DataError) -> Vec<(String, &'static str)> {
    error.remedies().iter().filter_map(of_remedy).collect()
}

/// The option that a remedy is, and what it says.
fn of_remedy(remedy: &Remedy) -> Option<(String, &'static str)> {
    Some(match remedy {
        Remedy::ReadAsWords { column } => {
            (given("--words", column), "if the column is one of words")
        }
        Remedy::LeaveOut { column } => (given("--ignore", column), "leaves the column out"),
        Remedy::TakeForMissing { field } => (
            given("--missing", field),
            "if that stands for a missing value",
        ),
        Remedy::TakeForValue { field } => (
            given("--not-missing", field),
            "if that is a value and not a missing one",
        ),
        Remedy::DecimalPoint => (given("--decimal", "."), "if the decimal sign is a point"),
        Remedy::DecimalComma => (given("--decimal", ","), "if the decimal sign is a comma"),
        Remedy::DayFirst => (given("--dates", "day-first"), "if the day comes first"),
        Remedy::MonthFirst => (given("--dates", "month-first"), "if the month comes first"),
        Remedy::HeaderPresent => (given("--header", "present"), "if these are names"),
        Remedy::HeaderAbsent => (
            given("--header", "absent"),
            "if the file has no names of columns",
        ),
        Remedy::Delimiter { sign } => (
            match sign {
                None => "--delimiter CHAR".to_owned(),
                Some('|') => given("--delimiter", "pipe"),
                Some(' ') => given("--delimiter", "space"),
                Some(sign) => given("--delimiter", &sign.to_string()),
            },
            "if that stands between fields",
        ),
        Remedy::Comment { sign } => (
            given("--comment", &sign.to_string()),
            "passes over lines that begin so",
        ),
        Remedy::Encoding => (
            given("--encoding", "windows-1252"),
            "or another name, if the file has that encoding",
        ),
        Remedy::CountUnseen => (
            "--ignore-unseen".into(),
            "goes on without words that no training row has",
        ),
        Remedy::LeaveOutClasses { .. } => (
            small_classes(SmallClasses::LeaveOut),
            "goes on without their rows",
        ),
        Remedy::JoinClasses { .. } => (
            small_classes(SmallClasses::Join),
            "makes one class of them, \"other\"",
        ),
        _ => return None,
    })
}

fn small_classes(how: SmallClasses) -> String {
    let value = how.to_possible_value();
    given(
        "--small-classes",
        value.as_ref().map_or("", |value| value.get_name()),
    )
}

/// An option with its value, as a shell takes it.
pub(crate) fn given(option: &str, value: &str) -> String {
    // What begins with a hyphen would be taken for another option.
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{option}{between}{}", quoted(value))
}

/// A word as the shells of this system take it: as it is where that is safe, else in quotes.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        for_windows(word)
    } else {
        for_posix(word)
    }
}

fn is_plain(word: &str, signs: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || signs.contains(c);
    !word.is_empty() && word.chars().all(is_plain)
}

fn for_posix(word: &str) -> Cow<'_, str> {
    if is_plain(word, "_-.,:/@%+") {
        return Cow::Borrowed(word);
    }
    // Double quotes are known to more shells; inside of them these signs are not themselves.
    Cow::Owned(if word.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        format!("\"{word}\"")
    })
}

/// For cmd and PowerShell alike, which have only double quotes in common. A program finds a quote inside by the backslash
/// before it, and takes backslashes before a quote in pairs.
fn for_windows(word: &str) -> Cow<'_, str> {
    if is_plain(word, r"_-.:/\+") {
        return Cow::Borrowed(word);
    }
    let mut inside = String::new();
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            inside.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        inside.push(c);
    }
    Cow::Owned(format!("\"{inside}{}\"", "\\".repeat(backslashes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_for_more() {
        for (word, expected) in [
            ("age", "age"),
            ("größe", "größe"),
            ("1.5", "1.5"),
            ("", "\"\""),
            ("customer id", "\"customer id\""),
            ("it's", "\"it's\""),
            ("?", "\"?\""),
            ("a$b", "'a$b'"),
            ("a\"b'c", r#"'a"b'\''c'"#),
        ] {
            assert_eq!(for_posix(word), expected);
        }
        for (word, expected) in [
            (r"C:\data\a-1.csv", r"C:\data\a-1.csv"),
            (r"C:\my data\", r#""C:\my data\\""#),
            ("it's", "\"it's\""),
            ("a,b", "\"a,b\""),
            (r#"a"b"#, r#""a\"b""#),
            (r#"a\"b"#, r#""a\\\"b""#),
            ("", "\"\""),
        ] {
            assert_eq!(for_windows(word), expected);
        }
        assert_eq!(given("--ignore", "-x"), "--ignore=-x");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_word_that_was_quoted() {
        for word in [
            "a b", "$HOME", "`id`", "\\", "!!", "a\"b'c", "*", "#", "~", "",
        ] {
            let script = format!("printf %s {}", quoted(word));
            let mut shell = std::process::Command::new("sh");
            let printed = shell.args(["-c", &script]).output().unwrap().stdout;
            assert_eq!(String::from_utf8(printed).unwrap(), word);
        }
    }

    #[test]
    fn every_option_is_one_that_the_program_has() {
        let column = || "x".to_owned();
        let names = || vec!["x".to_owned()];
        let all = [
            Remedy::ReadAsWords { column: column() },
            Remedy::LeaveOut { column: column() },
            Remedy::TakeForMissing { field: "-9".into() },
            Remedy::TakeForValue { field: "NA".into() },
            Remedy::DecimalPoint,
            Remedy::DecimalComma,
            Remedy::DayFirst,
            Remedy::MonthFirst,
            Remedy::HeaderPresent,
            Remedy::HeaderAbsent,
            Remedy::Delimiter { sign: None },
            Remedy::Delimiter { sign: Some('|') },
            Remedy::Comment { sign: ';' },
            Remedy::Encoding,
            Remedy::LeaveOutClasses { names: names() },
            Remedy::JoinClasses { names: names() },
        ];
        let options: Vec<String> = all.iter().map(|r| of_remedy(r).unwrap().0).collect();
        let train = "art train t.csv --target t --out m.art";
        for option in options {
            let option = option.replace('"', "");
            let line = format!("{train} {option}");
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        let (unseen, _) = of_remedy(&Remedy::CountUnseen).unwrap();
        let line = format!("art predict m.art t.csv {unseen}");
        let parsed = Cli::try_parse_from(line.split(' ')).unwrap();
        assert!(matches!(parsed.command, Command::Predict(args) if args.ignore_unseen));
    }

    #[test]
    fn an_error_is_found_under_what_was_said_about_it() {
        let wrapped = |error: DataError| {
            let error = BenchError::from(TrainError::from(error));
            anyhow::Error::new(error).context("while training")
        };
        let error = |n_others| DataError::SmallClasses {
            classes: vec![("a".into(), 2), ("b".into(), 2)],
            needed: 3,
            n_others,
            purpose: "a split",
        };
        let lines = remedies(&wrapped(error(2)));
        let expected = [
            "  --small-classes leave-out  goes on without their rows",
            "  --small-classes join       makes one class of them, \"other\"",
        ];
        assert_eq!(lines, expected);
        // What leaves fewer than two classes is no remedy.
        let alone = remedies(&wrapped(error(1)));
        assert!(alone.len() == 1 && alone[0].contains("join"), "{alone:?}");
        assert!(remedies(&wrapped(error(0))).is_empty());
        assert!(remedies(&anyhow::anyhow!("other")).is_empty());
    }
}
