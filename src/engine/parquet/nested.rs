//! The columns with a shape of their own: `safetensors`, `gguf`, `baseModels` and `tags`. Each
//! comes as a struct or list, or, in exports and older files, as JSON text; both are read here.

use std::ops::Range;

use polars::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::parquet::coerce;
use crate::engine::table::clean::clean;

/// The parameter counts of a `safetensors` or `gguf` column: its `total`.
pub fn totals(column: &Series) -> PolarsResult<Vec<Option<i64>>> {
    if matches!(column.dtype(), DataType::Struct(_)) {
        return match child(column, "total") {
            Some(total) => Ok(coerce::counts(&total)?.iter().collect()),
            None => Ok(vec![None; column.len()]),
        };
    }
    let texts = strings(column)?;
    Ok(texts.iter().map(|text| text.and_then(total)).collect())
}

/// The `total` of an object in JSON text.
pub fn total(json: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Totals {
        total: Option<Value>,
    }
    let json: Totals = serde_json::from_str(json).ok()?;
    json.total.as_ref().and_then(whole)
}

/// Hands every count of a `safetensors` column's `parameters` to `found`, as the row within the
/// column, the tensor type and how many parameters are of it.
pub fn each_dtype(column: &Series, mut found: impl FnMut(usize, &str, i64)) -> PolarsResult<()> {
    if matches!(column.dtype(), DataType::Struct(_)) {
        let Some(parameters) = child(column, "parameters") else {
            return Ok(());
        };
        let Ok(parameters) = parameters.struct_() else {
            return Ok(());
        };
        for dtype in parameters.fields_as_series() {
            let name = clean(dtype.name());
            for (row, count) in coerce::counts(&dtype)?.iter().enumerate() {
                if let Some(count) = count {
                    found(row, &name, count);
                }
            }
        }
        return Ok(());
    }
    #[derive(Deserialize)]
    struct Parameters {
        parameters: Option<Map<String, Value>>,
    }
    for (row, text) in strings(column)?.iter().enumerate() {
        let Some(Ok(json)) = text.map(serde_json::from_str::<Parameters>) else {
            continue;
        };
        for (name, count) in json.parameters.iter().flatten() {
            if let Some(count) = whole(count) {
                found(row, &clean(name), count);
            }
        }
    }
    Ok(())
}

/// A JSON number as a whole one; exports write some counts as `7.0`.
pub fn whole(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
    value.as_i64().or_else(|| value.as_f64().map(|f| f as i64))
}

/// One stated base of a model.
pub type Stated<'a> = (Option<&'a str>, &'a str);

