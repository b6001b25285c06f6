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
    /// Instruction sets that decide how products are rounded, or `cuda` for networks that were trained there; empty where it was
    /// not noted. Where they differ, so do last digits, and in long runs what hangs on them.
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
            instructions: match device {
                DeviceName::Cpu => instructions(),
                DeviceName::Cuda(_) => "cuda".to_owned(),
            },
            jobs,
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> String {
    let found = [
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    let found = found.iter().filter(|(_, is_there)| *is_there);
    found.map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> String {
    std::env::consts::ARCH.to_owned()
}

fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
