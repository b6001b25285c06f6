//! Every target takes its seeds, what fuzzers found, and all of these cut short.

use art_fuzz::TARGETS;
use std::{collections::BTreeSet, fs, path::Path};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_target_takes_its_seeds_whole_and_cut() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{}", target.name);
        for seed in seeds {
            for n_bytes in [seed.bytes.len(), seed.bytes.len() / 2, 1] {
                (target.run)(&seed.bytes[..n_bytes]);
            }
        }
        (target.run)(&[]);
    }
}

#[test]
fn what_was_found_is_mended() {
    let mut n_findings = 0;
    for target in TARGETS {
        let Ok(findings) = fs::read_dir(folder().join("findings").join(target.name)) else {
            continue;
        };
        for finding in findings {
            let path = finding.unwrap().path();
            (target.run)(&fs::read(&path).unwrap());
            n_findings += 1;
        }
    }
    println!("{n_findings} findings");
}

#[test]
fn there_is_a_binary_for_each_target() {
    let binaries: BTreeSet<String> = fs::read_dir(folder().join("targets"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(&format!("\"{name}\"")), "{text}");
            name
        })
        .collect();
    let targets = TARGETS.map(|target| target.name.to_owned());
    assert_eq!(binaries, BTreeSet::from(targets));
}
