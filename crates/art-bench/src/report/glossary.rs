//! What the words of a page mean, told where each is first used.

use super::table::escape;
use std::fmt::Write as _;

/// A word, by all of its spellings, and what it means.
struct Term {
    spellings: &'static [&'static str],
    meaning: &'static str,
}

const TERMS: &[Term] = &[
    Term {
        spellings: &["macro F1", "Macro F1"],
        meaning: "The mean over classes of F1, the harmonic mean of precision and recall. A rare class counts as much as a common one.",
    },
    Term {
        spellings: &["precision", "Precision"],
        meaning: "Of the rows that were taken for a class, the share that are of it: how many alarms are right.",
    },
    Term {
        spellings: &["recall", "Recall"],
        meaning: "Of the rows of a class, the share that were found.",
    },
    Term {
        spellings: &["accuracy", "Accuracy"],
        meaning: "The share of all rows that were answered rightly. Who always answers the most common class has a high one.",
    },
    Term {
        spellings: &["plain training", "Baseline"],
        meaning: "The network trained on the rows as they are, with cross-entropy and nothing against imbalance.",
    },
    Term {
        spellings: &["plug-in"],
        meaning: "A rule that decides after training: the class is taken that raises the expected macro F1 most, by calibrated probabilities.",
    },
    Term {
        spellings: &["tauE"],
        meaning: "A rule that moves decisions toward rare classes after training; validation counts and probabilities choose together how far.",
    },
    Term {
        spellings: &["folds"],
        meaning: "Cross-fitted: the training rows are dealt into so many parts and a network is trained without each. They answer together, \
                  and rules are fitted on rows that a network was not trained on.",
    },
    Term {
        spellings: &["Holm"],
        meaning: "Holm's adjustment: p-values are raised by how many comparisons are made at once, so that one of many is not a find by luck.",
    },
    Term {
        spellings: &["t-test corrected", "corrected t"],
        meaning: "A paired t-test that allows for training sets that share rows (Nadeau and Bengio 2003).",
    },
    Term {
        spellings: &["A/A"],
        meaning: "The same method against itself with other random numbers: what differs is chance.",
    },
    Term {
        spellings: &["bootstrap"],
        meaning: "An interval from drawing the seeds anew many times, with replacement.",
    },
    Term {
        spellings: &["Nemenyi", "critical difference"],
        meaning: "Average ranks that differ by less than the critical difference cannot be told apart (Nemenyi's test).",
    },
    Term {
        spellings: &["G-mean"],
        meaning: "The geometric mean of the recalls of all classes.",
    },
    Term {
        spellings: &["MCC"],
        meaning: "Matthews' correlation between truth and answer: 0 by luck, 1 without an error.",
    },
    Term {
        spellings: &["log-loss"],
        meaning: "The mean of \u{2212}ln p of the true class: small where probabilities are right.",
    },
    Term {
        spellings: &["Brier"],
        meaning: "The mean squared distance of probabilities from the truth: small where they are right.",
    },
    Term {
        spellings: &["TPE"],
        meaning: "A search that tries settings like the best ones so far.",
    },
];

/// A page whose words are explained.
pub(super) struct Explained {
    pub(super) html: String,
    /// The words that are used, with their meaning, both as HTML.
    pub(super) terms: Vec<(String, String)>,
}

/// Elements whose words stay as they are.
const AS_THEY_ARE: [&str; 7] = ["svg", "code", "a", "h1", "h2", "h3", "summary"];

/// Explains each word where it is first used in running text or in a table.
pub(super) fn explained(html: &str) -> Explained {
    let mut left: Vec<&Term> = TERMS.iter().collect();
    let mut result = Explained {
        html: String::with_capacity(html.len()),
        terms: vec![],
    };
    let mut depth = 0_usize;
    let mut rest = html;
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if depth > 0 {
            result.html += text;
        } else {
            explain_text(text, &mut left, &mut result);
        }
        let (tag, after) = after.split_at(after.find('>').map_or(after.len(), |end| end + 1));
        let name = tag.trim_start_matches(['<', '/']);
        let name = name.split([' ', '>', '/']).next().unwrap_or_default();
        if AS_THEY_ARE.contains(&name) {
            depth = if tag.starts_with("</") {
                depth.saturating_sub(1)
            } else {
                depth + usize::from(!tag.ends_with("/>"))
            };
        }
        result.html += tag;
        rest = after;
    }
    result
}

fn explain_text(mut text: &str, left: &mut Vec<&Term>, result: &mut Explained) {
    loop {
        let found = left.iter().enumerate().flat_map(|(place, term)| {
            let spellings = term.spellings.iter();
            spellings.filter_map(move |word| Some((find_word(text, word)?, place, *word)))
        });
        let Some((at, place, word)) = found.min_by_key(|(at, ..)| *at) else {
            result.html += text;
            return;
        };
        let meaning = escape(left.remove(place).meaning);
        result.html += &text[..at];
        let _ = write!(result.html, "<abbr title=\"{meaning}\">{word}</abbr>");
        result.terms.push((word.to_owned(), meaning));
        text = &text[at + word.len()..];
    }
}

/// Where a word stands that is no part of another.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut places = text.match_indices(word);
    let place = places.find(|(at, _)| {
        let after = text[at + word.len()..].chars().next();
        !is_letter(text[..*at].chars().next_back()) && !is_letter(after)
    });
    place.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_once_where_it_is_running_text() {
        let page =
            "<h1>macro F1</h1><p title=\"macro F1\">Pre-macro F12, macro F1 and macro F1.</p>";
        let Explained { html, terms } = explained(page);
        assert_eq!(html.matches("<abbr").count(), 1);
        assert!(html.contains("F12, <abbr title=\"The mean"), "{html}");
        assert!(
            html.ends_with("macro F1</abbr> and macro F1.</p>"),
            "{html}"
        );
        assert_eq!(terms.len(), 1);
    }
}
