//! Columns: planned rows become a frame in the layout of May 2026. A frame of no rows is the schema.

use polars::prelude::*;
use rand::Rng;
use rayon::prelude::*;

use crate::sample::plan::{Model, Plan};
use crate::sample::shape::{hash, percent};
use crate::sample::weights::{DTYPES, MIXES};
use crate::sample::{Base, Relation, card, hostile, text};

/// Makes one column of the given rows.
type Maker = fn(&Plan, &[u32]) -> anyhow::Result<Column>;

/// The columns in their order.
const COLUMNS: [Maker; 15] = [
    |plan, rows| {
        Ok(strings(
            "id",
            models(plan, rows).map(|m| Some(m.id.to_string())),
        ))
    },
    |plan, rows| {
        Ok(strings(
            "author",
            models(plan, rows).map(|m| m.author().map(str::to_string)),
        ))
    },
    |plan, rows| moments("createdAt", models(plan, rows).map(|m| m.created)),
    |plan, rows| moments("lastModified", models(plan, rows).map(|m| m.modified)),
    |plan, rows| {
        Ok(numbers("downloads", models(plan, rows).map(|m| Some(m.downloads))).into_column())
    },
    |plan, rows| {
        Ok(numbers(
            "downloadsAllTime",
            models(plan, rows).map(|m| Some(m.all_time)),
        )
        .into_column())
    },
    |plan, rows| Ok(numbers("likes", models(plan, rows).map(|m| Some(m.likes))).into_column()),
    |plan, rows| {
        let scores = models(plan, rows).map(|m| m.trending);
        Ok(Float64Chunked::from_iter_values("trendingScore".into(), scores).into_column())
    },
    tags,
    cards,
    safetensors,
    ggufs,
    base_models,
    |plan, rows| Ok(labels("pipeline_tag", plan, rows, card::task)),
    |plan, rows| Ok(labels("library_name", plan, rows, card::library)),
];

/// The given rows with all columns.
pub fn frame(plan: &Plan, rows: &[u32]) -> anyhow::Result<DataFrame> {
    let columns: anyhow::Result<Vec<Column>> =
        COLUMNS.par_iter().map(|make| make(plan, rows)).collect();
    Ok(DataFrame::new(rows.len(), columns?)?)
}

fn models<'a>(plan: &'a Plan, rows: &'a [u32]) -> impl ExactSizeIterator<Item = &'a Model> {
    rows.iter().map(|row| &plan.models[*row as usize])
}

fn strings(name: &str, values: impl ExactSizeIterator<Item = Option<String>>) -> Column {
    let mut column = StringChunkedBuilder::new(name.into(), values.len());
    values.for_each(|value| column.append_option(value.as_deref()));
    column.finish().into_column()
}

fn numbers(name: &str, values: impl ExactSizeIterator<Item = Option<i64>>) -> Int64Chunked {
    let mut column = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), values.len());
    values.for_each(|value| column.append_option(value));
    column.finish()
}

/// Unix seconds as timestamps in microseconds, without a zone.
fn moments(name: &str, seconds: impl ExactSizeIterator<Item = i64>) -> anyhow::Result<Column> {
    let micros = numbers(name, seconds.map(|second| Some(second * 1_000_000)));
    let moments = micros.into_datetime(TimeUnit::Microseconds, None);
    Ok(moments.into_column())
}

/// A column of few distinct words.
fn labels(
    name: &str,
    plan: &Plan,
    rows: &[u32],
    label: fn(&Model) -> Option<&'static str>,
) -> Column {
    let salt = hash(name);
    let poisoned = |row: &u32| {
        let label = label(&plan.models[*row as usize])?;
        let rng = &mut plan.dice(*row, salt);
        Some(match plan.recipe.hostile && percent(rng, hostile::SHARE) {
            true => hostile::text(label, rng),
            false => label.to_string(),
        })
    };
    strings(name, rows.iter().map(poisoned))
}

fn tags(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let mut column = ListStringChunkedBuilder::new("tags".into(), rows.len(), rows.len() * 14);
    for row in rows {
        let tags = card::tags(plan, *row);
        column.append_values_iter(tags.iter().map(String::as_str));
    }
    Ok(column.finish().into_column())
}

