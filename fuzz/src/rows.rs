//! Rows that methods and samplers are made for.

use art_data::{GaussianClasses, Split, SplitConfig};
use std::sync::LazyLock;

pub(crate) const SEED: art_core::Seed = art_core::Seed::new(1);

/// Three classes of 40, 14 and 8 rows.
pub(crate) static SPLIT: LazyLock<Split> = LazyLock::new(|| {
    let data = GaussianClasses::new(vec![40, 14, 8], 3).generate(SEED);
    let data = data.expect("there are rows");
    Split::stratified(&data, &SplitConfig::default(), SEED).expect("there are enough rows")
});
