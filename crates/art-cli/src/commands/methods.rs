//! All methods: what they change, what tuning may try, whose they are, and what of them is not here.

use crate::{args::MethodsArgs, text};
use anyhow::Result;
use art_methods::{
    DECISION_RULES, Kind, Method, Registry, Setting, Source, common_settings, method_index,
};
use serde_json::json;
use std::io::Write as _;

pub(crate) fn run(args: &MethodsArgs) -> Result<()> {
    let mut out = text::output();
    let registry = Registry::standard();
    if args.markdown {
        write!(out, "{}", method_index(&registry))?;
        return Ok(());
    }
    if args.json {
        let methods: Vec<_> = registry.methods().iter().map(as_json).collect();
        writeln!(out, "{:#}", json!(methods))?;
        return Ok(());
    }
    for kind in Kind::ALL {
        let of_kind = || registry.methods().iter().filter(|m| m.kind() == kind);
        if of_kind().next().is_some() {
            writeln!(out, "{}", kind.name())?;
        }
        for method in of_kind() {
            write_method(&mut out, method)?;
        }
    }
    writeln!(out, "\nof every method")?;
    for setting in common_settings() {
        write_setting(&mut out, &setting)?;
    }
    writeln!(
        out,
        "\nbehind any method, its decision moved after training"
    )?;
    for rule in DECISION_RULES {
        writeln!(out, "  {:<20} {}", format!("+{}", rule.id), rule.about)?;
    }
    Ok(())
}

fn write_method(out: &mut impl std::io::Write, method: &Method) -> std::io::Result<()> {
    let sources: Vec<&str> = method.sources().iter().map(|source| source.by).collect();
    let source = match sources[..] {
        [] => String::new(),
        _ => format!(" ({})", sources.join("; ")),
    };
    writeln!(out, "  {:<20} {}{source}", method.id(), method.summary())?;
    for setting in method.declared() {
        write_setting(out, setting)?;
    }
    if !method.missing().is_empty() {
        writeln!(out, "  {:<20}   not built: {}", "", method.missing())?;
    }
    Ok(())
}

fn write_setting(out: &mut impl std::io::Write, setting: &Setting) -> std::io::Result<()> {
    let tried = if setting.is_tuned() {
        format!("tuned over {}", setting.domain())
    } else {
        "not tuned".to_owned()
    };
    let (name, default, help) = (setting.name(), setting.default(), setting.help());
    writeln!(out, "  {:<20}   {name} {default}: {help}; {tried}", "")
}

fn as_json(method: &Method) -> serde_json::Value {
    let settings = method.declared().iter().map(setting_as_json);
    let source = |source: &Source| json!({"by": source.by, "doi": source.doi});
    json!({
        "id": method.id(),
        "title": method.title(),
        "changes": method.kind().name(),
        "about": method.summary(),
        "sources": method.sources().iter().map(source).collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
        "follows_validation": method.has_feedback(),
        "missing": method.missing(),
    })
}

fn setting_as_json(setting: &Setting) -> serde_json::Value {
    json!({
        "name": setting.name(),
        "recorded_as": setting.key(),
        "about": setting.help(),
        "default": setting.default(),
        "tuned_over": setting.is_tuned().then(|| setting.domain().to_string()),
    })
}
