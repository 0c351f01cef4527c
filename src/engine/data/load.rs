//! Parquet of any age to the canonical columns, in four stages: ids and downloads first, so that
//! a list can be searched at once; then lineage and parameters; then the other columns of one
//! value; then what the tags say. Only the columns of a stage are read, batch by batch, so that wide
//! texts are never in memory all at a time.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use polars::prelude::*;

use super::bases::{Bases, Relation};
use super::canon::{self, Coded};
use super::column::fresh_categories;
use super::field::{FIELDS, Field, FieldInfo, Kind};
use super::models::Models;
use super::parquet::{Batch, Parquet};
use super::source::Source;
use super::tags::{TagLists, Tags};
use super::texts::Room;
use super::wide;

/// How much of a hub is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Ids and downloads.
    Names,
    /// Also bases, what families add up to, and parameters.
    Lineage,
    /// All but the tags and what is read from them.
    Fields,
    /// Everything.
    Complete,
}

impl Stage {
    /// The one after it; none after the last.
    pub fn next(self) -> Option<Stage> {
        match self {
            Stage::Names => Some(Stage::Lineage),
            Stage::Lineage => Some(Stage::Fields),
            Stage::Fields => Some(Stage::Complete),
            Stage::Complete => None,
        }
    }

    /// When a field becomes known.
    pub fn of(field: Field) -> Stage {
        match field {
            Field::Id | Field::Downloads => Stage::Names,
            Field::DownloadsAllTime | Field::Params | Field::ParamsSource | Field::Relation => {
                Stage::Lineage
            }
            _ if field.is_derived() => Stage::Lineage,
            Field::License => Stage::Complete,
            _ => Stage::Fields,
        }
    }
}

/// Some fields of all models.
pub type Columns = Vec<(Field, Series)>;

/// Told how many more rows of the current stage are done.
pub type Done<'a> = &'a (dyn Fn(usize) + Sync);

/// The opened files of a source, ready to be loaded stage by stage.
pub struct Loader {
    files: Arc<Parquet>,
}

impl Loader {
    /// Opens the source.
    ///
    /// # Errors
    /// As [`Parquet::open`]; also when no column holds ids, or there are more rows than a
    /// [`super::models::ModelId`] can number.
    pub fn open(source: &Source) -> Result<Loader> {
        let files = Parquet::open(source)?;
        if files.first_of(Field::Id.info().columns).is_none() {
            let have: Vec<String> = files
                .columns()
                .into_iter()
                .take(6)
                .map(|c| c.name)
                .collect();
            bail!(
                "{source}: no column `id` or `modelId`, so there are no models to show (it has {}); name a models file",
                have.join(", ")
            );
        }
        if u32::try_from(files.rows).is_err() {
            bail!(
                "{source}: {} rows are more than hubscope can number; name a smaller file",
                files.rows
            );
        }
        Ok(Loader {
            files: Arc::new(files),
        })
    }

    /// The files themselves, for reading single rows later.
    pub fn files(&self) -> Arc<Parquet> {
        self.files.clone()
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.files.rows
    }

    /// Whether the files have a column that the field can be read from.
    pub fn offers(&self, field: Field) -> bool {
        self.files.first_of(field.info().columns).is_some()
    }

    /// The first stage: ids and downloads.
    ///
    /// # Errors
    /// When a file is damaged or the ids are not text.
    pub fn names(&self, done: Done) -> Result<Models> {
        let groups = self.files.groups();
        let size = |group: &Batch| wide::ids_size(&self.files, *group);
        let mut room = Room::new(groups.iter().map(size).collect());
        let items = groups.into_iter().zip(room.parts()).collect();
        let parts = self.each(items, done, |(): &mut (), group, mut ids| {
            wide::ids(&self.files, group, &mut ids)?;
            let downloads = self.column(group, Field::Downloads.info(), None)?;
            Ok((ids.filled(), downloads))
        })?;
        let (ids, downloads): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let models = Models::of(room.texts(ids)?);
        match self.offers(Field::Downloads) {
            true => models.with(Field::Downloads, &joined(downloads)?),
            false => Ok(models),
        }
    }

