//! What `cargo xtask gpu-check` runs on a machine with a graphics card: is training there the same, and how fast is it?
//!
//! `gpu_check parity [DEVICE]` holds losses, gradients and ten steps on a device against the processor's; it prints one JSON
//! object a check, and ends with an error where one is outside its tolerance. `gpu_check train NET BATCH EPOCHS [DEVICE]`
//! trains on made-up rows and prints the seconds of every epoch; `gpu_check tensors` does so by tensor operations. The device is `cuda:0` where nothing is said; `cpu` works
//! without a card.

mod parity;
mod speed;

use art_train::{DeviceName, TrainError};
use std::{error::Error, process::ExitCode};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["parity", device @ ..] => {
            let all_agree = parity::check(&open(device)?)?;
            Ok(if all_agree {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        [
            form @ ("train" | "tensors"),
            net,
            batch,
            epochs,
            device @ ..,
        ] => {
            let work = speed::Work::new(net, batch.parse()?, epochs.parse()?)?;
            let times = work.train(&open(device)?, *form == "tensors")?;
            println!("{}", serde_json::to_string(&times)?);
            Ok(ExitCode::SUCCESS)
        }
        _ => Err("see the comment at the top of this program's source".into()),
    }
}

fn open(words: &[&str]) -> Result<art_train::Device, Box<dyn Error>> {
    let name: DeviceName = match words {
        [] => DeviceName::Cuda(0),
        [name] => name.parse()?,
        _ => return Err("one device at most".into()),
    };
    name.open().map_err(|error: TrainError| error.into())
}
