//! The index of methods, as a document.

use crate::{
    decision::{DECISION_RULES, DecisionRule},
    method::{Kind, Method, Source},
    registry::Registry,
    setting::Setting,
    training_space::{common_settings, training_space},
};
use std::fmt::Write as _;

const ABOUT: &str = "\
# Methods

Every method of the comparison, by the name that `art bench run --only`, `art train` and `art compare` take. This page is
written by `art methods --markdown` from what each method says of itself. Each name leads to a page: when to use it, its formula,
the choices where its source leaves something open, and our evidence.

Settings follow a name, as in `art:blend=0.3:boost_frequency=2`; `art train` takes them by `--set blend=0.3` as well. Each has its
default and, in brackets, what tuning may try. A name in brackets is the one in records and in the source, and is accepted too.
";

const NAMES: &str = "\
## Decision rules, and other names that go on

`art:blend=0.3` is `art` with that setting, in a matrix as on the command line. `art:eager` is a labeled variant of `art`: labels tell
entries of a matrix apart that differ in their settings. A name that contradicts its settings is refused, and so is one method with
the same settings under two names. A `+` and a rule adjust the decision of any method after training, by its predictions on
validation rows:

| name | title | what follows training | source |
|---|---|---|---|
";

const CODE: &str = "
## Code and settings

| name | where | settings |
|---|---|---|
";

const NOTES: &str = "
Static resamplers see training rows alone, after scaling, and give the origin of every row (`art_data::Origin`). Losses exist as
tensor operations and as a CPU kernel, which agree. A method that could not do what was asked (a class of noise, too few
candidates) leaves a note in the record and the report.

## Not a method

- Difficulty from a part of the validation rows: every run has all validation predictions for early stopping, so there is
  nothing to save. It is measured by `examples/validation_sampling` ([Goutte and Gaussier 2005](https://doi.org/10.1007/978-3-540-31865-1_25)).
- Difficulty that allows for wrong labels (Northcutt et al. 2021) is not built; `adasampling` leaves out rows that look wrong.
- A blending constant that is found while training: by reliability and by copies it is `art_core::BlendRule`; by a schedule or a
  bandit it is not built.
- Early stopping under other class proportions is a setting of training for all methods alike (`art_train::StopCriterion`);
  patience that waits for refreshes is not built.
- Of the controls of feedback, the prior drawn anew at each refresh is not built; difficulty from a large set of further rows is
  in `examples/rotating_hold_out.rs` alone.
";

/// The index of the methods of `registry`, in Markdown: what each does, its settings, whose it is and where.
pub fn method_index(registry: &Registry) -> String {
    let mut text = ABOUT.to_owned();
    let training: Vec<String> = training_space().iter().map(in_words).collect();
    let write = "writing to a string";
    writeln!(
        text,
        "\nTuned for every method, beside its own settings: {}.\n",
        training.join(", ")
    )
    .expect(write);
    for setting in common_settings() {
        let help = setting.help();
        writeln!(
            text,
            "Every method has {} as well: {help}.\n",
            in_words(&setting)
        )
        .expect(write);
    }
    let of_kind = |kind| registry.methods().iter().filter(move |m| m.kind() == kind);
    for kind in Kind::ALL {
        if of_kind(kind).next().is_none() {
            continue;
        }
        writeln!(text, "## {}\n", heading(kind)).expect(write);
        text.push_str("| name | title | method | source |\n|---|---|---|---|\n");
        for method in of_kind(kind) {
            text.push_str(&row(method));
        }
        text.push('\n');
    }
    text.push_str(NAMES);
    for rule in DECISION_RULES {
        let (id, title, about) = (rule.id, rule.title, rule.about);
        writeln!(
            text,
            "| [`METHOD+{id}`](methods/{id}.md) | {title} | {about} | |"
        )
        .expect(write);
    }
    text.push_str(CODE);
    for method in Kind::ALL.into_iter().flat_map(of_kind) {
        text.push_str(&code_row(method));
    }
    for DecisionRule { id, code, .. } in DECISION_RULES {
        writeln!(text, "| `METHOD+{id}` | `{code}` | |").expect(write);
    }
    text.push_str(NOTES);
    text
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Plain => "Plain training",
        Kind::Resampler => "Resamplers: other training rows",
        Kind::Sampler => "Samplers: other rows each epoch",
        Kind::Loss => "Losses",
        Kind::SecondStage => "Second stages: another last layer",
        Kind::Decision => "Controls of the decision",
        Kind::Network => "Networks",
    }
}

fn row(method: &Method) -> String {
    let sources: Vec<String> = method.sources().iter().map(linked).collect();
    let missing = match method.missing() {
        "" => String::new(),
        missing => format!("; not built: {missing}"),
    };
    format!(
        "| [`{0}`](methods/{0}.md) | {1} | {2}{missing} | {3} |\n",
        method.id(),
        method.title(),
        method.summary(),
        sources.join("; ")
    )
    .replace("|  |", "| |")
}

fn code_row(method: &Method) -> String {
    let code = method.code().split(", ").map(|path| format!("`{path}`"));
    let settings = method.declared().iter().map(in_words);
    format!(
        "| `{}` | {} | {} |\n",
        method.id(),
        code.collect::<Vec<_>>().join(", "),
        settings.collect::<Vec<_>>().join("; ")
    )
    .replace("|  |", "| |")
}

fn linked(source: &Source) -> String {
    match source.doi {
        "" => source.by.to_owned(),
        doi => format!("[{}](https://doi.org/{doi})", source.by),
    }
}

/// `blend (c) 0.5 (0.05 to 0.95)`.
fn in_words(setting: &Setting) -> String {
    let mut text = setting.name().to_owned();
    if setting.key() != setting.name() {
        write!(text, " ({})", setting.key()).expect("writing to a string");
    }
    write!(text, " {}", setting.default()).expect("writing to a string");
    if setting.is_tuned() {
        let condition = match setting.condition() {
            Some((key, value)) => format!(", where {key} is {value}"),
            None => String::new(),
        };
        write!(text, " ({}{condition})", setting.domain()).expect("writing to a string");
    }
    text
}
