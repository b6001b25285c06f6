//! How the losses of rows become one number.

/// How per-row losses `l_i = v_i · ℓ_i` become one number.
///
/// The two differ for weighted losses: under [`WeightedMean`](Self::WeightedMean) a batch of one
/// class has no weighting at all, under [`BatchMean`](Self::BatchMean) the size of the gradient
/// follows the composition of the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// `Σ v_i ℓ_i / Σ v_i`, as `PyTorch`'s cross-entropy with class weights.
    #[default]
    WeightedMean,
    /// `Σ v_i ℓ_i / B`.
    BatchMean,
}
