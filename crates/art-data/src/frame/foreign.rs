//! Files that are no tables of text, told by how they begin.

/// Why a file that begins with `start` cannot be read, and what to do, where it is of a format that has a name.
pub(super) fn refused(start: &[u8]) -> Option<String> {
    // A table may begin with the letters of a short one.
    let is_text = start
        .iter()
        .take(64)
        .all(|&byte| !byte.is_ascii_control() || byte.is_ascii_whitespace());
    let is_it = |magic: &[u8]| {
        start.starts_with(magic) && !(is_text && magic.iter().all(u8::is_ascii_alphanumeric))
    };
    let by_magic = MAGICS.iter().find(|(magic, ..)| is_it(magic));
    if let Some((_, format, remedy)) = by_magic {
        return Some(format!("this is {format}; {remedy}"));
    }
    let text = String::from_utf8_lossy(&start[..start.len().min(4_096)]);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(40)
        .collect();
    let first = *lines.first()?;
    let lower = first.to_lowercase();
    let is_relation = |line: &&str| line.to_lowercase().starts_with("@relation");
    if lower.starts_with("<?xml") || lower.starts_with("<!doctype") || lower.starts_with("<html") {
        return Some(format!("this is XML or HTML; {AS_CSV}"));
    }
    if (first.starts_with(['{', '[']) && first.contains('"')) || first == "[" || first == "{" {
        return Some(format!("this is JSON; {AS_CSV}"));
    }
    if first.starts_with(['%', '@']) && lines.iter().any(is_relation) {
        let is_input = |line: &&str| line.to_lowercase().starts_with("@input");
        let format = if lines.iter().any(is_input) {
            "a KEEL file"
        } else {
            "an ARFF file"
        };
        return Some(format!(
            "this is {format}; write the names behind @attribute as one line, separated by commas, above the rows behind \
             @data, and leave out everything else"
        ));
    }
    let is_pair = |word: &str| {
        word.split_once(':').is_some_and(|(index, value)| {
            index.parse::<u32>().is_ok() && value.parse::<f64>().is_ok()
        })
    };
    let is_sparse = |line: &&str| {
        let mut words = line.split_ascii_whitespace();
        let label = words
            .next()
            .is_some_and(|label| label.parse::<f64>().is_ok());
        let mut pairs = words.take_while(|word| !word.starts_with('#')).peekable();
        label && pairs.peek().is_some() && pairs.all(is_pair)
    };
    // The last line may be cut.
    let whole = &lines[..lines.len().saturating_sub(1).max(1)];
    whole.iter().all(is_sparse).then(|| {
        format!("this is an svmlight (LIBSVM) file, rows of index:value without names of columns; {AS_CSV}")
    })
}

const AS_CSV: &str = "write it as CSV or Parquet, with one row of column names";

/// How files begin, the format, what to do.
const MAGICS: [(&[u8], &str, &str); 14] = [
    (
        b"PK\x03\x04",
        "a ZIP archive or an Excel or OpenDocument workbook",
        "unpack the archive, or save the sheet as CSV",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook",
        "save the sheet as CSV",
    ),
    (b"BZh", "packed by bzip2", "unpack it, or pack it by gzip"),
    (
        b"\xfd7zXZ\x00",
        "packed by xz",
        "unpack it, or pack it by gzip",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "packed by zstd",
        "unpack it, or pack it by gzip",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"ARROW1", "an Arrow or Feather file", AS_CSV),
    (b"ORC", "an ORC file", AS_CSV),
    (b"\x89HDF", "an HDF5 file", AS_CSV),
    (b"SQLite format 3", "an SQLite database", AS_CSV),
    (b"\x93NUMPY", "a NumPy array", AS_CSV),
    (b"\x80\x04\x95", "a Python pickle", AS_CSV),
    (b"%PDF", "a PDF document", AS_CSV),
    (b"RDX", "an R data file", AS_CSV),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_refused_by_their_names() {
        let cases: &[(&[u8], &str)] = &[
            (b"PK\x03\x04....", "ZIP"),
            (
                b"% made\n@RELATION x\n@attribute a numeric\n@data\n1\n",
                "ARFF",
            ),
            (
                b"@relation x\n@attribute a real [0, 1]\n@inputs a\n@outputs c\n@data\n1\n",
                "KEEL",
            ),
            (b"1 8:0.1 12:0.4\n0 1:0.5\n1 2:1\n", "svmlight"),
            (b"[{\"a\": 1}]", "JSON"),
            (b"ORC\x1d\x00\x00\n", "ORC"),
            (b"RDX3\nX\n\x00\x00\x00\x03", "R data"),
            (b"<?xml version=\"1.0\"?>", "XML"),
        ];
        for (start, name) in cases {
            let found = refused(start).unwrap_or_default();
            assert!(found.contains(name), "{found}");
        }
        for start in [
            &b"a,b\n1,2\n"[..],
            b"@user,n\n1,2\n",
            b"",
            b"1\n2\n",
            b"time 12:30\n",
            b"[a],b\n",
            b"Packed,y\n",
            b"ORCID,y\n1,2\n",
            b"RDX,BZh\n1,2\n",
        ] {
            assert_eq!(refused(start), None);
        }
    }
}
