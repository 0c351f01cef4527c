//! The parameters of models by tensor type: a struct with a member for each type, a map, or JSON text.

use anyhow::Result;
use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray};

use super::coerce;
use super::columns;
use super::files::{Batch, Files};
use super::leaf::Leaf;
use super::nested;
use crate::engine::table::builder::DictionaryEncoded;
use crate::engine::table::clean::clean;
use crate::engine::table::field::Field;

/// Reads the tensor type that holds most of each model's parameters; of equal ones the first by
/// name.
///
/// # Errors
/// When the file is damaged.
pub fn largest(files: &Files, batch: Batch) -> Result<DictionaryEncoded> {
    let mut largest = Largest {
        dtypes: DictionaryEncoded::unknown(batch.len),
        counts: vec![0; batch.len],
    };
    let path = ["safetensors", "parameters"];
    if files.first_in(batch, Field::Dtype.info().columns) == Some("dtype") {
        return columns::words(files, batch, "dtype");
    }
    if let Some(map) = Map::read(files, batch, &path)? {
        for row in 0..batch.len {
            for (name, count) in map.entries(row) {
                let code = largest.code(&name);
                largest.add(row, code, count);
            }
        }
        return Ok(largest.dtypes);
    }
    let mut names = files.members(batch, &path);
    names.sort_unstable();
    for name in &names {
        if let Some(leaf) = files.flat(batch, &[path[0], path[1], name])? {
            let code = largest.code(&clean(name));
            let counts = coerce::counts(&*leaf.values);
            coerce::each_known(&counts, |row, count| largest.add(row, code, count));
        }
    }
    if names.is_empty()
        && let Some(leaf) = files.flat(batch, &path[..1])?
    {
        for (row, json) in leaf.texts().iter().enumerate() {
            for (name, count) in json.map(nested::dtypes).into_iter().flatten() {
                let code = largest.code(&clean(&name));
                largest.add(row, code, count);
            }
        }
    }
    Ok(largest.dtypes)
}

/// The tensor type of every row with the largest count so far.
struct Largest {
    dtypes: DictionaryEncoded,
    counts: Vec<i64>,
}

impl Largest {
    fn code(&mut self, name: &str) -> u32 {
        let names = &mut self.dtypes.values;
        let known = names.iter().position(|known| known == name);
        if known.is_none() {
            names.push(name.to_owned());
        }
        columns::row_number(known.unwrap_or(names.len() - 1))
    }

    fn add(&mut self, row: usize, code: u32, count: i64) {
        let name = |code: u32| self.dtypes.values.get(code as usize);
        let held = self.dtypes.codes[row];
        let is_first = || name(held).is_some_and(|held| name(code).is_some_and(|own| own < held));
        if count > self.counts[row] || count == self.counts[row] && is_first() {
            self.counts[row] = count;
            self.dtypes.codes[row] = code;
        }
    }
}

/// The counts by name of a column in parquet's type `MAP`, a list of keys and values a row.
struct Map {
    names: Leaf,
    texts: BinaryViewArray,
    counts: PrimitiveArray<i64>,
}

impl Map {
    /// Reads the map at a path in a batch; `None` where the file has no map there.
    fn read(files: &Files, batch: Batch, path: &[&str]) -> Result<Option<Map>> {
        let names = files.leaf(batch, &[path, &["key"]].concat(), &[])?;
        let values = files.leaf(batch, &[path, &["value"]].concat(), &[])?;
        let (Some(names), Some(values)) = (names.filter(Leaf::is_list), values) else {
            return Ok(None);
        };
        let texts = names.texts();
        let counts = coerce::counts(&*values.values);
        let is_whole = texts.len() == counts.len();
        Ok(is_whole.then_some(Map {
            names,
            texts,
            counts,
        }))
    }

    /// Returns the entries of a row with a name and a count.
    fn entries(&self, row: usize) -> impl Iterator<Item = (String, i64)> {
        let places = self.names.range(row);
        places.filter_map(|at| {
            let name = String::from_utf8_lossy(self.texts.get(at)?).into_owned();
            Some((
                clean(&name).into_owned(),
                self.counts.is_valid(at).then(|| self.counts.value(at))?,
            ))
        })
    }
}

/// Reads the parameters by tensor type of one row; the batch has no other.
///
/// # Errors
/// When the file is damaged.
pub fn counts(files: &Files, batch: Batch) -> Result<Vec<(String, i64)>> {
    let path = ["safetensors", "parameters"];
    let mut counts = Vec::new();
    if let Some(map) = Map::read(files, batch, &path)? {
        counts.extend(map.entries(0));
    }
    for name in files.members(batch, &path) {
        let leaf = files.leaf(batch, &[path[0], path[1], name], &[])?;
        let count = leaf.and_then(|leaf| coerce::counts(&*leaf.values).iter().next()?.copied());
        counts.extend(count.map(|count| (clean(name).into_owned(), count)));
    }
    if let Some(leaf) = files.flat(batch, &path[..1])?
        && let Some(json) = leaf.texts().get(0)
    {
        let named = nested::dtypes(json).into_iter();
        counts.extend(named.map(|(name, count)| (clean(&name).into_owned(), count)));
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(counts)
}
