//! Elementary functions with the same bits on every platform.
//!
//! Those of the standard library are the platform's: another C library, or another path of it for another processor, may
//! give another last digit, and with it another run. Everything on the way from a seed to a result calls these, which are
//! plain arithmetic (the crate `libm`). `sqrt`, `mul_add`, `floor` and their kind are exact by IEEE 754 and need no such care.
//!
//! ```
//! use art_core::elementary::{exp, ln};
//! assert_eq!(exp(1.0).to_bits(), 0x4005_bf0a_8b14_576a);
//! assert_eq!(ln(10.0).to_bits(), 0x4002_6bb1_bbb5_5515);
//! ```

/// eˣ.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

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
    fn whole_powers_are_products() {
        assert_eq!(powi(0.3, 2), 0.3 * 0.3);
        assert_eq!(powi(0.3, 5), 0.3 * (0.3 * 0.3 * (0.3 * 0.3)));
        assert_eq!(powi(4.0, -2), 1.0 / 16.0);
        assert_eq!(powi(7.0, 0), 1.0);
        assert_eq!(powi(2.0, i32::MIN), 0.0);
    }
}
