//! Record files that are cut or altered: records or an error that names the line, never a panic, and never much more
//! memory than the file is large.

use art_bench::{RECORDS, read_records};
use proptest::prelude::*;
use std::fs;

/// Memory that reading may take: buffers, and so many times the file.
const BUFFERS: u64 = 1 << 18;
const TIMES: u64 = 20;

const LINE: &str = concat!(
    r#"{"schema":2,"id":"b51267165f42975f","spec":{"dataset":"pima","method":"baseline","seed":2,"settings":{},"#,
    r#""training":{"hidden":[64,64],"dropout":0.2,"learning_rate":0.003,"weight_decay":3.3e-6,"batch_size":64,"#,
    r#""max_epochs":100,"patience":10,"criterion":"native"},"trial":0},"outcome":{"status":"validated","#,
    r#""macro_f1":0.7,"best_epoch":8,"epochs":18,"steps":162},"measured":{"total":{"secs":0,"nanos":1},"#,
    r#""draw":{"secs":0,"nanos":1},"train":{"secs":0,"nanos":1},"forward":{"secs":0,"nanos":1},"#,
    r#""score":{"secs":0,"nanos":1},"refresh":{"secs":0,"nanos":1},"environment":{"revision":"","rustc":"","#,
    r#""platform":"","cpu":"","jobs":2}}}"#,
    "\n"
);

fn read(bytes: &[u8]) -> Result<usize, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(RECORDS), bytes).unwrap();
    let mut read = None;
    let used = allocation_counter::measure(|| {
        let records = read_records(folder.path());
        read = Some(records.map(|records| records.len()));
    });
    let (used, most) = (used.bytes_max, BUFFERS + TIMES * bytes.len() as u64);
    assert!(used <= most, "{used} bytes for a file of {}", bytes.len());
    read.unwrap().map_err(|error| error.to_string())
}

#[test]
fn the_line_is_a_record() {
    assert_eq!(read(LINE.as_bytes()), Ok(1));
}

proptest! {
    #[test]
    fn altered_records_are_records_or_named(
        place in 0..LINE.len(), change in 1_u8.., cut in 0..=LINE.len(),
    ) {
        let mut bytes = LINE.as_bytes().to_vec();
        bytes[place] ^= change;
        if let Err(error) = read(&[LINE.as_bytes(), &bytes].concat()) {
            prop_assert!(error.contains("line "), "{}", error);
        }
        // A last line without its end was torn by a crash, and is no error.
        prop_assert_eq!(read(&LINE.as_bytes()[..cut]), Ok(usize::from(cut == LINE.len())));
    }

    #[test]
    fn any_bytes_are_records_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(error) = read(&bytes) {
            prop_assert!(error.contains(RECORDS), "{}", error);
        }
    }
}
