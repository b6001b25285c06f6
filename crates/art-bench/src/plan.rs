//! From a matrix to the list of its cells.

use crate::{BenchError, CellSpec, Matrix, Registry};

/// The cells of `matrix`: seed by seed, so that an interrupted run has every method on the seeds
/// that it finished.
///
/// # Errors
/// [`BenchError::Unknown`] for a method that is not registered.
pub fn expand(matrix: &Matrix, registry: &Registry) -> Result<Vec<CellSpec>, BenchError> {
    let mut cells = vec![];
    for &seed in &matrix.seeds {
        for dataset in &matrix.datasets {
            for method in &matrix.methods {
                cells.push(CellSpec {
                    dataset: dataset.clone(),
                    method: method.clone(),
                    seed,
                    settings: registry.get(method)?.defaults().clone(),
                    training: matrix.training.clone(),
                });
            }
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_quick_plan_is_this() {
        let cells = expand(&Matrix::quick(), &Registry::standard()).unwrap();
        let mut text = String::new();
        for cell in &cells {
            let _ = writeln!(text, "{} {cell}", cell.id());
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn an_unknown_method_is_named_with_those_that_are_known() {
        let mut matrix = Matrix::quick();
        matrix.methods.push("artt".into());
        let error = expand(&matrix, &Registry::standard()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown method \"artt\"; known are baseline, ros, rus, art"
        );
    }
}
