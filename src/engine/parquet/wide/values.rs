//! What takes the values of leaves in, for each of the wide columns.

use std::ops::Range;

use crate::engine::parquet::coerce::Coded;
use crate::engine::parquet::files::{Batch, Parquet};
use crate::engine::parquet::leaf;
use crate::engine::parquet::leaf::Values;
use crate::engine::parquet::nested;
use crate::engine::parquet::wide::row_number;
use crate::engine::table::arena::Part;
use crate::engine::table::clean::{clean, clean_bytes};
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::interner::Names;
use crate::engine::tags::TagLists;

/// The parameter count of every row, and the source column that it was found in: the first of several.
pub struct Counted<'p> {
    /// Of a row where it is not known, anything.
    counts: &'p mut [i64],
    pub origins: Coded,
    /// The place of the column whose counts come.
    current: u32,
}

impl<'p> Counted<'p> {
    pub fn new(counts: &'p mut [i64]) -> Counted<'p> {
        Counted {
            origins: Coded::unknown(counts.len()),
            counts,
            current: 0,
        }
    }

    /// The counts from here on are of this column.
    pub fn begin(&mut self, column: &str) {
        self.current = row_number(self.origins.names.len());
        self.origins.names.push(column.to_owned());
    }

    /// Takes back what the column has given so far.
    pub fn forget(&mut self) {
        let codes = self.origins.codes.iter_mut();
        let own = codes.filter(|code| **code == self.current);
        own.for_each(|code| *code = Coded::UNKNOWN);
    }

    pub fn take(&mut self, row: usize, count: i64) {
        let origin = &mut self.origins.codes[row];
        if *origin == Coded::UNKNOWN {
            (self.counts[row], *origin) = (count, self.current);
        }
    }
}

/// A row's count as a number.
pub struct Numbers<'c, 'p>(pub &'c mut Counted<'p>);

impl Values for Numbers<'_, '_> {
    type Value = i64;

    fn value(&mut self, plain: &mut &[u8]) -> Option<i64> {
        leaf::number(plain)
    }

    fn take(&mut self, row: usize, value: i64) {
        self.0.take(row, value);
    }
}

/// The same where it stands in JSON text.
pub struct Texts<'c, 'p>(pub &'c mut Counted<'p>);

impl Values for Texts<'_, '_> {
    type Value = Option<i64>;

    fn value(&mut self, plain: &mut &[u8]) -> Option<Option<i64>> {
        Some(nested::total(leaf::text(plain)?))
    }

    fn take(&mut self, row: usize, value: Option<i64>) {
        value.into_iter().for_each(|count| self.0.take(row, count));
    }
}

/// The texts of one row, in their order.
pub struct Listed {
    row: usize,
    /// Everything that was read, behind one another.
    text: Vec<u8>,
    own: Vec<Range<usize>>,
}

impl Listed {
    /// Of a row, counted within the row group.
    pub fn of_row(row: usize) -> Listed {
        Listed {
            row,
            text: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Each, or nothing in place of what is no UTF-8.
    pub fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        let text = |place: &Range<usize>| std::str::from_utf8(&self.text[place.clone()]).ok();
        self.own.iter().map(text)
    }
}

impl Values for Listed {
    type Value = (usize, usize);

    fn value(&mut self, plain: &mut &[u8]) -> Option<(usize, usize)> {
        let start = self.text.len();
        self.text.extend_from_slice(leaf::bytes(plain)?);
        Some((start, self.text.len()))
    }

    fn take(&mut self, row: usize, (start, end): (usize, usize)) {
        if row == self.row {
            self.own.push(start..end);
        }
    }
}

/// The relation of every row.
pub struct Relations {
    pub how: Vec<RelationCode>,
    /// What knows the words.
    pub bases: EdgeList,
}

impl Values for Relations {
    type Value = RelationCode;

