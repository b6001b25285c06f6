//! Names that become parts of files' names.

use crate::error::BenchError;

/// Longest name, in bytes; with what stands around it a file's name may have 255.
const LONGEST: usize = 200;

/// Whether `name` names a file of its folder, wherever it is used: no way to another folder, nothing that a terminal obeys,
/// not too long for a file's name.
pub fn is_plain_name(name: &str) -> bool {
    let leads_away = |c: char| c == '/' || c == '\\' || c.is_control();
    (1..=LONGEST).contains(&name.len())
        && !name.contains(leads_away)
        && name.contains(|c: char| c != '.')
}

/// Makes sure that `name`, the id of a `what`, is a plain name.
pub(crate) fn check_plain(what: &'static str, name: &str) -> Result<(), BenchError> {
    if is_plain_name(name) {
        return Ok(());
    }
    Err(BenchError::NoPlainName {
        what,
        name: name.to_owned(),
        longest: LONGEST,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays_in_its_folder() {
        for name in [
            "pima",
            "art:c=0.3:bf=2",
            "baseline+tau-e",
            "own-größe_1-0a1b",
            "..csv",
        ] {
            assert!(check_plain("data set", name).is_ok(), "{name}");
        }
        let long = "x".repeat(201);
        for name in [
            "",
            ".",
            "..",
            "...",
            "own-../../x",
            "a\\b",
            "a\0",
            "a\u{1b}[2J",
            &long,
        ] {
            assert!(check_plain("data set", name).is_err(), "{name:?}");
        }
    }
}
