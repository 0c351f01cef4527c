//! The tags of up to [`ROWS`] rows: a dictionary of their names, and the postings of each.

use std::ops::Range;

use anyhow::Result;
use polars_arrow::array::Array;
use rustc_hash::FxHashMap;

use super::postings;
use crate::engine::parquet::dictionary::ViewDictionary;
use crate::engine::parquet::leaf::Leaf;
use crate::engine::parquet::nested;
use crate::engine::table::builder::DictionaryEncoded;
use crate::engine::table::clean::clean;
use crate::engine::table::interner::Interner;

/// Number of rows of a batch of tags: of many more, the dictionary and lists would fill the memory.
const ROWS: usize = if cfg!(test) { 100 } else { 1 << 17 };

/// The tags of a batch of rows.
pub struct BatchTags {
    /// Names by code.
    pub names: Interner,
    /// Postings of all codes, end to end, and the end of each.
    pub postings: Vec<u8>,
    pub ends: Vec<u32>,
    /// The last row of each code.
    pub lasts: Vec<u32>,
    /// The rows with a tag, ascending.
    pub tagged: Vec<u32>,
    /// The first row of each page of tags, where the file has such pages.
    pub first_rows: Vec<u32>,
}

impl BatchTags {
    /// Reads the tags of these rows from the runs of their pages, in batches; and the license that the
    /// first `license:` tag of each row states. `dictionary` is empty before and after; its memory
    /// serves one batch after another.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(
        rows: Range<usize>,
        runs: impl Iterator<Item = Result<Leaf>>,
        dictionary: &mut ViewDictionary,
    ) -> Result<(Vec<BatchTags>, DictionaryEncoded)> {
        let mut batches = Vec::new();
        let mut lists = Lists::new(rows);
        for leaf in runs {
            let leaf = leaf?;
            if leaf.is_list() {
                let first = leaf.first_rows().into_iter();
                let next = lists.next_row();
                lists.first_rows.extend(first.map(|row| next + row as u32));
            }
            let texts = leaf.texts();
            let views = texts.views();
            // The row before goes on, then others begin.
            let rows = (0..leaf.rows()).map(|row| leaf.range(row));
            for (at, range) in std::iter::once(leaf.lead()).chain(rows).enumerate() {
                if at > 0 {
                    if lists.ends.len() == ROWS {
                        batches.push(lists.take(dictionary.take_values()));
                    }
                    lists.ends.push(lists.codes.len() as u32);
                }
                for at in range.filter(|at| !texts.is_null(*at)) {
                    if leaf.is_list() {
                        let code = dictionary.code(&texts, &views[at], at)?;
                        lists.push(code);
                        if views[at].prefix == LICENSE_PREFIX {
                            lists.add_license(code, texts.value(at));
                        }
                    } else {
                        for tag in nested::tags(texts.value(at)) {
                            let code = dictionary.values.intern(clean(&tag).as_bytes())?;
                            lists.push(code);
                            lists.add_license(code, clean(&tag).as_bytes());
                        }
                    }
                }
            }
        }
        batches.push(lists.take(dictionary.take_values()));
        Ok((batches, lists.licenses))
    }
}

/// The first bytes of tags that state a license, as views have them.
const LICENSE_PREFIX: u32 = u32::from_le_bytes(*b"lice");

/// The tags of each row, by code.
struct Lists {
    /// Numbers among all of the first row of all batches, and of this.
    start: u32,
    first: u32,
    codes: Vec<u32>,
    /// End of each row in `codes`.
    ends: Vec<u32>,
    tagged: Vec<u32>,
    first_rows: Vec<u32>,
    /// Of all batches.
    licenses: DictionaryEncoded,
    /// Licenses by the codes of the tags that state them.
    stated: FxHashMap<u32, u32>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a batch has fewer tags, and the loader refuses more rows"
)]
impl Lists {
    fn new(rows: Range<usize>) -> Lists {
        Lists {
            start: rows.start as u32,
            first: rows.start as u32,
            codes: Vec::new(),
            ends: Vec::new(),
            tagged: Vec::new(),
            first_rows: Vec::new(),
            licenses: DictionaryEncoded::unknown(rows.len()),
            stated: FxHashMap::default(),
        }
    }

    /// Number of the row that begins next.
    fn next_row(&self) -> u32 {
        self.first + self.ends.len() as u32
    }

    /// Adds a tag to the current row.
    fn push(&mut self, code: u32) {
        let row = self.next_row().wrapping_sub(1);
        let Some(end) = self.ends.last_mut() else {
            return;
        };
        if self.tagged.last() != Some(&row) {
            self.tagged.push(row);
        }
        self.codes.push(code);
        *end += 1;
    }

    /// Notes the license that a tag of the current row states, if it is the first that does.
    fn add_license(&mut self, code: u32, tag: &[u8]) {
        let row = self.next_row().wrapping_sub(self.start + 1);
        let Some(own) = self.licenses.codes.get_mut(row as usize) else {
            return;
        };
        if let (Some(name), DictionaryEncoded::UNKNOWN) = (tag.strip_prefix(b"license:"), *own)
            && !name.is_empty()
        {
            let values = &mut self.licenses.values;
            *own = *self.stated.entry(code).or_insert_with(|| {
                values.push(String::from_utf8_lossy(name).into_owned());
                values.len() as u32 - 1
            });
        }
    }

    /// Takes out the batch so far: turns tags by row into rows by tag, by a counting sort, then the
    /// differences.
    fn take(&mut self, names: Interner) -> BatchTags {
        let mut starts = vec![0_u32; names.count() as usize];
        self.codes
            .iter()
            .for_each(|code| starts[*code as usize] += 1);
        let mut total = 0;
        for start in &mut starts {
            total += std::mem::replace(start, total);
        }
        let mut rows = vec![0_u32; self.codes.len()];
        let mut from = 0;
        for (row, end) in (self.first..).zip(&self.ends) {
            for code in &self.codes[from..*end as usize] {
                let place = &mut starts[*code as usize];
                rows[*place as usize] = row;
                *place += 1;
            }
            from = *end as usize;
        }
        // Each start has become its code's end.
        let mut batch = BatchTags {
            names,
            postings: Vec::with_capacity(rows.len() + rows.len() / 4),
            ends: Vec::with_capacity(starts.len()),
            lasts: Vec::with_capacity(starts.len()),
            tagged: std::mem::take(&mut self.tagged),
            first_rows: std::mem::take(&mut self.first_rows),
        };
        let mut from = 0;
        for end in starts {
            let mut last = None;
            for &row in &rows[from as usize..end as usize] {
                // A model may have a tag twice.
                if last != Some(row) {
                    postings::push(&mut batch.postings, row - last.unwrap_or(0));
                    last = Some(row);
                }
            }
            batch.ends.push(batch.postings.len() as u32);
            batch.lasts.push(last.unwrap_or(0));
            from = end;
        }
        batch.postings.shrink_to_fit();
        self.first = self.next_row();
        self.codes.clear();
        self.ends.clear();
        self.stated.clear();
        batch
    }
}
