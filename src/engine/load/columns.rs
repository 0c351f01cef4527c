//! The columns of each stage of loading, read batch by batch on all cores: ids and downloads first, so
//! that a list can be searched at once; then lineage and parameters; then the other columns of one
//! value; then tags. Only the columns of a stage are read, so that wide texts are never in memory all
//! at a time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Result, bail, ensure};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

use crate::engine::parquet::columns;
use crate::engine::parquet::dictionary::ViewDictionary;
use crate::engine::parquet::files::{Batch, Files};
use crate::engine::source::Source;
use crate::engine::table::arena::ArenaBuilder;
use crate::engine::table::builder::{
    CategoricalBuilder, ColumnBuilder, DictionaryEncoded, FieldBuilder, FieldPlace,
};
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::field::{FIELDS, Field, FieldInfo};
use crate::engine::table::models::{Columns, Models};
use crate::engine::table::stage::Stage;
use crate::engine::table::view::View;
use crate::engine::tags::{BatchTags, Merge, Tags};

/// Reports how many more rows of the current stage are done.
pub type Done<'a> = &'a (dyn Fn(usize) + Sync);

/// The opened files of a source, ready to be loaded stage by stage.
pub struct Loader {
    files: Arc<Files>,
    batches: Vec<Batch>,
}

impl Loader {
    /// Opens the source.
    ///
    /// # Errors
    /// As [`Files::open`]; also when no column holds ids, or there are more rows than a
    /// [`crate::engine::table::models::ModelId`] can number.
    pub fn open(source: &Source) -> Result<Loader> {
        let files = Files::open(source)?;
        if files.first_of(Field::Id.info().columns).is_none() {
            let columns = files.columns().into_iter().take(6);
            let have: Vec<String> = columns.map(|column| column.name).collect();
            bail!(
                "{source}: no column `id` or `modelId`, so there are no models to show (it has {}); name a models file",
                have.join(", ")
            );
        }
        ensure!(
            u32::try_from(files.rows).is_ok(),
            "{source}: {} rows are more than hubscope can number; name a smaller file",
            files.rows
        );
        Ok(Loader {
            batches: files.batches(rayon::current_num_threads()),
            files: Arc::new(files),
        })
    }

    /// The files themselves, for reading single rows later.
    pub fn files(&self) -> Arc<Files> {
        self.files.clone()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.files.rows
    }

    /// Whether the files have a column that the field can be read from.
    pub fn offers(&self, field: Field) -> bool {
        self.files.first_of(field.info().columns).is_some()
    }

    /// Reads the first stage: ids and downloads.
    ///
    /// # Errors
    /// When a file is damaged or the ids are not text.
    pub fn names(&self, done: Done) -> Result<Models> {
        let size = |batch: &Batch| columns::ids_size(&self.files, *batch);
        let mut arena = ArenaBuilder::new(self.batches.iter().map(size).collect());
        let mut downloads = self.builder();
        let places = arena.parts().into_iter().zip(downloads.places());
        let parts = self.each(places, done, |(): &mut (), batch, (mut ids, place)| {
            columns::ids(&self.files, batch, &mut ids)?;
            let known = columns::numbers(&self.files, batch, Field::Downloads, place)?;
            Ok((ids.filled(), known))
        })?;
        let (ids, known): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let downloads = (Field::Downloads, downloads.numbers(&known));
        Models::of(arena.texts(ids)?).with_all(self.offered([downloads]))
    }

