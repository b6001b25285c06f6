//! Labels of any integer type.

use crate::error::CoreError;

/// A label: the number of a class, in whichever integer type the caller has it.
///
/// Negative numbers, which some libraries use for rows without a label, are no classes: they are refused like those beyond the last
/// class.
pub trait Label: Copy + private::Number {}

mod private {
    pub trait Number {
        /// The number; beyond the largest one of this type, that.
        fn number(self) -> i64;
    }
}

macro_rules! labels {
    ($($integer:ty)*) => {$(
        impl Label for $integer {}
        impl private::Number for $integer {
            fn number(self) -> i64 {
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

labels!(u8 u16 u32 u64 usize i32 i64);

/// What a row has.
pub(crate) const LABEL: &str = "label";
/// What a model says of a row.
pub(crate) const PREDICTION: &str = "prediction";

/// The class that the label of a row names, or whatever `what` is; `row` is asked for where it names none.
///
/// # Errors
/// [`CoreError::LabelOutOfRange`].
pub(crate) fn class_of(
    label: impl Label,
    what: &'static str,
    row: impl FnOnce() -> usize,
    n_classes: usize,
) -> Result<usize, CoreError> {
    let number = label.number();
    match usize::try_from(number) {
        Ok(class) if class < n_classes => Ok(class),
        _ => Err(CoreError::LabelOutOfRange {
            what,
            row: row(),
            label: number,
            n_classes,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClassCounts, ClassIndex, ConfusionMatrix};

    #[test]
    fn labels_of_every_type_are_the_same_labels() {
        let expected = ClassIndex::new(&[0_u32, 2, 2, 1], 3).unwrap();
        assert_eq!(ClassIndex::new(&[0_u8, 2, 2, 1], 3).unwrap(), expected);
        assert_eq!(ClassIndex::new(&[0_usize, 2, 2, 1], 3).unwrap(), expected);
        assert_eq!(ClassIndex::new(&[0_i64, 2, 2, 1], 3).unwrap(), expected);
        let mixed = ConfusionMatrix::from_labels(3, &[0_u64, 2], &[1_i32, 2]).unwrap();
        let same = ConfusionMatrix::from_labels(3, &[0_u32, 2], &[1_u32, 2]).unwrap();
        assert_eq!(mixed, same);
    }

    #[test]
    fn numbers_that_no_class_has_are_refused_and_told() {
        let refused = |error: CoreError, number: i64| {
            let expected = CoreError::LabelOutOfRange {
                what: LABEL,
                row: 1,
                label: number,
                n_classes: 3,
            };
            assert_eq!(error, expected);
        };
        refused(ClassCounts::from_labels(&[0, -1], 3).unwrap_err(), -1);
        refused(ClassIndex::new(&[0_u8, 3], 3).unwrap_err(), 3);
        let beyond = ClassCounts::from_labels(&[0, u64::MAX], 3).unwrap_err();
        refused(beyond, i64::MAX);
    }
}
