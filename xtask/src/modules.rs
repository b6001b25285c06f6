//! Modules point one way inside a crate, as crates do in the workspace.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Which modules each module of a crate reaches for; folders count as one module.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// What is wrong inside the crates of these names: modules that reach for each other in a circle, and names that are taken from
/// the crate's root, where nobody sees which module they are of.
pub(crate) fn faults(packages: &[&str]) -> Vec<String> {
    let of_package = |package: &&str| {
        let root = Path::new("crates").join(package).join("src");
        let mut faults = vec![];
        let graph = graph(&root, &mut faults);
        faults.extend(circle(&graph).map(|modules| {
            let path = modules.join(" -> ");
            format!("{package}: modules reach for each other in a circle: {path}")
        }));
        faults
    };
    packages.iter().flat_map(of_package).collect()
}

fn graph(root: &Path, faults: &mut Vec<String>) -> Graph {
    let mut files = vec![];
    sources(root, &mut files);
    let module_of = |file: &PathBuf| {
        let inside = file.strip_prefix(root).ok()?;
        let first = inside.components().next()?.as_os_str().to_str()?;
        Some(first.trim_end_matches(".rs").to_owned())
    };
    let modules: BTreeSet<String> = files.iter().filter_map(module_of).collect();
    let mut graph = Graph::new();
    for file in &files {
        let Some(module) = module_of(file).filter(|m| !["lib", "main"].contains(&&**m)) else {
            continue;
        };
        let text = fs::read_to_string(file).unwrap_or_default();
        for name in reached(&code(&text)) {
            if name == module {
                continue;
            }
            if modules.contains(&name) {
                graph.entry(module.clone()).or_default().insert(name);
            } else {
                faults.push(format!(
                    "{}: {name} is taken from the crate's root; name the module that it is of",
                    file.display()
                ));
            }
        }
    }
    graph
}

pub(crate) fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// A source without comments, and without the tests at its end.
pub(crate) fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = text.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that follow `crate::` in a source, also inside braces.
fn reached(text: &str) -> BTreeSet<String> {
    const START: &str = "crate::";
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = |text: &str| text.chars().take_while(|&c| is_name(c)).collect::<String>();
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices(START) {
        if text[..at].ends_with(|c| is_name(c) || c == '$') {
            continue;
        }
        let rest = &text[at + START.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(name(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (place, c) in list.char_indices() {
            let is_end = c == '}' && depth == 0;
            if depth == 0 && (c == ',' || is_end) {
                let item = name(list[start..place].trim_start());
                names.extend(Some(item).filter(|item| !item.is_empty()));
                start = place + 1;
            }
            match c {
                '{' => depth += 1,
                '}' if is_end => break,
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names
}

/// Modules that reach for each other, from one back to itself.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    // Those that reach for nothing that is left are in no circle.
    let mut left = graph.clone();
    loop {
        let ends: Vec<String> = left
            .iter()
            .filter(|(_, reached)| reached.iter().all(|name| !left.contains_key(name)))
            .map(|(name, _)| name.clone())
            .collect();
        if ends.is_empty() {
            break;
        }
        left.retain(|name, _| !ends.contains(name));
    }
    let mut path = vec![left.keys().next()?.clone()];
    loop {
        let here = path.last().expect("it begins with one");
        let next = left[here].iter().find(|name| left.contains_key(*name));
        let next = next.expect("what reaches for nothing is gone").clone();
        if let Some(start) = path.iter().position(|name| *name == next) {
            path.push(next);
            return Some(path.split_off(start));
        }
        path.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_alone_and_in_braces() {
        let text =
            "use crate::a::{X, Y};\nuse crate::{b::Z,\n c::{d, e}, F};\n$crate::g; pub(crate) h";
        let expected = ["F", "a", "b", "c"].map(str::to_owned);
        assert_eq!(reached(text), BTreeSet::from(expected));
        assert_eq!(code("a\n  // crate::b\n#[cfg(test)]\nmod tests {"), "a");
    }

    #[test]
    fn a_circle_is_found_and_a_line_is_none() {
        let graph = |edges: &[(&str, &str)]| {
            let mut graph = Graph::new();
            for (from, to) in edges {
                let reached: &mut BTreeSet<String> = graph.entry((*from).into()).or_default();
                reached.insert((*to).into());
            }
            graph
        };
        assert_eq!(circle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
        let round = graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "e")]);
        assert_eq!(circle(&round).unwrap(), ["b", "c", "d", "b"]);
    }
}