    /// Reads the second stage: downloads of all time, parameters and their source, relations, and
    /// every stated base.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn lineage(&self, done: Done) -> Result<(Columns, EdgeList)> {
        let mut all_time = self.builder();
        let mut params = self.builder();
        let mut sources = self.builder();
        let mut relations = self.builder();
        let [source_words, relation_words] = [(); 2].map(|()| CategoricalBuilder::default());
        let places = all_time.places().into_iter().zip(params.places());
        let places = places.zip(sources.places().into_iter().zip(relations.places()));
        let parts = self.each(places, done, |(): &mut (), batch, place| {
            let ((all_time, params), (sources, relations)) = place;
            let all_time = columns::numbers(&self.files, batch, Field::DownloadsAllTime, all_time)?;
            let source = columns::params(&self.files, batch, params)?;
            // Shards of different ages state bases in different columns.
            let edges = match self.files.first_in(batch, Field::Relation.info().columns) {
                Some(column) => columns::edges(&self.files, batch, column)?,
                None => EdgeList::default(),
            };
            let relation = relation_of_rows(&edges, self.files.range(batch));
            let relations = relation_words.fill(relations, &relation)?;
            let sources = source_words.fill(sources, &source)?;
            Ok(([all_time, sources, relations], edges))
        })?;
        let mut edges = Vec::new();
        let mut known = [const { Vec::new() }; 3];
        for (columns, part) in parts {
            edges.push(part);
            for (list, known) in known.iter_mut().zip(columns) {
                list.push(known);
            }
        }
        let [all_time_known, counted, related] = known;
        let columns = [
            (Field::DownloadsAllTime, all_time.numbers(&all_time_known)),
            // A count is known where its source is.
            (Field::Params, params.numbers(&counted)),
            (Field::ParamsSource, source_words.words(sources, &counted)),
            (Field::Relation, relation_words.words(relations, &related)),
        ];
        Ok((self.offered(columns), EdgeList::concat(&edges)?))
    }

    /// Reads the third stage: the fields that [`Stage::of`] puts there.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn fields(&self, done: Done) -> Result<Columns> {
        let late = |i: &&FieldInfo| Stage::of(i.field) == Stage::Fields && self.offers(i.field);
        let fields: Vec<&FieldInfo> = FIELDS.iter().filter(late).collect();
        let words: Vec<_> = fields
            .iter()
            .map(|_| CategoricalBuilder::default())
            .collect();
        let lengths: Vec<usize> = self.batches.iter().map(|batch| batch.len).collect();
        let builders = fields
            .iter()
            .map(|info| FieldBuilder::new(info.kind, &lengths));
        let mut builders: Vec<FieldBuilder> = builders.collect();
        let mut by_field: Vec<_> = builders
            .iter_mut()
            .map(|b| b.places().into_iter())
            .collect();
        let by_batch = || {
            by_field
                .iter_mut()
                .filter_map(Iterator::next)
                .collect::<Vec<_>>()
        };
        let by_batch: Vec<_> = std::iter::repeat_with(by_batch)
            .take(lengths.len())
            .collect();
        let known = self.each(by_batch, done, |(): &mut (), batch, places| {
            let columns = fields.iter().zip(&words).zip(places);
            let known = columns.map(|((info, words), place)| self.fill(batch, info, words, place));
            known.collect::<Result<Vec<Bitmap>>>()
        })?;
        let mut known: Vec<_> = known.into_iter().map(Vec::into_iter).collect();
        let columns = fields.iter().zip(builders).zip(words);
        let columns = columns.map(|((info, builder), words)| {
            let known: Vec<Bitmap> = known.iter_mut().filter_map(Iterator::next).collect();
            (info.field, builder.finish(words, &known))
        });
        Ok(columns.collect())
    }

    /// Reads a field of a batch into its place, and returns which rows are known.
    fn fill(
        &self,
        batch: Batch,
        info: &FieldInfo,
        words: &CategoricalBuilder,
        place: FieldPlace,
    ) -> Result<Bitmap> {
        match place {
            FieldPlace::Words(to) => words.fill(to, &self.words(batch, info.field)?),
            FieldPlace::Scores(to) => columns::scores(&self.files, batch, info.field, to),
            FieldPlace::Numbers(to) => columns::numbers(&self.files, batch, info.field, to),
        }
    }

    /// Reads the last stage: tags, and the licenses that they state.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn tags(&self, done: Done) -> Result<(Columns, Tags)> {
        if !self.offers(Field::License) {
            return Ok((Vec::new(), Tags::none(self.rows())));
        }
        let (words, mut codes) = (CategoricalBuilder::default(), self.builder());
        let merge = Mutex::new(InOrder {
            next: 0,
            waiting: BTreeMap::new(),
            merge: Merge::new(self.rows()),
        });
        let places = codes.places().into_iter().enumerate();
        let known = self.each(
            places,
            done,
            |dictionary: &mut ViewDictionary, batch, (at, place)| {
                let tags = BatchTags::read(&self.files, batch, dictionary)?;
                let known = words.fill(place, &tags.licenses)?;
                locked(&merge).push(at, tags)?;
                Ok(known)
            },
        )?;
        let licenses = (Field::License, words.words(codes, &known));
        let merge = merge
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .merge;
        Ok((vec![licenses], merge.finish()?))
    }

    /// The builder of a column of all batches.
    fn builder<T: NativeType>(&self) -> ColumnBuilder<T> {
        let lengths: Vec<usize> = self.batches.iter().map(|batch| batch.len).collect();
        ColumnBuilder::new(&lengths)
    }

    /// Those of the columns that the files have.
    fn offered(&self, columns: impl IntoIterator<Item = (Field, View)>) -> Columns {
        let columns = columns.into_iter();
        columns.filter(|(field, _)| self.offers(*field)).collect()
    }

    /// Reads the words of a field in a batch.
    fn words(&self, batch: Batch, field: Field) -> Result<DictionaryEncoded> {
        match self.files.first_in(batch, field.info().columns) {
            _ if field == Field::Dtype => columns::dtypes(&self.files, batch),
            Some(column) => columns::words(&self.files, batch, column),
            None => Ok(DictionaryEncoded::unknown(batch.len)),
        }
    }

    /// Makes a value of every batch and its item, on all cores, in order.
    fn each<I: Send, S: Default, T: Send>(
        &self,
        items: impl IntoIterator<Item = I>,
        done: Done,
        make: impl Fn(&mut S, Batch, I) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let batches = self.batches.iter().copied().zip(items).collect();
        let made = spread(batches, |spare, (batch, item)| {
            let made = make(spare, batch, item);
            done(batch.len);
            made
        })?;
        made.into_iter().collect()
    }
}

