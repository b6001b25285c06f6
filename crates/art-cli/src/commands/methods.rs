//! All works, the methods that come from them with what tuning may try, and what of them is not here.

use crate::text;
use anyhow::Result;
use art_bench::{DECISION_RULES, Registry, Setting, WORKS, Work};
use serde_json::json;
use std::io::Write as _;

pub(crate) fn run(json: bool) -> Result<()> {
    let mut out = text::output();
    let registry = Registry::standard();
    if json {
        let works: Vec<_> = WORKS.iter().map(|work| as_json(work, &registry)).collect();
        writeln!(out, "{:#}", json!(works))?;
        return Ok(());
    }
    for work in &WORKS {
        let needs = if work.needs.is_empty() {
            String::new()
        } else {
            format!("; needs {}", work.needs)
        };
        let source = if work.source.is_empty() {
            String::new()
        } else {
            format!(" ({})", work.source)
        };
        writeln!(
            out,
            "{:<4} {}{source}: {}{needs}",
            work.number,
            work.name,
            work.kind.name()
        )?;
        for method in work.methods.iter().filter_map(|id| registry.get(id).ok()) {
            let tried = |s: &Setting| {
                let domain = s.domain().to_string();
                if s.is_tuned() {
                    domain
                } else {
                    "not tuned".to_owned()
                }
            };
            let setting = |s: &Setting| format!("{} {} ({})", s.name(), s.default(), tried(s));
            let settings: Vec<String> = method.settings().iter().map(setting).collect();
            let line = format!("     {:<20} {}", method.id(), settings.join(", "));
            writeln!(out, "{}", line.trim_end())?;
        }
        if !work.missing.is_empty() {
            writeln!(out, "     not built: {}", work.missing)?;
        }
    }
    writeln!(
        out,
        "\nBehind any method, its decision moved after training:"
    )?;
    for rule in DECISION_RULES {
        writeln!(out, "     {:<20} {}", format!("+{}", rule.id), rule.title)?;
    }
    Ok(())
}

fn as_json(work: &Work, registry: &Registry) -> serde_json::Value {
    let method = |id: &&str| {
        let method = registry.get(id).ok()?;
        let settings = method.settings().iter().map(|setting| {
            json!({
                "name": setting.name(),
                "default": setting.default(),
                "tuned_over": setting.is_tuned().then(|| setting.domain().to_string()),
            })
        });
        let settings: Vec<_> = settings.collect();
        Some(json!({"id": method.id(), "title": method.title(), "settings": settings}))
    };
    json!({
        "number": work.number,
        "name": work.name,
        "changes": work.kind.name(),
        "needs": work.needs,
        "source": work.source,
        "methods": work.methods.iter().filter_map(method).collect::<Vec<_>>(),
        "missing": work.missing,
    })
}
