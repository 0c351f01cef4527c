//! Parquet of any age to the canonical columns, in four stages: ids and downloads first, so that
//! a list can be searched at once; then lineage and parameters; then the other columns of one
//! value; then what the tags say. Only the columns of a stage are read, batch by batch, so that wide
//! texts are never in memory all at a time.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::engine::table::stage::Stage;
use anyhow::{Context, Result, bail};
use polars_arrow::types::NativeType;

use crate::engine::parquet::coerce::Coded;
use crate::engine::parquet::files::{Batch, Parquet};
use crate::engine::parquet::scalars;
use crate::engine::parquet::wide;
use crate::engine::source::Source;
use crate::engine::table::arena::Room;
use crate::engine::table::builder::{Builder, Known, Lexicon};
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::field::{FIELDS, Field, FieldInfo, Kind};
use crate::engine::table::models::{Columns, Models};
use crate::engine::table::view::View;
use crate::engine::tags::{PartTags, Sighted, TagLists, Tags};

/// Told how many more rows of the current stage are done.
pub type Done<'a> = &'a (dyn Fn(usize) + Sync);

/// The opened files of a source, ready to be loaded stage by stage.
pub struct Loader {
    files: Arc<Parquet>,
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.files.close();
    }
}

impl Loader {
    /// Opens the source.
    ///
    /// # Errors
    /// As [`Parquet::open`]; also when no column holds ids, or there are more rows than a
    /// [`crate::engine::table::models::ModelId`] can number.
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
        let mut downloads = self.builder();
        let places = room.parts().into_iter().zip(downloads.places());
        let parts = self.each(places, done, |(): &mut (), group, (mut ids, place)| {
            wide::ids(&self.files, group, &mut ids)?;
            let known = scalars::numbers(&self.files, group, Field::Downloads, place)?;
            Ok((ids.filled(), known))
        })?;
        let (ids, known): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let downloads = (Field::Downloads, downloads.numbers(&known));
        Models::of(room.texts(ids)?).with_all(self.offered([downloads]))
    }

    /// The second stage: downloads of all time, parameters and their source, relations, and every
    /// stated base.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn lineage(&self, done: Done) -> Result<(Columns, EdgeList)> {
        let mut all_time = self.builder();
        let mut params = self.builder();
        let mut origins = self.builder();
        let mut relations = self.builder();
        let words = [(); 2].map(|()| Lexicon::new());
        let places = all_time.places().into_iter().zip(params.places());
        let places = places.zip(origins.places().into_iter().zip(relations.places()));
        let parts = self.each(places, done, |(): &mut (), group, place| {
            let ((all_time, params), (origins, relations)) = place;
            let all_time = scalars::numbers(&self.files, group, Field::DownloadsAllTime, all_time)?;
            let origin = wide::params(&self.files, group, params)?;
            // Of shards of different ages each states its bases in its own way.
            let bases = match self.files.first_in(group, Field::Relation.info().columns) {
                Some(column) => wide::bases(&self.files, group, column)?,
                None => EdgeList::default(),
            };
            let relation = relation_of_rows(&bases, self.files.range(group));
            let relations = words[1].fill(relations, &relation)?;
            let origins = words[0].fill(origins, &origin)?;
            Ok(([all_time, origins, relations], bases))
        })?;
        let mut bases = Vec::new();
        let mut known = [const { Vec::new() }; 3];
        for (columns, part) in parts {
            bases.push(part);
            for (list, known) in known.iter_mut().zip(columns) {
                list.push(known);
            }
        }
        let [all_time_known, counted, related] = known;
        let [of_origins, of_relations] = words;
        let columns = [
            (Field::DownloadsAllTime, all_time.numbers(&all_time_known)),
            // Where a count was found is known where it is.
            (Field::Params, params.numbers(&counted)),
            (Field::ParamsSource, of_origins.words(origins, &counted)),
            (Field::Relation, of_relations.words(relations, &related)),
        ];
        Ok((self.offered(columns), EdgeList::concat(&bases)))
    }

    /// The third stage: all that [`Stage::of`] puts there.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn fields(&self, done: Done) -> Result<Columns> {
        let late = |i: &&FieldInfo| Stage::of(i.field) == Stage::Fields && self.offers(i.field);
        let fields: Vec<Field> = FIELDS.iter().filter(late).map(|i| i.field).collect();
        let count = fields.len();
        let columns = spread(fields, |(): &mut (), field| {
            let told = |rows: usize| done(rows / count);
            let view = match field.info().kind {
                Kind::Word => {
                    let (words, mut codes) = (Lexicon::new(), self.builder());
                    let fill =
                        |group, place: &mut [u16]| words.fill(place, &self.words(group, field)?);
                    let known = self.fill(codes.places(), &told, fill)?;
                    words.words(codes, &known)
                }
                Kind::Score => {
                    let mut scores = self.builder();
                    let fill =
                        |group, place: &mut _| scalars::scores(&self.files, group, field, place);
                    let known = self.fill(scores.places(), &told, fill)?;
                    scores.scores(&known)
                }
                _ => {
                    let mut numbers = self.builder();
                    let fill =
                        |group, place: &mut _| scalars::numbers(&self.files, group, field, place);
                    let known = self.fill(numbers.places(), &told, fill)?;
                    numbers.numbers(&known)
                }
            };
            Ok((field, view))
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
        let (words, mut codes) = (Lexicon::new(), self.builder());
        let sighted = Sighted::among(self.rows());
        let read = |lists: &mut TagLists, group, place: &mut _| {
            let (licenses, begins) = wide::tags(&self.files, group, lists)?;
            let known = words.fill(place, &licenses)?;
            Ok((PartTags::of(lists, &sighted), known, begins))
        };
        let parts = self.each(codes.places(), done, read)?;
        let (mut tags, mut known, mut begins) = (Vec::new(), Vec::new(), Vec::new());
        for (part, of_part, in_part) in parts {
            tags.push(part);
            known.push(of_part);
            begins.extend(in_part);
        }
        let licenses = (Field::License, words.words(codes, &known));
        let tags = Tags::of(self.rows(), &tags).with_pages(begins);
        Ok((vec![licenses], tags))
    }

    /// A column of all row groups.
    fn builder<T: NativeType>(&self) -> Builder<T> {
        let groups = self.files.groups();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len).collect();
        Builder::new(&lengths)
    }

    /// Those of the columns that the files have.
    fn offered(&self, columns: impl IntoIterator<Item = (Field, View)>) -> Columns {
        let columns = columns.into_iter();
        columns.filter(|(field, _)| self.offers(*field)).collect()
    }

    /// Fills the places of all row groups, one after another.
    fn fill<T>(
        &self,
        places: Vec<&mut [T]>,
        done: &dyn Fn(usize),
        fill: impl Fn(Batch, &mut [T]) -> Result<Known>,
    ) -> Result<Vec<Known>> {
        let groups = self.files.groups().into_iter().zip(places);
        let filled = groups.map(|(group, place)| {
            let known = fill(group, place).with_context(|| self.files.file(group).to_string());
            done(group.len);
            known
        });
        filled.collect()
    }

    /// The words of a field in a row group.
    fn words(&self, group: Batch, field: Field) -> Result<Coded> {
        match self.files.first_in(group, field.info().columns) {
            _ if field == Field::Dtype => wide::dtypes(&self.files, group),
            Some(name) => wide::words(&self.files, group, name),
            None => Ok(Coded::unknown(group.len)),
        }
    }

    /// Makes something of every row group and what is there for it, on all cores, in order.
    fn each<I: Send, S: Default, T: Send>(
        &self,
        items: impl IntoIterator<Item = I>,
        done: Done,
        make: impl Fn(&mut S, Batch, I) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let groups = self.files.groups().into_iter().zip(items).collect();
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

/// The relation of each row: that of its first base.
fn relation_of_rows(bases: &EdgeList, rows: Range<usize>) -> Coded {
    let mut relations = Coded::unknown(rows.len());
    relations.names.clone_from(&bases.relation_names);
    for (&model, &how) in bases.models.iter().zip(&bases.relation_codes).rev() {
        relations.codes[model as usize - rows.start] = match how {
            RelationCode::UNSTATED => Coded::UNKNOWN,
            how => u32::from(how.0),
        };
    }
    relations
}
