//! The form that states have in files.

use super::{SamplerState, state::VERSION};
use crate::{saved::Saved, seed::Seed};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, num::ParseFloatError};

/// A state of any version.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    sampler: String,
    seed: Seed,
    class_counts: Vec<usize>,
    refreshes: u64,
    /// Of version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<Vec<Numbers>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saved: Option<Lists>,
}

/// What a sampler saved, from version 2 on.
#[derive(Serialize, Deserialize)]
struct Lists {
    lists: BTreeMap<String, Numbers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inner: Option<Box<Lists>>,
}

/// Floating-point numbers as the shortest decimal text that reads back to the same bits.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
struct Numbers(Vec<f64>);

impl From<SamplerState> for State {
    fn from(state: SamplerState) -> Self {
        let Saved {
            lists,
            inner,
            in_order,
        } = state.saved;
        let numbers = in_order.map(|lists| lists.into_iter().map(Numbers).collect());
        Self {
            version: state.version,
            sampler: state.sampler,
            seed: state.seed,
            class_counts: state.class_counts,
            refreshes: state.refreshes,
            saved: numbers.is_none().then(|| Lists::new(lists, inner)),
            numbers,
        }
    }
}

impl TryFrom<State> for SamplerState {
    type Error = String;

    fn try_from(state: State) -> Result<Self, String> {
        let lacks = |field| {
            format!(
                "a sampler state of version {} lacks its {field}",
                state.version
            )
        };
        let saved = match state.version {
            0 | 1 => Saved {
                in_order: Some(numbers(state.numbers.ok_or_else(|| lacks("numbers"))?)),
                ..Saved::default()
            },
            VERSION => state.saved.ok_or_else(|| lacks("lists"))?.into(),
            // Refused by whoever takes it up, with what it would need.
            _ => Saved::default(),
        };
        Ok(Self {
            version: state.version,
            sampler: state.sampler,
            seed: state.seed,
            class_counts: state.class_counts,
            refreshes: state.refreshes,
            saved,
        })
    }
}

fn numbers(lists: Vec<Numbers>) -> Vec<Vec<f64>> {
    lists.into_iter().map(|Numbers(list)| list).collect()
}

impl Lists {
    fn new(lists: BTreeMap<String, Vec<f64>>, inner: Option<Box<Saved>>) -> Self {
        let lists = lists.into_iter();
        Self {
            lists: lists.map(|(name, list)| (name, Numbers(list))).collect(),
            inner: inner.map(|inner| Box::new(Self::new(inner.lists, inner.inner))),
        }
    }
}

impl From<Lists> for Saved {
    fn from(stored: Lists) -> Self {
        let lists = stored.lists.into_iter();
        Self {
            lists: lists.map(|(name, Numbers(list))| (name, list)).collect(),
            inner: stored.inner.map(|inner| Box::new((*inner).into())),
            in_order: None,
        }
    }
}

impl From<Numbers> for Vec<String> {
    fn from(Numbers(list): Numbers) -> Self {
        list.iter().map(f64::to_string).collect()
    }
}

impl TryFrom<Vec<String>> for Numbers {
    type Error = ParseFloatError;

    fn try_from(text: Vec<String>) -> Result<Self, ParseFloatError> {
        let numbers = text.iter().map(|number| number.parse());
        numbers.collect::<Result<_, _>>().map(Self)
    }
}
