//! The report as one HTML page that needs nothing else.

use super::{
    caveats::of_results,
    chapters::{Chapter, ChapterTables, notes_in_use},
    figures,
    place::{Place, heading},
    prose::{OF_TABLE, gaps, in_short, preamble, warnings},
    table::escape,
};
use crate::{
    error::BenchError,
    results::{Curve, CurveOfRuns, DatasetResults, Results},
};
use std::fmt::Write as _;

const STYLE: &str = include_str!("report.css");

pub(super) fn render(results: &Results, chapters: &[ChapterTables]) -> Result<String, BenchError> {
    let title = format!("Results of the matrix {}", escape(&results.matrix.name));
    let figures = chapters.iter().map(|c| figures_of(results, c.chapter));
    let figures: Vec<Vec<Figures>> = figures.collect::<Result<_, _>>()?;
    let notes = notes_in_use(chapters);
    let mut main = format!("<h1>{title}</h1>\n");
    for line in preamble(results) {
        let _ = writeln!(main, "<p>{}</p>", escape(&line));
    }
    main += &list_section("short", "In short", &in_short(results));
    main += &list_section("warning", OF_TABLE, &results.notes);
    main += &list_section("warning", "To keep in mind", &of_results(results));
    main += &list_section("warning", "Missing", &gaps(results));
    for (ChapterTables { chapter, tables }, figures) in chapters.iter().zip(&figures) {
        let _ = writeln!(main, "<h2>{}</h2>", chapter.title());
        for (position, table) in tables.iter().enumerate() {
            main += &table.to_html();
            if position == 0 {
                for figure in figures {
                    main += &figure.to_html();
                }
            }
        }
    }
    main += &notes_section(&notes);
    main += &list_section("warning", "Notes on resampling", &warnings(results));
    let nav = contents(chapters, &figures, !notes.is_empty());
    Ok(page(&title, &nav, &main))
}

/// A page with its contents beside it.
pub(super) fn page(title: &str, nav: &str, main: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body>\
         <a class=\"skip\" href=\"#content\">Skip to the results</a>\n\
         {nav}<main id=\"content\">{main}</main></body></html>\n"
    )
}

/// What is on the page, beside it where there is room.
fn contents(chapters: &[ChapterTables], figures: &[Vec<Figures>], has_notes: bool) -> String {
    let mut nav = String::from("<nav aria-label=\"Contents\"><ul>");
    let link = |nav: &mut String, id: &str, title: &str| {
        let _ = write!(nav, "<li><a href=\"#{id}\">{}</a></li>", escape(title));
    };
    for (ChapterTables { chapter, tables }, figures) in chapters.iter().zip(figures) {
        let _ = write!(nav, "<li>{}<ul>", chapter.title());
        for (position, table) in tables.iter().enumerate() {
            link(&mut nav, &table.name, &table.heading());
            if position == 0 {
                for figure in figures {
                    link(&mut nav, figure.id, &figure.heading());
                }
            }
        }
        nav += "</ul></li>";
    }
    if has_notes {
        link(&mut nav, "notes", "Where the paper contradicts itself");
    }
    nav + "</ul></nav>\n"
}

/// A list under a heading; nothing for an empty list.
fn list_section(class: &str, title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut section = format!("<section class=\"{class}\"><h2>{title}</h2><ul>");
    for line in lines {
        let _ = write!(section, "<li>{}</li>", escape(line));
    }
    section + "</ul></section>\n"
}

fn notes_section(notes: &[(usize, &str)]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut section =
        String::from("<section id=\"notes\"><h2>Where the paper contradicts itself</h2><ol>");
    for (number, note) in notes {
        let _ = write!(
            section,
            "<li id=\"note-{number}\" value=\"{number}\">{}</li>",
            escape(note)
        );
    }
    section + "</ol></section>\n"
}

/// Figures that belong together.
pub(super) struct Figures {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// Where the paper has such figures.
    pub(super) place: Option<Place>,
    pub(super) caption: &'static str,
    /// Drawing and what stands under it, as HTML.
    pub(super) drawings: Vec<(String, String)>,
}

impl Figures {
    /// The title with the place in the paper.
    fn heading(&self) -> String {
        heading(self.title, self.place)
    }

    pub(super) fn to_html(&self) -> String {
        let mut section = format!(
            "<section id=\"{}\"><h3>{}</h3><p>{}</p><div class=\"figures\">",
            self.id,
            self.heading(),
            self.caption
        );
        for (drawing, caption) in &self.drawings {
            let _ = write!(
                section,
                "<figure>{drawing}<figcaption>{caption}</figcaption></figure>"
            );
        }
        section + "</div></section>\n"
    }
}

/// The figures of a chapter; those without a drawing are left out.
fn figures_of(results: &Results, chapter: Chapter) -> Result<Vec<Figures>, BenchError> {
    let mut all = match chapter {
        Chapter::Scores => figures_of_scores(results)?,
        Chapter::Significance => figures_of_significance(results)?,
        Chapter::Ablations => vec![figures_of_ablations(results)?],
        Chapter::BesideOthers | Chapter::Details => vec![],
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
    let seeds = seeds.map(|d| Ok((figures::scores(d)?, escape(&d.title))));
    let mut distribution = vec![];
    for dataset in &results.datasets {
        for CurveOfRuns { of, curve, .. } in &dataset.curves {
            distribution.push(distribution_figure(dataset, curve, of)?);
        }
    }
    let mut reliability = vec![];
    for dataset in &results.datasets {
        if let Some(drawing) = figures::reliability(dataset)? {
            let methods = dataset.methods.iter().enumerate();
            let methods = methods.map(|(i, m)| (figures::css_color(i), m.title.clone()));
            let methods: Vec<(String, String)> = methods.collect();
            reliability.push((drawing, escape(&dataset.title) + &legend(&methods)));
        }
    }
    Ok(vec![
        Figures {
            id: "seeds",
            title: "Every seed",
            place: None,
            caption: "Test macro F1 × 100 of each seed (dots), their quartiles (box), range (whiskers) and \
                      mean (thick bar).",
            drawings: seeds.collect::<Result<_, BenchError>>()?,
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
    let deltas = figures::deltas(results)?
        .into_iter()
        .map(|svg| (svg, String::new()));
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
            caption: "Points of macro F1: orange where ART is ahead, blue where it is behind, the colour full \
                      at ten points. A star: the corrected t-test stays below 0.05 after Holm.",
            drawings: deltas.collect(),
        },
        Figures {
            id: "critical-differences",
            title: "Average ranks",
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
    let classes = dataset.class_names.iter().enumerate();
    let classes: Vec<(String, String)> = classes
        .map(|(class, name)| (figures::css_color(class), name.clone()))
        .collect();
    let drawing = figures::distribution(curve)? + &figures::class_f1(curve)?;
    let title = escape(&dataset.title);
    let caption = format!("{title}: {}{}", escape(of), legend(&classes));
    Ok((drawing, caption))
}

/// Colours with their names.
pub(super) fn legend(lines: &[(String, String)]) -> String {
    let mut list = String::from("<ul class=\"legend\">");
    for (color, name) in lines {
        let _ = write!(
            list,
            "<li><span style=\"background:{color}\"></span>{}</li>",
            escape(name)
        );
    }
    list + "</ul>"
}
