//! Columns of the planned rows, in the layout of May 2026.

use polars::prelude::*;
use rand::Rng;
use rayon::prelude::*;

use crate::sample::plan::{BaseRef, Model, Plan};
use crate::sample::random::hash;
use crate::sample::{card, hostile, targets};

/// The dtypes of the real file, in its order.
const DTYPES: [&str; 20] = [
    "BF16", "F32", "F8_E4M3", "U8", "I64", "F8_E8M0", "I8", "I32", "F16", "U32", "BOOL", "I16",
    "U16", "C64", "F64", "miku", "fastllm", "F8_E5M2", "U64", "F6_E2M3",
];

type ColumnOf = fn(&Plan, &[u32]) -> anyhow::Result<Column>;

/// The columns of the file, in its order.
const COLUMNS: [ColumnOf; 15] = [
    |plan, rows| strings("id", rows, |row| Ok(Some(&plan[row].id))),
    |plan, rows| strings("author", rows, |row| Ok(plan[row].author())),
    |plan, rows| timestamps("createdAt", rows, |row| plan[row].created),
    |plan, rows| timestamps("lastModified", rows, |row| plan[row].modified),
    |plan, rows| counts("downloads", rows, |row| plan[row].downloads),
    |plan, rows| counts("downloadsAllTime", rows, |row| plan[row].all_time),
    |plan, rows| counts("likes", rows, |row| plan[row].likes),
    trending,
    tags,
    |plan, rows| strings("cardData", rows, |row| card::card(plan, row)),
    safetensors,
    |plan, rows| strings("gguf", rows, |row| card::gguf(plan, row)),
    base_models,
    |plan, rows| labels("pipeline_tag", plan, rows, card::task),
    |plan, rows| labels("library_name", plan, rows, card::library),
];

/// Returns a frame of the given rows with all columns. Without rows, it has the schema of the file.
pub fn frame(plan: &Plan, rows: &[u32]) -> anyhow::Result<DataFrame> {
    let columns = COLUMNS.par_iter().map(|column| column(plan, rows));
    let columns: anyhow::Result<Vec<Column>> = columns.collect();
    Ok(DataFrame::new(rows.len(), columns?)?)
}

pub(super) fn strings<T: AsRef<str>>(
    name: &str,
    rows: &[u32],
    value: impl Fn(u32) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<Column> {
    let mut column = StringChunkedBuilder::new(name.into(), rows.len());
    for row in rows {
        column.append_option(value(*row)?);
    }
    Ok(column.finish().into_column())
}

fn numbers(name: &str, values: impl ExactSizeIterator<Item = Option<i64>>) -> Int64Chunked {
    let mut column = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), values.len());
    values.for_each(|value| column.append_option(value));
    column.finish()
}

pub(super) fn counts(
    name: &str,
    rows: &[u32],
    count: impl Fn(u32) -> i64,
) -> anyhow::Result<Column> {
    let counts = rows.iter().map(|row| Some(count(*row)));
    Ok(numbers(name, counts).into_column())
}

/// Returns a column of Unix seconds as timestamps in microseconds, without a time zone.
pub(super) fn timestamps(
    name: &str,
    rows: &[u32],
    second: impl Fn(u32) -> i64,
) -> anyhow::Result<Column> {
    let micros = counts(name, rows, |row| second(row) * 1_000_000)?;
    Ok(micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?)
}

/// Returns a column of few distinct words.
fn labels<'t>(
    name: &str,
    plan: &Plan<'t>,
    rows: &[u32],
    label: impl Fn(&Model<'t>) -> Option<&'t str>,
) -> anyhow::Result<Column> {
    strings(name, rows, |row| {
        let rng = &mut plan.row_rng(row, hash(name));
        let mut label = label(&plan[row]).map(str::to_string);
        hostile::some(plan, label.as_mut_slice(), hostile::SHARE, rng);
        Ok(label)
    })
}

fn trending(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let scores = rows.iter().map(|row| plan[*row].trending);
    Ok(Float64Chunked::from_iter_values("trendingScore".into(), scores).into_column())
}

fn tags(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let mut column = ListStringChunkedBuilder::new("tags".into(), rows.len(), rows.len() * 14);
    for row in rows {
        column.append_values_iter(card::tags(plan, *row).iter().map(String::as_str));
    }
    Ok(column.finish().into_column())
}

fn safetensors(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let models = || rows.iter().map(|row| &plan[*row]);
    let by_dtype: Vec<_> = models().map(counts_by_dtype).collect();
    let field = |(at, name)| numbers(name, by_dtype.iter().map(|counts| counts[at])).into_series();
    let fields: Vec<Series> = DTYPES.into_iter().enumerate().map(field).collect();
    let totals = models().map(|model| model.total.map(|total| total as i64));
    let total = numbers("total", totals);
    let validity = total.rechunk_validity();
    let parameters = structs("parameters", rows.len(), &fields)?;
    let parameters = parameters.with_outer_validity(validity.clone());
    let fields = [parameters.into_series(), total.into_series()];
    let column = structs("safetensors", rows.len(), &fields)?;
    Ok(column.with_outer_validity(validity).into_column())
}

fn structs(name: &str, rows: usize, fields: &[Series]) -> PolarsResult<StructChunked> {
    StructChunked::from_series(name.into(), rows, fields.iter())
}

/// Returns the number of parameters of each dtype.
fn counts_by_dtype(model: &Model) -> [Option<i64>; DTYPES.len()] {
    let mut counts = [None; DTYPES.len()];
    let (Some(total), Some((_, mix))) = (model.total, model.mix) else {
        return counts;
    };
    let index = |dtype: &str| DTYPES.iter().position(|name| *name == dtype).unwrap_or(0);
    let mut rest = total as i64;
    for (dtype, share) in &mix[1..] {
        let count = (total as f64 * share) as i64;
        rest -= count;
        counts[index(dtype)] = Some(count);
    }
    // An uneven total counts some tensors twice.
    let excess = if model.uneven { rest / 9 + 1 } else { 0 };
    counts[index(mix[0].0)] = Some(rest - excess);
    counts
}

fn base_models(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let relation = strings("relation", rows, |row| Ok(plan[row].relation()))?;
    let mut keys = StringChunkedBuilder::new("_id".into(), rows.len());
    let mut lists = ListStringChunkedBuilder::new("models".into(), rows.len(), rows.len());
    for row in rows {
        let bases = &plan[*row].bases;
        match bases.is_empty() {
            true => lists.append_null(),
            false => lists.append_values_iter(plan.base_ids(*row)),
        }
        for base in bases {
            keys.append_value(object_id(plan, *base));
        }
    }
    let keys = keys.finish().into_series();
    let with_keys = |ids: Series| {
        let fields = [keys.clone(), ids.with_name("id".into())];
        Ok(structs("", keys.len(), &fields)?.into_series())
    };
    let lists = lists.finish().apply_to_inner(&with_keys)?;
    let validity = lists.rechunk_validity();
    let fields = [relation.take_materialized_series(), lists.into_series()];
    let column = structs("baseModels", rows.len(), &fields)?;
    Ok(column.with_outer_validity(validity).into_column())
}

/// Returns the `_id` of a base: 24 hexadecimal digits that begin with its creation date.
fn object_id(plan: &Plan, base: BaseRef) -> String {
    let (created, salt) = match base {
        BaseRef::Row(row) => (plan[row].created, u64::from(row)),
        BaseRef::Missing(at) => (targets::START, u64::from(at) | 1 << 40),
    };
    let random = plan.row_rng(salt as u32, salt | 1 << 41).next_u64();
    format!("{created:08x}{random:016x}")
}