    /// The second stage: downloads of all time, parameters and their source, relations, and every
    /// stated base.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn lineage(&self, done: Done) -> Result<(Columns, Bases)> {
        let categories = [(); 2].map(|()| fresh_categories());
        let parts = self.each(self.groups(), done, |(): &mut (), group, ()| {
            let all_time = self.column(group, Field::DownloadsAllTime.info(), None)?;
            let (params, origins) = wide::params(&self.files, group)?;
            // Of shards of different ages each states its bases in its own way.
            let bases = match self.files.first_in(group, Field::Relation.info().columns) {
                Some(column) => wide::bases(&self.files, group, column)?,
                None => Bases::default(),
            };
            let origin = origins.series(&categories[0])?;
            let relations = relation_of_rows(&bases, self.files.range(group));
            let relation = relations.series(&categories[1])?;
            Ok(([all_time, params, origin, relation], bases))
        })?;
        let mut all = Bases::default();
        let mut series = [const { Vec::new() }; 4];
        for (columns, bases) in parts {
            all.append(&bases);
            for (list, part) in series.iter_mut().zip(columns) {
                list.push(part);
            }
        }
        let fields = [
            Field::DownloadsAllTime,
            Field::Params,
            Field::ParamsSource,
            Field::Relation,
        ];
        let mut columns = Vec::new();
        for (field, parts) in fields.into_iter().zip(series) {
            if self.offers(field) {
                columns.push((field, joined(parts)?));
            }
        }
        Ok((columns, all))
    }

    /// The third stage: all that [`Stage::of`] puts there. Each column is brought together before the
    /// next is read, so that not all of them are in memory twice.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn fields(&self, done: Done) -> Result<Columns> {
        let late = |i: &&FieldInfo| Stage::of(i.field) == Stage::Fields && self.offers(i.field);
        let fields: Vec<&FieldInfo> = FIELDS.iter().filter(late).collect();
        let count = fields.len();
        let columns = spread(fields, |(): &mut (), info| {
            let categories = fresh_categories();
            let part = |group: Batch| {
                let part = self.column(group, info, Some(&categories));
                done(group.len / count);
                part.with_context(|| self.files.file(group).to_string())
            };
            let parts = self.files.groups().into_iter().map(part);
            Ok((info.field, joined(parts.collect::<Result<_>>()?)?.rechunk()))
        })?;
        columns.into_iter().collect()
    }

    /// The last stage: the licences that the tags state, and the tags.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn tags(&self, done: Done) -> Result<(Columns, Tags)> {
        if !self.offers(Field::License) {
            return Ok((Vec::new(), Tags::none(self.rows())));
        }
        let categories = fresh_categories();
        let parts = self.each(self.groups(), done, |lists: &mut TagLists, group, ()| {
            let (licenses, begins) = wide::tags(&self.files, group, lists)?;
            Ok((lists.by_tag(), licenses.series(&categories)?, begins))
        })?;
        let (mut tags, mut licenses, mut begins) = (Vec::new(), Vec::new(), Vec::new());
        for (part, of_part, in_part) in parts {
            tags.push(part);
            licenses.push(of_part);
            begins.extend(in_part);
        }
        let licenses = (Field::License, joined(licenses)?);
        let tags = Tags::of(self.rows(), &tags).with_pages(begins);
        Ok((vec![licenses], tags))
    }

    /// A field of a row group in its canonical type; all unknown where the file has no column for
    /// it.
    fn column(
        &self,
        group: Batch,
        info: &FieldInfo,
        categories: Option<&Arc<Categories>>,
    ) -> Result<Series> {
        if let (Field::Dtype, Some(categories)) = (info.field, categories) {
            return Ok(wide::dtypes(&self.files, group)?.series(categories)?);
        }
        if let (Some(categories), Some(name)) =
            (categories, self.files.first_in(group, info.columns))
            && info.kind == Kind::Word
            && let Some(words) = wide::words(&self.files, group, name)
        {
            return Ok(words.series(categories)?);
        }
        let pieces = group.cut().map(|piece| {
            let frame = self.files.read(piece, info.columns)?;
            canonical(&frame, info, categories)
        });
        joined(pieces.collect::<Result<_>>()?)
    }

    /// The row groups, to make something of each.
    fn groups(&self) -> Vec<(Batch, ())> {
        let groups = self.files.groups().into_iter();
        groups.map(|group| (group, ())).collect()
    }

    /// Makes something of every row group and what is there for it, on all cores, in order.
    fn each<I: Send, S: Default, T: Send>(
        &self,
        groups: Vec<(Batch, I)>,
        done: Done,
        make: impl Fn(&mut S, Batch, I) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let made = spread(groups, |spare, (group, item)| {
            let made = make(spare, group, item);
            done(group.len);
            made.with_context(|| self.files.file(group).to_string())
        })?;
        made.into_iter().collect()
    }
}