    fn value(&mut self, plain: &mut &[u8]) -> Option<RelationCode> {
        let word = leaf::bytes(plain)?;
        let known = EdgeList::known_relation(word);
        known.or_else(|| Some(self.bases.relation_code(&clean(str::from_utf8(word).ok()?))))
    }

    fn take(&mut self, row: usize, value: RelationCode) {
        self.how[row] = value;
    }
}

/// The bases of every row, once its relation is known.
pub struct Stated {
    /// The group's first row among all.
    pub first: u32,
    pub relations: Relations,
}

impl Values for Stated {
    type Value = u32;

    fn value(&mut self, plain: &mut &[u8]) -> Option<u32> {
        let name = clean_bytes(leaf::bytes(plain)?)?;
        Some(self.relations.bases.base_names.code(&name))
    }

    fn take(&mut self, row: usize, base: u32) {
        let Relations { how, bases } = &mut self.relations;
        bases.push_coded(self.first + row_number(row), how[row], base);
    }
}

/// The tensor type of every row with the largest count so far.
pub struct Largest {
    pub dtypes: Coded,
    counts: Vec<i64>,
    /// The place of the tensor type whose counts come.
    current: u32,
}

impl Largest {
    pub fn new(group: Batch) -> Largest {
        Largest {
            dtypes: Coded::unknown(group.len),
            counts: vec![0; group.len],
            current: 0,
        }
    }

    /// The counts from here on are of this tensor type.
    pub fn begin(&mut self, name: &str) {
        let names = &mut self.dtypes.names;
        let place = names.iter().position(|known| known == name);
        self.current = row_number(place.unwrap_or(names.len()));
        if place.is_none() {
            names.push(name.to_owned());
        }
    }
}

impl Values for Largest {
    type Value = i64;

    fn value(&mut self, plain: &mut &[u8]) -> Option<i64> {
        leaf::number(plain)
    }

    fn take(&mut self, row: usize, count: i64) {
        let name = |place: u32| self.dtypes.names.get(place as usize);
        let held = self.dtypes.codes[row];
        // Of equal ones the first by name; nothing is none.
        let is_first = || name(held).is_some() && name(self.current) < name(held);
        if count > self.counts[row] || count == self.counts[row] && is_first() {
            self.counts[row] = count;
            self.dtypes.codes[row] = self.current;
        }
    }
}

/// The tags of every row.
pub struct Tagged<'l> {
    /// The group's first row among all.
    first: u32,
    tags: &'l mut TagLists,
    pub licenses: Coded,
    /// By the code of a tag, the place of the licence that it states, or [`Coded::UNKNOWN`].
    stated: Vec<u32>,
}

impl Tagged<'_> {
    pub fn new<'l>(files: &Parquet, group: Batch, tags: &'l mut TagLists) -> Tagged<'l> {
        // A damaged file may claim anything.
        tags.begin(files.values_of(group, "tags").min(group.len * 64));
        Tagged {
            first: row_number(files.range(group).start),
            tags,
            licenses: Coded::unknown(group.len),
            stated: Vec::new(),
        }
    }

    /// The code of the tag of this length that some text, which is no shorter, begins with.
    #[inline(always)]
    pub fn code_in(&mut self, text: &[u8], length: usize) -> Option<u32> {
        let code = self.tags.code_in(text, length)?;
        if code as usize == self.stated.len() {
            self.learn(code);
        }
        Some(code)
    }

    /// Takes in what a tag that has just got its code states.
    fn learn(&mut self, code: u32) {
        let license = self.tags.name(code).strip_prefix(b"license:");
        let license = license.map(|name| {
            let name = str::from_utf8(name).unwrap_or_default();
            self.licenses.names.push(name.to_owned());
            row_number(self.licenses.names.len() - 1)
        });
        self.stated.push(license.unwrap_or(Coded::UNKNOWN));
    }
}

