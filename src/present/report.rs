//! The figures on some models as tables that people read. Each table is described once, here;
//! `stats` prints it, and the explorer shows it. Where the models of a row can be asked for, the
//! row says how.

mod changes;
mod section;

use rayon::prelude::*;

use crate::engine::Hub;
use crate::engine::query::ast::{Filter, FilterValue};
use crate::engine::query::keys::FilterKey;
use crate::engine::stats::frequency::{self, Authors, Frequency, Tally};
use crate::engine::stats::summary::{Amounts, FALLING, Movers, RISING, Summary, coverage};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::dtype;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::present::bars::bar;
use crate::present::figures;
use crate::present::format;
use crate::present::format::{count, grouped, percent, share};
use section::as_i64;

pub use section::{Row, Section};

/// Words that a frequency table names, and that a whole one does.
const WORDS: usize = 12;
const WHOLE: usize = 2_000;
/// Cells of the longest bar.
const BAR: usize = 20;
/// The test that a key has this value.
fn test(key: FilterKey, value: FilterValue) -> Option<Filter> {
    Some(Filter {
        negated: false,
        key,
        values: vec![value],
    })
}

/// The tables of words, as title, key and field; authors are no field.
const TABLES: [(&str, FilterKey, Option<Field>); 5] = [
    ("Tasks", FilterKey::Task, Some(Field::Task)),
    ("Libraries", FilterKey::Library, Some(Field::Library)),
    ("Licences", FilterKey::License, Some(Field::License)),
    ("Tensor types", FilterKey::Dtype, Some(Field::Dtype)),
    ("Authors", FilterKey::Author, None),
];

/// Whether the table of this title names the most frequent words only, and can be had whole.
pub fn is_of_words(title: &str) -> bool {
    TABLES.iter().any(|(own, ..)| *own == title)
}

/// The table of this title with all words, or the first 2,000; `None` where it has none.
pub fn whole(hub: &Hub, authors: &Authors, set: &ModelSet, title: &str) -> Option<Section> {
    let own = TABLES.into_iter().find(|(own, ..)| *own == title)?;
    Some(of_words(hub, authors, set, own, WHOLE))
}

fn of_words(
    hub: &Hub,
    authors: &Authors,
    set: &ModelSet,
    (title, key, field): (&str, FilterKey, Option<Field>),
    most: usize,
) -> Section {
    let table = match field {
        Some(field) => frequency::words(&hub.models, field, set, most),
        None => authors.frequency(&hub.models, set, most),
    };
    let section = words(title, key, &table, set.count());
    match key {
        FilterKey::Dtype => with_bits(section),
        _ => section,
    }
}

/// The tables of a set of models and what was worked out of them.
pub fn sections(hub: &Hub, authors: &Authors, set: &ModelSet, summary: &Summary) -> Vec<Section> {
    let models = &hub.models;
    // Each ends on one core, while others still need all.
    let (months, words) = rayon::join(
        || frequency::months(models, set, format::month),
        || {
            let tables = TABLES.into_par_iter();
            let tables = tables.map(|own| of_words(hub, authors, set, own, WORDS));
            tables.collect::<Vec<_>>()
        },
    );
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
            .found_by(key.and_then(|key| test(FilterKey::Has, FilterValue::Key(key))))
    };
    Section {
        title: "What is known".to_owned(),
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
            "Of all downloads {} are of the last 30 days.",
            percent(share)
        ),
        None => String::new(),
    };
    Section {
        title: "Downloads".to_owned(),
        header: vec!["figure", "last 30 days", "all time"],
        rows: figures.map(row).into(),
        note,
    }
}

/// A number that may lie between two whole ones.
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
            asked.and_then(|how| test(FilterKey::Relation, FilterValue::Word(how.clone()))),
        )
    };
    let of_all = percent(share(lineage.with_base, summary.models));
    Some(Section {
        title: "How they were made".to_owned(),
        header: tallies("relation"),
        rows: lineage.relations.iter().map(row).collect(),
        note: format!(
            "{} models ({of_all}) state a base, {} several. Stated bases: {}, not in the table: {}, the \
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
    let told = |known: Option<usize>| format::known(known, count);
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
            "Known of {} models ({}): of {} from safetensors, of {} from GGUF only.",
            told(params.known),
            percent(known),
            told(params.known_safetensors),
            told(params.known_gguf_only)
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
            Row::from(row)
        })
    });
    Section {
        title: "Most downloaded by size".to_owned(),
        header: vec!["parameters", "model", "of it", "all time", "last 30 days"],
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
        let mut row = row.sorted_by(&numbers);
        row.numbers.push(share.unwrap_or(-1.0));
        row
    };
    Section {
        title: title.to_owned(),
        header: vec!["model", "last 30 days", "all time", "share"],
        rows: movers.first.iter().map(row).collect(),
        note: format!(
            "Of {} models {bound} of all downloads are of the last 30 days.",
            count(movers.models)
        ),
    }
}

