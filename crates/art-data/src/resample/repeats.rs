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

/// `n` of `rows`, each equally often, the remainder drawn without replacement before any is returned.
pub(super) fn evenly<'a, T: Copy + Ord>(
    rows: &'a [T],
    n: usize,
    stream: &mut Stream,
) -> impl Iterator<Item = T> + use<'a, T> {
    let mut pool = rows.to_vec();
    let mut rest = stream.choose_distinct(&mut pool, n % rows.len()).to_vec();
    rest.sort_unstable();
    let rounds = n / rows.len();
    let all = (0..rounds).flat_map(|_| rows.iter().copied());
    all.chain(rest)
}
