//! The table of filters: the conditions that a query can set besides the words of an id. The parser,
//! the search, the pickers and the help all read it.

use crate::engine::table::edge_list::RELATIONS;
use crate::engine::table::field::Field;

/// The type of the values that a filter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A word that the hub has there, ignoring case.
    Word,
    /// The id of a model.
    Model,
    /// A code of ISO 639, perhaps with a script or region, or `multilingual`.
    Language,
    /// A count or a range of counts.
    Count,
    /// A share or a range of shares, `10%` or `0.1`.
    Share,
    /// A count or a range of counts, which may be negative.
    Change,
    /// A share or a range of shares, which may be negative.
    Growth,
    /// A day, month or year, or a range of them.
    Time,
    /// A size of memory.
    Memory,
    /// The name of another filter.
    Key,
    /// One of [`Flag`].
    Flag,
}

/// One row of the table.
pub struct FilterInfo {
    pub key: FilterKey,
    /// As typed before the colon.
    pub name: &'static str,
    pub value_type: ValueType,
    /// The field of the frame that the filter reads, if it reads one.
    pub field: Option<Field>,
    pub example: &'static str,
    /// The condition, in one line.
    pub about: &'static str,
}

/// Declares [`FilterKey`] and [`FILTERS`] from one list: the key, its name, the type of its values,
/// its field if it reads one; an example and the help line.
macro_rules! filters {
    ($($key:ident $name:literal $type:ident $($field:ident)?: $example:literal $about:literal;)*) => {
        /// The subject of a filter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FilterKey {
            $(#[doc = $about] $key,)*
        }

        /// Every filter, in the order of [`FilterKey`].
        pub const FILTERS: [FilterInfo; [$($name),*].len()] = [$(FilterInfo {
            key: FilterKey::$key,
            name: $name,
            value_type: ValueType::$type,
            field: { let field: &[Field] = &[$(Field::$field)?]; field.first().copied() },
            example: $example,
            about: $about,
        }),*];
    };
}

filters! {
    Author "author" Word:
        "author:google,Qwen" "the user or organization before the slash";
    Task "task" Word Task:
        "task:text-generation" "the task of the model";
    Library "library" Word Library:
        "library:gguf" "the library that loads the model";
    License "license" Word License:
        "license:mit,apache-2.0" "the license that its tags state";
    Dtype "dtype" Word Dtype:
        "dtype:BF16,F8_E4M3" "the tensor type of most of its parameters";
    Tag "tag" Word:
        "tag:moe" "a tag of the model";
    Lang "lang" Language:
        "lang:de,fr" "a language, by its ISO 639 code";
    Relation "relation" Word Relation:
        "-relation:quantized" "its relation to its base: finetune, adapter, quantized, merge";
    Base "base" Model:
        "base:google/gemma-7b" "derived directly from this model";
    Family "family" Model:
        "family:gpt2" "derived from this model, directly or not";
    Copies "copies" Model:
        "copies:google/gemma-7b" "the same model, quantized, converted or mirrored";
    Params "params" Count Params:
        "params:7B..15B" "parameters; `params:8B` matches all that round to it";
    ParamsSource "params_source" Word ParamsSource:
        "params_source:safetensors" "the source of the parameter count: safetensors or gguf";
    Fits "fits" Memory:
        "fits:24GB@4" "4-bit weights (16-bit without `@4`) fit in this memory; GB, GiB, MB";
    Downloads "downloads" Count Downloads:
        "downloads:>1M" "downloads of the last 30 days";
    All "all" Count DownloadsAllTime:
        "all:>=10K" "all-time downloads";
    Likes "likes" Count Likes:
        "likes:>100" "number of likes";
    Ratio "ratio" Share RecentShare:
        "ratio:>10%" "share of the last 30 days in all-time downloads";
    Delta "delta" Change Delta:
        "delta:>1K" "change of downloads since the snapshot of `--against`";
    Growth "growth" Growth Growth:
        "growth:-50%..-10%" "the same relative to the older snapshot; `>100%`: more than doubled";
    Children "children" Count Children:
        "children:>100" "number of models that state it as a base";
    Descendants "descendants" Count Descendants:
        "descendants:1K.." "number of models derived from it, directly or not";
    Created "created" Time CreatedAt:
        "created:2025-01..2025-06" "date of creation, UTC; both ends included";
    Modified "modified" Time LastModified:
        "modified:>2025" "date of the last commit, UTC; `>2025` is from 2026 on";
    Has "has" Key:
        "has:params" "the value of this filter or field is known";
    No "no" Key:
        "no:base" "the value is unknown";
    Is "is" Flag:
        "is:root" "root, ghost, merge, copy or unrelated in the lineage; of suspect size; new or renamed since `--against`";
}

