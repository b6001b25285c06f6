//! The figures of a report, as SVG text to put inside the page.

use crate::{AblationResults, BenchError, Curve, DatasetResults, PointResults, Ranking, Results};
use art_stats::Summary;
use art_train::ReliabilityBin;
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

/// Colours that stay apart for most colour-blind readers, on light and dark ground; ten of them.
const PALETTE: [RGBColor; 10] = [
    RGBColor(0x44, 0x77, 0xaa),
    RGBColor(0xee, 0x66, 0x77),
    RGBColor(0x22, 0x88, 0x33),
    RGBColor(0xcc, 0xbb, 0x44),
    RGBColor(0x66, 0xcc, 0xee),
    RGBColor(0xaa, 0x33, 0x77),
    RGBColor(0xee, 0x88, 0x33),
    RGBColor(0x99, 0x99, 0x99),
    RGBColor(0x88, 0x66, 0xdd),
    RGBColor(0x77, 0xaa, 0x99),
];
/// Axes and grid: a grey that can be seen on light and dark ground.
const GREY: RGBColor = RGBColor(0x88, 0x88, 0x88);
const SIZE: (u32, u32) = (480, 300);

fn color(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// The colour of a class for a legend outside the figure.
pub(super) fn css_color(class: usize) -> String {
    let RGBColor(r, g, b) = color(class);
    format!("#{r:02x}{g:02x}{b:02x}")
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws on an empty area and returns the SVG.
fn svg(
    figure: &'static str,
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<String, BenchError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        let drawn = draw(&area).and_then(|()| Ok(area.present()?));
        drawn.map_err(|error| BenchError::Figure {
            figure,
            reason: error.to_string(),
        })?;
    }
    // Sized by its container, and described to those who cannot see it.
    let size = format!("width=\"{}\" height=\"{}\" ", size.0, size.1);
    Ok(text.replacen(&size, &format!("role=\"img\" aria-label=\"{figure}\" "), 1))
}

fn chart<'a, 'b>(
    area: &'a Area<'b>,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .margin(8)
        .x_label_area_size(42)
        .y_label_area_size(60);
    Ok(builder.build_cartesian_2d(x, y)?)
}

fn label_style() -> TextStyle<'static> {
    ("sans-serif", 16).into_text_style(&SIZE)
}

/// One box with its dots a method, with a thick bar at the mean; the first method on top.
pub(super) fn scores(dataset: &DatasetResults) -> Result<String, BenchError> {
    let all = || {
        dataset
            .methods
            .iter()
            .flat_map(|m| m.scores.iter().map(|(_, score)| 100.0 * score))
    };
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    let margin = 0.08 * (high - low).max(1.0);
    let n_methods = dataset.methods.len();
    let height = 60 + 26 * n_methods as u32;
    svg("macro F1 of every seed", (SIZE.0, height), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(42)
            .y_label_area_size(190)
            .build_cartesian_2d(low - margin..high + margin, -0.5..n_methods as f64 - 0.5)?;
        // Row 0 is at the top, that is, at the largest y.
        let row = |y: f64| n_methods as f64 - 1.0 - y;
        let method_title = |y: &f64| {
            let index = row(*y);
            let method = dataset.methods.get(index.max(0.0).round() as usize);
            let on_a_row = (index - index.round()).abs() < 0.01;
            method
                .filter(|_| on_a_row)
                .map_or_else(String::new, |method| method.title.clone())
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .bold_line_style(GREY.mix(0.35))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .y_labels(2 * n_methods + 1)
            .y_label_formatter(&method_title)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .x_desc("macro F1 × 100")
            .label_style(label_style())
            .draw()?;
        for (index, method) in dataset.methods.iter().enumerate() {
            let y = row(index as f64);
            let n = method.scores.len().max(2) as f64;
            if let Some(quartiles) = method.quartiles {
                let [low, quarter, middle, three_quarters, high] = quartiles.map(|q| 100.0 * q);
                let outline = color(index).stroke_width(1);
                let whiskers = [
                    vec![(low, y), (quarter, y)],
                    vec![(three_quarters, y), (high, y)],
                ];
                for whisker in whiskers {
                    chart.draw_series(LineSeries::new(whisker, outline))?;
                }
                let corners = [(quarter, y - 0.3), (three_quarters, y + 0.3)];
                chart.draw_series([
                    Rectangle::new(corners, color(index).mix(0.2).filled()),
                    Rectangle::new(corners, outline),
                ])?;
                let median = vec![(middle, y - 0.3), (middle, y + 0.3)];
                chart.draw_series(LineSeries::new(median, outline))?;
            }
            chart.draw_series(method.scores.iter().enumerate().map(|(k, (_, score))| {
                // Spread over a fixed width in seed order, so that equal scores stay visible.
                let beside = 0.5 * (0.5 - k as f64 / (n - 1.0));
                Circle::new(
                    (100.0 * score, y + beside),
                    3,
                    color(index).mix(0.7).filled(),
                )
            }))?;
            if let Some(summaries) = &method.summaries {
                let mean = 100.0 * summaries.macro_f1.mean;
                let bar = vec![(mean, y - 0.38), (mean, y + 0.38)];
                chart.draw_series(LineSeries::new(bar, color(index).stroke_width(3)))?;
            }
        }
        Ok(())
    })
}

