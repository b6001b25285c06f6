//! What a multi-layer perceptron is like.

use super::check_size;
use art_core::ParamError;
use art_losses::Head;
use serde::{Deserialize, Serialize};

/// Shape of a multi-layer perceptron, not yet checked.
///
/// ```
/// use art_train::MlpParams;
/// let config = MlpParams::new(8, 2).hidden([64, 64]).dropout(0.2).check()?;
/// assert_eq!(config.n_parameters(), 8 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2);
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct MlpParams {
    pub(super) n_features: usize,
    pub(super) n_classes: usize,
    pub(super) hidden: Vec<usize>,
    pub(super) dropout: f64,
    pub(super) head: Head,
    /// Written where a column has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    knots: Vec<Vec<f32>>,
}

impl MlpParams {
    /// `n_features` inputs, `n_classes` logits, two hidden layers of 64 units, dropout 0.2.
    pub fn new(n_features: usize, n_classes: usize) -> Self {
        Self {
            n_features,
            n_classes,
            hidden: vec![64, 64],
            dropout: 0.2,
            head: Head::Linear,
            knots: vec![],
        }
    }

    /// The last layer, as the loss asks for it.
    pub fn head(mut self, head: Head) -> Self {
        self.head = head;
        self
    }

    /// Units of each hidden layer; none makes a linear model.
    pub fn hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.hidden = widths.into();
        self
    }

    /// Knots of each input column, which rise: a column `x` with knots `t_0 < ... < t_m` enters as itself and as the m shares
    /// `min(max((x - t_{i-1}) / (t_i - t_{i-1}), 0), 1)`, one without knots as itself alone. No list at all is none for each.
    ///
    /// A network then sees steps: where the knots are the values of a column of few, its shares are 0 or 1, and each says
    /// whether the value lies above a knot.
    ///
    /// # References
    /// Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep learning", arXiv
    /// 2203.05556, section 3.2. *Choice*: the number itself goes in as well, so that the network can tell values beyond the
    /// outermost knots apart.
    pub fn knots(mut self, of_columns: impl Into<Vec<Vec<f32>>>) -> Self {
        self.knots = of_columns.into();
        self
    }

    /// Share of hidden units dropped in training, at least 0 and below 1.
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = rate;
        self
    }

    /// The checked shape.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn check(mut self) -> Result<MlpConfig, ParamError> {
        if self.n_features == 0 {
            return Err(ParamError::new("n_features", 0, "at least 1"));
        }
        if self.n_classes < 2 {
            return Err(ParamError::new("n_classes", self.n_classes, "at least 2"));
        }
        if self.hidden.contains(&0) {
            return Err(ParamError::new(
                "hidden",
                0,
                "at least 1 unit in each layer",
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ParamError::new(
                "dropout",
                self.dropout,
                "at least 0 and below 1",
            ));
        }
        if self.knots.iter().all(Vec::is_empty) {
            self.knots.clear();
        } else {
            self.check_knots()?;
        }
        let value = format!("{:?} for {} features", self.hidden, self.n_features);
        let config = MlpConfig { params: self };
        // With the biases.
        let shapes = config.layers().into_iter();
        let shapes = shapes.map(|(inputs, outputs)| [inputs.saturating_add(1), outputs]);
        check_size(shapes, "hidden", &value)?;
        Ok(config)
    }

    fn check_knots(&self) -> Result<(), ParamError> {
        let error = |value: String, expected| Err(ParamError::new("knots", value, expected));
        if self.knots.len() != self.n_features {
            let value = format!(
                "{} lists for {} features",
                self.knots.len(),
                self.n_features
            );
            return error(value, "one list for each feature");
        }
        for (column, knots) in self.knots.iter().enumerate() {
            if knots.len() == 1 {
                return error(format!("one of column {column}"), "none or at least 2");
            }
            // What is not a number is above nothing.
            let rise = |pair: &[f32]| (pair[1] - pair[0]).is_finite() && pair[1] > pair[0];
            if !knots.windows(2).all(rise) {
                let value = format!("{knots:?} of column {column}");
                return error(value, "numbers that rise, by finite steps");
            }
        }
        Ok(())
    }
}

/// Shape of a multi-layer perceptron that is known to be valid; made by [`MlpParams::check`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MlpParams", into = "MlpParams")]
pub struct MlpConfig {
    params: MlpParams,
}

impl TryFrom<MlpParams> for MlpConfig {
    type Error = ParamError;

    fn try_from(params: MlpParams) -> Result<Self, ParamError> {
        params.check()
    }
}

impl From<MlpConfig> for MlpParams {
    fn from(config: MlpConfig) -> Self {
        config.params
    }
}

impl MlpConfig {
    /// Knots of each input column; none at all where every column enters as itself alone ([`MlpParams::knots`]).
    pub fn knots(&self) -> &[Vec<f32>] {
        &self.params.knots
    }

    /// The numbers that were checked.
    pub(super) fn params(&self) -> &MlpParams {
        &self.params
    }

    /// Numbers of a row that reach the first layer.
    fn n_inputs(&self) -> usize {
        let pieces = self.params.knots.iter().map(|k| k.len().saturating_sub(1));
        self.params.n_features + pieces.sum::<usize>()
    }

    /// `(fan_in, fan_out)` of each layer.
    pub(super) fn layers(&self) -> Vec<(usize, usize)> {
        let MlpParams {
            n_classes, hidden, ..
        } = &self.params;
        let n_inputs = self.n_inputs();
        let inputs = std::iter::once(&n_inputs).chain(hidden);
        let outputs = hidden.iter().chain([n_classes]);
        inputs.copied().zip(outputs.copied()).collect()
    }

    /// Whether the layer has a bias: a normalized head has none.
    pub(super) fn has_bias(&self, layer: usize) -> bool {
        self.params.head == Head::Linear || layer < self.params.hidden.len()
    }

    /// Name and shape of each weight and bias.
    pub(super) fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let mut shapes = vec![];
        for (layer, (fan_in, fan_out)) in self.layers().into_iter().enumerate() {
            shapes.push((format!("{layer}.weight"), vec![fan_out, fan_in]));
            if self.has_bias(layer) {
                shapes.push((format!("{layer}.bias"), vec![fan_out]));
            }
        }
        shapes
    }

    /// Number of weights and biases.
    pub fn n_parameters(&self) -> usize {
        let layers = self.layers().into_iter().enumerate();
        layers
            .map(|(layer, (i, o))| i * o + if self.has_bias(layer) { o } else { 0 })
            .sum()
    }
}
