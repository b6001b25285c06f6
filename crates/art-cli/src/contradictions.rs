//! Options that cannot both be meant.

use crate::args::TableArgs;
use anyhow::{Result, bail};

/// Refuses a column that one option takes for what another one says it is not.
/// `keys` are columns that divide rows or are carried along.
pub(crate) fn refuse_contradictions(args: &TableArgs, keys: &[String]) -> Result<()> {
    let format = &args.format;
    let (ignored, words, numbers) = (
        ("--ignore", &args.ignore[..]),
        ("--words", &format.words[..]),
        ("--numbers", &format.numbers[..]),
    );
    refuse_both(words, numbers)?;
    refuse_both(ignored, words)?;
    refuse_both(ignored, numbers)?;
    let target = ("--target", std::slice::from_ref(&args.target));
    refuse_both(target, numbers)?;
    let keys = ("--group, --split or --id", keys);
    refuse_both(keys, ignored)?;
    refuse_both(keys, numbers)
}

/// Refuses what two options name.
pub(crate) fn refuse_both(
    (one, names): (&str, &[String]),
    (other, others): (&str, &[String]),
) -> Result<()> {
    if let Some(name) = names.iter().find(|name| others.contains(name)) {
        bail!("{one} {name:?} and {other} {name:?} contradict each other; give one of them");
    }
    Ok(())
}