/// The header of a table of tallies.
fn tallies(of: &'static str) -> Vec<&'static str> {
    vec![of, "models", "share", "last 30 days", ""]
}

/// A row of such a table: how many models, their share of `whole`, their downloads, and, if it is
/// drawn, a bar beside the longest, which is `most` models long.
fn tallied(name: &str, tally: &Tally, (whole, most): (usize, Option<usize>)) -> Row {
    let row = Row::from(vec![
        name.to_owned(),
        count(tally.models),
        percent(share(tally.models, whole)),
        format::short(tally.downloads),
        most.map_or(String::new(), |most| bar(tally.models, most, BAR)),
    ]);
    let models = as_i64(tally.models);
    match most {
        Some(_) => row.sorted_by(&[models, models, tally.downloads]),
        None => row,
    }
}

fn words(title: &str, key: FilterKey, table: &Frequency, models: usize) -> Section {
    let most = table.words.first().map(|(_, tally)| tally.models);
    let named = |(word, tally): &(String, Tally)| {
        tallied(word, tally, (models, most)).found_by(test(key, FilterValue::Word(word.clone())))
    };
    let mut rows: Vec<Row> = table.words.iter().map(named).collect();
    if table.others.0 > 0 {
        let name = format!("(others: {})", count(table.others.0));
        rows.push(tallied(&name, &table.others.1, (models, None)));
    }
    if table.none.models > 0 {
        let unknown = tallied("(not known)", &table.none, (models, None));
        rows.push(unknown.found_by(test(FilterKey::No, FilterValue::Key(key))));
    }
    Section {
        title: title.to_owned(),
        header: tallies("word"),
        rows,
        note: String::new(),
    }
}

/// The table of tensor types with the bits of each and what it is for. Bars stay last.
fn with_bits(mut section: Section) -> Section {
    let told = |mut row: Row| {
        let known = dtype::named(&row.cells[0]);
        let told = known.map(|dtype| [dtype.bits.to_string(), dtype.about.to_owned()]);
        row.cells.splice(4..4, told.unwrap_or_default());
        let bits = known.map_or(0, |dtype| dtype.bits);
        match row.numbers.is_empty() {
            true => row,
            false => row.sorted_by(&[bits]),
        }
    };
    section.header.splice(4..4, ["bits", "for"]);
    section.rows = section.rows.into_iter().map(told).collect();
    section
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
            none => format!("Of {} models it is not known when.", count(none)),
        },
    }
}

/// What in the data is to be taken with care.
fn quality(summary: &Summary) -> Section {
    let lacking = |known: Option<usize>| known.map(|known| summary.models - known);
    let downloads = summary.downloads.map(|d| d.known - d.positive);
    let notes = [
        (
            "no base is stated",
            "no:base",
            lacking(summary.lineage.as_ref().map(|l| l.with_base)),
        ),
        (
            "parameters are not known",
            "no:params",
            lacking(summary.params.known),
        ),
        (
            "parameters only known from GGUF",
            "",
            summary.params.known_gguf_only,
        ),
        (
            "parameters that cannot be right",
            "is:suspect",
            summary.params.suspect,
        ),
        (
            "not downloaded in the last 30 days",
            "downloads:0..0",
            downloads,
        ),
        (
            "more downloads in 30 days than ever",
            "",
            summary.recent_share.map(|_| summary.more_than_ever),
        ),
    ];
    let row = |(note, test, models): (&str, &str, Option<usize>)| {
        let models = models?;
        let cells = vec![
            note.to_owned(),
            count(models),
            percent(share(models, summary.models)),
        ];
        Some(Row {
            test: (!test.is_empty()).then(|| test.to_owned()),
            ..Row::from(cells).sorted_by(&[as_i64(models); 2])
        })
    };
    Section {
        title: "Data quality".to_owned(),
        header: vec!["note", "models", "share"],
        rows: notes.into_iter().filter_map(row).collect(),
        note: String::new(),
    }
}
