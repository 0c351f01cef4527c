//! Which models have a tag: for each tag the rows that have it, ascending, as the steps from one
//! to the next; those are mostly small, so a step takes a byte. Tags that a good part of all
//! models have take a bit a model instead. Tags of hardly any model, such as most data sets and
//! papers, are the most by far: of those a hash is kept instead of the name. The lists of tags
//! themselves are not kept.

mod growing;
mod join;
mod lists;
mod part;
mod rare;
mod recent;
mod sighted;
mod steps;

use std::io;

use anyhow::{Result, ensure};

use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::table::arena::Texts;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::interner::Names;
use crate::engine::table::models::ModelId;

pub use crate::engine::tags::lists::TagLists;
pub use crate::engine::tags::part::PartTags;
use crate::engine::tags::rare::Rare;
pub use crate::engine::tags::sighted::Sighted;
use crate::engine::tags::steps::rows_of;

/// Tags of no more models than this are rare: they can be asked for, but are not listed.
const RARE: usize = 3;

/// A tag that is not rare: its place in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

/// The tags of all models.
pub struct Tags {
    rows: usize,
    /// By their lower case and then by themselves.
    names: Texts,
    /// The rows of all tags behind one another.
    steps: Buffer<u8>,
    step_ends: Buffer<u32>,
    /// The tags that take a bit a model: they have no steps.
    wide: Vec<(Tag, ModelSet)>,
    rare: Rare,
    tagged: ModelSet,
    /// In the files: the row that begins first in each page of tags.
    pages: Buffer<u32>,
}

/// The hash of a tag, whatever its case.
fn hash(name: &str) -> u64 {
    hash_of(match is_lower(name.as_bytes()) {
        true => Names::key(name.as_bytes()),
        false => Names::key(name.to_lowercase().as_bytes()),
    })
}

