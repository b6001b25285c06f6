//! The layers that there are passes for.

/// A layer of a network: what it makes of a row, and how many numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Rows followed by their pieces: the share of the way from `lows` to `lows + widths` that each one's column has gone. The
    /// first layer, if any.
    Pieces {
        /// Columns of a row.
        inputs: usize,
        /// The column of each piece.
        columns: Vec<u32>,
        /// Where each begins.
        lows: Vec<f32>,
        /// How wide each is.
        widths: Vec<f32>,
    },
    /// A 3 × 3 convolution with a border of zeros, biases, a rectifier, and the largest of each 2 × 2 pixels. Weights
    /// `(outputs, inputs, 3, 3)`, then biases.
    Conv {
        /// Channels of the images.
        inputs: usize,
        /// Channels that come out.
        outputs: usize,
        /// Height of the images, even.
        height: usize,
        /// Their width, even.
        width: usize,
    },
    /// `x Wᵀ + b`. Weights `(outputs, inputs)`, then biases.
    Dense {
        /// Numbers of a row.
        inputs: usize,
        /// Numbers that come out.
        outputs: usize,
        /// The share of outputs dropped in training, after a rectifier; none where the sums themselves come out.
        rectifier: Option<f64>,
    },
}

impl Layer {
    /// Numbers of a row that go in.
    pub fn inputs(&self) -> usize {
        match *self {
            Self::Pieces { inputs, .. } | Self::Dense { inputs, .. } => inputs,
            Self::Conv {
                inputs,
                height,
                width,
                ..
            } => inputs * height * width,
        }
    }

    /// Numbers of a row that come out.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Pieces { inputs, lows, .. } => inputs + lows.len(),
            Self::Dense { outputs, .. } => *outputs,
            Self::Conv {
                outputs,
                height,
                width,
                ..
            } => outputs * (height / 2) * (width / 2),
        }
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        match *self {
            Self::Pieces { .. } => 0,
            Self::Dense {
                inputs, outputs, ..
            } => outputs * (inputs + 1),
            Self::Conv {
                inputs, outputs, ..
            } => outputs * (9 * inputs + 1),
        }
    }

    /// Share of the outputs that are dropped in training.
    pub fn dropout(&self) -> f64 {
        match self {
            Self::Dense { rectifier, .. } => rectifier.unwrap_or(0.0),
            _ => 0.0,
        }
    }
}
