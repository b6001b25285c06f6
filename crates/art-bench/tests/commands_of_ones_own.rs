//! The commands of the experiment inside a program with commands of its own.

use art_bench::{BenchCommand, run_program};
use art_methods::{Kind, Method, Registry};
use art_train::Recipe;
use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
enum Mine {
    Bench(BenchCommand),
    Other,
}

#[test]
fn they_run_and_cells_of_methods_that_it_lacks_are_not_taken_for_changed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let data = concat!("--data=", env!("CARGO_MANIFEST_DIR"), "/../../data");
    let other = Method::new("other", "Other", Kind::Plain, |_, inputs| {
        Ok(Recipe::plain(inputs))
    });
    let only = "--only=pima/other/1834";
    let arguments = ["theirs", "run", "--quick", only, data, "--out", &out];
    let code = run_program(Registry::standard().with(other).unwrap(), arguments);
    assert_eq!(code, ExitCode::SUCCESS);

    let run = |arguments: &[&str]| {
        let arguments = [&["mine", "bench"], arguments].concat();
        let Mine::Bench(command) = Mine::try_parse_from(arguments).unwrap() else {
            panic!("it is the other command")
        };
        command.run(Registry::standard())
    };
    let error = format!("{:#}", run(&["verify", &out, data]).unwrap_err());
    assert!(
        error.starts_with("pima/other/1834 needs the program that it was run with")
            && error.contains("unknown method \"other\""),
        "{error}"
    );
    assert_eq!(run(&["pack", &out]).unwrap(), ExitCode::SUCCESS);
    assert!(matches!(
        Mine::try_parse_from(["mine", "other"]),
        Ok(Mine::Other)
    ));
}
