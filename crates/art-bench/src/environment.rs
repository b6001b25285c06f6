//! The machine and program that measured times belong to.

use art_train::DeviceName;
use serde::{Deserialize, Serialize};

/// The machine and program that measured times belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Environment {
    /// Git revision that the program was built from, with `+` when a tracked file of the crates that compute cells was changed
    /// at that time; empty when it was built outside a checkout.
    pub revision: String,
    /// Compiler of this program.
    pub rustc: String,
    /// Operating system and architecture.
    pub platform: String,
    /// Processor, where the system tells.
    pub cpu: String,
    /// The arithmetic of the results ([`DeviceName::arithmetic`]); empty in records from before there was one, whose last
    /// digits hang on the processor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arithmetic: String,
    /// In records from before, the instruction sets that decided how products were rounded, where it was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instructions: String,
    /// Cells that were run at a time.
    pub jobs: usize,
}

impl Environment {
    /// The environment of this process, with networks on `device`.
    pub fn current(jobs: usize, device: DeviceName) -> Self {
        Self {
            revision: env!("ART_REVISION").to_owned(),
            rustc: env!("ART_RUSTC_VERSION").to_owned(),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: cpu().unwrap_or_default(),
            arithmetic: device.arithmetic().to_owned(),
            instructions: String::new(),
            jobs,
        }
    }
}

/// The processor, where the system tells it.
fn cpu() -> Option<String> {
    if cfg!(windows) {
        return std::env::var("PROCESSOR_IDENTIFIER").ok();
    }
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
