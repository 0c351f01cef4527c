//! `hubscope search QUERY`: the models that a query finds, the best first.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};
use serde::{Serialize, Serializer};

use super::Found;
use super::args::Format;
use super::model::ModelJson;
use super::{table, within};
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::query::ast::Filter;
use crate::engine::query::parse::Parsed;
use crate::engine::search::hits::Hits;
use crate::engine::search::rank::Rank;
use crate::engine::search::searcher::Searcher;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::figures::in_short;
use crate::present::format;

/// What is asked for, and how much of what is found is printed.
pub struct Search {
    text: String,
    parsed: Parsed,
    limit: usize,
    order: Order,
}

impl Search {
    /// A query in the language of the explorer's query line; so many models are printed, 0 for
    /// all; `sort` counts instead of the order that the query asks for.
    ///
    /// # Errors
    /// When the text is no query, with the column and the reason.
    pub fn new(text: &str, limit: usize, sort: Option<Order>) -> Result<Search> {
        let text = text.trim();
        let parsed = within::read(text)?;
        Ok(Search {
            text: text.to_owned(),
            order: sort.or(parsed.query.sort).unwrap_or_default(),
            parsed,
            limit: if limit == 0 { usize::MAX } else { limit },
        })
    }

    /// How much of a hub must be loaded to answer in this form.
    pub fn stage(&self, format: Format) -> Stage {
        let tests = self.parsed.query.filters.iter();
        match format {
            // Licences are read from the tags.
            Format::Json | Format::Csv | Format::Tsv | Format::Parquet => Stage::Complete,
            Format::Text | Format::Ids => {
                let stage = tests.map(Filter::stage).max().unwrap_or(Stage::Names);
                stage.max(Stage::Fields)
            }
        }
    }
}

/// What the contract of the command line says of `search --json`.
#[derive(Serialize)]
struct Answer<'a> {
    query: &'a str,
    total: usize,
    exact: usize,
    fuzzy: usize,
    /// More that have the words, but do not pass the tests.
    hidden: usize,
    #[serde(serialize_with = "Listed::serialize")]
    hits: Listed<'a>,
}

/// The part of the list that is printed; all of a hub may be, so it is never made whole.
struct Listed<'a> {
    hub: &'a Hub,
    hits: &'a Hits,
    limit: usize,
}

/// A model and how well it matches.
#[derive(Serialize)]
struct Hit<'a> {
    #[serde(flatten)]
    model: ModelJson<'a>,
    tier: &'static str,
}

impl Listed<'_> {
    fn models(&self) -> impl Iterator<Item = (ModelId, Rank)> {
        let ranked = self.hits.models.iter().copied().zip(self.hits.ranks());
        ranked.take(self.limit)
    }

    fn hits(&self) -> impl Iterator<Item = Hit<'_>> {
        self.models().map(|(model, tier)| Hit {
            model: ModelJson::new(self.hub, model, self.hub.models.word(Field::License, model)),
            tier: tier.name(),
        })
    }

    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.hits())
    }
}

/// Prints what a query finds.
///
/// # Errors
/// When nothing can be written, or the query compares and there is no older snapshot.
pub fn run(
    hub: &Hub,
    search: &Search,
    format: Format,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let text = search.text.as_str();
    within::check(hub, text, &search.parsed)?;
    within::check_order(hub, search.order)?;
    let never = AtomicBool::new(false);
    let mut searcher = Searcher::default();
    let hits = searcher
        .search(
            hub.corpus(),
            &search.parsed.query,
            search.order,
            &never,
            None,
        )
        .ok_or_else(|| anyhow!("the search was stopped"))?;
    let listed = Listed {
        hub,
        hits: &hits,
        limit: search.limit,
    };
    match format {
        Format::Json => {
            let answer = Answer {
                query: text,
                total: hits.models.len(),
                exact: hits.exact(),
                fuzzy: hits.fuzzy(),
                hidden: hits.hidden,
                hits: listed,
            };
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            writeln!(out)?;
        }
        Format::Ids => {
            for (model, _) in listed.models() {
                writeln!(out, "{}", hub.models.id(model))?;
            }
        }
        Format::Text => for_people(&listed, search.order, out)?,
        Format::Parquet => {
            let (models, ranks): (Vec<ModelId>, Vec<Rank>) = listed.models().unzip();
            let tiers = ranks.iter().map(|rank| Some(rank.name()));
            let table = ModelTable {
                hub,
                columns: ModelColumn::model(hub),
                nodes: models.into_iter().map(Node::from).collect(),
                extra: vec![ExtraColumn::texts("tier", tiers.collect())],
            };
            table.write_parquet(&mut *out)?;
        }
        Format::Tsv | Format::Csv => {
            let header = [&ModelJson::header(hub)[..], &["tier"]].concat();
            let rows = listed.hits().map(|hit| {
                let mut cells = hit.model.cells();
                cells.push(hit.tier.to_owned());
                cells
            });
            table::write(format, &header, rows, out)?;
        }
    }
    if hits.models.is_empty() {
        let why = match hits.hidden {
            0 => String::new(),
            hidden => format!(
                "; {} have its words, but not what it tests",
                format::count(hidden)
            ),
        };
        writeln!(
            err,
            "hubscope: no model in {} matches `{text}`{why}",
            hub.source
        )?;
        return Ok(Found::Nothing);
    }
    Ok(Found::Something)
}

fn for_people(listed: &Listed, order: Order, out: &mut impl Write) -> Result<()> {
    let hits = listed.hits;
    if hits.models.is_empty() {
        return Ok(());
    }
    let fields = [
        Field::Downloads,
        Field::Delta,
        Field::Growth,
        Field::Likes,
        Field::Params,
        Field::Task,
    ];
    let mut fields = Vec::from(fields);
    fields.retain(|field| listed.hub.offers(*field));
    if order.field != Field::Id && !fields.contains(&order.field) {
        fields.insert(0, order.field);
    }
    let models = &listed.hub.models;
    let cell = |field: Field, model: ModelId| {
        let text = match field.info().kind {
            Kind::Word => models.word(field, model).map(str::to_owned),
            Kind::Score => models.score(field, model).map(|s| s.to_string()),
            _ => models.number(field, model).map(|n| in_short(field, n)),
        };
        text.unwrap_or_else(|| "–".to_owned())
    };
    let row = |(model, tier): (ModelId, Rank)| {
        let mut cells = vec![models.id(model).to_owned()];
        cells.extend(fields.iter().map(|field| cell(*field, model)));
        cells.push(tier.name().to_owned());
        cells
    };
    let mut header = vec!["model"];
    header.extend(fields.iter().map(|field| field.info().title));
    header.push("match");
    table::write(Format::Text, &header, listed.models().map(row), out)?;
    let found = hits.models.len();
    let fuzzy = match hits.fuzzy() {
        0 => String::new(),
        fuzzy => format!(" · {} fuzzy", format::count(fuzzy)),
    };
    let rest = match found > listed.limit {
        true => format!(
            "; these are the first {}, --limit 0 prints all",
            listed.limit
        ),
        false => String::new(),
    };
    writeln!(
        out,
        "{} exact{fuzzy} of {}{rest}",
        format::count(hits.exact()),
        format::count(models.len())
    )?;
    Ok(())
}
