//! Settings that stand in the name of a method mean the same wherever the name stands.

use art_bench::{BenchError, MATRICES, Matrix};
use art_methods::{MethodError, Registry, Value};
use proptest::prelude::*;
use std::path::Path;

fn with_methods(methods: &str) -> Result<Matrix, BenchError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let text = format!(
        r#"
name = "mine"
purpose = "Names."
datasets = ["pima"]
methods = [{methods}]
seeds = [1, 2]
[training]
hidden = [8]
dropout = 0.0
learning_rate = 1e-3
weight_decay = 1e-2
batch_size = 64
max_epochs = 3
patience = 3
criterion = "native"
"#
    );
    std::fs::write(&path, text).unwrap();
    Matrix::read(&path)?.resolved(&Registry::standard())
}

fn number(matrix: &Matrix, id: &str, setting: &str) -> f64 {
    let method = matrix.methods.iter().find(|m| m.id == id).unwrap();
    match method.settings.get(setting) {
        Some(Value::Number(number)) => *number,
        other => panic!("{id}: {setting} is {other:?}"),
    }
}

fn refusal(methods: &str) -> String {
    with_methods(methods).unwrap_err().to_string()
}

#[test]
fn a_setting_in_a_name_is_the_setting_of_the_cells_in_a_matrix_as_on_the_command_line() {
    let matrix = with_methods(r#""art", "art:c=0.3", "art:c=0.3:bf=2+tau-e""#).unwrap();
    assert_eq!(number(&matrix, "art", "c"), 0.5);
    assert_eq!(number(&matrix, "art:c=0.3", "c"), 0.3);
    assert_eq!(number(&matrix, "art:c=0.3", "bf"), 5.0);
    assert_eq!(number(&matrix, "art:c=0.3:bf=2+tau-e", "bf"), 2.0);
    let registry = Registry::standard();
    for pair in matrix.pairs() {
        let (declared, typed) = registry.typed(&pair.method.id).unwrap();
        let cell = matrix.cells(&pair).next().unwrap();
        assert_eq!(cell.settings, declared.resolve(&typed).unwrap());
    }
}

#[test]
fn a_word_stays_a_label_whose_settings_stand_beside_it() {
    let matrix = with_methods(
        r#""art", { id = "art:eager", settings = { c = 0.7 } }, { id = "art:slow:c=0.2", settings = { bf = 9 } }"#,
    )
    .unwrap();
    assert_eq!(number(&matrix, "art:eager", "c"), 0.7);
    assert_eq!(number(&matrix, "art:slow:c=0.2", "c"), 0.2);
    assert_eq!(number(&matrix, "art:slow:c=0.2", "bf"), 9.0);
    // On the command line nothing stands beside it.
    let typed = Registry::standard().typed("art:eager");
    assert!(matches!(typed, Err(MethodError::NoSetting { .. })));
}

#[test]
fn a_name_that_contradicts_the_settings_beside_it_is_refused() {
    let text = refusal(r#"{ id = "art:c=0.3", settings = { c = 0.5 } }"#);
    assert!(
        text.contains("calls a method \"art:c=0.3\" and gives it the c 0.5"),
        "{text}"
    );
    assert!(with_methods(r#"{ id = "art:c=0.3", settings = { c = 0.3 } }"#).is_ok());
    let text = refusal(r#""art:c=0.3:c=0.4""#);
    assert!(text.contains("blend is given twice"), "{text}");
    let text = refusal(r#""art:cc=0.3""#);
    assert!(text.contains("unknown setting \"cc\""), "{text}");
    let text = refusal(r#""art:c=nan""#);
    assert!(text.contains("no finite number"), "{text}");
}

#[test]
fn one_method_under_two_names_is_refused() {
    for (methods, twins) in [
        (r#""art:c=0.5", "art""#, r#""art:c=0.5" and "art""#),
        (
            r#""art", "art:c=0.3", "art:c=0.30""#,
            r#""art:c=0.3" and "art:c=0.30""#,
        ),
        (
            r#""art:c=0.3:bf=2", { id = "art:eager", settings = { bf = 2, c = 0.3 } }"#,
            r#""art:c=0.3:bf=2" and "art:eager""#,
        ),
    ] {
        let text = refusal(methods);
        assert!(
            text.contains(&format!("has {twins}, which are one method")),
            "{text}"
        );
    }
    assert!(with_methods(r#""art", "art+tau-e", "static-blend""#).is_ok());
}

#[test]
fn an_ablation_takes_the_settings_of_a_name_and_varies_none_of_them() {
    let registry = Registry::standard();
    let mut matrix = Matrix::named("paper").unwrap();
    let boost = matrix.ablations.iter_mut().find(|a| a.name == "blend");
    boost.unwrap().methods = vec!["art:bf=2".into()];
    let matrix = matrix.resolved(&registry).unwrap();
    let ablation = matrix.ablations.iter().find(|a| a.name == "blend").unwrap();
    for point in matrix.points(ablation, &registry).unwrap() {
        let settings = &point.cells[0].settings;
        assert_eq!(settings.get("bf"), Some(&Value::Number(2.0)));
        assert_eq!(settings.get("c").cloned(), point.values[0].clone());
    }
    let mut matrix = Matrix::named("paper").unwrap();
    let blend = matrix.ablations.iter_mut().find(|a| a.name == "blend");
    blend.unwrap().methods = vec!["art:c=0.3".into()];
    let text = matrix.resolved(&registry).unwrap_err().to_string();
    assert!(text.contains("varies the c of \"art:c=0.3\""), "{text}");
}

#[test]
fn committed_matrices_resolve_to_what_their_folders_hold() {
    let registry = Registry::standard();
    for (name, _) in MATRICES {
        let resolved = Matrix::named(name).unwrap().resolved(&registry).unwrap();
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/results");
        let kept = art_bench::RunInfo::load(&results.join(name))
            .unwrap()
            .matrix;
        for method in &resolved.methods {
            let held = kept.methods.iter().find(|m| m.id == method.id);
            let held = held.unwrap_or_else(|| panic!("{name} has no {}", method.id));
            assert_eq!(held.settings, method.settings, "{name}: {}", method.id);
        }
        kept.resolved(&registry).unwrap();
    }
}

proptest! {
    #[test]
    fn what_a_name_says_is_what_every_cell_of_it_has(c in 0.0_f64..1.0, bf in 1_u32..40) {
        let id = format!("art:c={c}:bf={bf}");
        let matrix = with_methods(&format!("{id:?}")).unwrap();
        prop_assert_eq!(number(&matrix, &id, "c"), c);
        prop_assert_eq!(number(&matrix, &id, "bf"), f64::from(bf));
    }
}
