//! How documents read: sentences that are too long, and words that this project alone uses or spells so.

use crate::{
    complain, documents,
    markdown::{Line, lines, plain},
    say,
};
use std::{fs, path::Path, process::ExitCode};

/// The most words that a sentence may have.
const LONGEST: usize = 40;

/// A sentence above this is counted as long.
const LONG: usize = 25;

/// Words that a reader from the field would not understand, and what to write.
const PRIVATE: [(&str, &str); 41] = [
    ("slopes", "gradients"),
    ("holes", "missing values"),
    ("picture", "image, or figure"),
    ("pictures", "images"),
    ("products", "matrix products"),
    ("made rows", "synthetic samples"),
    ("rows that are made", "synthetic samples"),
    ("moved decision", "adjusted decision"),
    ("decision moved", "decision adjusted"),
    ("decisions moved", "decisions adjusted"),
    ("decision is moved", "decision is adjusted"),
    ("moves its decision", "adjusts its decision"),
    ("moves the decision", "adjusts the decision"),
    ("move the decision", "adjust the decision"),
    ("moved threshold", "adjusted threshold"),
    ("threshold moved", "threshold adjusted"),
    ("shares", "proportions"),
    ("judged rows", "test rows"),
    ("rows that judge", "test rows"),
    ("rows that will judge", "test rows"),
    ("steer", "choose, or stop"),
    ("steered", "chosen, or stopped"),
    ("folds in turn", "rotating folds"),
    ("rehearsal", "pilot run"),
    ("twins", "replicates"),
    ("answer together", "average their predictions"),
    ("answer as one", "average their predictions"),
    ("answers for", "predictions for"),
    ("its answers", "its predictions"),
    ("is answered", "is predicted"),
    ("are answered", "are predicted"),
    ("be answered", "be predicted"),
    ("stand for", "represent, or mean"),
    ("stands for", "represents, or means"),
    ("words", "categories, or text"),
    ("works of", "papers of"),
    ("works that", "papers that"),
    ("thirty works", "thirty papers"),
    ("kin", "variants"),
    ("beyond chance", "significantly"),
    ("gone through", "compared"),
];

/// Terms of the field that have a private word in them.
const OF_THE_FIELD: [&str; 2] = [" matrix products ", " inner products "];

/// Beginnings of words in another spelling than the American one.
const SPELLINGS: [(&str, &str); 21] = [
    ("initialis", "initializ"),
    ("colour", "color"),
    ("favour", "favor"),
    ("recognis", "recogniz"),
    ("neighbour", "neighbor"),
    ("behaviour", "behavior"),
    ("optimis", "optimiz"),
    ("normalis", "normaliz"),
    ("standardis", "standardiz"),
    ("generalis", "generaliz"),
    ("materialis", "materializ"),
    ("parallelis", "paralleliz"),
    ("synchronis", "synchroniz"),
    ("summaris", "summariz"),
    ("licence", "license"),
    ("labelled", "labeled"),
    ("modelling", "modeling"),
    ("centre", "center"),
    ("grey", "gray"),
    ("minimis", "minimiz"),
    ("maximis", "maximiz"),
];

/// How a document reads.
#[derive(Default)]
struct Reading {
    /// Words of each sentence, with its line.
    sentences: Vec<(usize, usize)>,
    /// Lines with private words, the word and what to write.
    private: Vec<(usize, &'static str, &'static str)>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let mut reading = Self::default();
        let mut paragraph = String::new();
        let mut begins = 0;
        for (number, line) in lines(text) {
            let (text, is_row) = match line {
                Line::Code(_) => continue,
                Line::Row(text) => (text, true),
                Line::Text(text) => (text, false),
            };
            let plain = plain(text);
            reading.find_private(number, &plain);
            let bare = text.trim_start();
            let is_item = ["- ", "* ", "#", ">"]
                .iter()
                .any(|mark| bare.starts_with(mark))
                || bare
                    .split_once(". ")
                    .is_some_and(|(n, _)| n.parse::<u32>().is_ok());
            if bare.is_empty() || is_row || is_item {
                reading.take(&paragraph, begins);
                paragraph.clear();
            }
            if is_row || bare.starts_with('#') || bare.starts_with("<!--") {
                continue;
            }
            if paragraph.is_empty() {
                begins = number;
            }
            paragraph.push_str(&plain);
            paragraph.push(' ');
        }
        reading.take(&paragraph, begins);
        reading
    }

    fn find_private(&mut self, number: usize, line: &str) {
        let words = |c: char| if c.is_alphanumeric() { c } else { ' ' };
        let line: String = line.to_lowercase().chars().map(words).collect();
        let line = format!(" {} ", line.trim());
        let line = OF_THE_FIELD
            .iter()
            .fold(line, |line, term| line.replace(term, " "));
        let whole = PRIVATE.map(|(word, instead)| (format!(" {word} "), word, instead));
        let begun = SPELLINGS.map(|(word, instead)| (format!(" {word}"), word, instead));
        for (sought, word, instead) in whole.into_iter().chain(begun) {
            let found = line.matches(&sought).map(|_| (number, word, instead));
            self.private.extend(found);
        }
    }

    /// The sentences of a paragraph that begins in line `begins`.
    fn take(&mut self, paragraph: &str, begins: usize) {
        for sentence in sentences(paragraph) {
            let is_word = |word: &&str| word.contains(char::is_alphanumeric);
            let n_words = sentence.split_whitespace().filter(is_word).count();
            if n_words > 0 {
                self.sentences.push((n_words, begins));
            }
        }
    }
}

