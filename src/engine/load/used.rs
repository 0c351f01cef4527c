//! The leaves of a file that loading reads, and the stage that does; a download can leave out the others.
//! The metadata of model cards, more than half of a file, are read when a model is looked at, where the
//! file has them.

use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::stage::Stage;

/// The identity of a model, by which snapshots are joined.
const IDENTITY: &str = "_id";

/// Members of structs that nothing reads: the identities of bases, and templates of prompts, which
/// are most of the bytes of a GGUF header.
const UNREAD: [&str; 2] = [IDENTITY, "chat_template"];

/// The column that is read only for the license, where no tags state it.
const CARD: &str = "cardData";

/// Returns the first stage that reads a leaf, given by the names on its path, its column first; `None`
/// if none does. `columns` are those of the whole file.
pub fn stage_of_leaf(path: &[String], columns: &[&str]) -> Option<Stage> {
    let (column, members) = path.split_first()?;
    if members.iter().any(|member| UNREAD.contains(&&**member)) {
        return None;
    }
    match &**column {
        IDENTITY => return Some(Stage::Fields),
        // They are read beside the columns of the bases.
        "relation" => return Some(Stage::Lineage),
        CARD if columns.contains(&"tags") => return None,
        _ => {}
    }
    let fields = FIELDS
        .iter()
        .filter(|info| info.columns.contains(&&**column));
    let used = fields.filter(|info| {
        !(info.field == Field::Relation && column == "tags" && states_bases(columns))
    });
    used.map(|info| Stage::of(info.field)).min()
}

/// Returns true if a column before the tags states bases.
fn states_bases(columns: &[&str]) -> bool {
    let before = Field::Relation
        .info()
        .columns
        .iter()
        .take_while(|column| **column != "tags");
    before.into_iter().any(|column| columns.contains(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(path: &str, columns: &[&str]) -> Option<Stage> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        stage_of_leaf(&path, columns)
    }

    #[test]
    fn leaves_have_the_first_stage_that_reads_them() {
        let today = [
            "id",
            "tags",
            "baseModels",
            "cardData",
            "gguf",
            "safetensors",
        ];
        for (path, wanted) in [
            ("id", Some(Stage::Names)),
            ("downloads", Some(Stage::Names)),
            ("safetensors.total", Some(Stage::Lineage)),
            ("safetensors.parameters.BF16", Some(Stage::Lineage)),
            ("baseModels.models.list.element.id", Some(Stage::Lineage)),
            ("baseModels.models.list.element._id", None),
            ("baseModels.relation", Some(Stage::Lineage)),
            ("gguf", Some(Stage::Lineage)),
            ("gguf.total", Some(Stage::Lineage)),
            ("gguf.chat_template", None),
            ("_id", Some(Stage::Fields)),
            ("likes", Some(Stage::Fields)),
            ("tags.list.element", Some(Stage::Complete)),
            ("cardData", None),
            ("siblings.list.element.rfilename", None),
            ("config", None),
        ] {
            assert_eq!(stage(path, &today), wanted, "{path}");
        }
        // In 2024 tags state the bases; exports may have neither tags nor a license column.
        assert_eq!(
            stage("tags.list.element", &["id", "tags"]),
            Some(Stage::Lineage)
        );
        assert_eq!(
            stage("cardData", &["id", "cardData"]),
            Some(Stage::Complete)
        );
    }
}
