//! What to train where nobody says what.

/// From so many rows on one validation part says enough, and five networks would take five times as long.
const MANY_ROWS: usize = 50_000;

/// The name of the method for a table of `n_rows` training and validation rows, where none is chosen: break-even feedback with the
/// plug-in rule, over five folds where the rows are fewer than 50,000. Decision 0019 says what it was chosen by.
///
/// ```
/// use art_methods::{Registry, recommended};
/// assert_eq!(recommended(800), "break-even:folds=5+plug-in");
/// assert_eq!(Registry::standard().choose(recommended(800))?.settings().folds()?, 5);
/// assert_eq!(recommended(1_000_000), "break-even+plug-in");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn recommended(n_rows: usize) -> &'static str {
    if n_rows < MANY_ROWS {
        "break-even:folds=5+plug-in"
    } else {
        "break-even+plug-in"
    }
}
