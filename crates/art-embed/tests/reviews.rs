//! The model against the stored embeddings of 64 reviews, which sentence-transformers made.
//!
//! What these tests need is too large for the repository. They are run by name,
//!
//! ```text
//! ART_MINILM=MODEL_DIR ART_DATA=DATA_DIR cargo test --release -p art-embed --features model -- --ignored
//! ```
//!
//! and fail where something is missing: `MODEL_DIR` has the model's three files, `DATA_DIR` the files
//! `imdb-pool-sample.jsonl` and `imdb-minilm-pool.safetensors`. `made_up_model.rs` has what can be said without them.
#![cfg(feature = "model")]

use art_embed::{Embed, SentenceEmbedder};
use safetensors::SafeTensors;
use std::{env, fs, path::PathBuf};

const COLUMNS: usize = 384;

fn folder(variable: &str) -> PathBuf {
    let folder = env::var_os(variable).unwrap_or_else(|| panic!("{variable} names no folder"));
    folder.into()
}

#[test]
#[ignore = "needs the folders ART_MINILM (the model) and ART_DATA (stored embeddings)"]
fn sample_reviews_get_their_stored_rows() {
    let embedder = SentenceEmbedder::load(&folder("ART_MINILM")).unwrap();
    let stored = folder("ART_DATA");
    let sample = fs::read_to_string(stored.join("imdb-pool-sample.jsonl")).unwrap();
    let pool = fs::read(stored.join("imdb-minilm-pool.safetensors")).unwrap();
    let reviews: Vec<serde_json::Value> = sample
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(reviews.len(), 64);
    let texts: Vec<&str> = reviews
        .iter()
        .map(|review| review["text"].as_str().unwrap())
        .collect();
    let rows = embedder.embed(&texts).unwrap();

    let pool = SafeTensors::deserialize(&pool).unwrap();
    let stored = pool.tensor("embeddings").unwrap();
    let (mut largest, mut smallest_cosine) = (0.0_f64, 1.0_f64);
    for (review, row) in reviews.iter().zip(rows.chunks_exact(COLUMNS)) {
        let start = review["row"].as_u64().unwrap() as usize * COLUMNS * 2;
        let bytes = &stored.data()[start..start + COLUMNS * 2];
        let (mut product, mut squares) = (0.0, [0.0; 2]);
        for (&ours, pair) in row.iter().zip(bytes.chunks_exact(2)) {
            let theirs = half::f16::from_le_bytes([pair[0], pair[1]]).to_f64();
            let ours = f64::from(ours);
            largest = largest.max((ours - theirs).abs());
            product += ours * theirs;
            squares[0] += ours * ours;
            squares[1] += theirs * theirs;
        }
        assert!((squares[0] - 1.0).abs() < 1e-6);
        smallest_cosine = smallest_cosine.min(product / (squares[0] * squares[1]).sqrt());
    }
    println!("largest difference {largest:.2e}, smallest cosine {smallest_cosine:.8}");
    assert!(largest < 1e-4, "{largest}");
    assert!(smallest_cosine > 0.99999, "{smallest_cosine}");
}
