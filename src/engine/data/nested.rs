//! The columns with a shape of their own: `safetensors`, `gguf`, `baseModels` and `tags`. Each
//! comes as a struct or list, or, in exports and older files, as JSON text; both are read here.

use std::ops::Range;

use polars::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::clean::clean;

/// The parameter counts of a `safetensors` or `gguf` column: its `total`, or the sum of its
/// dtypes where a writer left the total out.
pub fn totals(column: &Series) -> PolarsResult<Vec<Option<i64>>> {
    if let DataType::Struct(fields) = column.dtype() {
        let Some(total) = fields.iter().find(|f| f.name() == "total") else {
            return Ok(vec![None; column.len()]);
        };
        let totals = column.struct_()?.field_by_name(total.name())?;
        return Ok(totals.cast(&DataType::Int64)?.i64()?.iter().collect());
    }
    #[derive(Deserialize)]
    struct Totals {
        total: Option<Value>,
        parameters: Option<serde_json::Map<String, Value>>,
    }
    let total_of = |text: &str| {
        let json: Totals = serde_json::from_str(text).ok()?;
        let sum = |p: serde_json::Map<String, Value>| {
            p.values().filter_map(whole).reduce(i64::saturating_add)
        };
        json.total
            .as_ref()
            .and_then(whole)
            .or_else(|| json.parameters.and_then(sum))
    };
    Ok(strings(column)?
        .iter()
        .map(|s| s.and_then(total_of))
        .collect())
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
    let fields = column.struct_()?;
    let relation = strings(&fields.field_by_name("relation")?)?;
    let models = fields.field_by_name("models")?;
    let lists = Lists::of(&models)?;
    let ids = match lists.values.dtype() {
        DataType::Struct(_) => strings(&lists.values.struct_()?.field_by_name("id")?)?,
        _ => strings(&lists.values)?,
    };
    for row in 0..column.len() {
        for at in lists.range(row) {
            if let Some(id) = ids.get(at) {
                found(row, (relation.get(row).map(clean).as_deref(), &clean(id)));
            }
        }
    }
    Ok(())
}

fn bases_of_json(column: &Series, mut found: impl FnMut(usize, Stated<'_>)) -> PolarsResult<()> {
    #[derive(Deserialize)]
    struct Bases {
        relation: Option<String>,
        #[serde(default)]
        models: Vec<Base>,
    }
    #[derive(Deserialize)]
    struct Base {
        id: Option<String>,
    }
    for (row, text) in strings(column)?.iter().enumerate() {
        let Some(Ok(bases)) = text.map(serde_json::from_str::<Bases>) else {
            continue;
        };
        for id in bases.models.into_iter().filter_map(|m| m.id) {
            found(
                row,
                (bases.relation.as_deref().map(clean).as_deref(), &clean(&id)),
            );
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
    if matches!(tags.dtype(), DataType::List(_)) {
        let lists = Lists::of(tags)?;
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
        let Some(Ok(list)) = text.map(serde_json::from_str::<Vec<String>>) else {
            continue;
        };
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        found(row, &list);
    }
    Ok(())
}

/// A list column in one piece: where each row's values stand, and the values.
struct Lists {
    lists: ListChunked,
    values: Series,
}

impl Lists {
    fn of(column: &Series) -> PolarsResult<Lists> {
        let lists = column.list()?.rechunk().into_owned();
        let array = lists.downcast_as_array();
        let values = Series::try_from((column.name().clone(), array.values().clone()))?;
        let values = values.rechunk();
        Ok(Lists { lists, values })
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

/// Any string-like column as plain strings in one piece.
pub fn strings(column: &Series) -> PolarsResult<StringChunked> {
    Ok(column
        .cast(&DataType::String)?
        .str()?
        .rechunk()
        .into_owned())
}
