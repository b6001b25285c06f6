//! The methods of the project, a file each or one for a family.

mod art;
mod break_even;
mod by_loss;
mod cleaning;
mod contrastive;
mod hard_rows;
mod hybrid;
mod logistic;
mod margins;
mod over_sampling;
mod plain;
mod power;
mod random;
mod remix;
mod second_stage;
mod under_sampling;
mod weights;

use crate::{
    key::{OneOf, Real, Whole},
    method::{Method, Source},
    value::Settings,
};
use art_core::ParamError;
use art_data::SamplingStrategy;

/// All of them, in the order of lists.
pub(crate) fn methods() -> Vec<Method> {
    [
        plain::methods(),
        random::methods(),
        over_sampling::methods(),
        under_sampling::methods(),
        cleaning::methods(),
        weights::methods(),
        hard_rows::methods(),
        margins::methods(),
        contrastive::methods(),
        remix::methods(),
        second_stage::methods(),
        art::methods(),
        break_even::methods(),
        hybrid::methods(),
        power::methods(),
        by_loss::methods(),
        logistic::methods(),
    ]
    .concat()
}

const ART_2025: Source = Source::new("ART 2025", "10.48550/arXiv.2509.00955");
const KANG_2020: Source = Source::new("Kang et al. 2020", "10.48550/arXiv.1910.09217");
const MENON_2021: Source = Source::new("Menon et al. 2021", "10.48550/arXiv.2007.07314");
const REN_2020: Source = Source::new("Ren et al. 2020", "10.48550/arXiv.2007.10740");

/// ART's blending constant.
const BLEND: Real = Real::real("blend", 0.5, 0.05, 0.95)
    .recorded_as("c")
    .checked_as("blend_constant")
    .help("1 is the class prior alone, 0 the difficulty alone");

/// How often a sampler learns.
const BOOST_FREQUENCY: Whole = Whole::whole("boost_frequency", 5, 1, 10)
    .recorded_as("bf")
    .help("epochs between refreshes");

/// The weight of a class by its effective number of rows.
const BETA: OneOf<f64> = OneOf::one_of(
    "beta",
    &[
        ("0.9", 0.9),
        ("0.99", 0.99),
        ("0.999", 0.999),
        ("0.9999", 0.9999),
    ],
)
.default_at(3)
.help("how much a further row of a class adds, one being nothing less");

/// What over- and under-sampling aim at.
const RATIO: Real = Real::real("ratio", 1.0, 0.25, 1.0)
    .help("rows of each class over those of the largest (over-sampling) or smallest class");

fn to_ratio(settings: &Settings) -> Result<SamplingStrategy, ParamError> {
    Ok(SamplingStrategy::Ratio(settings.of(RATIO)?))
}

/// How many neighbors a resampler looks at.
const fn neighbors(default: u32, low: u32, high: u32) -> Whole {
    Whole::whole("k", default, low, high).help("neighbors")
}

#[cfg(test)]
mod tests {
    use crate::{Domain, Kind, Registry, Value};

    #[test]
    fn every_default_may_be_tried_and_every_condition_names_a_setting_of_the_method() {
        for method in Registry::standard().methods() {
            for setting in method.declared() {
                let place = format!("{} {}", method.id(), setting.name());
                if setting.is_tuned() {
                    assert!(setting.domain().contains(setting.default()), "{place}");
                }
                if let Some((key, value)) = setting.condition() {
                    let other = method.declared().iter().find(|s| s.key() == key);
                    let other = other.expect(&place);
                    assert!(other.domain().contains(value), "{place}");
                }
                assert!(!setting.help().is_empty(), "{place}: no help");
            }
        }
    }

    #[test]
    fn names_and_keys_of_a_method_are_all_different() {
        for method in Registry::standard().methods() {
            for (place, setting) in method.declared().iter().enumerate() {
                let others = method.declared()[..place].iter();
                let mut others = others.flat_map(|other| [other.name(), other.key()]);
                assert!(
                    others.all(|name| !setting.is_called(name)),
                    "{}: {}",
                    method.id(),
                    setting.name()
                );
            }
        }
    }

    #[test]
    fn choices_are_numbers_alone_or_words_alone() {
        let registry = Registry::standard();
        let settings = registry
            .methods()
            .iter()
            .flat_map(crate::method::Method::declared);
        for setting in settings {
            if let Domain::Choice(values) = setting.domain() {
                let words = values.iter().filter(|v| matches!(v, Value::Word(_)));
                assert!([0, values.len()].contains(&words.count()), "{setting:?}");
            }
        }
    }

    #[test]
    fn every_method_says_what_it_is_and_where_to_read_it() {
        for method in Registry::standard().methods() {
            assert!(!method.summary().is_empty(), "{}", method.id());
            assert!(!method.code().is_empty(), "{}", method.id());
            let is_resampler = method.kind() == Kind::Resampler;
            let made = method.make_resampler(&crate::Settings::default());
            assert_eq!(made.is_some(), is_resampler && method.id() != "adasampling");
        }
    }
}
