//! Splits and folds for the other side.

use crate::split_files::SplitFiles;
use anyhow::{Context, Result, bail};
use art_bench::{DataFolder, DataSets, own_table_id};
use art_core::{ClassIndex, Seed};
use art_data::{Folds, LabelledFrame, ReadOptions, read_frame};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The target of a table in a file.
const TARGET: &str = "class";
/// A table with more rows takes fewer seeds.
const MANY_ROWS: usize = 5_000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the splits go, each to `TABLE/SEED`; those that are there stay
    #[arg(long)]
    out: PathBuf,
    /// Seeds of a table
    #[arg(long, default_value_t = 10)]
    seeds: u64,
    /// Seeds of a table of more than 5,000 rows
    #[arg(long, default_value_t = 5)]
    large_seeds: u64,
    /// The first of the seeds; `beyond` counts from 101 as well
    #[arg(long, default_value_t = 101)]
    first_seed: u64,
    /// Folds of the training and validation rows
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// The folder of the project's data sets
    #[arg(long, env = "ART_DATA", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data"))]
    data: PathBuf,
    /// A data set of the project, or a file with the target in the column `class`
    #[arg(required = true)]
    tables: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for table in &args.tables {
        let Some((name, id, data)) = open(table, &args.data)? else {
            continue;
        };
        if let Some(other) = known.insert(name.clone(), table) {
            bail!("{other} and {table} are both called {name:?}");
        }
        export(args, &name, &id, &data).with_context(|| format!("table {table}"))?;
    }
    Ok(())
}

fn export(args: &Args, name: &str, id: &str, data: &DataSets) -> Result<()> {
    let mut n_seeds = args.seeds;
    let mut n_done = 0;
    while n_done < n_seeds {
        let seed = args.first_seed + n_done;
        n_done += 1;
        let split = data.split(id, Seed::new(seed))?;
        let parts = [split.train.data(), split.valid.data(), split.test.data()];
        let n_rows: usize = parts.iter().map(|part| part.n_rows()).sum();
        if n_rows > MANY_ROWS {
            n_seeds = n_seeds.min(args.large_seeds);
        }
        let folder = args.out.join(name).join(seed.to_string());
        if n_done > n_seeds || SplitFiles::are_in(&folder) {
            continue;
        }
        let labels = [parts[0].labels(), parts[1].labels()].concat();
        let index = ClassIndex::new(&labels, parts[0].n_classes())?;
        let folds = Folds::stratified(&index, args.folds, Seed::new(seed))?;
        SplitFiles::write(&folder, (name, seed), &split, &folds)?;
    }
    eprintln!("{name}: {n_seeds} splits");
    Ok(())
}

/// The name of a table, its id, and where its splits come from; none for a data set that cannot be had.
fn open(table: &str, folder: &Path) -> Result<Option<(String, String, DataSets)>> {
    let path = Path::new(table);
    if path.extension().is_none() {
        let data = DataSets::load(&[table.to_owned()], &DataFolder::open(folder)?)?;
        if let Some(reason) = data.unavailable().get(table) {
            eprintln!("note: {table} is left out: {reason}");
            return Ok(None);
        }
        return Ok(Some((table.to_owned(), table.to_owned(), data)));
    }
    let options = ReadOptions {
        words: vec![TARGET.to_owned()],
        ..ReadOptions::default()
    };
    let frame = LabelledFrame::new(read_frame(path, &options)?, TARGET)?;
    // As `art compare` has it: such a column would become a feature for each of its fields.
    let unreadable = frame.feature_columns();
    let unreadable = unreadable.filter(|column| column.lookalike().is_some());
    let unreadable: Vec<String> = unreadable.map(|column| column.name.clone()).collect();
    let frame = if unreadable.is_empty() {
        frame
    } else {
        eprintln!("note: {table} without {}", unreadable.join(", "));
        frame.without_features(&unreadable)?
    };
    let stem = path.file_stem().context("a file without a name")?;
    let (name, id) = (stem.to_string_lossy().into_owned(), own_table_id(&frame));
    Ok(Some((name, id, DataSets::of_own_table(frame))))
}
