/// A number with its noun, in the plural where it is not one.
///
/// ```
/// use art_bench::counted;
/// assert_eq!((counted(1, "cell"), counted(2, "class")), ("1 cell".into(), "2 classes".into()));
/// ```
pub fn counted(n: usize, noun: &str) -> String {
    match n {
        1 => format!("1 {noun}"),
        _ if noun.ends_with('s') || noun.ends_with("sh") => format!("{n} {noun}es"),
        _ => format!("{n} {noun}s"),
    }
}

/// The same with a verb that agrees with it.
///
/// ```
/// use art_bench::counted_doing;
/// assert_eq!(counted_doing(1, "row", "repeats", "repeat"), "1 row repeats");
/// assert_eq!(counted_doing(0, "row", "repeats", "repeat"), "0 rows repeat");
/// ```
pub fn counted_doing(n: usize, noun: &str, one_does: &str, many_do: &str) -> String {
    let verb = if n == 1 { one_does } else { many_do };
    format!("{} {verb}", counted(n, noun))
}
