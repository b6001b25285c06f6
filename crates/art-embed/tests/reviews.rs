//! The model against the stored embeddings of 64 reviews, which sentence-transformers made.
//!
//! Both tests need the model's folder in the variable `ART_MINILM`; the first also needs the sample and the pool
//! in the folder `ART_DATA`, or `../shared/data` beside the checkout.
#![cfg(feature = "model")]

use art_embed::{Embed, SentenceEmbedder};
use safetensors::SafeTensors;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

const COLUMNS: usize = 384;

/// The embedder, where its folder is named and is there.
fn embedder() -> Option<SentenceEmbedder> {
    let Some(folder) = env::var_os("ART_MINILM").map(PathBuf::from) else {
        println!("skipped: ART_MINILM does not name the model's folder");
        return None;
    };
    if !folder.exists() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(SentenceEmbedder::load(&folder).unwrap())
}

#[test]
fn sample_reviews_get_their_stored_rows() {
    let Some(embedder) = embedder() else { return };
    let shared = env::var_os("ART_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let sample = fs::read_to_string(shared.join("imdb-pool-sample.jsonl"));
    let pool = fs::read(shared.join("imdb-minilm-pool.safetensors"));
    let (Ok(sample), Ok(pool)) = (sample, pool) else {
        println!(
            "skipped: the sample or the pool is not in {}",
            shared.display()
        );
        return;
    };
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

#[test]
fn a_text_has_the_same_row_alone_and_beside_longer_ones() {
    let Some(embedder) = embedder() else { return };
    let long = "A film of great length, in which nothing happens, and slowly. ".repeat(40);
    let middle = "The second half makes up for the first. ".repeat(7);
    let texts = ["", "A fine film.", &middle, &long];
    let together = embedder.embed(&texts).unwrap();
    assert_eq!(together, embedder.embed(&texts).unwrap());
    let mut largest = 0.0_f32;
    for (text, row) in texts.iter().zip(together.chunks_exact(COLUMNS)) {
        let alone = embedder.embed(&[text]).unwrap();
        let differences = alone.iter().zip(row).map(|(a, b)| (a - b).abs());
        largest = differences.fold(largest, f32::max);
    }
    println!("largest difference {largest:.2e}");
    assert!(largest < 1e-5, "{largest}");
    // What lies behind the 256th token does not count.
    let longer = long.clone() + "Wonderful!";
    assert_eq!(
        embedder.embed(&[&longer]).unwrap(),
        embedder.embed(&[&long]).unwrap()
    );
    assert!(embedder.embed(&[]).unwrap().is_empty());
}
