//! `hubscope hist FIELD`: the distribution of a field's values, as bins or as a picture of them.

use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::cli::complete::candidates::{Candidates, Word};
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, TableOutput};
use crate::cli::output::json::{QuantilesJson, field_value};
use crate::cli::output::{json, table};
use crate::cli::within::{Where, Within};
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Bin, Binning, Histogram, histogram_of};
use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::table::stage::Stage;
use crate::present::bars::cut_bar;
use crate::present::figures::range;
use crate::present::format::{count, percent, share};
use crate::present::{figures, histogram_svg};

/// The maximum number of bins of a calendar unless more are asked for.
const MONTHS: usize = 100;
/// The number of bins of a linear scale of times: round numbers of microseconds are round to nobody.
const SPANS: usize = 20;
/// The largest number of bins that can be asked for.
const MAX_BINS: i64 = 10_000;
/// The length of the longest bar, in cells.
const BAR: usize = 40;

#[derive(Debug, Args)]
pub struct HistArgs {
    /// Field to count by: downloads, downloads_all_time, likes, params, created_at, …
    #[arg(value_parser = parse_field, add = Candidates::Words(field_names))]
    pub field: Field,
    /// Number of bins, or fewer if there are not as many whole numbers [default: round edges]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_BINS))]
    pub bins: Option<u32>,
    /// Scale of the bins: log, linear or calendar [default: log, for times calendar]
    #[arg(long, value_name = "SCALE", value_parser = parse_scale, add = Candidates::Words(scales))]
    pub scale: Option<Scale>,
    #[command(flatten)]
    pub within: Where,
    #[command(flatten)]
    pub output: TableOutput,
    /// Print an SVG picture
    #[arg(long, conflicts_with_all = ["json", "csv", "markdown"])]
    pub svg: bool,
}

/// The answer as JSON.
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

/// Prints the histogram.
///
/// # Errors
/// When the query is malformed, or the field has no such scale.
pub fn run(context: &mut CommandContext, args: &HistArgs) -> Result<Found> {
    let binning = binning(args)?;
    let within = Within::new(args.within.query.as_deref())?;
    let field = args.field;
    let hub = context.open(within.stage().max(Stage::of(field)))?;
    let set = within.models(hub)?;
    let histogram = histogram_of(&hub.models, field, &set, binning);
    let models = count(histogram.models);
    let title = format!(
        "{} of {models} models{}",
        field.info().title,
        within.in_words()
    );
    let out = &mut *context.out;
    match context.format {
        Format::Svg => out.write_all(histogram_svg::document(&histogram, &title).as_bytes())?,
        Format::Json => json::write_sourced(&HistJson::from(&histogram), &hub.source, out)?,
        Format::Text if histogram.models == 0 => {}
        Format::Text => for_people(&histogram, &title, out)?,
        format => {
            let header = ["kind", "from", "to", "count"];
            table::write(format, &header, rows(&histogram)?.into_iter(), out)?;
        }
    }
    if hub.lacks(field) {
        let (source, key) = (&hub.source, field.info().key);
        context.explain(&format!("{source} has no {key}; use a newer file"))?;
    }
    within.found(hub, histogram.models, 0, context)
}

/// Returns the bins that are asked for.
fn binning(args: &HistArgs) -> Result<Binning> {
    let own = Binning::of(args.field).scale;
    let scale = args.scale.unwrap_or(own);
    let key = args.field.info().key;
    match (own, scale) {
        (Scale::Calendar, Scale::Log) => {
            bail!("{key} is a time and has no log scale; use linear, or leave --scale out")
        }
        (Scale::Log, Scale::Calendar) => {
            bail!("{key} is no time and has no calendar; use log or linear")
        }
        _ => {}
    }
    let default = match (own, scale) {
        (_, Scale::Calendar) => Some(MONTHS),
        (Scale::Calendar, Scale::Linear) => Some(SPANS),
        _ => None,
    };
    let bins = args.bins.map(|bins| bins as usize).or(default);
    Ok(Binning { scale, bins })
}

