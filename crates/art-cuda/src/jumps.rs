//! The generator xoshiro256++ some steps ahead.
//!
//! Its step is linear in the bits of its state, so n steps are a matrix of 256 × 256 bits. Those for n = 1, 2, 4, ... bring a
//! state anywhere in as many products as n has bits.
//!
//! # References
//! Blackman and Vigna (2021), "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), doi 10.1145/3460772.

/// The state of the generator: four words.
pub type State = [u64; 4];

const BITS: usize = 256;

/// The state a step later.
fn step(mut s: State) -> State {
    let t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3].rotate_left(45);
    s
}

/// The state that a seed of one word begins with: four numbers of `SplitMix64`.
pub fn seeded(seed: u64) -> State {
    let mut counter = seed;
    std::array::from_fn(|_| {
        counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (counter ^ (counter >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}

/// What 2^j steps do, for every j below a number: the state that each single bit becomes.
#[derive(Clone, Debug)]
pub struct Jumps {
    powers: Vec<Vec<State>>,
}

impl Jumps {
    /// Those for j below `n`, at most 64.
    pub fn new(n: usize) -> Self {
        let single = |bit: usize| {
            let mut state = [0; 4];
            state[bit / 64] = 1 << (bit % 64);
            state
        };
        let mut powers: Vec<Vec<State>> = vec![(0..BITS).map(|bit| step(single(bit))).collect()];
        for _ in 1..n.clamp(1, 64) {
            let last = &powers[powers.len() - 1];
            let twice = last.iter().map(|&state| apply(last, state)).collect();
            powers.push(twice);
        }
        Self { powers }
    }

    /// The state `steps` later, as far as there are powers for it.
    pub fn ahead(&self, state: State, steps: u64) -> State {
        let taken = self.powers.iter().enumerate();
        let taken = taken.filter(|(j, _)| steps >> j & 1 == 1);
        taken.fold(state, |state, (_, columns)| apply(columns, state))
    }

    /// The columns of the matrices from power `from` on, one after another.
    pub fn words(&self, from: usize) -> Vec<u64> {
        let powers = self.powers[from.min(self.powers.len())..].iter();
        powers.flatten().flatten().copied().collect()
    }
}

/// The matrix of these columns times `state`.
fn apply(columns: &[State], state: State) -> State {
    let mut product = [0; 4];
    for (bit, column) in columns.iter().enumerate() {
        let taken = (state[bit / 64] >> (bit % 64) & 1).wrapping_neg();
        for (word, column) in product.iter_mut().zip(column) {
            *word ^= column & taken;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// The number that a state gives.
    fn number(s: State) -> u64 {
        s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0])
    }

    #[test]
    fn jumps_are_that_many_steps_of_the_generator() {
        let start: State = [1, 2, 3, u64::MAX - 4];
        let bytes: Vec<u8> = start.iter().flat_map(|word| word.to_le_bytes()).collect();
        let jumps = Jumps::new(14);
        for steps in [0, 1, 2, 3, 31, 32, 1000, 9_999] {
            let mut generator = Xoshiro256PlusPlus::from_seed(bytes.clone().try_into().unwrap());
            for _ in 0..steps {
                generator.next_u64();
            }
            assert_eq!(
                number(jumps.ahead(start, steps)),
                generator.next_u64(),
                "{steps}"
            );
        }
    }

    #[test]
    fn a_seed_begins_as_the_generator_does() {
        for seed in [0, 1834, u64::MAX] {
            let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
            assert_eq!(number(seeded(seed)), generator.next_u64());
            assert_eq!(number(step(seeded(seed))), generator.next_u64());
        }
    }

    #[test]
    fn words_are_the_columns_of_every_power() {
        let jumps = Jumps::new(7);
        assert_eq!(jumps.words(5).len(), 2 * BITS * 4);
        assert_eq!(jumps.words(5)[..4], jumps.ahead([1, 0, 0, 0], 32));
    }
}
