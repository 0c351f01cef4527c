//! The table of fields: the keys, names, kinds and sources of everything that is known of a model.
//! List columns, sort orders, histogram axes, `schema` and the help text read it, so that a new
//! field is one new row.

/// A field of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Field {
    Id,
    Downloads,
    DownloadsAllTime,
    Likes,
    TrendingScore,
    Params,
    ParamsSource,
    Dtype,
    Task,
    Library,
    License,
    Relation,
    CreatedAt,
    LastModified,
    RecentShare,
    Children,
    Descendants,
    Depth,
    FamilyDownloads,
    FamilyDownloadsAllTime,
    DownloadsWithCopies,
    Delta,
    Growth,
    Memory,
    Age,
}

/// The kind of a field's values, which decides how they are stored, written and binned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text, different for nearly every model.
    Text,
    /// A count, 0 or more.
    Count,
    /// A number of bytes, 0 or more.
    Bytes,
    /// A share in billionths; more than the whole where the data says so.
    Share,
    /// The change of a count since an older snapshot.
    Change,
    /// That change in billionths of the older count.
    Growth,
    /// A number without a natural unit.
    Score,
    /// One of a limited set of words.
    Word,
    /// Microseconds since 1970-01-01 UTC.
    Time,
}

/// A row of the table.
pub struct FieldInfo {
    pub field: Field,
    /// Its name in JSON, in queries and as a column of the frame.
    pub key: &'static str,
    /// Its short name in queries and orders.
    pub name: &'static str,
    /// Its short heading on screen.
    pub title: &'static str,
    pub kind: Kind,
    /// The source columns that it is read from, the preferred one first; empty where it follows
    /// from others or from the lineage.
    pub columns: &'static [&'static str],
    /// Width in a list, in terminal cells; 0 where it is no column of one.
    pub width: u16,
    /// True if the histogram pane offers it.
    pub histogram: bool,
    /// Its meaning, in one line.
    pub about: &'static str,
}

