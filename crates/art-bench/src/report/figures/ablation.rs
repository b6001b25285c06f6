//! Scores against what an ablation varies.

use super::canvas::{GREY, SIZE, chart, color, css_color, label_style, svg};
use crate::{
    error::BenchError,
    results::{AblationResults, PointResults},
};
use art_core::elementary::{exp2, log2};
use art_methods::Value;
use art_stats::Summary;
use plotters::prelude::*;

/// Color and name of each line of an ablation's figure.
pub(in crate::report) fn ablation_lines(results: &AblationResults) -> Vec<(String, String)> {
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
            .filter_map(|(vary, value)| Some(format!(", {} {}", vary.setting, value.as_ref()?)));
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
        match point.values.last() {
            Some(Some(Value::Number(value))) => lines[line].points.push((*value, summary)),
            // Words do not lie on an axis.
            Some(Some(Value::Word(_))) => return vec![],
            Some(None) | None => lines[line].level = Some(summary),
        }
    }
    lines
}

/// Macro F1 against what is varied, with standard errors; a method that does not know it is a level.
pub(in crate::report) fn ablation(results: &AblationResults) -> Result<Option<String>, BenchError> {
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
    let place = move |value: f64| if doubling { log2(value) } else { value };
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
            let value = if doubling { exp2(*x) } else { *x };
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