/// The sentences of a text: they end with a mark behind which no small letter follows.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = vec![];
    let mut start = 0;
    for (at, mark) in text.match_indices(['.', '!', '?']) {
        let rest = text[at + mark.len()..].trim_start_matches(['"', '”', '*', ')', '_']);
        let Some(next) = rest.strip_prefix(' ') else {
            continue;
        };
        let next = next
            .trim_start()
            .trim_start_matches(['"', '“', '*', '(', '_', '[', '`']);
        let ends = next.chars().next().is_none_or(|c| !c.is_lowercase());
        let word = text[start..at]
            .rsplit([' ', '('])
            .next()
            .unwrap_or_default();
        let is_short = ["al", "e.g", "i.e", "vs", "cf", "Eq", "Fig", "Sect"].contains(&word);
        if ends && !is_short {
            found.push(&text[start..at + mark.len()]);
            start = at + mark.len();
        }
    }
    found.push(&text[start..]);
    found
}

/// What is wrong in the documents.
pub(crate) fn faults() -> Vec<String> {
    let mut faults = vec![];
    for path in documents::hand_written() {
        let reading = Reading::of(&fs::read_to_string(&path).unwrap_or_default());
        let path = path.display();
        for (n_words, line) in reading.sentences {
            if n_words > LONGEST {
                faults.push(format!(
                    "{path}: the paragraph at line {line} has a sentence of {n_words} words; {LONGEST} is the most"
                ));
            }
        }
        for (line, word, instead) in reading.private {
            faults.push(format!("{path}:{line}: write {instead:?} for {word:?}"));
        }
    }
    faults
}

/// Prints how the documents below `root` read.
pub(crate) fn print(root: &Path) -> ExitCode {
    if std::env::set_current_dir(root).is_err() {
        complain(format_args!("error: {} is no folder", root.display()));
        return ExitCode::from(2);
    }
    say(
        "| document | sentences | words a sentence | over 25 words | longest | private words |\n|---|---|---|---|---|---|",
    );
    let mut all = Reading::default();
    for path in documents::hand_written() {
        let reading = Reading::of(&fs::read_to_string(&path).unwrap_or_default());
        print_row(&path.display().to_string(), &reading);
        all.sentences.extend(reading.sentences);
        all.private.extend(reading.private);
    }
    print_row("**all**", &all);
    ExitCode::SUCCESS
}

fn print_row(name: &str, reading: &Reading) {
    let words = || reading.sentences.iter().map(|(n_words, _)| *n_words);
    let (n, total) = (reading.sentences.len(), words().sum::<usize>());
    let n_long = words().filter(|&n_words| n_words > LONG).count();
    say(format_args!(
        "| {name} | {n} | {:.1} | {n_long} | {} | {} |",
        total as f64 / n.max(1) as f64,
        words().max().unwrap_or(0),
        reading.private.len()
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_new_one_begins() {
        let text = "One two, e.g. three. Four et al. 2020 (five). `six` is. 0.5 more: v1.2.";
        let n = |text: &str| {
            Reading::of(text)
                .sentences
                .iter()
                .map(|(n, _)| *n)
                .collect::<Vec<_>>()
        };
        assert_eq!(n(text), [4, 5, 2, 3]);
        assert_eq!(
            n("# Head\n\n- one\n- two\n  three\n\n| a | b |\n\n```sh\nx y\n```\nfour"),
            [1, 2, 1]
        );
        assert_eq!(n("[a link](to/a-page.md) and `code in one word`"), [4]);
    }

    #[test]
    fn private_words_are_found_outside_code() {
        let found = |text: &str| Reading::of(text).private.len();
        assert_eq!(found("Numbers with holes; the colour"), 2);
        assert_eq!(found("`holes` and loopholes"), 0);
        assert_eq!(found("| table | class shares |"), 1);
    }
}
