//! The statistics of any models as tables for people, which `stats` prints and the explorer shows.
//! Rows have the filter that selects their models, if there is one.

mod changes;
mod section;
mod words;

use crate::engine::Hub;
use crate::engine::query::ast::FilterValue;
use crate::engine::query::keys::FilterKey;
use crate::engine::stats::frequency::{self, Frequency, Tally};
use crate::engine::stats::summary::{Amounts, FALLING, Movers, RISING, Summary, coverage};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::present::figures;
use crate::present::format;
use crate::present::format::{count, grouped, percent, share};
use section::{as_i64, filter};
use words::{tallied, tallies};

pub use section::{Row, Section};
pub use words::{KnownAuthors, WORDS, WordTable, frequencies, is_of_words, whole};

/// Returns the tables of a set of models and its summary, with at most `most` words in each.
pub fn sections(
    hub: &Hub,
    authors: &KnownAuthors,
    set: &ModelSet,
    summary: &Summary,
    most: usize,
) -> Vec<Section> {
    let models = &hub.models;
    // Both end on one core each, so they run side by side.
    let (months, words) = rayon::join(
        || frequency::months(models, set, format::month),
        || frequencies(hub, authors, set, most),
    );
    let words = words.iter();
    let words = words.map(|(table, counts)| table.section(counts, summary.models));
    let mut all = vec![known(hub, set, summary), downloads(summary)];
    all.extend(changes::sections(hub, set));
    all.extend(relations(summary));
    all.extend([
        params(summary),
        sizes(hub, summary),
        movers(
            hub,
            "Rising",
            &summary.rising,
            &format!("more than {}", percent(1.0 / f64::from(RISING))),
        ),
        movers(
            hub,
            "Popular but falling",
            &summary.falling,
            &format!("less than {}", percent(1.0 / f64::from(FALLING))),
        ),
    ]);
    all.extend(words);
    all.extend([by_month(&months, summary.models), quality(summary)]);
    all
}

fn known(hub: &Hub, set: &ModelSet, summary: &Summary) -> Section {
    let row = |(field, known): (Field, Option<usize>)| {
        let info = field.info();
        let cells = vec![
            info.title.to_owned(),
            format::known(known, count),
            format::known(known, |known| percent(share(known, summary.models))),
            info.about.to_owned(),
        ];
        let key = FilterKey::of_field(field);
        let numbers = known.map_or(Vec::new(), |known| vec![as_i64(known); 2]);
        Row::from(cells)
            .sorted_by(&numbers)
            .found_by(key.and_then(|key| filter(FilterKey::Has, FilterValue::Key(key))))
    };
    Section {
        title: "Field coverage".to_owned(),
        header: vec!["field", "models", "share", "meaning"],
        rows: coverage(&hub.models, set).into_iter().map(row).collect(),
        note: String::new(),
    }
}

fn downloads(summary: &Summary) -> Section {
    type Figure = fn(&Amounts) -> Option<String>;
    let figures: [(&str, Figure); 5] = [
        ("known", |a| Some(count(a.known))),
        ("above zero", |a| Some(count(a.positive))),
        ("median", |a| a.median.map(fraction)),
        ("mean", |a| {
            a.mean.map(|mean| grouped(figures::rounded(mean)))
        }),
        ("sum", |a| a.sum.map(grouped)),
    ];
    let cell = |amounts: Option<Amounts>, figure: Figure| {
        format::known(amounts.as_ref().and_then(figure), |text| text)
    };
    let row = |(name, figure): (&str, Figure)| {
        Row::from(vec![
            name.to_owned(),
            cell(summary.downloads, figure),
            cell(summary.downloads_all_time, figure),
        ])
    };
    let note = match summary.recent_share {
        Some(share) => format!(
            "The last 30 days have {} of the all-time downloads.",
            percent(share)
        ),
        None => String::new(),
    };
    Section {
        title: "Downloads".to_owned(),
        header: vec!["figure", "last 30 days", "all-time"],
        rows: figures.map(row).into(),
        note,
    }
}

/// Returns a number that may be no whole one.
fn fraction(value: f64) -> String {
    match value.fract() == 0.0 {
        true => grouped(figures::rounded(value)),
        false => format!("{value}"),
    }
}

fn relations(summary: &Summary) -> Option<Section> {
    let lineage = summary.lineage.as_ref()?;
    let most = lineage.relations.first().map(|(_, tally)| tally.models);
    let row = |(how, tally): &(String, Tally)| {
        let asked = Some(how).filter(|how| !how.is_empty());
        tallied(figures::relation(how), tally, (lineage.with_base, most)).found_by(
            asked.and_then(|how| filter(FilterKey::Relation, FilterValue::Word(how.clone()))),
        )
    };
    let of_all = percent(share(lineage.with_base, summary.models));
    Some(Section {
        title: "Relations".to_owned(),
        header: tallies("relation"),
        rows: lineage.relations.iter().map(row).collect(),
        note: format!(
            "{} models ({of_all}) have a base model, {} have several. Base models: {}, missing: {}, the \
             model itself: {}.",
            count(lineage.with_base),
            count(lineage.multi_base),
            count(lineage.edges),
            count(lineage.ghost_edges),
            count(lineage.self_edges)
        ),
    })
}

