//! The embedder with a made-up model of the real one's form: a few words, and no or one layer.
#![cfg(feature = "model")]

use art_embed::{Embed, SentenceEmbedder};
use safetensors::{Dtype, tensor::TensorView};
use std::{fs, path::Path};

const COLUMNS: usize = 384;
const POSITIONS: usize = 256;
const INNER: usize = 24;
/// A word's token is its place.
const WORDS: [&str; 9] = [
    "[PAD]", "[CLS]", "[SEP]", "[UNK]", "a", "fine", "dull", "film", "long",
];
const EPSILON: f64 = 1e-12;

/// Numbers between −1 and 1 that follow from the name.
fn numbers(name: &str, n: usize) -> Vec<f32> {
    let start = name.bytes().fold(7_u64, |state, byte| {
        state.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let states = std::iter::successors(Some(start), |state| {
        let next = state.wrapping_mul(6_364_136_223_846_793_005);
        Some(next.wrapping_add(1_442_695_040_888_963_407))
    });
    let number = |state: u64| (state >> 40) as f32 / (1_u32 << 23) as f32 - 1.0;
    states.skip(1).take(n).map(number).collect()
}

/// The weights of a BERT with no or one layer, by name, with their shapes.
fn weights(n_layers: usize) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let mut parts: Vec<(String, Vec<usize>)> = vec![];
    let table = |rows, name: &str| (format!("embeddings.{name}.weight"), vec![rows, COLUMNS]);
    parts.extend([
        table(WORDS.len(), "word_embeddings"),
        table(POSITIONS, "position_embeddings"),
        table(2, "token_type_embeddings"),
    ]);
    let norm =
        |name: &str| ["weight", "bias"].map(|part| (format!("{name}.{part}"), vec![COLUMNS]));
    parts.extend(norm("embeddings.LayerNorm"));
    for layer in 0..n_layers {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        for (part, from, to) in [
            ("attention.self.query", COLUMNS, COLUMNS),
            ("attention.self.key", COLUMNS, COLUMNS),
            ("attention.self.value", COLUMNS, COLUMNS),
            ("attention.output.dense", COLUMNS, COLUMNS),
            ("intermediate.dense", COLUMNS, INNER),
            ("output.dense", INNER, COLUMNS),
        ] {
            parts.push((name(part) + ".weight", vec![to, from]));
            parts.push((name(part) + ".bias", vec![to]));
        }
        parts.extend(norm(&name("attention.output.LayerNorm")));
        parts.extend(norm(&name("output.LayerNorm")));
    }
    let filled = parts.into_iter().map(|(name, shape)| {
        let values = numbers(&name, shape.iter().product());
        (name, shape, values)
    });
    filled.collect()
}

/// The files of the model. The tokenizer's own settings cut and fill at 128 tokens, as the real one's do.
fn write_model(folder: &Path, n_layers: usize) {
    let config = serde_json::json!({
        "vocab_size": WORDS.len(), "hidden_size": COLUMNS, "num_hidden_layers": n_layers,
        "num_attention_heads": 12, "intermediate_size": INNER, "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1, "max_position_embeddings": POSITIONS, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": EPSILON, "pad_token_id": 0,
    });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let vocabulary: serde_json::Map<_, _> = WORDS
        .iter()
        .enumerate()
        .map(|(token, word)| ((*word).to_owned(), token.into()))
        .collect();
    let special = |word: &str| serde_json::json!({"SpecialToken": {"id": word, "type_id": 0}});
    let text = serde_json::json!({"Sequence": {"id": "A", "type_id": 0}});
    let single = [special("[CLS]"), text, special("[SEP]")];
    let of_word =
        |word: &str, token: u32| serde_json::json!({"id": word, "ids": [token], "tokens": [word]});
    let tokenizer = serde_json::json!({
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null,
                    "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": single,
                           "special_tokens": {"[CLS]": of_word("[CLS]", 1), "[SEP]": of_word("[SEP]", 2)}},
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let stored: Vec<_> = weights(n_layers)
        .into_iter()
        .map(|(name, shape, values)| {
            let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = stored.iter().map(|(name, shape, bytes)| {
        (
            name,
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    fs::write(folder.join("model.safetensors"), bytes).unwrap();
}

fn embedder(n_layers: usize) -> SentenceEmbedder {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), n_layers);
    SentenceEmbedder::load(folder.path()).unwrap()
}

/// The row of a text under a model without layers: normalized embeddings, their mean, brought to length 1.
fn expected(text: &str) -> Vec<f64> {
    let weights = weights(0);
    let of = |name: &str, row: usize| -> Vec<f64> {
        let found = weights.iter().find(|(known, ..)| known == name);
        let values = &found.unwrap().2[row * COLUMNS..][..COLUMNS];
        values.iter().map(|&x| f64::from(x)).collect()
    };
    let token = |word: &str| WORDS.iter().position(|known| *known == word).unwrap_or(3);
    let words = text.split_whitespace().map(token).take(POSITIONS - 2);
    let tokens = std::iter::once(1).chain(words).chain([2]);
    let (scale, shift) = (
        of("embeddings.LayerNorm.weight", 0),
        of("embeddings.LayerNorm.bias", 0),
    );
    let mut sum = vec![0.0; COLUMNS];
    for (position, token) in tokens.enumerate() {
        let word = of("embeddings.word_embeddings.weight", token);
        let place = of("embeddings.position_embeddings.weight", position);
        let kind = of("embeddings.token_type_embeddings.weight", 0);
        let all: Vec<f64> = (0..COLUMNS).map(|c| word[c] + place[c] + kind[c]).collect();
        let mean = all.iter().sum::<f64>() / COLUMNS as f64;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / COLUMNS as f64;
        for column in 0..COLUMNS {
            let normal = (all[column] - mean) / (variance + EPSILON).sqrt();
            sum[column] += normal * scale[column] + shift[column];
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    sum.iter().map(|x| x / length).collect()
}

#[test]
fn rows_are_the_normalized_means_of_the_hidden_states_of_256_tokens() {
    let long = "a long dull film ".repeat(75);
    let texts = ["a fine film", "", &long, "film unknown words film", "dull"];
    let rows = embedder(0).embed(&texts).unwrap();
    assert_eq!(rows.len(), texts.len() * COLUMNS);
    for (text, row) in texts.iter().zip(rows.chunks_exact(COLUMNS)) {
        let differences = expected(text).into_iter().zip(row);
        let largest = differences.map(|(a, &b)| (a - f64::from(b)).abs());
        let largest = largest.fold(0.0, f64::max);
        assert!(largest < 1e-6, "{text:.20}: {largest}");
    }
}

#[test]
fn a_text_has_the_same_row_alone_and_beside_longer_ones() {
    let embedder = embedder(1);
    let long = "a long film in which nothing happens and slowly ".repeat(40);
    let middle = "a fine second half ".repeat(7);
    let texts = ["", "a fine film", &middle, &long, "dull"];
    let together = embedder.embed(&texts).unwrap();
    assert_eq!(together, embedder.embed(&texts).unwrap());
    for (text, row) in texts.iter().zip(together.chunks_exact(COLUMNS)) {
        let alone = embedder.embed(&[text]).unwrap();
        let differences = alone.iter().zip(row).map(|(a, b)| (a - b).abs());
        let largest = differences.fold(0.0_f32, f32::max);
        assert!(largest < 1e-5, "{largest}");
    }
    // What lies behind the 256th token does not count.
    let longer = long.clone() + "fine";
    assert_eq!(
        embedder.embed(&[&longer]).unwrap(),
        embedder.embed(&[&long]).unwrap()
    );
    assert!(embedder.embed(&[]).unwrap().is_empty());
}

#[test]
fn another_model_has_another_digest() {
    let [none, one, again] = [0, 1, 1].map(|n_layers| embedder(n_layers).digest());
    assert_ne!(none, one);
    assert_eq!(one, again);
}
