//! The inverted index of tags: a dictionary of their names, and for each the models that have it, as
//! delta-varint postings or, where a good part of all models have it, as a bitmap.

mod batch;
mod merge;
mod postings;

use std::io;

use anyhow::{Result, ensure};
use rayon::prelude::*;

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::bitset::{CHUNK, ModelSet};
use crate::engine::table::interner::range;
use crate::engine::table::models::ModelId;

pub use batch::BatchTags;
pub use merge::Merge;

/// Tags of fewer models are found by their names, but not listed.
const LISTED: u32 = 4;

/// Tags that state lineage are not listed, either: there are two for most bases, and trees show them.
const LINEAGE: &str = "base_model:";

/// A tag: its number in the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

/// The tags of all models.
pub struct Tags {
    rows: usize,
    /// Names of all tags, end to end, in the order of their first appearance.
    names: Buffer<u8>,
    name_ends: Buffer<u32>,
    /// Postings of all tags, end to end.
    postings: Buffer<u8>,
    ends: Buffer<u32>,
    /// The tags that have a bitmap instead of postings, ascending.
    bitmaps: Vec<(Tag, ModelSet)>,
    /// The tags of at least [`LISTED`] models, by the lower case of their names, then by the names.
    listed: Buffer<u32>,
    tagged: ModelSet,
    /// The first row of each page of tags in the files.
    first_rows: Buffer<u32>,
}

impl Tags {
    /// The index of models without tags.
    pub fn none(rows: usize) -> Tags {
        Tags {
            rows,
            names: Buffer::new(),
            name_ends: Buffer::new(),
            postings: Buffer::new(),
            ends: Buffer::new(),
            bitmaps: Vec::new(),
            listed: Buffer::new(),
            tagged: ModelSet::none(rows),
            first_rows: Buffer::new(),
        }
    }

    /// Returns the first row of each page of tags in the files; empty where they have no such pages.
    pub fn first_rows(&self) -> &[u32] {
        &self.first_rows
    }

