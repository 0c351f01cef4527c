//! The inverted index of all rows, merged from those of batches.

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::batch::BatchTags;
use super::{LINEAGE, LISTED, Tag, Tags, postings};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::interner::{Interner, range};
use crate::engine::table::models::ModelId;

/// A merge of batches, in the order of their rows.
pub struct Merge {
    rows: usize,
    names: Interner,
    batches: Vec<Merged>,
    tagged: ModelSet,
    first_rows: Vec<u32>,
}

/// A batch whose names are in the common dictionary.
struct Merged {
    /// Tags by the batch's codes.
    tags: Vec<u32>,
    postings: Vec<u8>,
    ends: Vec<u32>,
    lasts: Vec<u32>,
}

impl Merge {
    /// The merge of the batches of this many rows.
    pub fn new(rows: usize) -> Merge {
        Merge {
            rows,
            // About as many tags as models are distinct.
            names: Interner::with_capacity(rows),
            batches: Vec::new(),
            tagged: ModelSet::none(rows),
            first_rows: Vec::new(),
        }
    }

    /// Adds the next batch.
    ///
    /// # Errors
    /// When all names together are longer than 4 GiB.
    pub fn push(&mut self, batch: BatchTags) -> Result<()> {
        let names = batch.names.iter();
        let tags = names
            .map(|name| self.names.intern(name))
            .collect::<Result<_>>()?;
        batch
            .tagged
            .iter()
            .for_each(|row| self.tagged.add(ModelId(*row)));
        self.first_rows.extend(batch.first_rows);
        self.batches.push(Merged {
            tags,
            postings: batch.postings,
            ends: batch.ends,
            lasts: batch.lasts,
        });
        Ok(())
    }

    /// Returns the index of all batches.
    ///
    /// # Errors
    /// When all postings together are longer than 4 GiB.
    pub fn finish(mut self) -> Result<Tags> {
        self.names.close();
        let counts = self.counts();
        let (lists, listed) = rayon::join(|| self.lists(&counts), || self.listed(&counts));
        let (postings, ends) = lists?;
        let bitmaps = self.bitmaps(&counts);
        let (names, name_ends) = self.names.into_parts();
        Ok(Tags {
            rows: self.rows,
            names: names.into(),
            name_ends: name_ends.into(),
            postings: postings.into(),
            ends: ends.into(),
            bitmaps,
            listed: listed.into(),
            tagged: self.tagged,
            first_rows: self.first_rows.into(),
        })
    }

    /// Counts the models of each tag.
    fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.names.count() as usize];
        for batch in &self.batches {
            for (code, tag) in (0..).zip(&batch.tags) {
                let own = &batch.postings[range(&batch.ends, code)];
                counts[*tag as usize] += postings::count(own) as u32;
            }
        }
        counts
    }

    /// Joins the postings of each tag; those of dense ones are left to bitmaps.
    fn lists(&self, counts: &[u32]) -> Result<(Vec<u8>, Vec<u32>)> {
        let mut lasts = vec![0_u32; counts.len()];
        let mut ends = vec![0_u32; counts.len()];
        self.each_list(counts, &mut lasts, |tag, delta, rest| {
            ends[tag] += postings::length(delta) + rest.len() as u32;
        });
        let mut total = 0_u32;
        for end in &mut ends {
            let length = *end;
            *end = total;
            total = total
                .checked_add(length)
                .context("tags are longer than 4 GiB together")?;
        }
        let mut all = vec![0; total as usize];
        lasts.fill(0);
        let mut first = Vec::new();
        self.each_list(counts, &mut lasts, |tag, delta, rest| {
            first.clear();
            postings::push(&mut first, delta);
            for part in [&first[..], rest] {
                let start = ends[tag] as usize;
                all[start..start + part.len()].copy_from_slice(part);
                ends[tag] += part.len() as u32;
            }
        });
        Ok((all, ends))
    }

    /// Hands the postings of every batch and tag to `found`: the tag, the difference from its last row
    /// in the batches before, and the bytes after that.
    fn each_list(
        &self,
        counts: &[u32],
        lasts: &mut [u32],
        mut found: impl FnMut(usize, u32, &[u8]),
    ) {
        for batch in &self.batches {
            for (code, tag) in (0..).zip(&batch.tags) {
                let at = *tag as usize;
                let mut own = &batch.postings[range(&batch.ends, code)];
                if let (Some(row), false) =
                    (postings::take(&mut own), is_dense(counts[at], self.rows))
                {
                    found(at, row - lasts[at], own);
                    lasts[at] = batch.lasts[code as usize];
                }
            }
        }
    }

    /// Returns the bitmaps of dense tags.
    fn bitmaps(&self, counts: &[u32]) -> Vec<(Tag, ModelSet)> {
        let dense = (0..)
            .zip(counts)
            .filter(|(_, count)| is_dense(**count, self.rows));
        let mut bitmaps: Vec<_> = dense
            .map(|(tag, _)| (Tag(tag), ModelSet::none(self.rows)))
            .collect();
        for batch in &self.batches {
            for (code, tag) in (0..).zip(&batch.tags) {
                if is_dense(counts[*tag as usize], self.rows)
                    && let Ok(at) = bitmaps.binary_search_by_key(&Tag(*tag), |(tag, _)| *tag)
                {
                    let rows = postings::rows(&batch.postings[range(&batch.ends, code)]);
                    rows.for_each(|row| bitmaps[at].1.add(ModelId(row)));
                }
            }
        }
        bitmaps
    }

    /// Returns the tags of enough models to be listed, by the lower case of their names.
    fn listed(&self, counts: &[u32]) -> Vec<u32> {
        let listed = (0..).zip(counts).filter(|(_, count)| **count >= LISTED);
        let listed = listed.map(|(tag, _)| tag);
        let is_lineage = |tag: &u32| self.names.get(*tag).starts_with(LINEAGE);
        let mut listed: Vec<u32> = listed.filter(|tag| !is_lineage(tag)).collect();
        listed.par_sort_by_cached_key(|tag| {
            let name = self.names.get(*tag);
            (name.to_lowercase(), name.to_owned())
        });
        listed
    }
}

/// Returns true if a tag of this many of all models takes less room as a bitmap.
fn is_dense(count: u32, rows: usize) -> bool {
    count as usize > rows / 8
}