/// Makes something of every item, on all cores, in their order. What a thread needs for one, it has for
/// the next.
///
/// The threads are our own: one of Rayon's would begin the next item while it waits for Polars'
/// threads, until all are in memory at the same time.
fn spread<I: Send, S: Default, T: Send>(
    items: Vec<I>,
    make: impl Fn(&mut S, I) -> T + Sync,
) -> Result<Vec<T>> {
    let threads = rayon::current_num_threads().min(items.len());
    let items = Mutex::new(items.into_iter().enumerate());
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let some = || {
        let mut spare = S::default();
        std::iter::from_fn(next)
            .map(|(at, item)| (at, make(&mut spare, item)))
            .collect::<Vec<_>>()
    };
    let mut all = thread::scope(|scope| {
        let start = |n| {
            thread::Builder::new()
                .name(format!("engine-read-{n}"))
                .spawn_scoped(scope, some)
        };
        let started: Vec<_> = (0..threads).map(start).collect::<std::io::Result<_>>()?;
        let mut all = Vec::new();
        for thread in started {
            all.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        anyhow::Ok(all)
    })?;
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, made)| made).collect())
}

/// The column that the frame has of the field's source columns.
fn first_column<'a>(frame: &'a DataFrame, info: &FieldInfo) -> Option<&'a Series> {
    let column = info
        .columns
        .iter()
        .find_map(|name| frame.column(name).ok())?;
    Some(column.as_materialized_series())
}

/// A field of the frame in its canonical type; all unknown where a shard lacks the column.
fn canonical(
    frame: &DataFrame,
    info: &FieldInfo,
    categories: Option<&Arc<Categories>>,
) -> Result<Series> {
    let missing;
    let column = match first_column(frame, info) {
        Some(column) => column,
        None => {
            missing = Series::full_null(info.key.into(), frame.height(), &DataType::String);
            &missing
        }
    };
    let made = match (info.kind, categories) {
        (Kind::Count, _) => canon::counts(column).map(IntoSeries::into_series),
        (Kind::Time, _) => canon::times(column).map(IntoSeries::into_series),
        (Kind::Score, _) => canon::scores(column).map(IntoSeries::into_series),
        (Kind::Word, Some(categories)) => canon::words(column, categories),
        _ => canon::text(column).map(IntoSeries::into_series),
    };
    made.map_err(|e| canon::unusable(column.name(), &e))
}

/// The relation of each row: that of its first base.
fn relation_of_rows(bases: &Bases, rows: Range<usize>) -> Coded {
    let mut relations = Coded::unknown(rows.len());
    relations.names.clone_from(&bases.relations);
    for (&model, &how) in bases.models.iter().zip(&bases.how).rev() {
        relations.codes[model as usize - rows.start] = match how {
            Relation::UNSTATED => Coded::UNKNOWN,
            how => u32::from(how.0),
        };
    }
    relations
}

fn joined(parts: Vec<Series>) -> Result<Series> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next().context("no rows")?;
    for part in parts {
        whole.append_owned(part)?;
    }
    Ok(whole)
}
