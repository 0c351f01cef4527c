//! The one table of query tests: what can be asked of a model beside the words of its id. The
//! parser, the filters, the pickers and the help all read it.

use crate::engine::table::field::Field;

/// The subject of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Key {
    Author,
    Task,
    Library,
    License,
    Dtype,
    Tag,
    Lang,
    Relation,
    Base,
    Family,
    Params,
    Fits,
    Downloads,
    All,
    Likes,
    Ratio,
    Delta,
    Growth,
    Children,
    Descendants,
    Created,
    Modified,
    Has,
    No,
    Is,
}

/// What kind of values a test takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One of the words that the hub has there, whatever their case.
    Word,
    /// A model's id.
    Model,
    /// A count or a range of counts.
    Count,
    /// A share or a range of shares, `10%` or `0.1`.
    Share,
    /// A count or a range of counts, which may be below 0.
    Change,
    /// A share or a range of shares, which may be below 0.
    Growth,
    /// A day, month or year, or a range of them.
    Time,
    /// So much memory.
    Room,
    /// The names of other tests.
    Key,
    /// One of [`Trait`].
    Trait,
}

/// One row of the table.
pub struct KeyInfo {
    pub key: Key,
    /// As it is typed before the colon.
    pub name: &'static str,
    pub takes: Takes,
    /// The field it reads, where it is a field of the frame.
    pub field: Option<Field>,
    pub example: &'static str,
    /// What it asks, in one line.
    pub about: &'static str,
}

const fn row(
    key: Key,
    name: &'static str,
    takes: Takes,
    field: Option<Field>,
    example: &'static str,
    about: &'static str,
) -> KeyInfo {
    KeyInfo {
        key,
        name,
        takes,
        field,
        example,
        about,
    }
}

/// Every test, in the order of [`Key`].
pub const KEYS: [KeyInfo; 25] = [
    row(
        Key::Author,
        "author",
        Takes::Word,
        None,
        "author:google,Qwen",
        "the user or organisation before the slash",
    ),
    row(
        Key::Task,
        "task",
        Takes::Word,
        Some(Field::Task),
        "task:text-generation",
        "what the model is for",
    ),
    row(
        Key::Library,
        "library",
        Takes::Word,
        Some(Field::Library),
        "library:gguf",
        "the library that loads it",
    ),
    row(
        Key::License,
        "license",
        Takes::Word,
        Some(Field::License),
        "license:mit,apache-2.0",
        "the licence that its tags state",
    ),
    row(
        Key::Dtype,
        "dtype",
        Takes::Word,
        Some(Field::Dtype),
        "dtype:BF16,F8_E4M3",
        "the tensor type that holds most of its parameters",
    ),
    row(
        Key::Tag,
        "tag",
        Takes::Word,
        None,
        "tag:moe",
        "any of its tags",
    ),
    row(
        Key::Lang,
        "lang",
        Takes::Word,
        None,
        "lang:de,fr",
        "a language, by its ISO 639 code",
    ),
    row(
        Key::Relation,
        "relation",
        Takes::Word,
        Some(Field::Relation),
        "-relation:quantized",
        "how it was made: finetune, adapter, quantized, merge",
    ),
    row(
        Key::Base,
        "base",
        Takes::Model,
        None,
        "base:google/gemma-7b",
        "made directly from this model",
    ),
    row(
        Key::Family,
        "family",
        Takes::Model,
        None,
        "family:gpt2",
        "made from this model, directly or not",
    ),
    row(
        Key::Params,
        "params",
        Takes::Count,
        Some(Field::Params),
        "params:7B..15B",
        "parameters; `params:8B` is what rounds to it",
    ),
    row(
        Key::Fits,
        "fits",
        Takes::Room,
        None,
        "fits:24GB@4",
        "weights of 4 bits (16 without `@4`) take no more; GB, GiB, MB",
    ),
    row(
        Key::Downloads,
        "downloads",
        Takes::Count,
        Some(Field::Downloads),
        "downloads:>1M",
        "downloads of the last 30 days",
    ),
    row(
        Key::All,
        "all",
        Takes::Count,
        Some(Field::DownloadsAllTime),
        "all:>=10K",
        "downloads of all time",
    ),
    row(
        Key::Likes,
        "likes",
        Takes::Count,
        Some(Field::Likes),
        "likes:>100",
        "people who liked it",
    ),
    row(
        Key::Ratio,
        "ratio",
        Takes::Share,
        Some(Field::RecentShare),
        "ratio:>10%",
        "downloads of 30 days in those of all time",
    ),
    row(
        Key::Delta,
        "delta",
        Takes::Change,
        Some(Field::Delta),
        "delta:>1K",
        "downloads more than in the snapshot of `--against`; `<0`: fewer",
    ),
    row(
        Key::Growth,
        "growth",
        Takes::Growth,
        Some(Field::Growth),
        "growth:-50%..-10%",
        "the same in the downloads of then; `>100%`: more than doubled",
    ),
    row(
        Key::Children,
        "children",
        Takes::Count,
        Some(Field::Children),
        "children:>100",
        "models that state it as a base",
    ),
    row(
        Key::Descendants,
        "descendants",
        Takes::Count,
        Some(Field::Descendants),
        "descendants:1K..",
        "models made from it, directly or not",
    ),
    row(
        Key::Created,
        "created",
        Takes::Time,
        Some(Field::CreatedAt),
        "created:2025-01..2025-06",
        "when it was made, UTC; both ends count",
    ),
    row(
        Key::Modified,
        "modified",
        Takes::Time,
        Some(Field::LastModified),
        "modified:>2025",
        "its last commit, UTC; after 2025 is from 2026 on",
    ),
    row(
        Key::Has,
        "has",
        Takes::Key,
        None,
        "has:params",
        "it is known: any name of this list",
    ),
    row(
        Key::No,
        "no",
        Takes::Key,
        None,
        "no:base",
        "it is not known",
    ),
    row(
        Key::Is,
        "is",
        Takes::Trait,
        None,
        "is:root",
        "root, ghost, merge, copy or unrelated in the lineage; of suspect size; new or renamed since `--against`",
    ),
];

