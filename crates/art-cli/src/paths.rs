//! Outputs that could not be written, or would destroy an input or one another.

use anyhow::{Result, bail};
use art_data::{followed, is_stream};
use std::path::{Path, PathBuf};

/// Refuses an output that is a folder, lies in none, or is one of the inputs or an output before it, however they are spelt:
/// better now than when all the work is done.
pub(crate) fn check_outputs(
    inputs: &[(&str, &Path)],
    outputs: &[(&str, Option<&Path>)],
) -> Result<()> {
    let mut taken: Vec<(&str, PathBuf)> = inputs
        .iter()
        .map(|(name, path)| (*name, resolved(path)))
        .collect();
    for (name, path) in outputs {
        let Some(path) = path.filter(|path| !is_stream(path)) else {
            continue;
        };
        let shown = path.display();
        if path.is_dir() {
            bail!("{name} {shown} is a folder; name a file in it");
        }
        if let Some(folder) = path
            .parent()
            .filter(|f| !f.as_os_str().is_empty() && !f.is_dir())
        {
            bail!("{name} {shown}: there is no folder {}", folder.display());
        }
        let place = resolved(path);
        if let Some((other, _)) = taken.iter().find(|(_, known)| *known == place) {
            bail!(
                "{name} and {other} name the same file, {}: one of them would be gone",
                path.display()
            );
        }
        taken.push((name, place));
    }
    Ok(())
}

/// Whether an output is the standard output; what is said about it then goes to the standard error.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path == Path::new("/dev/stdout")
}

/// One spelling of a path, also of a file that is not there yet.
fn resolved(path: &Path) -> PathBuf {
    let path = &*followed(path);
    if path.is_absolute() && path.exists() {
        return path.to_owned();
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}
