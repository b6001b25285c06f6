//! A resampled table.

use crate::{
    args::{ResampleArgs, ResampleMethod},
    table::read_table,
};
use anyhow::{Result, bail};
use art_core::{ClassCounts, Seed};
use art_data::{
    Dataset, Encoder, LabelledFrame, MISSING, Msmote, NearMiss, NearMissRule, Origin,
    RandomOverSampler, RandomUnderSampler, Resampler, SamplingStrategy, Smote, TrainSet, Unseen,
    Values, write_file,
};
use serde_json::json;

pub(crate) fn run(args: &ResampleArgs) -> Result<()> {
    let table = read_table(&args.table, &[])?;
    if args.origins.as_ref() == Some(&args.out) {
        bail!("--out and --origins name the same file");
    }
    let train = train_set(&table, args.method)?;
    let resampled = resampler(args).resample(&train, Seed::new(args.seed))?;
    for warning in &resampled.warnings {
        let class = &table.class_names()[warning.class];
        eprintln!("warning: class {class:?}: {}", warning.message);
    }
    write_file(&args.out, |file| {
        write_rows(file, &table, &resampled.origins)
    })
    .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", args.out.display()))?;
    if let Some(path) = &args.origins {
        write_file(path, |file| write_origins(file, &resampled.origins))
            .map_err(|error| anyhow::anyhow!("cannot write {}: {error}", path.display()))?;
    }
    report(args, &table, &resampled.train.data().class_counts())
}

/// The rows as the method sees them: scaled numbers. Methods that copy or leave out rows at random see none.
fn train_set(table: &LabelledFrame, method: ResampleMethod) -> Result<TrainSet> {
    let n_rows = table.frame().n_rows();
    let looks = !matches!(method, ResampleMethod::Ros | ResampleMethod::Rus);
    let features = if looks {
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        for column in table
            .frame()
            .columns()
            .iter()
            .filter(|c| c.name != table.target())
        {
            let what = match &column.values {
                Values::Words { .. } => "words",
                Values::Numbers(_) if column.values.n_missing() > 0 => "missing values",
                Values::Numbers(_) => continue,
            };
            bail!(
                "column {:?} holds {what}; this method measures distances between numbers. Leave the column out \
                 (--ignore {}), or take ros or rus",
                column.name,
                column.name
            );
        }
        let encoder = Encoder::fit(table.frame(), table.features(), &rows)?;
        encoder
            .encode(table.frame(), &rows, Unseen::Refused)?
            .features
    } else {
        ndarray::Array2::zeros((n_rows, 1))
    };
    let names = (0..features.ncols())
        .map(|column| format!("x{column}"))
        .collect();
    let data = Dataset::new(
        features,
        table.labels().to_vec(),
        names,
        table.class_names().to_vec(),
    )?;
    Ok(TrainSet::new(data))
}

fn resampler(args: &ResampleArgs) -> Box<dyn Resampler> {
    let strategy = SamplingStrategy::Ratio(args.ratio);
    let near_miss = |rule| {
        Box::new(
            NearMiss::new(rule)
                .k(args.k.unwrap_or(3))
                .strategy(strategy.clone()),
        )
    };
    let k = args.k.unwrap_or(5);
    match args.method {
        ResampleMethod::Ros => Box::new(RandomOverSampler::new().strategy(strategy)),
        ResampleMethod::Rus => Box::new(RandomUnderSampler::new().strategy(strategy)),
        ResampleMethod::Smote => Box::new(Smote::new().k(k).strategy(strategy)),
        ResampleMethod::Msmote => Box::new(Msmote::new().k(k).strategy(strategy)),
        ResampleMethod::Nearmiss1 => near_miss(NearMissRule::Nearest),
        ResampleMethod::Nearmiss2 => near_miss(NearMissRule::Farthest),
        ResampleMethod::Nearmiss3 => near_miss(NearMissRule::TwoStage),
    }
}

/// The rows in the units of the table. A row between two others lies between them in these units as well.
fn write_rows(
    file: &mut dyn std::io::Write,
    table: &LabelledFrame,
    origins: &[Origin],
) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(table.frame().columns().iter().map(|column| &column.name))?;
    let mut fields: Vec<String> = vec![];
    for origin in origins {
        fields.clear();
        for column in table.frame().columns() {
            fields.push(match &column.values {
                Values::Words { levels, codes } => match codes[origin.base() as usize] {
                    MISSING => String::new(),
                    code => levels[code as usize].clone(),
                },
                Values::Numbers(numbers) => {
                    let number = match *origin {
                        Origin::Synthetic { base, partner, gap } => {
                            let ends = [base, partner].map(|row| f64::from(numbers[row as usize]));
                            (ends[0] + gap * (ends[1] - ends[0])) as f32
                        }
                        other => numbers[other.base() as usize],
                    };
                    if number.is_nan() {
                        String::new()
                    } else {
                        number.to_string()
                    }
                }
            });
        }
        writer.write_record(&fields)?;
    }
    writer.flush()
}

fn write_origins(file: &mut dyn std::io::Write, origins: &[Origin]) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(["kind", "row", "partner", "gap"])?;
    for origin in origins {
        let row = (origin.base() + 1).to_string();
        let none = String::new;
        let (kind, partner, gap) = match *origin {
            Origin::Original { .. } => ("original", none(), none()),
            Origin::Duplicate { .. } => ("duplicate", none(), none()),
            Origin::Jittered { .. } => ("jittered", none(), none()),
            Origin::Synthetic { partner, gap, .. } => {
                ("synthetic", (partner + 1).to_string(), gap.to_string())
            }
            Origin::Boxed { partner, .. } => ("boxed", (partner + 1).to_string(), none()),
        };
        writer.write_record([kind, &row, &partner, &gap])?;
    }
    writer.flush()
}

fn report(args: &ResampleArgs, table: &LabelledFrame, after: &ClassCounts) -> Result<()> {
    let before = table.class_index()?.counts().clone();
    let classes = table
        .class_names()
        .iter()
        .zip(before.as_slice())
        .zip(after.as_slice());
    if args.json {
        let class = |((name, before), after): ((&String, &usize), &usize)| json!({"name": name, "rows_before": before, "rows_after": after});
        let classes: Vec<_> = classes.map(class).collect();
        println!(
            "{:#}",
            json!({"out": args.out, "rows": after.n_rows(), "classes": classes})
        );
        return Ok(());
    }
    let mut rows = vec![["class", "before", "after"].map(String::from).to_vec()];
    rows.extend(
        classes.map(|((name, before), after)| {
            vec![name.clone(), before.to_string(), after.to_string()]
        }),
    );
    print!("{}", crate::text::aligned(&rows));
    println!("{} rows in {}", after.n_rows(), args.out.display());
    Ok(())
}