/// Share of each class in what an epoch draws, stacked, class 0 at the bottom.
pub(super) fn distribution(curve: &Curve) -> Result<String, BenchError> {
    let n_epochs = curve.distribution.len();
    svg("class distribution by epoch", SIZE, |area| {
        let mut chart = chart(area, 0.5..n_epochs as f64 + 0.5, 0.0..1.0)?;
        let n_classes = curve.distribution.first().map_or(0, Vec::len);
        for class in 0..n_classes {
            let up_to = |epoch: &[f64], classes: usize| epoch[..classes].iter().sum::<f64>();
            chart.draw_series(curve.distribution.iter().enumerate().map(|(e, shares)| {
                let epoch = e as f64 + 1.0;
                let corners = [
                    (epoch - 0.5, up_to(shares, class)),
                    (epoch + 0.5, up_to(shares, class + 1)),
                ];
                Rectangle::new(corners, color(class).filled())
            }))?;
        }
        configure_epochs(&mut chart, "share of drawn rows")
    })
}

/// Validation F1 of each class by epoch.
pub(super) fn class_f1(curve: &Curve) -> Result<String, BenchError> {
    let n_epochs = curve.f1.len();
    svg("validation F1 of each class by epoch", SIZE, |area| {
        let mut chart = chart(area, 0.5..n_epochs as f64 + 0.5, 0.0..1.0)?;
        configure_epochs(&mut chart, "validation F1")?;
        let n_classes = curve.f1.first().map_or(0, Vec::len);
        for class in 0..n_classes {
            let line = curve
                .f1
                .iter()
                .enumerate()
                .map(|(e, f1)| (e as f64 + 1.0, f1[class]));
            chart.draw_series(LineSeries::new(line, color(class).stroke_width(2)))?;
        }
        Ok(())
    })
}

