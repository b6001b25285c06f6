//! Tables as text, written as the ending of the file's name says.

use anyhow::{Result, bail};
use flate2::{Compression, write::GzEncoder};
use std::{
    io::{self, Write},
    path::Path,
};

/// How the ending of a file's name wants a table to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    delimiter: u8,
    is_packed: bool,
}

impl Ending {
    /// Commas, as on the standard output.
    pub(crate) const CSV: Self = Self {
        delimiter: b',',
        is_packed: false,
    };

    /// That of `path`: tabs for `.tsv`, packed for one more `.gz`.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let ending = |path: &Path| path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let is_packed = ending(path).as_deref() == Some("gz");
        let ending = match path.file_stem() {
            Some(stem) if is_packed => ending(Path::new(stem)),
            _ => ending(path),
        };
        if ending.as_deref() == Some("parquet") {
            bail!(
                "{}: tables are written as text; let the name end in .csv or .tsv, with .gz where it is to be packed",
                path.display()
            );
        }
        let delimiter = if ending.as_deref() == Some("tsv") {
            b'\t'
        } else {
            b','
        };
        Ok(Self {
            delimiter,
            is_packed,
        })
    }

    /// Writes a table to `out`.
    pub(crate) fn write<E: From<io::Error>>(
        self,
        out: &mut dyn Write,
        rows: impl FnOnce(&mut csv::Writer<&mut dyn Write>) -> Result<(), E>,
    ) -> Result<(), E> {
        let write = |out: &mut dyn Write| {
            let mut builder = csv::WriterBuilder::new();
            let mut writer = builder.delimiter(self.delimiter).from_writer(out);
            rows(&mut writer)?;
            Ok::<_, E>(writer.flush()?)
        };
        if !self.is_packed {
            return write(out);
        }
        let mut packed = GzEncoder::new(out, Compression::default());
        write(&mut packed)?;
        packed.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides() {
        let of = |name: &str| Ending::of(Path::new(name));
        assert_eq!(of("a.csv").unwrap(), Ending::CSV);
        assert_eq!(of("a").unwrap(), Ending::CSV);
        assert_eq!(of("folder.gz/tsv").unwrap(), Ending::CSV);
        assert_eq!(of("a.TSV").unwrap().delimiter, b'\t');
        let packed = of("a.tsv.gz").unwrap();
        assert!(packed.is_packed && packed.delimiter == b'\t');
        assert!(of("a.parquet").is_err());
    }
}