/// Hands every stated base of a `baseModels` column to `found`, in file order, as the row within
/// the column and (relation, base id), both cleaned.
pub fn bases(column: &Series, mut found: impl FnMut(usize, Stated<'_>)) -> PolarsResult<()> {
    if !matches!(column.dtype(), DataType::Struct(_)) {
        return bases_of_json(column, found);
    }
    let Some(lists) = child(column, "models").and_then(|models| Lists::of(&models)) else {
        return Ok(());
    };
    let ids = match lists.values.dtype() {
        DataType::Struct(_) => child(&lists.values, "id"),
        _ => Some(lists.values.clone()),
    };
    let Some(ids) = ids.as_ref().map(strings).transpose()? else {
        return Ok(());
    };
    let relation = child(column, "relation")
        .as_ref()
        .map(strings)
        .transpose()?;
    let relation = |row| {
        relation
            .as_ref()
            .and_then(|words| words.get(row))
            .map(clean)
    };
    for row in 0..column.len() {
        for at in lists.range(row) {
            if let Some(id) = ids.get(at) {
                found(row, (relation(row).as_deref(), &clean(id)));
            }
        }
    }
    Ok(())
}

fn bases_of_json(column: &Series, mut found: impl FnMut(usize, Stated<'_>)) -> PolarsResult<()> {
    #[derive(Deserialize)]
    struct Bases {
        relation: Option<String>,
        models: Option<Vec<Option<Base>>>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Base {
        Whole { id: Option<String> },
        Id(String),
    }
    for (row, text) in strings(column)?.iter().enumerate() {
        let Some(Ok(bases)) = text.map(serde_json::from_str::<Bases>) else {
            continue;
        };
        let relation = bases.relation.as_deref().map(clean);
        for base in bases.models.into_iter().flatten().flatten() {
            if let Base::Whole { id: Some(id) } | Base::Id(id) = base {
                found(row, (relation.as_deref(), &clean(&id)));
            }
        }
    }
    Ok(())
}

/// The same from the tags `base_model:<id>` and `base_model:<relation>:<id>`, the only place
/// where files of 2024 state lineage. The bare tag counts where no other names its base.
pub fn bases_of_tags(tags: &Series, mut found: impl FnMut(usize, Stated<'_>)) -> PolarsResult<()> {
    let mut stated: Vec<(Option<String>, String)> = Vec::new();
    each_tag_list(tags, |row, tags| {
        stated.clear();
        for tag in tags.iter().filter_map(|t| t.strip_prefix("base_model:")) {
            let (relation, id) = match tag.split_once(':') {
                Some((relation, id)) if !relation.contains('/') => (Some(relation), id),
                _ => (None, tag),
            };
            match stated.iter_mut().find(|(_, known)| known == id) {
                Some((known, _)) if known.is_none() => *known = relation.map(str::to_owned),
                Some(_) => {}
                None => stated.push((relation.map(str::to_owned), id.to_owned())),
            }
        }
        for (relation, id) in &stated {
            found(row, (relation.as_deref().map(clean).as_deref(), &clean(id)));
        }
    })
}

/// The tags of every row that has any, from a list column or a column of JSON arrays.
pub fn each_tag_list(tags: &Series, mut found: impl FnMut(usize, &[&str])) -> PolarsResult<()> {
    if let Some(lists) = Lists::of(tags) {
        let values = strings(&lists.values)?;
        let mut row_tags = Vec::new();
        for row in 0..tags.len() {
            row_tags.clear();
            row_tags.extend(lists.range(row).filter_map(|at| values.get(at)));
            if !row_tags.is_empty() {
                found(row, &row_tags);
            }
        }
        return Ok(());
    }
    for (row, text) in strings(tags)?.iter().enumerate() {
        let Some(Ok(list)) = text.map(serde_json::from_str::<Vec<Option<String>>>) else {
            continue;
        };
        let list: Vec<&str> = list.iter().flatten().map(String::as_str).collect();
        if !list.is_empty() {
            found(row, &list);
        }
    }
    Ok(())
}

/// A list column in one piece: where each row's values stand, and the values.
struct Lists {
    lists: ListChunked,
    values: Series,
}

impl Lists {
    /// Of a list column; `None` of any other.
    fn of(column: &Series) -> Option<Lists> {
        let lists = column.list().ok()?.rechunk().into_owned();
        let values = lists.get_inner().rechunk();
        Some(Lists { lists, values })
    }

    fn range(&self, row: usize) -> Range<usize> {
        let array = self.lists.downcast_as_array();
        if array.validity().is_some_and(|v| !v.get_bit(row)) {
            return 0..0;
        }
        let offsets = array.offsets();
        #[expect(
            clippy::cast_sign_loss,
            clippy::cast_possible_truncation,
            reason = "Arrow offsets are indices"
        )]
        let range = offsets[row] as usize..offsets[row + 1] as usize;
        range
    }
}

/// Any column as plain strings in one piece.
pub fn strings(column: &Series) -> PolarsResult<StringChunked> {
    Ok(coerce::strings(column)?.rechunk().into_owned())
}

/// A child of a struct column, if the writer had one of this name.
pub fn child(column: &Series, name: &str) -> Option<Series> {
    column.struct_().ok()?.field_by_name(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(column: &Series) -> Vec<(usize, Option<String>, String)> {
        let mut all = Vec::new();
        let keep = |row, (how, base): Stated<'_>| {
            all.push((row, how.map(str::to_owned), base.to_owned()));
        };
        bases(column, keep).unwrap();
        all
    }

    fn base_models() -> Series {
        let one = |names: &[&str]| Series::new("".into(), names);
        let models = [one(&["a", "b"]), one(&["c"]), one(&[]), one(&["d"])];
        let models = Series::new("models".into(), models);
        let relation = [Some("merge"), None, Some("adapter"), Some("finetune")];
        let relation = Series::new("relation".into(), relation);
        StructChunked::from_series("baseModels".into(), 4, [&models, &relation].into_iter())
            .unwrap()
            .into_series()
    }

    /// Rows of a slice are its own, not those of the column it was cut from.
    #[test]
    fn a_slice_keeps_its_rows() {
        let all = base_models();
        let row = |at, how: Option<&str>, base: &str| (at, how.map(str::to_owned), base.to_owned());
        let found = stated(&all.slice(1, 3));
        assert_eq!(found, [row(0, None, "c"), row(2, Some("finetune"), "d")]);
        // Two pieces behind each other, as row groups are.
        let mut twice = all.slice(3, 1);
        twice.append(&all.slice(0, 1)).unwrap();
        let found = stated(&twice);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], row(0, Some("finetune"), "d"));
        assert_eq!(found[2], row(1, Some("merge"), "b"));
    }

    /// A struct that is null states nothing, whatever its members hold.
    #[test]
    fn a_null_struct_states_nothing() {
        let frame = DataFrame::new_infer_height(vec![base_models().into_column()]).unwrap();
        let whole = col("baseModels");
        let first = whole
            .clone()
            .struct_()
            .field_by_name("relation")
            .eq(lit("merge"));
        let masked = when(first)
            .then(lit(NULL))
            .otherwise(whole)
            .alias("baseModels");
        let frame = frame.lazy().select([masked]).collect().unwrap();
        let column = frame.column("baseModels").unwrap();
        assert!(column.null_count() > 0);
        let found = stated(column.as_materialized_series());
        assert!(found.iter().all(|(row, ..)| *row != 0), "{found:?}");
        assert!(found.iter().any(|(row, ..)| *row == 3), "{found:?}");
    }

    #[test]
    fn holes_in_json_lose_nothing_else() {
        let texts = [
            r#"{"relation": null, "models": [null, {"id": "a"}, {"id": null}, "b", {"_id": "x"}]}"#,
            r#"{"models": null}"#,
            "[]",
            "no JSON",
            r#"{"models": [{"id": "c\u001b"}], "relation": "x"}"#,
        ];
        let found = stated(&Series::new("baseModels".into(), texts));
        let found: Vec<_> = found
            .iter()
            .map(|(row, how, base)| (*row, how.as_deref(), &**base))
            .collect();
        assert_eq!(
            found,
            [(0, None, "a"), (0, None, "b"), (4, Some("x"), "c\u{FFFD}")]
        );
        let mut tags = Vec::new();
        let column = Series::new("tags".into(), [r#"["x", null, "y"]"#, "[]", "{}"]);
        each_tag_list(&column, |row, found| tags.push((row, found.join(" ")))).unwrap();
        assert_eq!(tags, [(0, "x y".to_owned())]);
    }
}