/// Other names of keys, that people know from the Hub and from other programs.
pub const ALIASES: [(&str, FilterKey); 6] = [
    ("licence", FilterKey::License),
    ("org", FilterKey::Author),
    ("size", FilterKey::Params),
    ("downloads_all", FilterKey::All),
    ("downloads_all_time", FilterKey::All),
    ("age", FilterKey::Created),
];

impl FilterKey {
    /// The keys that have a picker of their values, in the order of the menu.
    pub const FACETS: [FilterKey; 8] = [
        FilterKey::Task,
        FilterKey::Library,
        FilterKey::License,
        FilterKey::Dtype,
        FilterKey::Lang,
        FilterKey::Relation,
        FilterKey::Author,
        FilterKey::Tag,
    ];

    /// Returns the key's row of the table.
    pub fn info(self) -> &'static FilterInfo {
        &FILTERS[self as usize]
    }

    /// Returns the key of this name, or of this one among [`ALIASES`].
    pub fn named(name: &str) -> Option<FilterKey> {
        let own = FILTERS.iter().find(|i| i.name == name).map(|i| i.key);
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == name);
        own.or_else(|| alias().map(|(_, key)| *key))
    }

    /// Returns true if the values of the key have an order.
    pub fn is_compared(self) -> bool {
        matches!(
            self.info().value_type,
            ValueType::Count
                | ValueType::Share
                | ValueType::Change
                | ValueType::Growth
                | ValueType::Time
        )
    }

    /// Returns the values of a key that nearly all hubs have and few others: relations, and sources of
    /// parameters; `None` of any other key.
    pub fn usual_words(self) -> Option<Vec<&'static str>> {
        match self {
            FilterKey::Relation => Some(RELATIONS.to_vec()),
            FilterKey::ParamsSource => Some(vec!["safetensors", "gguf"]),
            _ => None,
        }
    }

    /// Returns the key that filters on a field.
    pub fn of_field(field: Field) -> Option<FilterKey> {
        let info = FILTERS.iter().find(|i| i.field == Some(field));
        info.map(|i| i.key)
    }

    /// Returns true if `has:` and `no:` accept the key: its value can be unknown.
    pub fn is_knowable(self) -> bool {
        let is_condition = matches!(
            self.info().value_type,
            ValueType::Key | ValueType::Flag | ValueType::Memory
        );
        let is_one_way = matches!(self, FilterKey::Family | FilterKey::Copies);
        !is_condition && !is_one_way
    }
}

/// A property that a model has or has not: its role in the lineage, a suspect figure, or a change
/// since an older snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Has children and no base other than itself.
    Root,
    /// Has a base that is missing from the table.
    Ghost,
    /// Has more than one base.
    Merge,
    /// Is a quantization, conversion or mirror of another model.
    Copy,
    /// Has neither children nor a base other than itself.
    Unrelated,
    /// Has a parameter count that cannot be right.
    Suspect,
    /// Is missing from the older snapshot.
    New,
    /// Has another name in the older snapshot.
    Renamed,
}

impl Flag {
    /// All flags with their names, in the order of the enum.
    pub const ALL: [(&'static str, Flag); 8] = [
        ("root", Flag::Root),
        ("ghost", Flag::Ghost),
        ("merge", Flag::Merge),
        ("copy", Flag::Copy),
        ("unrelated", Flag::Unrelated),
        ("suspect", Flag::Suspect),
        ("new", Flag::New),
        ("renamed", Flag::Renamed),
    ];

    /// Returns the name, as typed.
    pub fn name(self) -> &'static str {
        Flag::ALL[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_the_order_of_their_enums() {
        for (at, info) in FILTERS.iter().enumerate() {
            assert_eq!(info.key as usize, at, "{}", info.name);
            assert_eq!(FilterKey::named(info.name), Some(info.key));
        }
        for (at, (_, flag)) in Flag::ALL.iter().enumerate() {
            assert_eq!(*flag as usize, at);
        }
    }

    /// The guide's table of filters is this one.
    #[test]
    fn the_guide_lists_every_filter() {
        let guide = include_str!("../../../assets/guide/queries.md");
        for info in &FILTERS {
            let line = format!("| `{}` | {} |", info.example, info.about);
            assert!(
                guide.contains(&line),
                "assets/guide/queries.md lacks the line\n{line}"
            );
        }
    }
}