/// Share of correct rows by the probability of the most probable class, one line a method; none where no run
/// says it. Bins of fewer than 10 rows are left out.
pub(super) fn reliability(dataset: &DatasetResults) -> Result<Option<String>, BenchError> {
    const FEWEST: u64 = 10;
    let mut lines = vec![];
    for (index, method) in dataset.methods.iter().enumerate() {
        let calibration = method
            .summaries
            .as_ref()
            .and_then(|s| s.calibration.as_ref());
        let bins = calibration.iter().flat_map(|c| &c.bins);
        let point = |bin: &ReliabilityBin| {
            let rows = bin.rows as f64;
            (bin.confidence / rows, bin.correct as f64 / rows)
        };
        let points: Vec<(f64, f64)> = bins.filter(|b| b.rows >= FEWEST).map(point).collect();
        if !points.is_empty() {
            lines.push((index, points));
        }
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let figure = svg("reliability of probabilities", SIZE, |area| {
        let mut chart = chart(area, 0.0..1.0, 0.0..1.0)?;
        chart
            .configure_mesh()
            .bold_line_style(GREY.mix(0.25))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .x_label_formatter(&|x| format!("{x:.1}"))
            .y_label_formatter(&|y| format!("{y:.1}"))
            .x_desc("probability of the most probable class")
            .y_desc("share of correct rows")
            .x_labels(6)
            .y_labels(6)
            .label_style(label_style())
            .draw()?;
        chart.draw_series(LineSeries::new(
            [(0.0, 0.0), (1.0, 1.0)],
            GREY.stroke_width(1),
        ))?;
        for (index, points) in lines {
            let style = color(index).stroke_width(2);
            chart.draw_series(LineSeries::new(points.clone(), style))?;
            let dot = |at| Circle::new(at, 3, color(index).filled());
            chart.draw_series(points.into_iter().map(dot))?;
        }
        Ok(())
    })?;
    Ok(Some(figure))
}

/// Mean losses by epoch, one line a loss, `[epoch][line]`.
pub(super) fn losses(losses: &[Vec<f64>]) -> Result<String, BenchError> {
    let largest = losses.iter().flatten().copied().fold(0.0, f64::max);
    svg("losses by epoch", SIZE, |area| {
        let top = if largest > 0.0 { 1.05 * largest } else { 1.0 };
        let mut chart = chart(area, 0.5..losses.len() as f64 + 0.5, 0.0..top)?;
        configure_epochs(&mut chart, "loss")?;
        for line in 0..losses.first().map_or(0, Vec::len) {
            let points = losses.iter().enumerate();
            let points = points.map(|(e, values)| (e as f64 + 1.0, values[line]));
            chart.draw_series(LineSeries::new(points, color(line).stroke_width(2)))?;
        }
        Ok(())
    })
}

/// ART minus each method in points, a cell a method and data set (the paper's Fig. 3): orange where ART is
/// ahead, blue where it is behind, starred where the corrected t-test stays below 0.05 after Holm.
pub(super) fn deltas(results: &Results) -> Result<Option<String>, BenchError> {
    /// Points at which a colour is full.
    const FULL: f64 = 10.0;
    let mut titles: Vec<&str> = vec![];
    for comparison in results.datasets.iter().flat_map(|d| &d.comparisons) {
        if !titles.contains(&&*comparison.title) {
            titles.push(&comparison.title);
        }
    }
    if titles.is_empty() {
        return Ok(None);
    }
    let (left, top, width, height) = (215, 34, 110, 26);
    let n_columns = results.datasets.len() as i32;
    let size = (
        (left + width * n_columns + 8) as u32,
        (top + height * titles.len() as i32 + 8) as u32,
    );
    svg("ART minus each method", size, |area| {
        let text = |text: &str, at: (i32, i32), anchor| {
            area.draw(&Text::new(text.to_owned(), at, label_style().pos(anchor)))
        };
        let middle = Pos::new(HPos::Center, VPos::Center);
        let right = Pos::new(HPos::Right, VPos::Center);
        for (row, title) in titles.iter().enumerate() {
            let y = top + height * row as i32 + height / 2;
            text(title, (left - 8, y), right)?;
        }
        for (column, dataset) in results.datasets.iter().enumerate() {
            let x = left + width * column as i32;
            text(&dataset.title, (x + width / 2, top / 2), middle)?;
            for (row, title) in titles.iter().enumerate() {
                let y = top + height * row as i32;
                let found = dataset.comparisons.iter().find(|c| c.title == *title);
                let corners = [(x + 1, y + 1), (x + width - 1, y + height - 1)];
                let Some(c) = found else {
                    text("—", (x + width / 2, y + height / 2), middle)?;
                    continue;
                };
                let difference = 100.0 * c.difference;
                let hue = if difference > 0.0 {
                    PALETTE[6]
                } else {
                    PALETTE[0]
                };
                let strength = 0.7 * (difference.abs() / FULL).min(1.0);
                area.draw(&Rectangle::new(corners, hue.mix(strength).filled()))?;
                let star = if c.corrected_t.holm < 0.05 { " *" } else { "" };
                let value = format!("{difference:+.1}{star}");
                text(&value, (x + width / 2, y + height / 2), middle)?;
            }
        }
        Ok(())
    })
    .map(Some)
}

/// Average ranks on a line, the best on the left; methods under one bar cannot be told apart.
///
/// # Errors
/// [`BenchError::Figure`].
pub fn critical_difference(ranking: &Ranking) -> Result<String, BenchError> {
    let n = ranking.ranks.len();
    let alike = ranking.alike();
    let (left, right, row) = (150, 490, 20);
    let half = n.div_ceil(2);
    let bars = 52 + 10 * alike.len() as i32;
    let size = (640, (bars + row * half as i32 + 14) as u32);
    svg("average ranks with critical difference", size, |area| {
        let x = |rank: f64| {
            let share = (rank - 1.0) / (n as f64 - 1.0);
            left + (share * f64::from(right - left)) as i32
        };
        let line = |points: &[(i32, i32)], width: u32| {
            area.draw(&PathElement::new(points.to_vec(), GREY.stroke_width(width)))
        };
        let text = |text: String, at: (i32, i32), h: HPos, v: VPos| {
            area.draw(&Text::new(text, at, label_style().pos(Pos::new(h, v))))
        };
        let axis = 44;
        line(&[(left, axis), (right, axis)], 1)?;
        for rank in 1..=n {
            let at = x(rank as f64);
            line(&[(at, axis - 5), (at, axis)], 1)?;
            text(rank.to_string(), (at, axis - 7), HPos::Center, VPos::Bottom)?;
        }
        let critical = ranking.critical_difference.min(n as f64 - 1.0);
        line(&[(left, 12), (x(1.0 + critical), 12)], 2)?;
        let label = format!("CD {:.2}", ranking.critical_difference);
        text(label, (left - 8, 12), HPos::Right, VPos::Center)?;
        for (level, (first, last)) in alike.iter().enumerate() {
            let y = axis + 8 + 10 * level as i32;
            let ends = [*first, *last].map(|at| x(ranking.ranks[at].1));
            let bar = [(ends[0] - 4, y), (ends[1] + 4, y)];
            area.draw(&PathElement::new(bar.to_vec(), PALETTE[0].stroke_width(4)))?;
        }
        for (position, (title, rank)) in ranking.ranks.iter().enumerate() {
            let on_left = position < half;
            let level = if on_left { position } else { n - 1 - position };
            let y = bars + row * level as i32 + 8;
            let at = x(*rank);
            let end = if on_left { left - 8 } else { right + 8 };
            line(&[(at, axis), (at, y), (end, y)], 1)?;
            let label = format!("{title} {rank:.2}");
            let (anchor, beyond) = if on_left {
                (HPos::Right, -4)
            } else {
                (HPos::Left, 4)
            };
            text(label, (end + beyond, y), anchor, VPos::Center)?;
        }
        Ok(())
    })
}

/// Colour and name of each line of an ablation's figure.
pub(super) fn ablation_lines(results: &AblationResults) -> Vec<(String, String)> {
    let lines = lines_of(results).into_iter().enumerate();
    lines
        .map(|(index, line)| (css_color(index), line.name))
        .collect()
}

/// A line of an ablation: points with a value of what is varied last, or one level.
struct Line {
    name: String,
    points: Vec<(f64, Summary)>,
    level: Option<Summary>,
}

fn lines_of(results: &AblationResults) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![];
    let name_of = |point: &PointResults| {
        let others = results.ablation.vary.iter().zip(&point.values);
        let others = others
            .rev()
            .skip(1)
            .filter_map(|(vary, value)| Some(format!(", {} {}", vary.setting, (*value)?)));
        point.title.clone() + &others.collect::<String>()
    };
    for point in &results.points {
        let Some(summary) = point.macro_f1 else {
            continue;
        };
        let name = name_of(point);
        let known = lines.iter().position(|line| line.name == name);
        let line = known.unwrap_or_else(|| {
            lines.push(Line {
                name,
                points: vec![],
                level: None,
            });
            lines.len() - 1
        });
        match point.values.last().copied().flatten() {
            Some(value) => lines[line].points.push((value, summary)),
            None => lines[line].level = Some(summary),
        }
    }
    lines
}

