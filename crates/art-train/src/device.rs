//! Where networks are trained.

use crate::{engine, error::TrainError};
use candle_core::Device;
use std::{fmt, str::FromStr};

/// The name of a device: `cpu`, or `cuda:N` for the N-th CUDA device from 0.
///
/// ```
/// use art_train::DeviceName;
/// assert_eq!("cuda:1".parse(), Ok(DeviceName::Cuda(1)));
/// assert_eq!("cuda".parse(), Ok(DeviceName::Cuda(0)));
/// assert!("gpu".parse::<DeviceName>().is_err());
/// assert!(DeviceName::Cpu.open()?.is_cpu());
/// # Ok::<(), art_train::TrainError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// A CUDA device, counted from 0.
    Cuda(usize),
}

impl DeviceName {
    /// Names the arithmetic of networks that are trained here. What has the same name has the same bits; what has another agrees
    /// with it to rounding, and in long runs a last digit can decide an epoch. `fused-2` is the processor's, the same on all of
    /// them; `accelerator-1` is that of a device of its own kind.
    pub fn arithmetic(self) -> &'static str {
        match self {
            Self::Cpu => engine::FUSED,
            Self::Cuda(_) => engine::ON_AN_ACCELERATOR,
        }
    }

    /// The device.
    ///
    /// # Errors
    /// [`TrainError::Device`] where this build has no CUDA, or the machine no such device.
    pub fn open(self) -> Result<Device, TrainError> {
        let refused = |reason: String| TrainError::Device {
            device: self.to_string(),
            reason,
        };
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(_) if !cfg!(feature = "cuda") => Err(refused(
                "this build is without CUDA; build with the feature cuda".to_owned(),
            )),
            Self::Cuda(number) => {
                Device::new_cuda(number).map_err(|error| refused(error.to_string()))
            }
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("{text:?} is no device; expected cpu or cuda:N, such as cuda:0");
        match text.split_once(':') {
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", number)) => number.parse().map(Self::Cuda).map_err(|_| expected()),
            _ => Err(expected()),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [DeviceName::Cpu, DeviceName::Cuda(0), DeviceName::Cuda(7)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for text in ["", "cpu:0", "cuda:", "cuda:x", "metal"] {
            assert!(text.parse::<DeviceName>().is_err(), "{text}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_says_so() {
        let error = DeviceName::Cuda(0).open().unwrap_err().to_string();
        assert!(
            error.contains("cuda:0 cannot be used: this build is without CUDA"),
            "{error}"
        );
    }
}
