//! The tags of a batch of rows: a dictionary of their names, and the postings of each.

use anyhow::Result;
use polars_arrow::array::Array;
use rustc_hash::FxHashMap;

use super::postings;
use crate::engine::parquet::dictionary::ViewDictionary;
use crate::engine::parquet::files::{Batch, Files};
use crate::engine::parquet::nested;
use crate::engine::table::builder::DictionaryEncoded;
use crate::engine::table::clean::clean;
use crate::engine::table::interner::Interner;

/// Lineage is in the graph; its tags, two for most bases, are not indexed.
const LINEAGE: &[u8] = b"base_model:";

/// The code of a tag that is not indexed.
const NONE: u32 = u32::MAX;

/// The tags of a batch of rows.
pub struct BatchTags {
    /// Names by code.
    pub names: Interner,
    /// Postings of all codes, end to end, and the end of each.
    pub postings: Vec<u8>,
    pub ends: Vec<u32>,
    /// The last row of each code.
    pub lasts: Vec<u32>,
    /// The rows with a tag, indexed or not, ascending.
    pub tagged: Vec<u32>,
    /// The license that the first `license:` tag of each row states.
    pub licenses: DictionaryEncoded,
    /// The first row of each page of tags, where the file has such pages.
    pub first_rows: Vec<u32>,
}

impl BatchTags {
    /// Reads the tags of a batch. `dictionary` is empty before and after; its memory serves one batch
    /// after another.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn read(files: &Files, batch: Batch, dictionary: &mut ViewDictionary) -> Result<BatchTags> {
        let mut lists = Lists::new(files, batch);
        let mut first_rows = Vec::new();
        if let Some(leaf) = files.leaf(batch, &["tags"], &[])? {
            let texts = leaf.texts();
            let views = texts.views();
            for row in 0..leaf.rows() {
                for at in leaf.range(row).filter(|at| !texts.is_null(*at)) {
                    if leaf.is_list() {
                        let is_lineage = views[at].prefix == LINEAGE_PREFIX
                            && texts.value(at).starts_with(LINEAGE);
                        let code = match is_lineage {
                            true => NONE,
                            false => dictionary.code(&texts, &views[at], at)?,
                        };
                        lists.push(code);
                        if views[at].prefix == LICENSE_PREFIX {
                            lists.add_license(code, texts.value(at));
                        }
                    } else {
                        for tag in nested::tags(texts.value(at)) {
                            let code = match tag.as_bytes().starts_with(LINEAGE) {
                                true => NONE,
                                false => dictionary.values.intern(clean(&tag).as_bytes())?,
                            };
                            lists.push(code);
                            lists.add_license(code, clean(&tag).as_bytes());
                        }
                    }
                }
                lists.end_row();
            }
            if leaf.is_list() {
                let first = leaf.first_rows().into_iter();
                first_rows.extend(first.map(|row| lists.first + row as u32));
            }
        }
        Ok(lists.transposed(dictionary.take_values(), first_rows))
    }
}

/// The first bytes of [`LINEAGE`] and of tags that state a license, as views have them.
const LINEAGE_PREFIX: u32 = u32::from_le_bytes(*b"base");
const LICENSE_PREFIX: u32 = u32::from_le_bytes(*b"lice");

/// The tags of each row, by code.
struct Lists {
    /// Number of the batch's first row among all.
    first: u32,
    codes: Vec<u32>,
    /// End of each row in `codes`.
    ends: Vec<u32>,
    tagged: Vec<u32>,
    licenses: DictionaryEncoded,
    /// Licenses by the codes of the tags that state them.
    stated: FxHashMap<u32, u32>,
    has_tags: bool,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a batch has fewer tags, and the loader refuses more rows"
)]
impl Lists {
    fn new(files: &Files, batch: Batch) -> Lists {
        Lists {
            first: files.range(batch).start as u32,
            codes: Vec::new(),
            ends: Vec::with_capacity(batch.len),
            tagged: Vec::with_capacity(batch.len),
            licenses: DictionaryEncoded::unknown(batch.len),
            stated: FxHashMap::default(),
            has_tags: false,
        }
    }

    /// Adds a tag to the current row.
    fn push(&mut self, code: u32) {
        self.has_tags = true;
        if code != NONE {
            self.codes.push(code);
        }
    }

    /// Notes the license that a tag of the current row states, if it is the first that does.
    fn add_license(&mut self, code: u32, tag: &[u8]) {
        let own = &mut self.licenses.codes[self.ends.len()];
        if let (Some(name), DictionaryEncoded::UNKNOWN) = (tag.strip_prefix(b"license:"), *own) {
            let values = &mut self.licenses.values;
            *own = *self.stated.entry(code).or_insert_with(|| {
                values.push(String::from_utf8_lossy(name).into_owned());
                values.len() as u32 - 1
            });
        }
    }

    fn end_row(&mut self) {
        if self.has_tags {
            self.tagged.push(self.first + self.ends.len() as u32);
        }
        self.has_tags = false;
        self.ends.push(self.codes.len() as u32);
    }

    /// Turns tags by row into rows by tag: a counting sort, then the differences.
    fn transposed(self, names: Interner, first_rows: Vec<u32>) -> BatchTags {
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
            tagged: self.tagged,
            licenses: self.licenses,
            first_rows,
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
        batch
    }
}
