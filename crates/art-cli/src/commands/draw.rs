//! The rows of an epoch, for trainers elsewhere.

use crate::args::DrawArgs;
use anyhow::{Context, Result, bail};
use art_bench::{counted, say};
use art_core::{ArtParams, ArtSampler, ClassIndex, EpochSampler, Feedback, Seed, Shard};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write},
    path::Path,
};

pub(crate) fn run(args: &DrawArgs) -> Result<()> {
    if args.epoch == 0 {
        bail!("--epoch 0: epochs are counted from 1");
    }
    let (classes, labels) = read_labels(&args.labels)?;
    let seed = Seed::new(args.seed);
    let config = ArtParams::new()
        .blend_constant(args.blend)
        .boost_frequency(args.boost_frequency)
        .check()?;
    let index = ClassIndex::new(&labels, classes.len())?;
    let mut sampler = ArtSampler::new(config, index, seed)?;
    let refreshes = (args.epoch - 1) / args.boost_frequency;
    if let Some(path) = &args.f1 {
        if refreshes == 0 {
            bail!(
                "--f1 is given, but no refresh comes before epoch {} when one follows every {}",
                args.epoch,
                counted(args.boost_frequency as usize, "epoch")
            );
        }
        let difficulty: Vec<f64> = read_f1(path, &classes)?.iter().map(|f1| 1.0 - f1).collect();
        // ART without a memory draws by its latest scores alone, keyed by how many refreshes there were.
        for refresh in 1..=refreshes {
            let epoch = refresh * args.boost_frequency;
            sampler.learn(epoch, Feedback::Difficulty(&difficulty))?;
        }
    } else if refreshes > 0 {
        bail!(
            "epoch {} comes after {}; --f1 names the scores of the latest",
            args.epoch,
            counted(refreshes as usize, "refresh")
        );
    }
    let draw = sampler.draw(args.epoch);
    let rows: Vec<u32> = match &args.shard {
        Some(text) => draw.shard(parse_shard(text)?).collect(),
        None => draw.to_vec(),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.json {
        let shares = sampler.distribution().as_slice();
        let distribution: BTreeMap<&String, &f64> = classes.iter().zip(shares).collect();
        writeln!(
            out,
            "{}",
            json!({"distribution": distribution, "rows": rows})
        )?;
    } else {
        for row in rows {
            writeln!(out, "{row}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// What a file says, without the mark that some programs put before it.
fn read_text(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The classes, sorted, and the class of each line.
fn read_labels(path: &Path) -> Result<(Vec<String>, Vec<u32>)> {
    let text = read_text(path)?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    if lines.is_empty() {
        bail!(
            "{} is empty; it should have one label a line",
            path.display()
        );
    }
    if let Some(line) = lines.iter().position(|line| line.is_empty()) {
        bail!("{}, line {}: there is no label", path.display(), line + 1);
    }
    let mut classes: Vec<&str> = lines.clone();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        bail!("{} has the label {:?} alone", path.display(), classes[0]);
    }
    if let Some(problem) = table_instead(&lines, classes.len()) {
        bail!(
            "{} {problem}: that looks like a table, not like one label a line; write the column of its labels alone to a file, \
             without the header, or see what art resample and art train do with a table",
            path.display()
        );
    }
    let first = lines[0];
    if classes.len() > 2 && lines[1..].iter().all(|line| *line != first) {
        say(format_args!(
            "warning: {first:?} stands in the first line alone; if it is a header, leave it out"
        ));
    }
    let label = |line: &&str| classes.binary_search(line).map_or(0, |place| place as u32);
    let labels = lines.iter().map(label).collect();
    Ok((classes.into_iter().map(str::to_owned).collect(), labels))
}

/// Why lines with so many different ones are those of a table rather than labels.
fn table_instead(lines: &[&str], n_different: usize) -> Option<String> {
    const MOST: usize = 1_000;
    const FEW: usize = 20;
    let delimiter = [',', '\t', ';'].into_iter().find(|&delimiter| {
        let fields = lines[0].matches(delimiter).count();
        let is_header = lines[1..].iter().all(|line| *line != lines[0]);
        fields > 0
            && is_header
            && lines
                .iter()
                .all(|line| line.matches(delimiter).count() == fields)
    });
    if let Some(delimiter) = delimiter {
        return Some(format!(
            "has {delimiter:?} in its first line and as often in all others"
        ));
    }
    let is_many = n_different > MOST || (n_different > FEW && 2 * n_different > lines.len());
    is_many.then(|| format!("has {n_different} different lines among {}", lines.len()))
}

/// F1 of each class, in their order.
fn read_f1(path: &Path, classes: &[String]) -> Result<Vec<f64>> {
    let text = read_text(path)?;
    let scores: BTreeMap<String, f64> = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is not of the form {{\"label\": 0.8, …}}",
            path.display()
        )
    })?;
    if let Some(other) = scores.keys().find(|name| !classes.contains(name)) {
        bail!(
            "{}: {other:?} is no label; labels are {}",
            path.display(),
            classes.join(", ")
        );
    }
    let f1 = |name: &String| {
        let score = scores.get(name).copied();
        let score = score.with_context(|| format!("{} has no F1 of {name:?}", path.display()))?;
        if !(0.0..=1.0).contains(&score) {
            bail!(
                "{}: the F1 of {name:?} is {score}, expected 0 to 1",
                path.display()
            );
        }
        Ok(score)
    };
    classes.iter().map(f1).collect()
}

fn parse_shard(text: &str) -> Result<Shard> {
    let parts = text.split_once('/');
    let parsed = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    let (index, count) = parsed.with_context(|| {
        format!("--shard {text} is not of the form INDEX/COUNT, for example 0/4")
    })?;
    Ok(Shard::new(index, count)?)
}
