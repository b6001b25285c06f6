//! Tables for programs: one number a field, and a plain header of its own for each column.

use super::table::{Entry, Table};
use std::collections::BTreeMap;

impl Table {
    /// The table as CSV. An entry of several numbers takes as many columns, called by what they are; where there is no number
    /// in a column of numbers its field is empty.
    pub(super) fn to_csv(&self) -> String {
        let names: Vec<&[&str]> = (0..self.header.len())
            .map(|column| {
                let entries = self.rows.iter().filter_map(|row| row.get(column));
                let of_numbers = entries.filter(|entry| !entry.values.is_empty());
                let longest = of_numbers.map(Entry::names).max_by_key(|names| names.len());
                longest.unwrap_or_default()
            })
            .collect();
        let heads = plain_heads(&self.header).into_iter().zip(&names);
        let header = heads.flat_map(|(head, names)| match names {
            [] | [_] => vec![head],
            several => several
                .iter()
                .map(|name| format!("{head}_{name}"))
                .collect(),
        });
        let header = unique(header.collect());
        let rows = self.rows.iter().map(|row| {
            let entries = row.iter().zip(&names);
            entries
                .flat_map(|(entry, names)| fields(entry, names))
                .collect()
        });
        csv_text(std::iter::once(header).chain(rows))
    }
}

/// The fields of an entry in a column that has numbers of these names.
fn fields(entry: &Entry, names: &[&str]) -> Vec<String> {
    if names.is_empty() {
        return vec![entry.text.clone()];
    }
    let mut fields: Vec<String> = entry.values.iter().map(f64::to_string).collect();
    fields.resize(names.len(), String::new());
    fields
}

/// Small letters, digits and `_`. A head that others have as well begins with the one before it, which it belongs to.
fn plain_heads(header: &[String]) -> Vec<String> {
    let plain: Vec<String> = header.iter().map(|head| plain(head)).collect();
    let mut counts = BTreeMap::<&str, u32>::new();
    for head in &plain {
        *counts.entry(head).or_default() += 1;
    }
    let head = |(place, head): (usize, &String)| match place.checked_sub(1) {
        Some(before) if counts[&**head] > 1 => format!("{}_{head}", plain[before]),
        _ => head.clone(),
    };
    plain.iter().enumerate().map(head).collect()
}

fn plain(head: &str) -> String {
    let head = head.replace('%', " percent ");
    let words = head.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        return "column".into();
    }
    words.join("_")
}

/// The same with a number behind those that an earlier one has.
fn unique(mut heads: Vec<String>) -> Vec<String> {
    for place in 1..heads.len() {
        let own = heads[place].clone();
        let mut number = 2;
        while heads[..place].contains(&heads[place]) {
            heads[place] = format!("{own}_{number}");
            number += 1;
        }
    }
    heads
}

/// Rows of fields as CSV.
pub(super) fn csv_text(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    for row in rows {
        writer
            .write_record(row)
            .expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("it was text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_field_and_each_field_a_head_of_its_own() {
        let summary = Entry {
            values: vec![0.5, 0.25, 20.0],
            ..Entry::word("50.00 ± 25.00")
        };
        let row = |name: &str, entry: Entry, p: Entry| {
            vec![Entry::word(name), entry, Entry::number("0.5", 0.5), p]
        };
        let table = Table {
            name: "t".into(),
            title: "T".into(),
            caption: String::new(),
            header: ["method", "Red Wine", "t", "t"].map(String::from).to_vec(),
            rows: vec![
                row("a", summary, Entry::number("0.1", 0.1)),
                row("b, c", Entry::word("left out"), Entry::word("—")),
            ],
            place: None,
            is_detail: false,
        };
        assert_eq!(
            table.to_csv(),
            "method,red_wine_mean,red_wine_sd,red_wine_n,red_wine_t,t_t\na,0.5,0.25,20,0.5,0.1\n\"b, c\",,,,0.5,\n"
        );
    }

    #[test]
    fn heads_are_plain_and_different() {
        assert_eq!(plain("ART −"), "art");
        assert_eq!(plain("95 %"), "95_percent");
        assert_eq!(plain("p, these sets"), "p_these_sets");
        assert_eq!(plain("größe"), "größe");
        assert_eq!(plain("−"), "column");
        let heads = ["a", "a", "a_2", "a"].map(String::from).to_vec();
        assert_eq!(unique(heads), ["a", "a_2", "a_2_2", "a_3"]);
    }
}
