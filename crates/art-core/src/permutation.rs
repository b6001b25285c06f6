//! A keyed shuffle of `0..n` that can be asked for any single position.
//!
//! Choice: a Feistel network over ⌈log₂ n⌉ bits whose halves may differ by one bit, with cycle
//! walking for an `n` that is no power of two. A stored shuffle would cost four bytes a row and
//! could not be split among workers without sending it.
//!
//! # References
//! Luby and Rackoff (1988), "How to construct pseudorandom permutations from pseudorandom
//! functions", doi 10.1137/0217022; Black and Rogaway (2002), "Ciphers with arbitrary finite
//! domains", doi 10.1007/3-540-45760-7_9 (cycle walking).

use crate::seed::Stream;
use rand::RngCore;

/// Rounds of a small network. A network over a few bits has few round functions to choose from and
/// mixes slowly: with 8 rounds the statistics in `tests/permutation.rs` fail for n = 6 by more than 8
/// standard errors. (No number of rounds makes every order reachable: where n is a power of two from
/// 16 on, each round is an even permutation.)
const ROUNDS: usize = 16;
/// Rounds of a network over more than [`SMALL_BITS`] bits.
const LARGE_ROUNDS: usize = 8;
const SMALL_BITS: u32 = 12;

/// A pseudo-random permutation of `0..n`, in O(1) memory.
///
/// ```
/// use art_core::{Permutation, Seed};
/// let permutation = Permutation::new(10, &mut Seed::new(1).stream("epoch", 1));
/// let mut items: Vec<u32> = (0..10).map(|i| permutation.get(i)).collect();
/// items.sort();
/// assert_eq!(items, (0..10).collect::<Vec<u32>>());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permutation {
    n: u32,
    high_bits: u32,
    low_bits: u32,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// A permutation of `0..n`, keyed by the next outputs of `stream`.
    pub fn new(n: u32, stream: &mut Stream) -> Self {
        let bits = u32::BITS - n.saturating_sub(1).leading_zeros();
        Self {
            n,
            high_bits: bits / 2,
            low_bits: bits - bits / 2,
            keys: std::array::from_fn(|_| stream.next_u64()),
        }
    }

    /// Number of items.
    pub fn len(&self) -> u32 {
        self.n
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The item at `position`.
    ///
    /// # Panics
    /// If `position` is not below [`len`](Self::len).
    #[inline]
    pub fn get(&self, position: u32) -> u32 {
        assert!(position < self.n, "position {position} of {} items", self.n);
        let mut item = self.encrypt(position);
        // The network permutes the next power of two; following its cycle leads back below n.
        while item >= self.n {
            item = self.encrypt(item);
        }
        item
    }

    /// Calls `visit` with the item at each of the first `count` positions, in order.
    ///
    /// Several times faster than asking for each: a block of positions goes through the network
    /// together, so that no position waits for another's cycle walk.
    ///
    /// # Panics
    /// If `count` is above [`len`](Self::len).
    pub fn for_each_of_first(&self, count: u32, visit: impl FnMut(u32)) {
        assert!(count <= self.n, "{count} positions of {} items", self.n);
        match RoundTables::worth_making(self, count) {
            Some(tables) => self.walk(count, |block| tables.encrypt(block), visit),
            None => self.walk(count, |block| self.encrypt(block), visit),
        }
    }

    fn walk(&self, count: u32, encrypt: impl Fn(u32) -> u32, mut visit: impl FnMut(u32)) {
        const BLOCK: usize = 64;
        let mut items = [0_u32; BLOCK];
        let mut outside = [0_usize; BLOCK];
        for start in (0..count).step_by(BLOCK) {
            let items = &mut items[..BLOCK.min((count - start) as usize)];
            let mut n_outside = 0;
            for (i, item) in items.iter_mut().enumerate() {
                *item = encrypt(start + i as u32);
                outside[n_outside] = i;
                n_outside += usize::from(*item >= self.n);
            }
            while n_outside > 0 {
                let mut still_outside = 0;
                for k in 0..n_outside {
                    let i = outside[k];
                    items[i] = encrypt(items[i]);
                    outside[still_outside] = i;
                    still_outside += usize::from(items[i] >= self.n);
                }
                n_outside = still_outside;
            }
            for &item in items.iter() {
                visit(item);
            }
        }
    }

    fn n_rounds(&self) -> usize {
        if self.high_bits + self.low_bits <= SMALL_BITS {
            ROUNDS
        } else {
            LARGE_ROUNDS
        }
    }

    #[inline]
    fn encrypt(&self, block: u32) -> u32 {
        if self.n_rounds() == ROUNDS {
            self.encrypt_in_rounds::<ROUNDS>(block)
        } else {
            self.encrypt_in_rounds::<LARGE_ROUNDS>(block)
        }
    }

    #[inline]
    fn encrypt_in_rounds<const N: usize>(&self, block: u32) -> u32 {
        let low_mask = (1_u64 << self.low_bits) - 1;
        let high_mask = (1_u64 << self.high_bits) - 1;
        let mut high = u64::from(block) >> self.low_bits;
        let mut low = u64::from(block) & low_mask;
        for pair in self.keys[..N].chunks_exact(2) {
            high ^= scramble(low, pair[0]) & high_mask;
            low ^= scramble(high, pair[1]) & low_mask;
        }
        ((high << self.low_bits) | low) as u32
    }
}

/// What each round of a network adds, for every value of the half that it reads: a few thousand numbers, from which many
/// positions are found without a multiplication.
struct RoundTables {
    low_bits: u32,
    /// Numbers for two rounds after one another.
    pair_size: usize,
    /// For two rounds after one another: by the low half, then by the high one.
    added: Vec<u16>,
}

impl RoundTables {
    /// Beyond this a table leaves the cache, and is no faster.
    const MOST_HALF_BITS: u32 = 12;

    /// The tables of `permutation`, where `count` positions repay them.
    fn worth_making(permutation: &Permutation, count: u32) -> Option<Self> {
        let (low_bits, high_bits) = (permutation.low_bits, permutation.high_bits);
        if low_bits > Self::MOST_HALF_BITS || count >> low_bits < 2 {
            return None;
        }
        let (low_size, high_size) = (1_u64 << low_bits, 1_u64 << high_bits);
        let n_rounds = permutation.n_rounds();
        let pair_size = (low_size + high_size) as usize;
        let mut added = Vec::with_capacity(n_rounds / 2 * pair_size);
        for pair in permutation.keys[..n_rounds].chunks_exact(2) {
            let mask = high_size - 1;
            added.extend((0..low_size).map(|low| (scramble(low, pair[0]) & mask) as u16));
            let mask = low_size - 1;
            added.extend((0..high_size).map(|high| (scramble(high, pair[1]) & mask) as u16));
        }
        Some(Self {
            low_bits,
            pair_size,
            added,
        })
    }

    /// As [`Permutation::encrypt`].
    #[inline]
    fn encrypt(&self, block: u32) -> u32 {
        let low_size = 1_usize << self.low_bits;
        let mut high = block as usize >> self.low_bits;
        let mut low = block as usize & (low_size - 1);
        for pair in self.added.chunks_exact(self.pair_size) {
            let (by_low, by_high) = pair.split_at(low_size);
            high ^= usize::from(by_low[low]);
            low ^= usize::from(by_high[high]);
        }
        ((high << self.low_bits) | low) as u32
    }
}

/// 32 well-mixed bits of (value, key).
#[inline]
fn scramble(value: u64, key: u64) -> u64 {
    let mut h = (value ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h ^= h >> 32;
    h.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32
}