fn cards(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let mut column = StringChunkedBuilder::new("cardData".into(), rows.len());
    for row in rows {
        column.append_option(card::card(plan, *row)?.as_deref());
    }
    Ok(column.finish().into_column())
}

fn ggufs(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    const PURPOSE: u64 = 4;
    let mut column = StringChunkedBuilder::new("gguf".into(), rows.len());
    for row in rows {
        let model = &plan.models[*row as usize];
        match model.gguf {
            true => column.append_value(text::gguf(model, &mut plan.dice(*row, PURPOSE))?),
            false => column.append_null(),
        }
    }
    Ok(column.finish().into_column())
}

fn safetensors(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let counts: Vec<[Option<i64>; DTYPES.len()]> = models(plan, rows).map(dtypes).collect();
    let fields: Vec<Series> = DTYPES
        .iter()
        .enumerate()
        .map(|(at, name)| numbers(name, counts.iter().map(|counts| counts[at])).into_series())
        .collect();
    let total = numbers(
        "total",
        models(plan, rows).map(|m| m.total.map(|total| total as i64)),
    );
    let stated = total.rechunk_validity();
    let parameters = StructChunked::from_series("parameters".into(), rows.len(), fields.iter())?
        .with_outer_validity(stated.clone())
        .into_series();
    let fields = [parameters, total.into_series()];
    let column = StructChunked::from_series("safetensors".into(), rows.len(), fields.iter())?;
    Ok(column.with_outer_validity(stated).into_column())
}

/// How many parameters a model has of each dtype.
fn dtypes(model: &Model) -> [Option<i64>; DTYPES.len()] {
    let mut counts = [None; DTYPES.len()];
    let Some(total) = model.total else {
        return counts;
    };
    let mix = MIXES[model.mix];
    let mut rest = total as i64;
    for (dtype, share) in &mix[1..] {
        let count = (total as f64 * share) as i64;
        rest -= count;
        counts[*dtype] = Some(count);
    }
    // Where the sum is off, the total has counted some tensors twice.
    counts[mix[0].0] = Some(if model.uneven {
        rest - rest / 9 - 1
    } else {
        rest
    });
    counts
}

fn base_models(plan: &Plan, rows: &[u32]) -> anyhow::Result<Column> {
    let words = models(plan, rows).map(|m| m.relation.and_then(Relation::word).map(str::to_string));
    let relation = strings("relation", words);
    let mut keys = StringChunkedBuilder::new("_id".into(), rows.len());
    let mut lists = ListStringChunkedBuilder::new("models".into(), rows.len(), rows.len());
    for model in models(plan, rows) {
        match model.bases.is_empty() {
            true => lists.append_null(),
            false => lists.append_values_iter(model.bases.iter().map(|base| plan.base_id(*base))),
        }
        model
            .bases
            .iter()
            .for_each(|base| keys.append_value(key(plan, *base)));
    }
    let keys = keys.finish().into_series();
    let pair = |ids: Series| {
        let fields = [keys.clone(), ids.with_name("id".into())];
        Ok(StructChunked::from_series(PlSmallStr::EMPTY, keys.len(), fields.iter())?.into_series())
    };
    let lists = lists.finish().apply_to_inner(&pair)?;
    let stated = lists.rechunk_validity();
    let fields = [relation.take_materialized_series(), lists.into_series()];
    let column = StructChunked::from_series("baseModels".into(), rows.len(), fields.iter())?;
    Ok(column.with_outer_validity(stated).into_column())
}

/// The hub's internal key of a base: 24 hexadecimal digits that begin with its time of birth.
fn key(plan: &Plan, base: Base) -> String {
    let (born, salt) = match base {
        Base::Row(row) => (plan.models[row as usize].created, row.into()),
        Base::Ghost(ghost) => (crate::sample::shape::START, u64::from(ghost) | 1 << 40),
    };
    format!(
        "{born:08x}{:016x}",
        plan.dice(salt as u32, salt | 1 << 41).next_u64()
    )
}