    /// Writes the index to an archive.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        to.put(&self.names)?;
        to.put(&self.name_ends)?;
        to.put(&self.postings)?;
        to.put(&self.ends)?;
        let dense: Vec<u32> = self.bitmaps.iter().map(|(tag, _)| tag.0).collect();
        to.put(&dense)?;
        self.bitmaps.iter().try_for_each(|(_, set)| set.write(to))?;
        to.put(&self.listed)?;
        self.tagged.write(to)?;
        to.put(&self.first_rows)
    }

    /// Reads the index of this many models from an archive.
    ///
    /// # Errors
    /// When the archive has other arrays there.
    pub fn read(from: &mut Reader, rows: usize) -> Result<Tags> {
        let (names, name_ends) = (from.take()?, from.take()?);
        let (postings, ends) = (from.take()?, from.take()?);
        let dense = from.take::<u32>()?;
        let bitmap = |tag: &u32| Ok((Tag(*tag), ModelSet::read(from)?));
        let tags = Tags {
            rows,
            names,
            name_ends,
            postings,
            ends,
            bitmaps: dense.iter().map(bitmap).collect::<Result<_>>()?,
            listed: from.take()?,
            tagged: ModelSet::read(from)?,
            first_rows: from.take()?,
        };
        let fits = tags.tagged.rows() == rows && tags.ends.len() == tags.name_ends.len();
        ensure!(fits, "tags of other models");
        Ok(tags)
    }

    /// Returns the tags of at least four models, by the lower case of their names.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = Tag> {
        self.listed.iter().map(|tag| Tag(*tag))
    }

    /// The name of a tag.
    pub fn name(&self, tag: Tag) -> &str {
        str::from_utf8(self.name_bytes(tag.0)).unwrap_or_default()
    }

    fn name_bytes(&self, tag: u32) -> &[u8] {
        &self.names[range(&self.name_ends, tag)]
    }

    /// Returns the listed tags of this name, in whatever case.
    pub fn listed_named(&self, name: &str) -> impl Iterator<Item = Tag> {
        let lower = name.to_lowercase();
        let is_before = |tag: &u32| self.name(Tag(*tag)).to_lowercase() < lower;
        let first = self.listed.partition_point(is_before);
        let from_first = self.listed[first..].iter().map(|tag| Tag(*tag));
        from_first.take_while(move |tag| self.name(*tag).to_lowercase() == lower)
    }

    /// Returns every tag of this name, in whatever case, ascending.
    pub fn named(&self, name: &str) -> Vec<Tag> {
        let lower = name.to_lowercase();
        let is_named = |own: &[u8]| {
            own.len() == lower.len() && own.eq_ignore_ascii_case(lower.as_bytes())
                || !lower.is_ascii()
                    && str::from_utf8(own).is_ok_and(|own| own.to_lowercase() == lower)
        };
        let all = (0..self.name_ends.len())
            .into_par_iter()
            .with_min_len(CHUNK);
        let numbers = all.filter_map(|tag| u32::try_from(tag).ok());
        numbers
            .filter(|tag| is_named(self.name_bytes(*tag)))
            .map(Tag)
            .collect()
    }

    /// Returns the models that have a tag of this name, in whatever case.
    pub fn models(&self, name: &str) -> ModelSet {
        let mut set = ModelSet::none(self.rows);
        for tag in self.named(name) {
            match self.bitmap(tag) {
                Some(bitmap) => set.or(bitmap),
                None => self.rows(tag).for_each(|row| set.add(row)),
            }
        }
        set
    }

    /// Returns the models that have this tag.
    pub fn of_tag(&self, tag: Tag) -> ModelSet {
        let mut set = ModelSet::none(self.rows);
        match self.bitmap(tag) {
            Some(bitmap) => return bitmap.clone(),
            None => self.rows(tag).for_each(|row| set.add(row)),
        }
        set
    }

    /// Counts the models of a set that have this tag.
    pub fn count(&self, tag: Tag, within: &ModelSet) -> usize {
        match self.bitmap(tag) {
            Some(bitmap) => {
                let mut both = bitmap.clone();
                both.and(within);
                both.count()
            }
            None => self.rows(tag).filter(|row| within.has(*row)).count(),
        }
    }

    fn bitmap(&self, tag: Tag) -> Option<&ModelSet> {
        let at = self.bitmaps.binary_search_by_key(&tag, |(dense, _)| *dense);
        at.ok().map(|at| &self.bitmaps[at].1)
    }

    fn rows(&self, tag: Tag) -> impl Iterator<Item = ModelId> {
        postings::rows(&self.postings[range(&self.ends, tag.0)]).map(ModelId)
    }

    /// The models that have any tag at all.
    pub fn tagged(&self) -> &ModelSet {
        &self.tagged
    }

    /// The memory that the index takes, in bytes.
    pub fn bytes(&self) -> usize {
        let bitmaps: usize = self.bitmaps.iter().map(|(_, set)| set.bytes()).sum();
        let numbers = self.name_ends.len() + self.ends.len() + self.listed.len();
        self.names.len() + self.postings.len() + numbers * 4 + bitmaps + self.tagged.bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::File;

    use polars::prelude::*;
    use polars_arrow::array::{BinaryViewArray, ListArray};
    use polars_arrow::offset::Offsets;
    use proptest::prelude::*;

    use super::*;
    use crate::engine::parquet::dictionary::ViewDictionary;
    use crate::engine::parquet::files::Files;
    use crate::engine::parquet::leaf::Leaf;
    use crate::engine::source::Source;
    use crate::engine::table::clean::clean;

    /// Writes lists of tags to a parquet file of row groups of this many rows, and indexes them.
    fn index(lists: &[Vec<String>], rows: usize) -> Tags {
        let column: ListChunked = lists
            .iter()
            .map(|list| Some(Series::new("".into(), list)))
            .collect();
        let column = column
            .with_name("tags".into())
            .cast(&DataType::List(Box::new(DataType::String)));
        let mut frame = DataFrame::new(lists.len(), vec![column.unwrap().into_column()]).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let writer = ParquetWriter::new(File::create(file.path()).unwrap());
        writer
            .with_row_group_size(Some(rows))
            .finish(&mut frame)
            .unwrap();
        let files = Files::open(&Source::File(file.path().to_owned())).unwrap();
        let mut merge = Merge::new(lists.len());
        let mut dictionary = ViewDictionary::default();
        for batch in files.batches(usize::MAX) {
            let runs = files.runs(batch, &["tags"]).unwrap().into_iter().flatten();
            let tags = BatchTags::read(files.range(batch), runs, &mut dictionary);
            let batches = tags.unwrap().0.into_iter();
            batches.for_each(|tags| merge.push(tags).unwrap());
        }
        merge.finish().unwrap()
    }

    /// The leaves of lists whose pages end after these numbers of values, in the midst of lists.
    fn leaves(lists: &[Vec<String>], ends: &[usize]) -> Vec<Leaf> {
        let leaf = |offsets: Vec<i64>, values: Vec<&String>| {
            let offsets = Offsets::try_from(offsets).unwrap();
            let values = BinaryViewArray::from_slice_values(values).boxed();
            let dtype = ListArray::<i64>::default_datatype(values.dtype().clone());
            let list = ListArray::new(dtype, offsets.into(), values, None);
            Leaf::new(list.boxed(), Vec::new()).unwrap()
        };
        let (mut leaves, mut offsets, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut count = 0;
        for list in lists {
            offsets.push(values.len() as i64);
            for tag in list {
                if ends.contains(&count) {
                    offsets.push(values.len() as i64);
                    leaves.push(leaf(
                        std::mem::take(&mut offsets),
                        std::mem::take(&mut values),
                    ));
                }
                values.push(tag);
                count += 1;
            }
        }
        offsets.push(values.len() as i64);
        leaves.push(leaf(offsets, values));
        leaves
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_list_goes_on_in_the_next_page(lists in prop::collection::vec(prop::collection::vec("[ab]{1,2}|license:[ab]", 0..5), 1..300), ends in prop::collection::vec(1..600_usize, 0..6)) {
            let leaves = leaves(&lists, &ends).into_iter().map(Ok);
            let (batches, licenses) = BatchTags::read(0..lists.len(), leaves, &mut ViewDictionary::default()).unwrap();
            let mut merge = Merge::new(lists.len());
            batches.into_iter().for_each(|tags| merge.push(tags).unwrap());
            let (tags, whole) = (merge.finish().unwrap(), index(&lists, lists.len()));
            let names = ["a", "b", "aa", "ab", "ba", "bb", "license:a", "license:b"];
            for name in names {
                prop_assert_eq!(tags.models(name).iter().collect::<Vec<_>>(), whole.models(name).iter().collect::<Vec<_>>());
            }
            prop_assert_eq!(tags.tagged().count(), whole.tagged().count());
            let license = |code: &u32| licenses.values.get(*code as usize).cloned();
            let first = |list: &Vec<String>| list.iter().find_map(|tag| tag.strip_prefix("license:")).map(str::to_owned);
            prop_assert_eq!(licenses.codes.iter().map(license).collect::<Vec<_>>(), lists.iter().map(first).collect::<Vec<_>>());
        }

        #[test]
        fn every_tag_has_its_models(lists in prop::collection::vec(prop::collection::vec("[aAbB模\u{1b}]{1,2}|base_model:x|license:[ab]", 0..5), 1..300), rows in 1..300_usize) {
            let tags = index(&lists, rows);
            let cleaned = |tag: &String| clean(tag).into_owned();
            let has = |list: &Vec<String>, name: &str| list.iter().any(|t| cleaned(t).to_lowercase() == name.to_lowercase());
            for name in ["a", "A", "ab", "模", "B\u{1b}", "zz", "LICENSE:a", "base_model:x"] {
                let name = clean(name);
                let found: Vec<u32> = tags.models(&name).iter().map(|m| m.0).collect();
                let naive: Vec<u32> = (0..).zip(&lists).filter(|(_, l)| has(l, &name)).map(|(row, _)| row).collect();
                prop_assert_eq!(found, naive, "{}", name);
            }
            let distinct: BTreeSet<String> = lists.iter().flatten().map(cleaned).filter(|t| !t.starts_with(LINEAGE)).collect();
            let count = |name: &String| lists.iter().filter(|list| list.iter().any(|t| cleaned(t) == *name)).count();
            let mut listed: Vec<String> = tags.listed().map(|t| tags.name(t).to_owned()).collect();
            listed.sort();
            prop_assert_eq!(listed, distinct.iter().filter(|name| count(name) >= 4).cloned().collect::<Vec<_>>());
            let everywhere = ModelSet::all(lists.len());
            for tag in tags.listed() {
                prop_assert_eq!(tags.count(tag, &everywhere), count(&tags.name(tag).to_owned()));
                prop_assert_eq!(tags.of_tag(tag).count(), count(&tags.name(tag).to_owned()));
                prop_assert!(tags.listed_named(&tags.name(tag).to_uppercase()).any(|own| own == tag));
            }
            prop_assert_eq!(tags.tagged().count(), lists.iter().filter(|l| !l.is_empty()).count());
        }
    }
}