/// Returns the fields that have a distribution: counts, bytes, shares and times.
fn fields() -> impl Iterator<Item = &'static FieldInfo> {
    let kinds = [Kind::Count, Kind::Bytes, Kind::Share, Kind::Time];
    FIELDS.iter().filter(move |i| kinds.contains(&i.kind))
}

/// Reads the name of such a field: that of JSON or that of queries.
fn parse_field(name: &str) -> Result<Field, String> {
    let is = |info: &&FieldInfo| info.key == name || info.name == name;
    match fields().find(is) {
        Some(info) => Ok(info.field),
        None => {
            let names: Vec<&str> = fields().map(|i| i.key).collect();
            Err(format!("one of {}", names.join(", ")))
        }
    }
}

fn field_names() -> Vec<Word> {
    fields().map(|info| (info.key, info.about)).collect()
}

fn scales() -> Vec<Word> {
    Scale::ALL.map(|scale| (scale.name(), "")).to_vec()
}

fn parse_scale(name: &str) -> Result<Scale, String> {
    let mut all = Scale::ALL.into_iter();
    all.find(|scale| scale.name() == name)
        .ok_or_else(|| format!("one of {}", Scale::ALL.map(Scale::name).join(", ")))
}

impl From<&Histogram> for HistJson {
    fn from(histogram: &Histogram) -> HistJson {
        let field = histogram.field;
        let bins = histogram.bins.iter().map(|bin| BinJson::new(field, bin));
        HistJson {
            field: field.info().key,
            scale: histogram.scale.name(),
            models: histogram.models,
            zero: histogram.zero,
            unknown: histogram.unknown,
            bins: bins.collect(),
            quantiles: QuantilesJson::new(field, histogram.quantiles.as_deref()),
        }
    }
}

impl BinJson {
    fn new(field: Field, bin: &Bin) -> BinJson {
        BinJson {
            from: field_value(field, bin.from),
            to: field_value(field, bin.to),
            count: bin.count,
        }
    }
}

fn rows(histogram: &Histogram) -> Result<Vec<Vec<String>>> {
    let outside = [("unknown", histogram.unknown), ("zero", histogram.zero)];
    let outside = outside.map(|(kind, count)| {
        vec![
            kind.to_owned(),
            String::new(),
            String::new(),
            count.to_string(),
        ]
    });
    let bins = histogram.bins.iter().map(|bin| {
        let bin = BinJson::new(histogram.field, bin);
        let cells = json::cells(&bin, &["from", "to", "count"])?;
        Ok([vec!["bin".to_owned()], cells].concat())
    });
    outside.into_iter().map(Ok).chain(bins).collect()
}

fn for_people(histogram: &Histogram, title: &str, out: &mut dyn Write) -> Result<()> {
    let mut bars = vec![
        ("unknown".to_owned(), histogram.unknown),
        ("zero".to_owned(), histogram.zero),
    ];
    bars.retain(|(_, count)| *count > 0);
    let bins = histogram.bins.iter();
    bars.extend(bins.map(|bin| (range(histogram, bin), bin.count)));
    // A bar of what is outside the bins would dwarf the others, so it is cut.
    let binned = histogram.bins.iter().map(|bin| bin.count).max();
    let most = binned.unwrap_or(histogram.models);
    let labels = bars.iter().map(|(label, _)| label.width());
    let widest = labels.max().unwrap_or(0);
    let digits = count(histogram.models).len();
    writeln!(out, "{title}")?;
    for (label, models) in bars {
        let gap = " ".repeat(widest - label.width());
        let share = percent(share(models, histogram.models));
        let bar = cut_bar(models, most, BAR);
        let models = count(models);
        let line = format!("{gap}{label}  {models:>digits$}  {share:>7}  {bar}");
        writeln!(out, "{}", line.trim_end())?;
    }
    if let Some(found) = &histogram.quantiles {
        let numbers = figures::named_quantiles(histogram.field, found);
        writeln!(out, "in the bins: {}", numbers.join(" · "))?;
    }
    Ok(())
}