impl Values for Tagged<'_> {
    type Value = u32;

    #[inline(always)]
    fn value(&mut self, plain: &mut &[u8]) -> Option<u32> {
        let (text, length) = leaf::bytes_and_more(plain)?;
        self.code_in(text, length)
    }

    fn begin(&mut self, row: usize) {
        self.tags.begin_row(self.first + row_number(row));
    }

    #[inline(always)]
    fn take(&mut self, row: usize, code: u32) {
        self.tags.push(code);
        if let Some(&license) = self.stated.get(code as usize)
            && license != Coded::UNKNOWN
            && self.licenses.codes[row] == Coded::UNKNOWN
        {
            self.licenses.codes[row] = license;
        }
    }
}

/// The ids of all rows, cleaned.
pub struct Ids<'i, 'r> {
    pub ids: &'i mut Part<'r>,
    /// Whether there was none for a row.
    pub lacks: bool,
    /// The group's first row among all.
    first: usize,
    /// How many rows there are so far.
    rows: usize,
    /// Those of a dictionary, behind one another.
    words: Vec<u8>,
    /// Whether there is nothing to clean.
    is_plain: bool,
}

impl<'i, 'r> Ids<'i, 'r> {
    /// None yet. They need not be cleaned one by one if they are taken to be plain, which is to be looked
    /// at afterwards.
    pub fn new(
        files: &Parquet,
        group: Batch,
        ids: &'i mut Part<'r>,
        is_plain: bool,
    ) -> Ids<'i, 'r> {
        ids.clear();
        Ids {
            is_plain,
            ids,
            lacks: false,
            first: files.range(group).start,
            rows: 0,
            words: Vec::new(),
        }
    }

    /// The rows before this one that are not there yet have no id.
    pub fn fill(&mut self, row: usize) {
        while self.rows < row {
            self.push(&[]);
        }
    }

    /// Rows keep their numbers: one without an id gets a stand-in.
    fn push(&mut self, id: &[u8]) {
        match id {
            [] => {
                self.lacks = true;
                self.ids.push(stand_in(self.first + self.rows).as_bytes());
            }
            id => self.ids.push(id),
        }
        self.rows += 1;
    }
}

impl Values for Ids<'_, '_> {
    type Value = (usize, usize);

    fn value(&mut self, plain: &mut &[u8]) -> Option<(usize, usize)> {
        let start = self.words.len();
        self.words
            .extend_from_slice(&clean_bytes(leaf::bytes(plain)?)?);
        Some((start, self.words.len()))
    }

    fn take(&mut self, row: usize, (start, end): (usize, usize)) {
        self.fill(row);
        let words = std::mem::take(&mut self.words);
        self.push(&words[start..end]);
        self.words = words;
    }

    fn take_plain(&mut self, row: usize, plain: &mut &[u8]) -> Option<()> {
        self.fill(row);
        let id = leaf::bytes(plain)?;
        match self.is_plain {
            true => self.push(id),
            false => self.push(&clean_bytes(id)?),
        }
        Some(())
    }
}

/// What stands for the id of a row that has none.
pub fn stand_in(row: usize) -> String {
    format!("(no id, row {row})")
}

/// The word of every row.
pub struct Words {
    names: Names,
    codes: Vec<u32>,
}

impl Words {
    pub fn of_rows(rows: usize) -> Words {
        Words {
            names: Names::default(),
            codes: vec![Coded::UNKNOWN; rows],
        }
    }

    pub fn take_text(&mut self, row: usize, text: &str) {
        self.codes[row] = self.names.code(text.as_bytes());
    }

    pub fn coded(self) -> Coded {
        Coded {
            names: (0..self.names.count())
                .map(|code| self.names.get(code).to_owned())
                .collect(),
            codes: self.codes,
        }
    }
}

impl Values for Words {
    type Value = u32;

    fn value(&mut self, plain: &mut &[u8]) -> Option<u32> {
        Some(self.names.code(leaf::text(plain)?.as_bytes()))
    }

    fn take(&mut self, row: usize, place: u32) {
        self.codes[row] = place;
    }
}