fn params(summary: &Summary) -> Section {
    let params = &summary.params;
    let both = [params.safetensors, params.all].map(|q| q.as_ref().map(figures::quantiles));
    let names = both
        .iter()
        .flatten()
        .next()
        .map_or([""; 5], |q| q.map(|(name, _)| name));
    let row = |(at, name): (usize, &str)| {
        let cells = both.iter().map(|found| {
            let value = found.as_ref().map(|q| q[at].1);
            format::known(value, format::short)
        });
        Row::from([vec![name.to_owned()], cells.collect()].concat())
    };
    let known_count = |known: Option<usize>| format::known(known, count);
    let known = params
        .known
        .map_or(0.0, |known| share(known, summary.models));
    Section {
        title: "Parameters".to_owned(),
        header: vec!["percentile", "safetensors", "with GGUF"],
        rows: match params.all {
            Some(_) => names.into_iter().enumerate().map(row).collect(),
            None => Vec::new(),
        },
        note: format!(
            "Known for {} models ({}): {} from safetensors, {} from GGUF only.",
            known_count(params.known),
            percent(known),
            known_count(params.known_safetensors),
            known_count(params.known_gguf_only)
        ),
    }
}

fn sizes(hub: &Hub, summary: &Summary) -> Section {
    let top = &summary.top_by_size;
    let classes = [
        ("under 1B", &top.under_1b),
        ("7B to 15B", &top.from_7b_to_15b),
        ("100B and more", &top.over_100b),
    ];
    let rows = classes.into_iter().flat_map(|(class, models)| {
        models.iter().map(move |model| {
            let fields = [Field::Params, Field::DownloadsAllTime, Field::Downloads];
            let mut row = vec![class.to_owned(), hub.models.id(*model).to_owned()];
            row.extend(fields.map(|field| figures::of_model(&hub.models, field, *model)));
            Row::from(row).of_model(*model)
        })
    });
    Section {
        title: "Most downloaded by size".to_owned(),
        header: vec!["size", "model", "parameters", "all-time", "last 30 days"],
        rows: rows.collect(),
        note: String::new(),
    }
}

fn movers(hub: &Hub, title: &str, movers: &Movers, bound: &str) -> Section {
    let row = |model: &ModelId| {
        let share = hub.models.recent_share(*model);
        let figures = [Field::Downloads, Field::DownloadsAllTime];
        let numbers = figures.map(|field| hub.models.number(field, *model).unwrap_or(-1));
        let row = Row::from(vec![
            hub.models.id(*model).to_owned(),
            figures::of_model(&hub.models, Field::Downloads, *model),
            figures::of_model(&hub.models, Field::DownloadsAllTime, *model),
            format::known(share, percent),
        ]);
        let mut row = row.of_model(*model).sorted_by(&numbers);
        row.numbers.push(share.unwrap_or(-1.0));
        row
    };
    Section {
        title: title.to_owned(),
        header: vec!["model", "last 30 days", "all-time", "share"],
        rows: movers.first.iter().map(row).collect(),
        note: format!(
            "{} models have {bound} of their all-time downloads in the last 30 days.",
            count(movers.models)
        ),
    }
}

fn by_month(table: &Frequency, models: usize) -> Section {
    let most = table.words.iter().map(|(_, tally)| tally.models).max();
    let row = |(month, tally): &(String, Tally)| Row {
        test: Some(format!("created:{month}")),
        ..tallied(month, tally, (models, most))
    };
    Section {
        title: "Created".to_owned(),
        header: tallies("month"),
        rows: table.words.iter().map(row).collect(),
        note: match table.none.models {
            0 => String::new(),
            none => format!("Unknown for {} models.", count(none)),
        },
    }
}

/// A count of doubtful or missing data.
pub struct QualityNote {
    /// Its name in JSON.
    pub key: &'static str,
    text: &'static str,
    /// The filter that selects the models; empty if there is none.
    test: &'static str,
    /// `None` where the files do not say.
    pub models: Option<usize>,
}

/// Returns the counts of doubtful and missing data.
pub fn quality_notes(summary: &Summary) -> [QualityNote; 6] {
    let lacking = |known: Option<usize>| known.map(|known| summary.models - known);
    let lineage = summary.lineage.as_ref();
    let params = &summary.params;
    let note = |key, text, test, models| QualityNote {
        key,
        text,
        test,
        models,
    };
    [
        note(
            "no_base",
            "no base model",
            "no:base",
            lacking(lineage.map(|l| l.with_base)),
        ),
        note(
            "params_unknown",
            "unknown parameters",
            "no:params",
            lacking(params.known),
        ),
        note(
            "params_from_gguf_only",
            "parameters from GGUF only",
            "params_source:gguf",
            params.known_gguf_only,
        ),
        note(
            "params_suspect",
            "suspect parameters",
            "is:suspect",
            params.suspect,
        ),
        note(
            "not_downloaded",
            "not downloaded in the last 30 days",
            "downloads:0..0",
            summary.downloads.map(|d| d.known - d.positive),
        ),
        note(
            "more_recent_than_all_time",
            "more downloads in 30 days than all-time",
            "",
            summary.recent_share.map(|_| summary.more_than_ever),
        ),
    ]
}

fn quality(summary: &Summary) -> Section {
    let row = |note: QualityNote| {
        let models = note.models?;
        let cells = vec![
            note.text.to_owned(),
            count(models),
            percent(share(models, summary.models)),
        ];
        Some(Row {
            test: (!note.test.is_empty()).then(|| note.test.to_owned()),
            ..Row::from(cells).sorted_by(&[as_i64(models); 2])
        })
    };
    Section {
        title: "Data quality".to_owned(),
        header: vec!["note", "models", "share"],
        rows: quality_notes(summary).into_iter().filter_map(row).collect(),
        note: String::new(),
    }
}
