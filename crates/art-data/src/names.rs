/// The one of `known` that `name` may have been meant to be, if any resembles it.
///
/// Two names resemble each other when their normalized Damerau-Levenshtein similarity, 1 less the number of
/// insertions, deletions, substitutions and exchanges of neighbors over the longer length, is at least 0.6; capitals count
/// as small letters.
///
/// ```
/// assert_eq!(art_data::nearest_name("chrun", ["age", "churn"]), Some("churn"));
/// assert_eq!(art_data::nearest_name("Churn", ["urn", "churn"]), Some("churn"));
/// assert_eq!(art_data::nearest_name("income", ["age", "churn"]), None);
/// ```
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.6;
    let name = name.trim().to_lowercase();
    let similarity =
        |known: &str| strsim::normalized_damerau_levenshtein(&name, &known.to_lowercase());
    let scored = known.into_iter().map(|known| (similarity(known), known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE).then_some(best.1)
}
