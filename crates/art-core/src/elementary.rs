//! Elementary functions with the same bits on every platform.
//!
//! Those of the standard library are the platform's: another C library, or another path of it for another processor, may
//! give another last digit, and with it another run. Everything on the way from a seed to a result calls these, which are
//! plain arithmetic (the crate `libm`). `sqrt`, `floor` and their kind are exact by IEEE 754 and need no such care. `mul_add` does: where
//! the processor has no instruction for it, some C libraries round twice.
//!
//! ```
//! use art_core::elementary::{exp, ln};
//! assert_eq!(exp(1.0).to_bits(), 0x4005_bf0a_8b14_576a);
//! assert_eq!(ln(10.0).to_bits(), 0x4002_6bb1_bbb5_5516);
//! ```

use std::f64::consts::LOG2_E;

/// eˣ, to one unit in the last place; 0 below −707.5, where results begin to lose digits.
///
/// Written here because a softmax takes one of every logit: it has no branch, so that a loop over a slice becomes vectors, with
/// the bits of one call. In a training step with nine classes the function of `libm` cost 7 % of the time.
///
/// x = n ln 2 + r with |r| ≤ ln 2 / 2, and eʳ is its series up to r¹³, whose rest is below 5e-18.
///
/// # References
/// Cody and Waite (1980), "Software manual for the elementary functions", Prentice-Hall: ln 2 in two parts.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    /// Adding it leaves a number's whole part in the lowest bits.
    const TO_WHOLE: f64 = 6_755_399_441_055_744.0;
    /// The leading 33 bits of ln 2, of which a multiple by n is exact, and the rest.
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const SMALLEST: f64 = -707.5;
    /// Beyond the logarithm of the largest number.
    const LARGEST: f64 = 710.0;

    let within = x.clamp(SMALLEST, LARGEST);
    let shifted = within * LOG2_E + TO_WHOLE;
    let n = shifted - TO_WHOLE;
    let r = (within - n * LN_2_HIGH) - n * LN_2_LOW;
    let (r2, r4, r8) = (r * r, r * r * (r * r), r * r * (r * r) * (r * r * (r * r)));
    let pair = |k: usize| SERIES[k] + r * SERIES[k + 1];
    let low = (pair(0) + r2 * pair(2)) + r4 * (pair(4) + r2 * pair(6));
    let tail = low + r8 * (pair(8) + r2 * pair(10));
    let of_r = 1.0 + (r + r2 * tail);
    // 2ⁿ⁻¹ and then twice that: 2¹⁰²⁴ is no number.
    let half_scale = f64::from_bits(shifted.to_bits().wrapping_add(1022) << 52);
    if x < SMALLEST {
        0.0
    } else {
        of_r * half_scale * 2.0
    }
}

/// 1 / k! from k = 2 on.
const SERIES: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// eˣ − 1, exact to the last digits for small x too.
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// 2ˣ.
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// The natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// ln(1 + x), exact to the last digits for small x too.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// xʸ.
pub fn powf(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// xⁿ by repeated squaring, the lowest bit of n first.
pub fn powi(x: f64, n: i32) -> f64 {
    let (mut rest, mut square, mut power) = (n.unsigned_abs(), x, 1.0);
    loop {
        if rest % 2 == 1 {
            power *= square;
        }
        rest /= 2;
        if rest == 0 {
            break;
        }
        square *= square;
    }
    if n < 0 { 1.0 / power } else { power }
}

/// The sine of an angle in radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine of an angle in radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "held against the platform's")]
mod tests {
    use super::*;

    /// Units in the last place between two finite numbers of one sign.
    fn apart(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    /// Not with MinGW's, which are off by ten and more in powers and cosines.
    #[cfg(not(all(windows, target_env = "gnu")))]
    #[test]
    fn they_agree_with_the_platform_to_two_units_in_the_last_place() {
        for i in 1..20_000 {
            let x = f64::from(i) * 1e-3;
            for (name, own, platform) in [
                ("exp", exp(-x), (-x).exp()),
                ("exp_m1", exp_m1(x), x.exp_m1()),
                ("exp2", exp2(x), x.exp2()),
                ("ln", ln(x), x.ln()),
                ("ln_1p", ln_1p(x), x.ln_1p()),
                ("log2", log2(x), x.log2()),
                ("log10", log10(x), x.log10()),
                ("powf", powf(x, 1.7), x.powf(1.7)),
                ("sin", sin(x), x.sin()),
                ("cos", cos(x), x.cos()),
            ] {
                assert!(apart(own, platform) <= 2, "{name}({x}): {own} {platform}");
            }
        }
    }

    #[test]
    fn exponentials_are_right_to_a_unit_in_the_last_place_and_at_the_ends() {
        for i in -70_750..=70_978 {
            let x = f64::from(i) * 1e-2;
            assert!(apart(exp(x), x.exp()) <= 1, "{x}: {} {}", exp(x), x.exp());
        }
        assert_eq!(
            [exp(0.0), exp(-0.0), exp(f64::NEG_INFINITY)],
            [1.0, 1.0, 0.0]
        );
        assert_eq!(
            [exp(-708.0), exp(710.0), exp(f64::INFINITY)],
            [0.0, f64::INFINITY, f64::INFINITY]
        );
        assert!(exp(f64::NAN).is_nan());
    }

    #[test]
    fn whole_powers_are_products() {
        assert_eq!(powi(0.3, 2), 0.3 * 0.3);
        assert_eq!(powi(0.3, 5), 0.3 * (0.3 * 0.3 * (0.3 * 0.3)));
        assert_eq!(powi(4.0, -2), 1.0 / 16.0);
        assert_eq!(powi(7.0, 0), 1.0);
        assert_eq!(powi(2.0, i32::MIN), 0.0);
    }
}
