//! Writes the seeds of every target to `fuzz/corpus`, where `cargo fuzz run` looks for them, and the tables in the folders that are
//! named to that of `table`: `cargo run -p art-fuzz --example seeds -- FOLDER...`.

use art_fuzz::TARGETS;
use std::{env, fs, io, path::Path};

/// Larger tables teach a fuzzer nothing more and slow it down.
const MOST_BYTES: usize = 20_000;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS {
        let folder = corpus.join(target.name);
        fs::create_dir_all(&folder)?;
        for seed in (target.seeds)() {
            fs::write(folder.join(seed.name.replace(' ', "-")), seed.bytes)?;
        }
    }
    for (number, folder) in env::args_os().skip(1).enumerate() {
        add_tables(
            Path::new(&folder),
            &corpus.join("table"),
            &number.to_string(),
        )?;
    }
    Ok(())
}

/// All files in `folder` and below it.
fn add_tables(folder: &Path, corpus: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}-{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            add_tables(&entry.path(), corpus, &name)?;
            continue;
        }
        let bytes = fs::read(entry.path())?;
        if bytes.len() <= MOST_BYTES {
            // The first byte says how to read the rest: as it comes.
            fs::write(corpus.join(name), [&[0], &bytes[..]].concat())?;
        }
    }
    Ok(())
}
