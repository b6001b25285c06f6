//! Reviews a second: `rate MODEL SAMPLE [REPEATS]`, with the model's folder and imdb-pool-sample.jsonl.
//!
//! Prints one line of JSON, as `benches/peers/embed.py` does. The model is loaded and warmed up before.

use art_embed::{Embed, SentenceEmbedder};
use std::{env, error::Error, fs, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [model, sample, repeats @ ..] = &arguments[..] else {
        return Err("usage: rate MODEL SAMPLE [REPEATS]".into());
    };
    let repeats: usize = repeats.first().map_or(Ok(2), |text| text.parse())?;
    let mut texts: Vec<String> = vec![];
    for line in fs::read_to_string(sample)?.lines() {
        let review: serde_json::Value = serde_json::from_str(line)?;
        texts.push(
            review["text"]
                .as_str()
                .ok_or("a line has no text")?
                .to_owned(),
        );
    }
    let once: Vec<&str> = texts.iter().map(String::as_str).collect();
    let embedder = SentenceEmbedder::load(model.as_ref())?;
    embedder.embed(&once[..16.min(once.len())])?;
    let start = Instant::now();
    // As the pool is made: 64 reviews at a time.
    for _ in 0..repeats {
        embedder.embed(&once)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = (repeats * once.len()) as f64 / seconds;
    println!(
        "{}",
        serde_json::json!({ "reviews_per_second": rate, "seconds": seconds })
    );
    Ok(())
}