/// Macro F1 against what is varied, with standard errors; a method that does not know it is a level.
pub(super) fn ablation(results: &AblationResults) -> Result<Option<String>, BenchError> {
    let lines = lines_of(results);
    let xs: Vec<f64> = lines
        .iter()
        .flat_map(|line| line.points.iter().map(|p| p.0))
        .collect();
    let low = xs.iter().copied().fold(f64::INFINITY, f64::min);
    let high = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low >= high || xs.is_empty() {
        return Ok(None);
    }
    // Values that double are shown evenly.
    let doubling = low > 0.0 && high / low >= 8.0;
    let place = move |value: f64| if doubling { value.log2() } else { value };
    let error = |s: &Summary| 100.0 * s.standard_error();
    let all = || {
        let points = lines
            .iter()
            .flat_map(|l| l.points.iter().map(|p| p.1).chain(l.level));
        points.flat_map(|s| [100.0 * s.mean - error(&s), 100.0 * s.mean + error(&s)])
    };
    let (bottom, top) = (
        all().fold(f64::INFINITY, f64::min),
        all().fold(f64::NEG_INFINITY, f64::max),
    );
    let margin = 0.05 * (top - bottom).max(1.0);
    let (from, to) = (place(low), place(high));
    let side = 0.03 * (to - from);
    let figure = svg("macro F1 against what is varied", SIZE, |area| {
        let mut chart = chart(area, from - side..to + side, bottom - margin..top + margin)?;
        let x_text = |x: &f64| {
            let value = if doubling { x.exp2() } else { *x };
            if value.fract().abs() < 0.01 {
                format!("{value:.0}")
            } else {
                format!("{value:.1}")
            }
        };
        // A doubling between two labels, and no label twice.
        let x_labels = if doubling {
            (to - from).ceil() as usize + 1
        } else {
            11
        };
        let decimals = usize::from(top - bottom < 8.0);
        let varied = results
            .ablation
            .vary
            .last()
            .map_or("", |vary| &vary.setting);
        chart
            .configure_mesh()
            .bold_line_style(GREY.mix(0.25))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY)
            .x_label_formatter(&x_text)
            .y_label_formatter(&|y| format!("{y:.decimals$}"))
            .x_labels(x_labels)
            .x_desc(varied)
            .y_desc("macro F1 × 100")
            .label_style(label_style())
            .draw()?;
        for (index, line) in lines.iter().enumerate() {
            let style = color(index).stroke_width(2);
            let mean = |summary: &Summary| 100.0 * summary.mean;
            let places = line.points.iter().map(|(x, s)| (place(*x), mean(s)));
            chart.draw_series(LineSeries::new(places.clone(), style))?;
            chart.draw_series(places.map(|at| Circle::new(at, 3, color(index).filled())))?;
            for (x, summary) in &line.points {
                let (low, high) = (
                    mean(summary) - error(summary),
                    mean(summary) + error(summary),
                );
                let bar = vec![(place(*x), low), (place(*x), high)];
                chart.draw_series(LineSeries::new(bar, color(index).stroke_width(1)))?;
            }
            if let Some(level) = &line.level {
                let ends = vec![(from - side, mean(level)), (to + side, mean(level))];
                chart.draw_series(DashedLineSeries::new(ends, 6, 4, style))?;
            }
        }
        Ok(())
    })?;
    Ok(Some(figure))
}

fn configure_epochs(chart: &mut Chart<'_, '_>, y: &str) -> Result<(), Box<dyn std::error::Error>> {
    chart
        .configure_mesh()
        .bold_line_style(GREY.mix(0.25))
        .light_line_style(TRANSPARENT)
        .axis_style(GREY)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .x_desc("epoch")
        .y_desc(y)
        .y_labels(6)
        .label_style(label_style())
        .draw()?;
    Ok(())
}