/// A merge that gets batches in any order and merges them in that of their rows: so the dictionary is
/// the same every time.
struct InOrder {
    next: usize,
    waiting: BTreeMap<usize, BatchTags>,
    merge: Merge,
}

impl InOrder {
    fn push(&mut self, at: usize, batch: BatchTags) -> Result<()> {
        self.waiting.insert(at, batch);
        while let Some(batch) = self.waiting.remove(&self.next) {
            self.merge.push(batch)?;
            self.next += 1;
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a value of every item, on all cores, in order. `S` is scratch memory of a thread.
///
/// The threads are our own, so that a panic of a decoder ends in the caller.
fn spread<I: Send, S: Default, T: Send>(
    items: Vec<I>,
    make: impl Fn(&mut S, I) -> T + Sync,
) -> Result<Vec<T>> {
    let threads = rayon::current_num_threads().min(items.len());
    let items = Mutex::new(items.into_iter().enumerate());
    let next = || locked(&items).next();
    let some = || {
        let mut scratch = S::default();
        std::iter::from_fn(next)
            .map(|(at, item)| (at, make(&mut scratch, item)))
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
fn relation_of_rows(edges: &EdgeList, rows: Range<usize>) -> DictionaryEncoded {
    let mut relations = DictionaryEncoded::unknown(rows.len());
    relations.values.clone_from(&edges.relation_names);
    for (&model, &how) in edges.models.iter().zip(&edges.relation_codes).rev() {
        relations.codes[model as usize - rows.start] = match how {
            RelationCode::UNSTATED => DictionaryEncoded::UNKNOWN,
            how => u32::from(how.0),
        };
    }
    relations
}
