//! Records as lines of a file, one JSON object each.

use crate::{
    append_log::whole_lines,
    cell::{CellId, CellRecord, SCHEMA},
    error::BenchError,
    run_info::RunInfo,
};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};

/// Name of the record file inside an output folder.
pub const RECORDS: &str = "records.jsonl";

/// Records by the id of their cell.
pub type Records = BTreeMap<CellId, CellRecord>;

pub(crate) struct Parsed {
    pub(crate) records: Records,
    /// Bytes up to the end of the last complete line.
    pub(crate) complete_bytes: usize,
}

/// A line that a run wrote.
pub(crate) fn whole_record(line: &[u8]) -> serde_json::Result<CellRecord> {
    serde_json::from_slice(line)
}

/// The schema alone, readable whatever the rest looks like.
#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

/// The records of a file, each of which must agree with itself and with `info`.
pub(crate) fn parse(
    path: &Path,
    bytes: &[u8],
    info: Option<&RunInfo>,
    read: fn(&[u8]) -> serde_json::Result<CellRecord>,
) -> Result<Parsed, BenchError> {
    let complete_bytes = whole_lines(bytes);
    let mut records = BTreeMap::new();
    for (number, line) in bytes[..complete_bytes]
        .split(|&byte| byte == b'\n')
        .enumerate()
    {
        if line.is_empty() {
            continue;
        }
        let bad = |reason: String| BenchError::BadRecord {
            path: path.to_owned(),
            line: number + 1,
            reason,
        };
        let no_record = |error: serde_json::Error| bad(error.to_string());
        let Schema { schema } = serde_json::from_slice(line).map_err(no_record)?;
        if schema > SCHEMA {
            return Err(BenchError::NewerRecord {
                path: path.to_owned(),
                line: number + 1,
                found: schema,
                supported: SCHEMA,
            });
        }
        let record = read(line).map_err(no_record)?;
        record.check().map_err(bad)?;
        info.map_or(Ok(()), |info| info.check_record(&record))
            .map_err(bad)?;
        records.insert(record.result.id.clone(), record);
    }
    Ok(Parsed {
        records,
        complete_bytes,
    })
}
