//! As much of Markdown as the checks of documents need.

use std::collections::BTreeMap;

/// A line of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'t> {
    /// Of a block of code in a language, or its fence.
    Code(&'t str),
    /// Of a table.
    Row(&'t str),
    /// Any other.
    Text(&'t str),
}

/// The lines of a document, counted from 1.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    let mut code = false;
    text.lines().zip(1..).map(move |(line, number)| {
        let bare = line.trim_start();
        let is_fence = bare.starts_with("```");
        code ^= is_fence;
        let line = if code || is_fence {
            Line::Code(line)
        } else if bare.starts_with('|') {
            Line::Row(line)
        } else {
            Line::Text(line)
        };
        (number, line)
    })
}

/// Blocks of code in `language`: the line of the fence, and the code without its indentation.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = vec![];
    let mut open: Option<bool> = None;
    for (number, line) in lines(text) {
        let Line::Code(line) = line else { continue };
        match (line.trim_start().strip_prefix("```"), open) {
            (Some(name), None) => {
                open = Some(name == language);
                if name == language {
                    found.push((number, String::new()));
                }
            }
            (Some(_), Some(_)) => open = None,
            (None, Some(true)) => {
                let (_, block) = found.last_mut().expect("an open block is the last one");
                block.push_str(line.trim());
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

/// A line as it reads: links by their text, a piece of code as one word.
pub(crate) fn plain(line: &str) -> String {
    let parts = line.split('`').enumerate();
    let mut text: String = parts
        .map(|(n, part)| if n % 2 == 0 { part } else { "(Code)" })
        .collect();
    while let Some((start, end)) = text
        .find("](")
        .and_then(|s| Some((s, s + text[s..].find(')')?)))
    {
        text.replace_range(start..=end, "");
    }
    text.replace('[', "").replace("(Code)", "Code")
}

/// The targets of the links and images of a document: the line, where the target stands in it, and the target.
pub(crate) fn links(text: &str) -> Vec<(usize, usize, &str)> {
    let mut found = vec![];
    for (number, line) in lines(text) {
        let (Line::Row(line) | Line::Text(line)) = line else {
            continue;
        };
        for (start, mark) in line.match_indices("](") {
            let is_code = line[..start].matches('`').count() % 2 == 1;
            let target = &line[start + mark.len()..];
            if let Some(end) = target.find(')').filter(|_| !is_code) {
                found.push((number, start + mark.len(), &target[..end]));
            }
        }
    }
    found
}

/// What a link may name inside a document: its headings, as readers of Markdown number and write them.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut found = vec![];
    for (_, line) in lines(text) {
        let Line::Text(line) = line else { continue };
        let Some((marks, heading)) = line.split_once(' ') else {
            continue;
        };
        if marks.is_empty() || !marks.chars().all(|c| c == '#') {
            continue;
        }
        let name = anchor(heading);
        let n = seen.entry(name.clone()).or_insert(0);
        found.push(if *n == 0 { name } else { format!("{name}-{n}") });
        *n += 1;
    }
    found
}

fn anchor(heading: &str) -> String {
    let mut text = heading.to_owned();
    while let Some((start, end)) = text
        .find("](")
        .and_then(|s| Some((s, s + text[s..].find(')')?)))
    {
        text.replace_range(start..=end, "");
    }
    let kept = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then_some(c),
    };
    text.trim()
        .to_lowercase()
        .chars()
        .filter_map(kept)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_blocks_and_anchors_are_found_outside_code() {
        let text = "# One `two`, three\n[a](b.md#c) `[x](y)` ![d](e.png)\n```sh\n[f](g)\n art x\n```\n## One two three\n";
        let targets: Vec<&str> = links(text).iter().map(|(_, _, target)| *target).collect();
        assert_eq!(targets, ["b.md#c", "e.png"]);
        assert_eq!(blocks(text, "sh"), [(3, "[f](g)\nart x\n".to_owned())]);
        assert_eq!(anchors(text), ["one-two-three", "one-two-three-1"]);
        assert_eq!(plain("a [b c](d) `e f` g"), "a b c Code g");
    }
}
