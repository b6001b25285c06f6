//! What a sampler saves: lists of numbers, each with a name.

use crate::{distribution::ClassDistribution, error::CoreError};
use std::{array, borrow::Cow, collections::BTreeMap, ops::RangeInclusive};

/// What a sampler saves of itself: lists of numbers, each with a name, and what the sampler inside it saves.
///
/// Reading asks for all names at once, and each list for what it should hold; errors name the list.
///
/// ```
/// use art_core::Saved;
/// let saved = Saved::new([("weights", vec![0.5, 0.5]), ("step", vec![0.1])]);
/// let [weights, step] = saved.lists(["weights", "step"])?;
/// assert_eq!(weights.distribution(2)?.as_slice(), [0.5, 0.5]);
/// assert_eq!(step.number()?, 0.1);
/// let error = weights.numbers(3).unwrap_err().to_string();
/// assert!(error.contains("its weights is 2 numbers, here it is 3 numbers"), "{error}");
/// assert!(saved.lists(["weights"]).is_err());
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    pub(crate) lists: BTreeMap<String, Vec<f64>>,
    pub(crate) inner: Option<Box<Self>>,
    /// Lists of version 1, which had an order instead of names: those of a sampler inside stand before its own. None in
    /// newer versions.
    pub(crate) in_order: Option<Vec<Vec<f64>>>,
}

impl Saved {
    /// These lists.
    pub fn new(lists: impl IntoIterator<Item = (&'static str, Vec<f64>)>) -> Self {
        let lists = lists.into_iter();
        Self {
            lists: lists.map(|(name, list)| (name.to_owned(), list)).collect(),
            ..Self::default()
        }
    }

    /// These lists of a sampler around another one, which saved `inner`.
    #[must_use]
    pub fn around(self, inner: Self) -> Self {
        Self {
            inner: Some(Box::new(inner)),
            ..self
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        let in_order = self.in_order.iter().flatten();
        self.lists.is_empty() && self.inner.is_none() && in_order.count() == 0
    }

    /// The lists with these names, which must be all that there is. The order of the names is that of version 1.
    ///
    /// # Errors
    /// [`CoreError::StateMismatch`] with the names that were expected and those that there are.
    pub fn lists<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[SavedList<'_>; N], CoreError> {
        match &self.in_order {
            None if self.inner.is_some() => Err(self.mismatch(&names)),
            None => self.named(names),
            Some(lists) => self.in_order(lists, names),
        }
    }

    /// What the sampler inside saved, and the lists with these names of the one around it.
    ///
    /// # Errors
    /// As [`lists`](Self::lists).
    pub fn inner_and_lists<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<(Cow<'_, Self>, [SavedList<'_>; N]), CoreError> {
        let mismatch = || self.mismatch(&names);
        let Some(lists) = &self.in_order else {
            let inner = self.inner.as_deref().ok_or_else(mismatch)?;
            return Ok((Cow::Borrowed(inner), self.named(names)?));
        };
        let n_inner = lists.len().checked_sub(N).ok_or_else(mismatch)?;
        let (inner, own) = lists.split_at(n_inner);
        let inner = Self {
            in_order: Some(inner.to_vec()),
            ..Self::default()
        };
        Ok((Cow::Owned(inner), self.in_order(own, names)?))
    }

    fn named<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[SavedList<'_>; N], CoreError> {
        let mut lists = names.map(|name| SavedList { name, list: &[] });
        for list in &mut lists {
            let found = self.lists.get(list.name);
            list.list = found.ok_or_else(|| self.mismatch(&names))?;
        }
        if self.lists.len() != N {
            return Err(self.mismatch(&names));
        }
        Ok(lists)
    }

    fn in_order<'a, const N: usize>(
        &self,
        lists: &'a [Vec<f64>],
        names: [&'static str; N],
    ) -> Result<[SavedList<'a>; N], CoreError> {
        let lists: &[Vec<f64>; N] = lists.try_into().map_err(|_| self.mismatch(&names))?;
        Ok(array::from_fn(|place| SavedList {
            name: names[place],
            list: &lists[place],
        }))
    }

    fn mismatch(&self, names: &[&str]) -> CoreError {
        let found = match &self.in_order {
            Some(lists) => format!("{} lists without names", lists.len()),
            None if self.inner.is_some() => format!("{:?} around another", self.lists.keys()),
            None => format!("{:?}", self.lists.keys()),
        };
        CoreError::StateMismatch {
            field: "set of lists",
            expected: format!("{names:?}"),
            found,
        }
    }
}

/// A list that was saved, with its name for errors.
#[derive(Clone, Copy, Debug)]
pub struct SavedList<'a> {
    name: &'static str,
    list: &'a [f64],
}

impl<'a> SavedList<'a> {
    /// Its numbers, of which there must be `n`, all finite.
    ///
    /// # Errors
    /// [`CoreError::StateMismatch`] with the list's name, as in all of these.
    pub fn numbers(self, n: usize) -> Result<&'a [f64], CoreError> {
        self.numbers_within(n, f64::MIN..=f64::MAX)
    }

    /// Its numbers, of which there must be `n` if there are any, all within `range`.
    ///
    /// # Errors
    /// As [`numbers`](Self::numbers).
    pub fn numbers_if_any(
        self,
        n: usize,
        range: RangeInclusive<f64>,
    ) -> Result<Option<&'a [f64]>, CoreError> {
        if self.list.is_empty() {
            return Ok(None);
        }
        self.numbers_within(n, range).map(Some)
    }

    /// Its numbers, of which there must be `n`, all within `range`.
    ///
    /// # Errors
    /// As [`numbers`](Self::numbers).
    pub fn numbers_within(
        self,
        n: usize,
        range: RangeInclusive<f64>,
    ) -> Result<&'a [f64], CoreError> {
        if self.list.len() != n {
            let found = format!("{} numbers", self.list.len());
            return Err(self.mismatch(format!("{n} numbers"), found));
        }
        let outside = self.list.iter().find(|number| !range.contains(number));
        outside.map_or(Ok(self.list), |number| {
            let expected = if range == (f64::MIN..=f64::MAX) {
                format!("{n} finite numbers")
            } else {
                format!("{n} numbers within {range:?}")
            };
            Err(self.mismatch(expected, format!("a list with {number}")))
        })
    }

    /// Its only number.
    ///
    /// # Errors
    /// As [`numbers`](Self::numbers).
    pub fn number(self) -> Result<f64, CoreError> {
        self.numbers(1).map(|numbers| numbers[0])
    }

    /// Its numbers as a distribution over `n_classes` classes.
    ///
    /// # Errors
    /// As [`numbers`](Self::numbers).
    pub fn distribution(self, n_classes: usize) -> Result<ClassDistribution, CoreError> {
        ClassDistribution::new(self.numbers(n_classes)?.to_vec()).map_err(|error| {
            let expected = "a distribution over classes".to_owned();
            self.mismatch(expected, format!("none ({error})"))
        })
    }

    fn mismatch(self, expected: String, found: String) -> CoreError {
        CoreError::StateMismatch {
            field: self.name,
            expected,
            found,
        }
    }
}
