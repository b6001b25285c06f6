//! The answer of a comparison on a table of the user's own: what to do, what it brings, and how it is done.

use super::{figures, markup::share_bar, prose::advice_text, table::escape, titles::in_words};
use crate::results::{Advice, DatasetResults, ExpectedGain, MethodResults, Summaries, Verdict};
use art_methods::PLAIN;
use art_stats::Summary;
use std::fmt::Write as _;

/// Most classes that are shown before and after.
const MOST_CLASSES: usize = 10;

fn method<'d>(dataset: &'d DatasetResults, id: &str) -> Option<&'d MethodResults> {
    dataset.methods.iter().find(|method| method.id == id)
}

fn title<'d>(dataset: &'d DatasetResults, id: &'d str) -> &'d str {
    method(dataset, id).map_or(id, |method| &*method.title)
}

/// The method to take in the place of plain training, with the summaries of both; none where there is none.
fn plain_and_advised(dataset: &DatasetResults) -> Option<(&str, [&Summaries; 2])> {
    let id = dataset.verdict.as_ref()?.recommended()?;
    let summaries = |id| method(dataset, id)?.summaries.as_ref();
    Some((title(dataset, id), [summaries(PLAIN)?, summaries(id)?]))
}

/// The card; none where there is no verdict. `command` is what a program is told to train what is advised.
pub(super) fn verdict_card(dataset: &DatasetResults, command: Option<&str>) -> Option<String> {
    let verdict = dataset.verdict.as_ref()?;
    let text = in_words(&advice_text(dataset)?, &dataset.methods);
    let mut card = format!(
        "<section class=\"card\" aria-label=\"Verdict\"><h2 class=\"answer\">{}</h2>",
        escape(&headline(verdict, dataset))
    );
    if let Some(gain) = shown_gain(verdict) {
        card += &numbers(gain, verdict, dataset);
    }
    let _ = write!(card, "<p>{}</p>", escape(&text));
    card += &changes(dataset).unwrap_or_default();
    if let Some(command) = command {
        let _ = write!(
            card,
            "<p>To train it, give <code>art train</code> these options:</p><pre tabindex=\"0\"><code>{}</code></pre>",
            escape(command)
        );
    }
    Some(card + "</section>\n")
}

/// What to do, as a heading.
fn headline(verdict: &Verdict, dataset: &DatasetResults) -> String {
    match &verdict.advice {
        Advice::KeepPlain => "Keep plain training".to_owned(),
        Advice::MoveDecision(id) => format!(
            "Train plainly and move the decision: {}",
            title(dataset, id)
        ),
        Advice::Train(id) => format!("Train with {}", title(dataset, id)),
        Advice::Unclear(..) => match verdict.recommended() {
            Some(id) => format!(
                "Too little is known; the best bet is {}",
                title(dataset, id)
            ),
            None => "Too little is known; the best bet is plain training".to_owned(),
        },
        Advice::Nothing(_) => "There is nothing to go by".to_owned(),
    }
}

/// What is to be expected of the recommended method; where that is plain training, of the best other one.
fn shown_gain(verdict: &Verdict) -> Option<&ExpectedGain> {
    if let Some(id) = verdict.recommended() {
        return verdict.expected_of(id);
    }
    let expected = verdict.expected.iter();
    expected.max_by(|a, b| a.gain.total_cmp(&b.gain))
}

fn numbers(gain: &ExpectedGain, verdict: &Verdict, dataset: &DatasetResults) -> String {
    let points = |x: f64| format!("{:+.1}", 100.0 * x + 0.0);
    let of = match verdict.recommended() {
        Some(_) => String::new(),
        None => format!(", {}", title(dataset, &gain.method)),
    };
    let harm = match 100.0 * gain.chance_of_harm {
        c if c < 1.0 => "< 1 %".to_owned(),
        c if c > 99.0 => "> 99 %".to_owned(),
        c => format!("{c:.0} %"),
    };
    let facts = [
        (
            points(gain.gain),
            format!(
                "points of {} to be expected over plain training{of}",
                verdict.metric.name()
            ),
        ),
        (
            format!(
                "{} to {}",
                points(gain.interval.low),
                points(gain.interval.high)
            ),
            "where that lies with a chance of 95 %".to_owned(),
        ),
        (harm, "chance that it does worse".to_owned()),
    ];
    let fact = |(number, meaning): &(String, String)| {
        format!(
            "<div><dd>{}</dd><dt>{}</dt></div>",
            escape(number),
            escape(meaning)
        )
    };
    let facts: String = facts.iter().map(fact).collect();
    format!("<dl class=\"facts\">{facts}</dl>")
}

/// What changes for each class, means over splits, the rarest first.
fn changes(dataset: &DatasetResults) -> Option<String> {
    let (advised, both) = plain_and_advised(dataset)?;
    let size = |class: usize| both[0].confusion.support(class);
    let classes = 0..dataset.class_names.len();
    let mut classes: Vec<usize> = classes.filter(|&class| size(class) > 0).collect();
    classes.sort_by_key(|&class| size(class));
    classes.truncate(MOST_CLASSES);
    let mut text = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Each class before and after\"><table class=\"changes\">\
         <caption>Each class on test rows with plain training and with {}, means over splits, the rarest first</caption><thead>\
         <tr><th scope=\"col\" rowspan=\"2\">class</th><th scope=\"colgroup\" colspan=\"2\">of 100 of its rows are found</th>\
         <th scope=\"colgroup\" colspan=\"2\">of 100 of its alarms are right</th></tr>\
         <tr><th scope=\"col\">plain</th><th scope=\"col\">advised</th><th scope=\"col\">plain</th>\
         <th scope=\"col\">advised</th></tr></thead><tbody>",
        escape(advised)
    );
    for class in classes {
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th>",
            escape(&dataset.class_names[class])
        );
        let [found, right] = [
            both.map(|s| &s.per_class_recall),
            both.map(|s| &s.per_class_precision),
        ];
        for [plain, advised] in [found, right] {
            text += &share_cell(plain.get(class).copied().flatten(), "plain");
            text += &share_cell(advised.get(class).copied().flatten(), "advised");
        }
        text += "</tr>";
    }
    Some(text + "</tbody></table></div>")
}

/// A share of 100 with a bar; a dash where there is none.
fn share_cell(share: Option<Summary>, class: &str) -> String {
    match share {
        Some(s) => format!("<td>{:.0}{}</td>", 100.0 * s.mean, share_bar(s.mean, class)),
        None => "<td>—</td>".to_owned(),
    }
}

/// Truth against prediction by every method.
pub(super) fn all_confusions(dataset: &DatasetResults) -> Vec<(String, String)> {
    let methods = dataset.methods.iter();
    let drawn = methods.filter_map(|method| {
        let confusion = &method.summaries.as_ref()?.confusion;
        let heat = figures::heat(&dataset.class_names, confusion);
        Some((heat, escape(&method.title)))
    });
    drawn.collect()
}

/// Truth against prediction by plain training and by the advised method, beside one another.
pub(super) fn confusions(dataset: &DatasetResults) -> Option<Vec<(String, String)>> {
    let (advised, both) = plain_and_advised(dataset)?;
    let heat = |of: &Summaries| figures::heat(&dataset.class_names, &of.confusion);
    Some(vec![
        (heat(both[0]), "Plain training".to_owned()),
        (heat(both[1]), escape(advised)),
    ])
}
