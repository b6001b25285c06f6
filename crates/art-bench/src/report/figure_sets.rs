//! The figures of a report on a matrix, each where it belongs.

use super::{
    chapters::Chapter,
    figures,
    highlight::highlighted_title,
    markup::{Figures, legend},
    place::Place,
    table::escape,
};
use crate::{
    error::BenchError,
    results::{Curve, CurveOfRuns, DatasetResults, Results},
};

/// The figures of a chapter; those without a drawing are left out.
pub(super) fn figures_of(results: &Results, chapter: Chapter) -> Result<Vec<Figures>, BenchError> {
    let mut all = match chapter {
        Chapter::Scores => figures_of_scores(results)?,
        Chapter::Significance => figures_of_significance(results)?,
        Chapter::Ablations => vec![figures_of_ablations(results)?],
        Chapter::Claims | Chapter::BesideOthers | Chapter::Details => vec![],
    };
    for figures in &mut all {
        figures.place = figures.place.filter(|_| results.is_of_paper());
    }
    all.retain(|figures| !figures.drawings.is_empty());
    Ok(all)
}

fn figures_of_scores(results: &Results) -> Result<Vec<Figures>, BenchError> {
    let has_scores = |d: &&DatasetResults| d.methods.iter().any(|m| !m.scores.is_empty());
    let seeds = results.datasets.iter().filter(has_scores);
    let is_one = results.datasets.len() == 1;
    let name = |d: &DatasetResults| {
        if is_one {
            String::new()
        } else {
            escape(&d.title)
        }
    };
    let seeds = seeds.map(|d| (figures::boxes(d), name(d)));
    let mut distribution = vec![];
    for dataset in &results.datasets {
        for CurveOfRuns { of, curve, .. } in &dataset.curves {
            distribution.push(distribution_figure(dataset, curve, of)?);
        }
    }
    let mut reliability = vec![];
    for dataset in &results.datasets {
        if let Some(drawing) = figures::reliability(dataset)? {
            let names = [
                highlighted_title(dataset).unwrap_or("ART").to_owned(),
                "the other methods".to_owned(),
            ];
            let lines: Vec<_> = figures::legend_colors().into_iter().zip(names).collect();
            reliability.push((drawing, escape(&dataset.title) + &legend(&lines)));
        }
    }
    Ok(vec![
        Figures {
            id: "seeds",
            title: "Every seed",
            place: None,
            caption: "Test macro F1 × 100 of each seed (dots), their quartiles (box), range (whiskers) and \
                      mean (thick bar), the largest mean first.",
            drawings: seeds.collect(),
        },
        Figures {
            id: "distribution",
            title: "Class distribution over training",
            place: Some(Place::Figure(1)),
            caption: "What a method draws from in each epoch (areas) and the validation F1 of each class (lines): \
                      means over the runs still training, as long as half of them are, and ART's first run \
                      alone. Until the first refresh ART draws from the initial blend.",
            drawings: distribution,
        },
        Figures {
            id: "reliability",
            title: "What probabilities mean",
            place: None,
            caption: "On the line, of rows called 80 % sure 80 % are right; below it the model is too sure of \
                      itself. Test rows of all seeds, probabilities corrected to the class shares of the training \
                      rows, bins of at least 10 rows.",
            drawings: reliability,
        },
    ])
}

fn figures_of_significance(results: &Results) -> Result<Vec<Figures>, BenchError> {
    let deltas = results.is_of_paper().then(|| figures::deltas(results));
    let deltas = deltas.flatten().map(|table| (table, String::new()));
    let ranks = results.rankings.iter().map(|ranking| {
        Ok((
            figures::critical_difference(ranking)?,
            escape(&ranking.blocks),
        ))
    });
    Ok(vec![
        Figures {
            id: "deltas",
            title: "ART minus each method",
            place: Some(Place::Figure(3)),
            caption: "Points of macro F1: orange where ART is ahead, blue where it is behind, the color full \
                      at ten points. A star: the corrected t-test stays below 0.05 after Holm.",
            drawings: deltas.into_iter().collect(),
        },
        Figures {
            id: "critical-differences",
            title: "Average ranks on a line",
            place: None,
            caption: "The best on the left. Methods under one bar differ by less than the critical difference \
                      (Nemenyi, 0.05).",
            drawings: ranks.collect::<Result<_, BenchError>>()?,
        },
    ])
}

fn figures_of_ablations(results: &Results) -> Result<Figures, BenchError> {
    let mut drawings = vec![];
    for ablation in &results.ablations {
        if let Some(svg) = figures::ablation(ablation)? {
            let lines = figures::ablation_lines(ablation);
            drawings.push((svg, escape(&ablation.ablation.title) + &legend(&lines)));
        }
    }
    Ok(Figures {
        id: "ablation-figures",
        title: "What was varied",
        place: Some(Place::Figures(4, 7)),
        caption: "Mean test macro F1 × 100 with its standard error over seeds. A dashed line: a method that \
                  does not know what is varied.",
        drawings,
    })
}

fn distribution_figure(
    dataset: &DatasetResults,
    curve: &Curve,
    of: &str,
) -> Result<(String, String), BenchError> {
    let drawing = figures::distribution(curve, None)? + &figures::class_f1(curve, None)?;
    let title = escape(&dataset.title);
    let caption = format!(
        "{title}: {}{}",
        escape(of),
        class_legend(&dataset.class_names)
    );
    Ok((drawing, caption))
}

/// Which color is which class.
pub(super) fn class_legend(classes: &[String]) -> String {
    let classes = classes.iter().enumerate();
    let classes: Vec<(String, String)> = classes
        .map(|(class, name)| (figures::css_color(class), name.clone()))
        .collect();
    legend(&classes)
}
