//! The bases that models state: in a struct or JSON text of the day, in lists of ids, or in tags, where
//! files of 2024 have them.

use anyhow::Result;
use polars_arrow::array::Array;

use super::coerce;
use super::columns;
use super::dictionary::ViewDictionary;
use super::files::{Batch, Files};
use super::nested;
use crate::engine::table::clean::clean;
use crate::engine::table::edge_list::{EdgeList, RelationCode};

/// The bases that the models of a batch state.
pub struct Stated {
    pub edges: EdgeList,
    /// The relation of each row: a code of `edges`. In a file that has one for each base, that of the
    /// first base that has one.
    pub relations: Vec<RelationCode>,
}

impl Stated {
    fn none(rows: usize) -> Stated {
        Stated {
            edges: EdgeList::default(),
            relations: vec![RelationCode::UNSTATED; rows],
        }
    }

    /// Adds a base of a row of the batch, which begins at row `start` of all.
    fn add(&mut self, start: usize, row: usize, relation: Option<&str>, base: &str) -> Result<()> {
        let relation = relation.map(clean).unwrap_or_default();
        let code = self.edges.relation_code(&relation);
        if self.relations[row] == RelationCode::UNSTATED {
            self.relations[row] = code;
        }
        let base = self.edges.base_names.intern(clean(base).as_bytes())?;
        self.edges
            .push_coded(columns::row_number(start + row), code, base);
        Ok(())
    }
}

/// Reads the bases that the models of a batch state in this column.
///
/// # Errors
/// When the file is damaged.
pub fn stated(files: &Files, batch: Batch, column: &str) -> Result<Stated> {
    let mut stated = match column {
        "tags" => stated_by_tags(files, batch)?,
        _ => stated_by_records(files, batch, column)?,
    };
    stated.edges.base_names.close();
    Ok(stated)
}

fn stated_by_records(files: &Files, batch: Batch, column: &str) -> Result<Stated> {
    let start = files.range(batch).start;
    let mut stated = Stated::none(batch.len);
    let mut ids = None;
    for path in [
        &[column, "models", "id"][..],
        &[column, "models"],
        &[column],
    ] {
        if ids.is_none() {
            let leaf = files.leaf(batch, path, &[])?;
            ids = leaf.filter(|leaf| coerce::is_text(leaf.values.dtype()));
        }
    }
    let Some(ids) = ids else {
        return Ok(stated);
    };
    let texts = ids.texts();
    if !ids.is_list() {
        for (row, json) in texts.iter().enumerate() {
            let (relation, bases) = json.map(nested::bases).unwrap_or_default();
            let code = relation.as_deref().map(clean).unwrap_or_default();
            stated.relations[row] = stated.edges.relation_code(&code);
            for base in bases {
                stated.add(start, row, relation.as_deref(), &base)?;
            }
        }
        return Ok(stated);
    }
    relations(files, batch, column, &mut stated)?;
    let mut dictionary = ViewDictionary::default();
    for (row, relation) in stated.relations.iter().enumerate() {
        for at in ids.range(row).filter(|at| !texts.is_null(*at)) {
            let base = dictionary.code(&texts, &texts.views()[at], at)?;
            let row = columns::row_number(start + row);
            stated.edges.push_coded(row, *relation, base);
        }
    }
    stated.edges.base_names = dictionary.values;
    Ok(stated)
}

/// Reads the relation of every row of a batch: a member of the column, or a column beside it.
fn relations(files: &Files, batch: Batch, column: &str, stated: &mut Stated) -> Result<()> {
    let leaf = match files.members(batch, &[column]).is_empty() {
        true => files.flat(batch, &["relation"])?,
        false => files.flat(batch, &[column, "relation"])?,
    };
    let Some(leaf) = leaf else {
        return Ok(());
    };
    let words = columns::encoded(&leaf.texts())?;
    let codes = words.values.iter();
    let codes: Vec<_> = codes.map(|word| stated.edges.relation_code(word)).collect();
    for (relation, word) in stated.relations.iter_mut().zip(words.codes) {
        let code = codes.get(word as usize);
        *relation = code.copied().unwrap_or(RelationCode::UNSTATED);
    }
    Ok(())
}

fn stated_by_tags(files: &Files, batch: Batch) -> Result<Stated> {
    let start = files.range(batch).start;
    let mut stated = Stated::none(batch.len);
    if let Some(leaf) = files.leaf(batch, &["tags"], &[])? {
        columns::each_tags(&leaf, |row, tags| {
            for (relation, base) in nested::bases_of_tags(tags.iter().map(String::as_str)) {
                stated.add(start, row, relation, base)?;
            }
            Ok(())
        })?;
    }
    Ok(stated)
}
