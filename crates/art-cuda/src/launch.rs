//! How a kernel is cut into blocks and threads: by numbers, by columns, or by the shape of a convolution.

use cudarc::driver::LaunchConfig;

/// Threads of a block where each has one number.
const THREADS: u32 = 256;
/// Channels that a thread of a convolution has; `GROUP` of the kernels.
const GROUP: usize = 8;
/// Numbers that a weight of nine takes there.
const STRIDE: usize = 12;
/// Memory that the threads of a block share at most, in bytes.
pub(crate) const SHARED: usize = 200 * 1024;

/// The image side of a convolution's shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvShape {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl ConvShape {
    pub(crate) fn places(self) -> usize {
        self.height / 2 * (self.width / 2)
    }

    /// An image with its border.
    pub(crate) fn plane(self) -> usize {
        (self.height + 2) * (self.width + 2)
    }

    pub(crate) fn n_weights(self) -> usize {
        9 * self.inputs * self.outputs
    }

    /// How a pass is cut that makes `made` channels of `read` ones; none where a block has not the memory.
    pub(crate) fn pass(self, images: usize, read: usize, made: usize) -> Option<LaunchConfig> {
        let threads = self.places().next_multiple_of(32).min(256);
        let groups = made.div_ceil(GROUP);
        let bytes = |groups: usize| 4 * read * (groups * GROUP * STRIDE + self.plane());
        let of_block = (1..=groups.min(512 / threads))
            .rev()
            .find(|&n| bytes(n) <= SHARED)?;
        Some(LaunchConfig {
            grid_dim: (images as u32, groups.div_ceil(of_block) as u32, 1),
            block_dim: (threads as u32, of_block as u32, 1),
            shared_mem_bytes: bytes(of_block) as u32,
        })
    }

    /// Threads of a block of the weights' pass, and the pairs of channels that it has.
    pub(crate) fn weight_threads(self) -> (usize, usize) {
        let pairs = (self.inputs * self.outputs).min(512);
        (512 / pairs * pairs, pairs)
    }

    pub(crate) fn weight_bytes(self) -> usize {
        4 * (self.inputs * (self.plane() | 1) + self.weight_threads().0)
    }

    /// Whether a card has room for it.
    pub(crate) fn fits(self) -> bool {
        self.pass(1, self.inputs, self.outputs).is_some()
            && self.pass(1, self.outputs, self.inputs).is_some()
            && self.weight_bytes() <= SHARED
    }
}

/// A thread for each of `count` numbers.
pub(crate) fn of_each(count: usize) -> LaunchConfig {
    blocks_of(count, THREADS)
}

pub(crate) fn blocks_of(count: usize, threads: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (count.div_ceil(threads as usize).max(1) as u32, 1, 1),
        block_dim: (threads, 1, 1),
        shared_mem_bytes: 0,
    }
}

/// Blocks of 32 columns each, in eight parts of the rows.
pub(crate) fn of_columns(width: usize) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (width.div_ceil(32) as u32, 1, 1),
        block_dim: (32, 8, 1),
        shared_mem_bytes: 0,
    }
}
