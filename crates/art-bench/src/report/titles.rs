//! Titles of methods in the place of their ids, which mean something to a program alone.

use crate::results::MethodResults;

/// A sentence with the titles of methods where it names one before a colon by its id, or by both.
pub(super) fn in_words(text: &str, methods: &[MethodResults]) -> String {
    let mut text = text.to_owned();
    for MethodResults { id, title, .. } in methods {
        text = text.replace(&format!("{title} ({id})"), title);
        text = text.replace(&format!("{title} ({id} with "), &format!("{title} (with "));
        if let Some(rest) = text.strip_prefix(&format!("{id}: ")) {
            text = format!("{title}: {rest}");
        }
    }
    text
}