/// The same of one whose lower case has this key.
fn hash_of(key: u64) -> u64 {
    // The upper bits are kept, and must depend on all letters.
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether a name is in lower case for certain, as most are.
fn is_lower(name: &[u8]) -> bool {
    let is_other = |byte: &u8| byte.is_ascii_uppercase() | !byte.is_ascii();
    !name
        .iter()
        .fold(false, |other, byte| other | is_other(byte))
}

impl Tags {
    /// The tags of models of which none is known.
    pub fn none(rows: usize) -> Tags {
        Tags {
            rows,
            names: Texts::default(),
            steps: Buffer::new(),
            step_ends: Buffer::new(),
            wide: Vec::new(),
            rare: Rare::default(),
            tagged: ModelSet::none(rows),
            pages: Buffer::new(),
        }
    }

    /// The same, knowing which row begins first in each page of tags in the files.
    pub fn with_pages(self, pages: Vec<u32>) -> Tags {
        Tags {
            pages: pages.into(),
            ..self
        }
    }

    /// The row that begins first in each page of tags in the files; nothing where they have no such
    /// pages.
    pub fn pages(&self) -> &[u32] {
        &self.pages
    }

    /// Keeps them in a file.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.names.write(to)?;
        to.put(&self.steps)?;
        to.put(&self.step_ends)?;
        let wide: Vec<u32> = self.wide.iter().map(|(tag, _)| tag.0).collect();
        to.put(&wide)?;
        self.wide.iter().try_for_each(|(_, set)| set.write(to))?;
        self.rare.write(to)?;
        self.tagged.write(to)?;
        to.put(&self.pages)
    }

    /// Takes those of so many models out of a file.
    ///
    /// # Errors
    /// When the file has something else there.
    pub fn read(from: &mut Reader, rows: usize) -> Result<Tags> {
        let names = Texts::read(from)?;
        let (steps, step_ends) = (from.take()?, from.take()?);
        let wide = from.take::<u32>()?;
        let set = |tag: &u32| Ok((Tag(*tag), ModelSet::read(from)?));
        let tags = Tags {
            rows,
            names,
            steps,
            step_ends,
            wide: wide.iter().map(set).collect::<Result<_>>()?,
            rare: Rare::read(from)?,
            tagged: ModelSet::read(from)?,
            pages: from.take()?,
        };
        let fits = tags.tagged.rows() == rows && tags.step_ends.len() == tags.names.len();
        ensure!(fits, "tags of other models");
        Ok(tags)
    }

    /// Every tag that is not rare, by the lower case of its name.
    pub fn all(&self) -> impl ExactSizeIterator<Item = Tag> + use<> {
        #[expect(clippy::cast_possible_truncation, reason = "see Lists::of")]
        let count = self.names.len() as u32;
        (0..count).map(Tag)
    }

    /// The name of a tag.
    pub fn name(&self, tag: Tag) -> &str {
        self.names.get(tag.0 as usize).unwrap_or_default()
    }

    /// The tags of this name, whatever its case, that are not rare.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Tag> {
        let lower = name.to_lowercase();
        let mut all: Vec<Tag> = Vec::new();
        let (mut low, mut high) = (0, self.names.len());
        while low < high {
            let middle = low.midpoint(high);
            #[expect(clippy::cast_possible_truncation, reason = "see Lists::of")]
            let tag = Tag(middle as u32);
            match self.name(tag).to_lowercase() < lower {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        for tag in self.all().skip(low) {
            if self.name(tag).to_lowercase() != lower {
                break;
            }
            all.push(tag);
        }
        all.into_iter()
    }

    /// The models that have a tag of this name, whatever its case.
    pub fn models(&self, name: &str) -> ModelSet {
        let mut set = ModelSet::none(self.rows);
        self.named(name).for_each(|tag| set.or(&self.of_tag(tag)));
        self.rare.each_row(hash(name), |model| set.add(model));
        set
    }

    /// The models that have this tag.
    pub fn of_tag(&self, tag: Tag) -> ModelSet {
        if let Some((_, set)) = self.wide.iter().find(|(wide, _)| *wide == tag) {
            return set.clone();
        }
        let mut set = ModelSet::none(self.rows);
        self.each_row(tag, |model| set.add(model));
        set
    }

    /// How many of the models in a set have this tag.
    pub fn count(&self, tag: Tag, within: &ModelSet) -> usize {
        if let Some((_, set)) = self.wide.iter().find(|(wide, _)| *wide == tag) {
            let mut both = set.clone();
            both.and(within);
            return both.count();
        }
        let mut count = 0;
        self.each_row(tag, |model| count += usize::from(within.has(model)));
        count
    }

    fn each_row(&self, tag: Tag, mut found: impl FnMut(ModelId)) {
        let rows = rows_of(&self.steps[range(&self.step_ends, tag)]);
        rows.for_each(|row| found(ModelId(row)));
    }

    /// The models that have any tag at all.
    pub fn tagged(&self) -> &ModelSet {
        &self.tagged
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let wide: usize = self.wide.iter().map(|(_, set)| set.bytes()).sum();
        let lists = self.step_ends.len() * 4 + self.steps.len() + wide;
        self.names.bytes() + lists + self.rare.bytes() + self.tagged.bytes()
    }
}

fn range(ends: &[u32], Tag(tag): Tag) -> std::ops::Range<usize> {
    let at = tag as usize;
    let start = at.checked_sub(1).map_or(0, |before| ends[before] as usize);
    start..ends[at] as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::clean::clean;
    use crate::engine::tags::lists::LINEAGE;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_tag_has_its_rows(lists in prop::collection::vec(prop::collection::vec("[aAbB模\u{1b}]{1,2}|base_model:x", 0..5), 1..300), cut in 0..300_usize) {
            let cut = cut.min(lists.len());
            let sighted = Sighted::among(lists.len());
            let part = |from: usize, to: usize| {
                let mut part = TagLists::default();
                for (row, list) in (0..).zip(&lists).skip(from).take(to - from).filter(|(_, l)| !l.is_empty()) {
                    part.begin_row(row);
                    for tag in list {
                        let code = part.code(tag.as_bytes()).unwrap();
                        part.push(code);
                    }
                }
                PartTags::of(&mut part, &sighted)
            };
            let tags = Tags::of(lists.len(), &[part(0, cut), part(cut, lists.len())]);
            let cleaned = |tag: &String| clean(tag).into_owned();
            let has = |list: &Vec<String>, name: &str| list.iter().any(|t| cleaned(t).to_lowercase() == name.to_lowercase());
            for name in ["a", "A", "ab", "模", "B\u{1b}", "zz"] {
                let name = clean(name);
                let found: Vec<u32> = tags.models(&name).iter().map(|m| m.0).collect();
                let naive: Vec<u32> = (0..).zip(&lists).filter(|(_, l)| has(l, &name)).map(|(row, _)| row).collect();
                prop_assert_eq!(found, naive, "{}", name);
            }
            let mut names: Vec<String> = lists.iter().flatten().filter(|t| !t.starts_with(LINEAGE)).map(cleaned).collect();
            let rows = |name: &str| {
                lists.iter().map(|l| l.iter().map(cleaned).filter(|t| t.to_lowercase() == name.to_lowercase()).collect::<std::collections::BTreeSet<_>>().len()).sum::<usize>()
            };
            names.retain(|name| rows(name) > RARE);
            names.sort();
            names.dedup();
            let mut kept: Vec<String> = tags.all().map(|t| tags.name(t).to_owned()).collect();
            kept.sort();
            prop_assert_eq!(kept, names);
            let everywhere = ModelSet::all(lists.len());
            for tag in tags.all() {
                prop_assert_eq!(tags.count(tag, &everywhere), tags.of_tag(tag).count());
            }
            prop_assert_eq!(tags.tagged().count(), lists.iter().filter(|l| !l.is_empty()).count());
        }
    }
}
