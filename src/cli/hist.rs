//! `hubscope hist FIELD`: how a field's values are spread, as bins or as a picture of them.

use std::io::Write;

use anyhow::{Result, bail};
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::args::Format;
use super::figures::{self as json, QuantilesJson};
use super::within::Within;
use super::{Found, picture, table};
use crate::engine::Hub;
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Bin, Binning, Histogram, histogram_of};
use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::table::stage::Stage;
use crate::present::bars::bar;
use crate::present::figures;
use crate::present::figures::range;
use crate::present::format;

/// On a calendar, more bins than this are put together where no number of them is asked for.
const MONTHS: usize = 100;
/// Cells that the longest bar takes.
const BAR: usize = 40;

/// What is asked for.
pub struct Hist {
    field: Field,
    binning: Binning,
    within: Within,
}

impl Hist {
    /// A field over the models that a query finds; `scale` where another than the field's own is
    /// wanted.
    ///
    /// # Errors
    /// When the query is none, or the field cannot be on the scale.
    pub fn new(
        field: Field,
        bins: Option<usize>,
        scale: Option<Scale>,
        query: Option<&str>,
    ) -> Result<Hist> {
        let own = Binning::of(field).scale;
        let scale = scale.unwrap_or(own);
        let key = field.info().key;
        match (own, scale) {
            (Scale::Calendar, Scale::Log) => {
                bail!("{key} is a time and has no log scale; take linear, or leave --scale out")
            }
            (Scale::Log, Scale::Calendar) => {
                bail!("{key} is no time and has no calendar; take log or linear")
            }
            _ => {}
        }
        let default = match (own, scale) {
            (_, Scale::Calendar) => Some(MONTHS),
            // Round numbers of microseconds are round to nobody.
            (Scale::Calendar, Scale::Linear) => Some(20),
            _ => None,
        };
        Ok(Hist {
            field,
            binning: Binning {
                scale,
                bins: bins.or(default),
            },
            within: Within::new(query)?,
        })
    }

    /// How much of a hub must be loaded.
    pub fn stage(&self) -> Stage {
        self.within.stage().max(Stage::of(self.field))
    }
}

/// The fields that have a spread: counts, shares and times.
pub fn fields() -> impl Iterator<Item = &'static FieldInfo> {
    let kinds = [Kind::Count, Kind::Share, Kind::Time];
    FIELDS.iter().filter(move |i| kinds.contains(&i.kind))
}

/// Reads the name of such a field: that of JSON or that of queries.
///
/// # Errors
/// With the names there are, for the person who typed it.
pub fn parse_field(name: &str) -> Result<Field, String> {
    let is = |info: &&FieldInfo| info.key == name || info.name == name;
    match fields().find(is) {
        Some(info) => Ok(info.field),
        None => {
            let names: Vec<&str> = fields().map(|i| i.key).collect();
            Err(format!("one of {}", names.join(", ")))
        }
    }
}

/// What the contract of the command line says of `hist --json`.
#[derive(Serialize)]
struct HistJson {
    field: &'static str,
    scale: &'static str,
    models: usize,
    zero: usize,
    unknown: usize,
    bins: Vec<BinJson>,
    quantiles: QuantilesJson,
}

#[derive(Serialize)]
struct BinJson {
    from: Value,
    to: Value,
    count: usize,
}

impl HistJson {
    fn new(histogram: &Histogram) -> HistJson {
        let field = histogram.field;
        let bin = |bin: &Bin| BinJson {
            from: json::value(field, bin.from),
            to: json::value(field, bin.to),
            count: bin.count,
        };
        HistJson {
            field: field.info().key,
            scale: histogram.scale.name(),
            models: histogram.models,
            zero: histogram.zero,
            unknown: histogram.unknown,
            bins: histogram.bins.iter().map(bin).collect(),
            quantiles: QuantilesJson::new(field, histogram.quantiles.as_deref()),
        }
    }
}

/// Prints the bins, or without a format a picture of them.
///
/// # Errors
/// When nothing can be written.
pub fn run(
    hub: &Hub,
    hist: &Hist,
    format: Option<Format>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let set = hist.within.models(hub)?;
    let histogram = histogram_of(&hub.models, hist.field, &set, hist.binning);
    let about = format!(
        "{} of {} models{}",
        hist.field.info().title,
        format::count(histogram.models),
        hist.within.in_words()
    );
    match format {
        None => out.write_all(picture::document(&histogram, &about).as_bytes())?,
        Some(Format::Json) => {
            serde_json::to_writer_pretty(&mut *out, &HistJson::new(&histogram))?;
            writeln!(out)?;
        }
        Some(Format::Text) if histogram.models == 0 => {}
        Some(Format::Text) => for_people(&histogram, &about, out)?,
        Some(format) => {
            let header = ["kind", "from", "to", "count"];
            table::write(format, &header, rows(&histogram), out)?;
        }
    }
    if hub.lacks(hist.field) {
        let (source, key) = (&hub.source, hist.field.info().key);
        writeln!(
            err,
            "hubscope: {source} does not tell {key}; take a newer file"
        )?;
    }
    hist.within.found(hub, histogram.models, err)
}

fn rows(histogram: &Histogram) -> impl Iterator<Item = Vec<String>> {
    let text = |value| match json::value(histogram.field, value) {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let apart = [("unknown", histogram.unknown), ("zero", histogram.zero)];
    let apart = apart.map(|(kind, count)| [kind, "", "", &count.to_string()].map(str::to_owned));
    let bins = histogram.bins.iter().map(move |bin| {
        let cells = [text(bin.from), text(bin.to), bin.count.to_string()];
        [vec!["bin".to_owned()], cells.to_vec()].concat()
    });
    apart.into_iter().map(Vec::from).chain(bins)
}

fn for_people(histogram: &Histogram, about: &str, out: &mut impl Write) -> Result<()> {
    let bins = histogram.bins.iter();
    let mut bars = vec![
        ("unknown".to_owned(), histogram.unknown),
        ("zero".to_owned(), histogram.zero),
    ];
    bars.retain(|(_, count)| *count > 0);
    bars.extend(bins.map(|bin| (range(histogram, bin), bin.count)));
    // What is in no bin would dwarf the others: such a bar is cut, and says so.
    let binned = histogram.bins.iter().map(|bin| bin.count).max();
    let most = binned.unwrap_or(histogram.models);
    let label = bars
        .iter()
        .map(|(label, _)| label.width())
        .max()
        .unwrap_or(0);
    let digits = format::count(histogram.models).len();
    writeln!(out, "{about}")?;
    for (name, count) in bars {
        let drawn = match count > most {
            true => format!("{}»", bar(1, 1, BAR - 1)),
            false => bar(count, most, BAR),
        };
        let gap = " ".repeat(label - name.width());
        let share = format::percent(format::share(count, histogram.models));
        let count = format::count(count);
        let line = format!("{gap}{name}  {count:>digits$}  {share:>7}  {drawn}");
        writeln!(out, "{}", line.trim_end())?;
    }
    if let Some(found) = &histogram.quantiles {
        let of = |(name, value)| format!("{name} {}", figures::in_short(histogram.field, value));
        let told: Vec<String> = figures::quantiles(found).map(of).into();
        writeln!(out, "in the bins: {}", told.join(" · "))?;
    }
    Ok(())
}