/// Every field, in the order of [`Field`].
pub const FIELDS: [FieldInfo; 25] = [
    FieldInfo {
        field: Field::Id,
        key: "id",
        name: "id",
        title: "model",
        kind: Kind::Text,
        columns: &["id", "modelId", "model_id"],
        width: 0,
        histogram: false,
        about: "author/name, the model's address on the Hub",
    },
    FieldInfo {
        field: Field::Downloads,
        key: "downloads",
        name: "downloads",
        title: "downloads",
        kind: Kind::Count,
        columns: &["downloads"],
        width: 10,
        histogram: true,
        about: "downloads in the last 30 days, as the Hub counts them",
    },
    FieldInfo {
        field: Field::DownloadsAllTime,
        key: "downloads_all_time",
        name: "all",
        title: "all-time",
        kind: Kind::Count,
        columns: &["downloadsAllTime", "downloads_all_time"],
        width: 9,
        histogram: true,
        about: "downloads since the model was created",
    },
    FieldInfo {
        field: Field::Likes,
        key: "likes",
        name: "likes",
        title: "likes",
        kind: Kind::Count,
        columns: &["likes"],
        width: 6,
        histogram: true,
        about: "number of likes",
    },
    FieldInfo {
        field: Field::TrendingScore,
        key: "trending_score",
        name: "trending",
        title: "trending",
        kind: Kind::Score,
        columns: &["trendingScore", "trending_score"],
        width: 9,
        histogram: false,
        about: "the Hub's measure of recent attention",
    },
    FieldInfo {
        field: Field::Params,
        key: "params",
        name: "params",
        title: "params",
        kind: Kind::Count,
        columns: &["safetensors", "gguf", "params"],
        width: 7,
        histogram: true,
        about: "number of parameters, as the weight files state it",
    },
    FieldInfo {
        field: Field::ParamsSource,
        key: "params_source",
        name: "params_source",
        title: "params source",
        kind: Kind::Word,
        columns: &["safetensors", "gguf", "params_source"],
        width: 13,
        histogram: false,
        about: "the source of the number of parameters: safetensors or gguf",
    },
    FieldInfo {
        field: Field::Dtype,
        key: "dtype",
        name: "dtype",
        title: "dtype",
        kind: Kind::Word,
        columns: &["safetensors", "dtype"],
        width: 7,
        histogram: false,
        about: "the tensor type of most of its parameters",
    },
    FieldInfo {
        field: Field::Task,
        key: "task",
        name: "task",
        title: "task",
        kind: Kind::Word,
        columns: &["pipeline_tag", "pipelineTag", "task"],
        width: 20,
        histogram: false,
        about: "the task of the model",
    },
    FieldInfo {
        field: Field::Library,
        key: "library",
        name: "library",
        title: "library",
        kind: Kind::Word,
        columns: &["library_name", "libraryName", "library"],
        width: 14,
        histogram: false,
        about: "the library that loads the model",
    },
    FieldInfo {
        field: Field::License,
        key: "license",
        name: "license",
        title: "license",
        kind: Kind::Word,
        columns: &["tags", "license", "cardData"],
        width: 12,
        histogram: false,
        about: "the license that its tags state",
    },
    FieldInfo {
        field: Field::Relation,
        key: "relation",
        name: "relation",
        title: "relation",
        kind: Kind::Word,
        columns: &["baseModels", "base_models", "bases", "tags"],
        width: 9,
        histogram: false,
        about: "its relation to its base: finetune, adapter, quantized or merge",
    },
    FieldInfo {
        field: Field::CreatedAt,
        key: "created_at",
        name: "created",
        title: "created",
        kind: Kind::Time,
        columns: &["createdAt", "created_at", "creation_time"],
        width: 10,
        histogram: true,
        about: "date of creation (2022-03-02 includes earlier ones)",
    },
    FieldInfo {
        field: Field::LastModified,
        key: "last_modified",
        name: "modified",
        title: "modified",
        kind: Kind::Time,
        columns: &["lastModified", "last_modified"],
        width: 10,
        histogram: true,
        about: "date of the last commit",
    },
    FieldInfo {
        field: Field::RecentShare,
        key: "recent_share",
        name: "ratio",
        title: "recent share",
        kind: Kind::Share,
        columns: &[],
        width: 12,
        histogram: true,
        about: "share of the last 30 days in all-time downloads",
    },
    FieldInfo {
        field: Field::Children,
        key: "children",
        name: "children",
        title: "children",
        kind: Kind::Count,
        columns: &[],
        width: 8,
        histogram: true,
        about: "number of models that state it as a base",
    },
    FieldInfo {
        field: Field::Descendants,
        key: "descendants",
        name: "descendants",
        title: "descendants",
        kind: Kind::Count,
        columns: &[],
        width: 11,
        histogram: true,
        about: "number of models derived from it, each counted once",
    },
    FieldInfo {
        field: Field::Depth,
        key: "depth",
        name: "depth",
        title: "depth",
        kind: Kind::Count,
        columns: &[],
        width: 5,
        histogram: false,
        about: "number of generations below it; a cycle is one",
    },
    FieldInfo {
        field: Field::FamilyDownloads,
        key: "family_downloads",
        name: "family_downloads",
        title: "family",
        kind: Kind::Count,
        columns: &[],
        width: 9,
        histogram: false,
        about: "downloads of it and its descendants, each counted once",
    },
    FieldInfo {
        field: Field::FamilyDownloadsAllTime,
        key: "family_downloads_all_time",
        name: "family_all",
        title: "fam all-time",
        kind: Kind::Count,
        columns: &[],
        width: 12,
        histogram: false,
        about: "all-time downloads of it and its descendants, each counted once",
    },
    FieldInfo {
        field: Field::DownloadsWithCopies,
        key: "downloads_with_copies",
        name: "with_copies",
        title: "with copies",
        kind: Kind::Count,
        columns: &[],
        width: 11,
        histogram: false,
        about: "downloads of it and its quantizations and mirrors",
    },
    FieldInfo {
        field: Field::Delta,
        key: "delta",
        name: "delta",
        title: "delta",
        kind: Kind::Change,
        columns: &[],
        width: 7,
        histogram: false,
        about: "change of downloads since the older snapshot",
    },
    FieldInfo {
        field: Field::Growth,
        key: "growth",
        name: "growth",
        title: "growth",
        kind: Kind::Growth,
        columns: &[],
        width: 8,
        histogram: false,
        about: "change of downloads relative to the older snapshot",
    },
    FieldInfo {
        field: Field::Memory,
        key: "memory_4bit",
        name: "memory",
        title: "4-bit size",
        kind: Kind::Bytes,
        columns: &[],
        width: 10,
        histogram: false,
        about: "memory of its weights at 4 bits each, as `fits:24GB@4` counts it",
    },
    FieldInfo {
        field: Field::Age,
        key: "age_days",
        name: "age_days",
        title: "days old",
        kind: Kind::Count,
        columns: &[],
        width: 8,
        histogram: false,
        about: "days from its creation to the newest commit of the file",
    },
];

impl Field {
    /// Returns the field's row of the table.
    pub fn info(self) -> &'static FieldInfo {
        &FIELDS[self as usize]
    }

    /// Returns true if the field follows from others or from the lineage and is in no file.
    pub fn is_derived(self) -> bool {
        self.info().columns.is_empty()
    }

    /// Returns the fields that a derived field is computed from, by [`Models::number`]; empty for
    /// columns and totals.
    ///
    /// [`Models::number`]: super::models::Models::number
    pub fn sources(self) -> &'static [Field] {
        match self {
            Field::RecentShare => &[Field::Downloads, Field::DownloadsAllTime],
            Field::Growth => &[Field::Delta],
            Field::Memory => &[Field::Params],
            Field::Age => &[Field::CreatedAt, Field::LastModified],
            _ => &[],
        }
    }

    /// Returns true if the field compares with an older snapshot.
    pub fn is_compared(self) -> bool {
        matches!(self.info().kind, Kind::Change | Kind::Growth)
    }

    /// Returns the fields with a histogram, in the table's order.
    pub fn histograms() -> impl Iterator<Item = Field> {
        FIELDS.iter().filter(|i| i.histogram).map(|i| i.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, info) in FIELDS.iter().enumerate() {
            assert_eq!(info.field as usize, at, "{}", info.key);
        }
    }
}
