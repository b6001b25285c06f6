//! Changes to JSON that stays JSON: a fuzzer that only changes bytes seldom comes past the parser.

use art_core::{Seed, Stream};
use serde_json::{Map, Value, json};

/// Changes the first `size` bytes of `data`, of which at most `max_size` count after, and returns how many do. Where there is no
/// JSON, and now and then where there is, `plain` changes bytes.
pub fn mutate_json(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    plain: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut stream = Seed::new(u64::from(seed)).stream("mutation", 0);
    let altered = match stream.below(4) {
        0 => None,
        _ => altered(&data[..size], &mut stream),
    };
    match altered {
        Some(bytes) if bytes.len() <= max_size.min(data.len()) => {
            data[..bytes.len()].copy_from_slice(&bytes);
            bytes.len()
        }
        _ => plain(data, size, max_size),
    }
}

/// The bytes with one of their objects changed: one that begins a line, or stands behind the byte that begins the input.
fn altered(bytes: &[u8], stream: &mut Stream) -> Option<Vec<u8>> {
    let begins = |&at: &usize| bytes[at] == b'{' && (at < 2 || bytes[at - 1] == b'\n');
    let starts: Vec<usize> = (0..bytes.len()).filter(begins).collect();
    if starts.is_empty() {
        return None;
    }
    let start = starts[stream.below(starts.len())];
    let mut values = serde_json::Deserializer::from_slice(&bytes[start..]).into_iter::<Value>();
    let mut value = values.next()?.ok()?;
    let end = start + values.byte_offset();
    for _ in 0..=stream.below(3) {
        mutate(&mut value, stream);
    }
    let text = serde_json::to_vec(&value).ok()?;
    Some([&bytes[..start], &text, &bytes[end..]].concat())
}

fn mutate(value: &mut Value, stream: &mut Stream) {
    let n_nodes = count(value);
    let other = stream.below(n_nodes);
    let other = nth(value, other).clone();
    let place = stream.below(n_nodes);
    let node = nth(value, place);
    match stream.below(12) {
        0 => *node = other,
        1 => *node = Value::Null,
        _ => alter(node, other, stream),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// The node number `place`, counted from the value itself downwards.
fn nth(value: &mut Value, mut place: usize) -> &mut Value {
    if place == 0 {
        return value;
    }
    place -= 1;
    let children: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => vec![],
    };
    for child in children {
        let n_nodes = count(child);
        if place < n_nodes {
            return nth(child, place);
        }
        place -= n_nodes;
    }
    unreachable!("there are more nodes than were counted")
}

fn alter(node: &mut Value, other: Value, stream: &mut Stream) {
    match node {
        Value::Null => *node = other,
        Value::Bool(is) => *is = !*is,
        Value::Number(number) => {
            let near = number.as_f64().unwrap_or(0.0);
            *node = numbers(near)[stream.below(N_NUMBERS)].clone();
        }
        Value::String(text) => {
            let near = text.parse::<f64>();
            *text = match near {
                Ok(_) if stream.below(4) == 0 => {
                    ["NaN", "inf", "-inf", "1e400"][stream.below(4)].to_owned()
                }
                Ok(near) => numbers(near)[stream.below(N_NUMBERS)].to_string(),
                Err(_) => match stream.below(4) {
                    0 => String::new(),
                    1 => format!("{text}{text}"),
                    2 => text.chars().skip(1).collect(),
                    _ => "\u{0}\u{fffd}é".to_owned(),
                },
            };
        }
        Value::Array(items) => alter_list(items, other, stream),
        Value::Object(fields) => alter_fields(fields, other, stream),
    }
}

const N_NUMBERS: usize = 16;

/// Numbers where programs break, and some beside the one that is there.
fn numbers(near: f64) -> [Value; N_NUMBERS] {
    [
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(0.5),
        json!(-0.5),
        json!(1e308),
        json!(1e-308),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(near + 1.0),
        json!(near - 1.0),
        json!((near as i64).saturating_add(1)),
        json!((near as i64).saturating_sub(1)),
        json!(-near),
    ]
}

fn alter_list(items: &mut Vec<Value>, other: Value, stream: &mut Stream) {
    if items.is_empty() {
        items.push(other);
        return;
    }
    let place = stream.below(items.len());
    match stream.below(5) {
        0 => drop(items.remove(place)),
        1 => items.insert(place, items[place].clone()),
        2 => items.truncate(place),
        3 => items.swap(0, place),
        _ => items.push(other),
    }
}

fn alter_fields(fields: &mut Map<String, Value>, other: Value, stream: &mut Stream) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    if keys.is_empty() {
        fields.insert("a".to_owned(), other);
        return;
    }
    let key = keys[stream.below(keys.len())].clone();
    match stream.below(3) {
        0 => drop(fields.remove(&key)),
        1 => drop(fields.insert(key, other)),
        _ => drop(fields.insert(format!("{key}2"), other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_json_stays_json_and_what_stands_around_it_stays() {
        let input = b"x{\"a\":[1,\"0.5\",null,true],\"b\":{\"c\":\"d\"}}\nend";
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut data = input.to_vec();
            data.resize(200, 0);
            let n = mutate_json(&mut data, input.len(), 200, seed, |_, _, _| usize::MAX);
            if n == usize::MAX {
                continue;
            }
            let text = std::str::from_utf8(&data[..n]).unwrap();
            let json = text
                .strip_prefix('x')
                .unwrap()
                .strip_suffix("\nend")
                .unwrap();
            serde_json::from_str::<Value>(json).unwrap();
            seen.insert(text.to_owned());
        }
        assert!(seen.len() > 60, "{}", seen.len());
    }
}