impl Key {
    /// The key's row of the table.
    pub fn info(self) -> &'static KeyInfo {
        &KEYS[self as usize]
    }

    /// The key of this name.
    pub fn named(name: &str) -> Option<Key> {
        KEYS.iter().find(|i| i.name == name).map(|i| i.key)
    }

    /// The test on this field.
    pub fn of_field(field: Field) -> Option<Key> {
        let of = |i: &&KeyInfo| i.field == Some(field);
        KEYS.iter().find(of).map(|i| i.key)
    }

    /// Whether it can be known or unknown of a model, so that `has:` and `no:` can ask for it.
    pub fn is_knowable(self) -> bool {
        let takes = self.info().takes;
        !matches!(takes, Takes::Key | Takes::Trait | Takes::Room) && self != Key::Family
    }

    /// The keys that a picker lists the values of, in its order.
    pub const FACETS: [Key; 8] = [
        Key::Task,
        Key::Library,
        Key::License,
        Key::Dtype,
        Key::Lang,
        Key::Relation,
        Key::Author,
        Key::Tag,
    ];
}

/// What a model is: its place in the lineage, how far its figures can be right, or whether it was
/// there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Trait {
    /// States no base but perhaps itself, and others are made from it.
    Root,
    /// States a base that is not in the table.
    Ghost,
    /// States more than one base.
    Merge,
    /// Is another model's quantization, conversion or mirror.
    Copy,
    /// States no base but perhaps itself, and nothing is made from it.
    Unrelated,
    /// Has a parameter count that cannot be right.
    Suspect,
    /// Is not in the older snapshot.
    New,
    /// Has another name in the older snapshot.
    Renamed,
}

impl Trait {
    /// All of them, by name.
    pub const ALL: [(&'static str, Trait); 8] = [
        ("root", Trait::Root),
        ("ghost", Trait::Ghost),
        ("merge", Trait::Merge),
        ("copy", Trait::Copy),
        ("unrelated", Trait::Unrelated),
        ("suspect", Trait::Suspect),
        ("new", Trait::New),
        ("renamed", Trait::Renamed),
    ];

    /// As it is typed.
    pub fn name(self) -> &'static str {
        Trait::ALL[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, info) in KEYS.iter().enumerate() {
            assert_eq!(info.key as usize, at, "{}", info.name);
            assert_eq!(Key::named(info.name), Some(info.key));
        }
        for (at, (_, found)) in Trait::ALL.iter().enumerate() {
            assert_eq!(*found as usize, at);
        }
    }

    /// The README's list of tests is this table.
    #[test]
    fn the_readme_lists_every_test() {
        let readme = include_str!("../../../README.md");
        for info in &KEYS {
            let line = format!("| `{}` | {} |", info.example, info.about);
            assert!(readme.contains(&line), "README.md lacks the line\n{line}");
        }
    }
}
