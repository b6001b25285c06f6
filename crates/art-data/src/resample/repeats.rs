//! Which rows of a class stand how often among those that rows are made of.

use art_core::Stream;

/// Which rows are copied, or which new ones start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeats {
    /// Drawn with replacement.
    #[default]
    Random,
    /// Every row equally often; the remainder is drawn without replacement.
    Even,
}

/// `n` of `rows`, each equally often, the remainder drawn without replacement.
pub(super) fn evenly<T: Copy + Ord>(rows: &[T], n: usize, stream: &mut Stream) -> Vec<T> {
    let mut pool = rows.to_vec();
    let mut all = rows.repeat(n / rows.len());
    let rest = stream.choose_distinct(&mut pool, n % rows.len());
    rest.sort_unstable();
    all.extend_from_slice(rest);
    all
}
