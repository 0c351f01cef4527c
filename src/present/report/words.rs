//! Frequency tables: words with the number of models that have each.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::section::{Row, Section, as_i64, filter};
use crate::engine::Hub;
use crate::engine::query::ast::FilterValue;
use crate::engine::query::keys::FilterKey;
use crate::engine::stats::frequency::{self, Authors, Frequency, Tally};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::dtype;
use crate::engine::table::field::Field;
use crate::present::bars::bar;
use crate::present::format::{self, count, percent, share};

/// The number of words in a table by default, and the maximum in an expanded one.
pub const WORDS: usize = 12;
const WHOLE: usize = 2_000;
/// The length of the longest bar, in cells.
const BAR: usize = 20;

/// The authors of all models, once they were numbered, which takes longer than all else.
pub type KnownAuthors = OnceLock<Authors>;

/// A frequency table of the report.
#[derive(Clone, Copy)]
pub struct WordTable {
    pub title: &'static str,
    /// Its name in JSON.
    pub key: &'static str,
    filter: FilterKey,
    /// `None` for authors.
    field: Option<Field>,
}

const fn of_field(
    title: &'static str,
    key: &'static str,
    filter: FilterKey,
    field: Field,
) -> WordTable {
    WordTable {
        title,
        key,
        filter,
        field: Some(field),
    }
}

/// Every frequency table.
const TABLES: [WordTable; 5] = [
    of_field("Tasks", "tasks", FilterKey::Task, Field::Task),
    of_field("Libraries", "libraries", FilterKey::Library, Field::Library),
    of_field("Licenses", "licenses", FilterKey::License, Field::License),
    of_field("Tensor types", "dtypes", FilterKey::Dtype, Field::Dtype),
    WordTable {
        title: "Authors",
        key: "authors",
        filter: FilterKey::Author,
        field: None,
    },
];

impl WordTable {
    fn count(self, hub: &Hub, authors: &KnownAuthors, set: &ModelSet, most: usize) -> Frequency {
        let models = &hub.models;
        match self.field {
            Some(field) => frequency::words(models, field, set, most),
            None => {
                let authors = authors.get_or_init(|| Authors::of(models));
                authors.frequency(models, set, most)
            }
        }
    }

    pub(super) fn section(self, counts: &Frequency, models: usize) -> Section {
        let section = words(self.title, self.filter, counts, models);
        match self.filter {
            FilterKey::Dtype => with_bits(section),
            _ => section,
        }
    }
}

/// Counts the words of every table over a set, and names the `most` frequent ones of each.
pub fn frequencies(
    hub: &Hub,
    authors: &KnownAuthors,
    set: &ModelSet,
    most: usize,
) -> Vec<(WordTable, Frequency)> {
    let tables = TABLES.into_par_iter();
    let tables = tables.map(|table| (table, table.count(hub, authors, set, most)));
    tables.collect()
}

/// Returns true if the table of this title is a frequency table, which can be expanded.
pub fn is_of_words(title: &str) -> bool {
    TABLES.iter().any(|table| table.title == title)
}

/// Returns the table of this title with all words, or the first 2,000; `None` if it is no frequency
/// table.
pub fn whole(hub: &Hub, authors: &KnownAuthors, set: &ModelSet, title: &str) -> Option<Section> {
    let table = TABLES.into_iter().find(|table| table.title == title)?;
    Some(table.section(&table.count(hub, authors, set, WHOLE), set.count()))
}

/// Returns the header of a table of tallies.
pub(super) fn tallies(of: &'static str) -> Vec<&'static str> {
    vec![of, "models", "share", "last 30 days", ""]
}

/// Returns a row of such a table: models, their share of `whole`, their downloads, and a bar, of which
/// the longest is `most` models; none without `most`.
pub(super) fn tallied(name: &str, tally: &Tally, (whole, most): (usize, Option<usize>)) -> Row {
    let row = Row::from(vec![
        name.to_owned(),
        count(tally.models),
        percent(share(tally.models, whole)),
        format::short(tally.downloads),
        most.map_or(String::new(), |most| bar(tally.models, most, BAR)),
    ]);
    let models = as_i64(tally.models);
    match most {
        Some(_) => row.sorted_by(&[models, models, tally.downloads]),
        None => row,
    }
}

fn words(title: &str, key: FilterKey, table: &Frequency, models: usize) -> Section {
    let most = table.words.first().map(|(_, tally)| tally.models);
    let named = |(word, tally): &(String, Tally)| {
        tallied(word, tally, (models, most)).found_by(filter(key, FilterValue::Word(word.clone())))
    };
    let mut rows: Vec<Row> = table.words.iter().map(named).collect();
    if table.others.0 > 0 {
        let name = format!("(others: {})", count(table.others.0));
        rows.push(tallied(&name, &table.others.1, (models, None)));
    }
    if table.none.models > 0 {
        let unknown = tallied("(unknown)", &table.none, (models, None));
        rows.push(unknown.found_by(filter(FilterKey::No, FilterValue::Key(key))));
    }
    Section {
        title: title.to_owned(),
        header: tallies("word"),
        rows,
        note: String::new(),
    }
}

/// Adds bits and use to the table of tensor types, before the bars.
fn with_bits(mut section: Section) -> Section {
    let with_bits = |mut row: Row| {
        let known = dtype::named(&row.cells[0]);
        let cells = known.map(|dtype| [dtype.bits.to_string(), dtype.about.to_owned()]);
        row.cells.splice(4..4, cells.unwrap_or_default());
        let bits = known.map_or(0, |dtype| dtype.bits);
        match row.numbers.is_empty() {
            true => row,
            false => row.sorted_by(&[bits]),
        }
    };
    section.header.splice(4..4, ["bits", "use"]);
    section.rows = section.rows.into_iter().map(with_bits).collect();
    section
}
