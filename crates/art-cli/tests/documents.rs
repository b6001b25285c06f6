//! The commands that documents show: the program knows every subcommand and option of them.

mod common;

use art_methods::{Registry, method_index};
use common::art;
use std::{fs, path::Path};

/// Documents at the root, and folders of documents.
const DOCUMENTS: [&str; 4] = ["README.md", "docs", "docs/performance", "docs/decisions"];

/// The commands of `art` in the blocks of shell code of a document.
fn commands(text: &str) -> Vec<Vec<String>> {
    let blocks = text.split("```sh\n").skip(1);
    let code = blocks.filter_map(|block| block.split("```").next());
    let lines = code.flat_map(|code| {
        let joined = code.replace("\\\n", " ");
        joined.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let commands = lines.filter(|line| line.trim_start().starts_with("art "));
    commands.map(|line| arguments(&line)).collect()
}

/// The arguments of a line behind the program's name, without quotes, up to a comment.
fn arguments(line: &str) -> Vec<String> {
    let mut found = vec![];
    for (n, part) in line.split('"').enumerate() {
        if n % 2 == 1 {
            found.push(part.to_owned());
            continue;
        }
        let words = part.split_whitespace();
        found.extend(words.take_while(|word| *word != "#").map(str::to_owned));
        if part.contains(" # ") {
            break;
        }
    }
    // What stands for a number in a document.
    let number = |word: String| if word == "N" { "1".to_owned() } else { word };
    found.into_iter().skip(1).map(number).collect()
}

#[test]
fn documents_show_commands_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut n_commands = 0;
    for document in DOCUMENTS {
        let path = root.join(document);
        let files = if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            entries.map(|entry| entry.unwrap().path()).collect()
        } else {
            vec![path]
        };
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|e| e == "md"))
        {
            for mut command in commands(&fs::read_to_string(file).unwrap()) {
                let shown = format!("{}: art {}", file.display(), command.join(" "));
                // Arguments are read up to the request for help, so that nothing runs.
                command.push("--help".to_owned());
                let command: Vec<&str> = command.iter().map(String::as_str).collect();
                let output = art(&command).output().unwrap();
                assert!(
                    output.status.success(),
                    "{shown}\n{}",
                    String::from_utf8_lossy(&output.stderr)
                );
                n_commands += 1;
            }
        }
    }
    assert!(n_commands > 10, "{n_commands}");
}

#[test]
fn arguments_end_at_a_comment() {
    let line = "art x --a \"b c\" N   # why \"not\" this";
    assert_eq!(arguments(line), ["x", "--a", "b c", "1"]);
}

#[test]
fn the_list_of_methods_is_what_they_say_of_themselves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/methods.md");
    assert!(
        fs::read_to_string(path).unwrap() == method_index(&Registry::standard()),
        "docs/methods.md is out of date; write it by: cargo run -p art-cli -- methods --markdown > new.md && mv new.md docs/methods.md; then the pages by: cargo xtask site --pages"
    );
}
