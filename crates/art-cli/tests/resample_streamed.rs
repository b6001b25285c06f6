//! Tables that are resampled pass by pass: the files are those of the table in memory, byte for byte.

mod common;

use common::{Run, file, stderr, stdout};
use std::{fmt::Write as _, fs, path::Path};
