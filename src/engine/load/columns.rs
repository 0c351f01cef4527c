//! The columns of each stage of loading, read on all cores, one column of a row group at a time: ids
//! and downloads first, so that a list can be searched at once; then lineage and parameters; then the
//! other columns of one value; then tags. Only the columns of a stage are read, so that wide texts are
//! never in memory all at a time.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use anyhow::{Result, bail, ensure};
use polars_arrow::types::NativeType;

use crate::engine::parquet::bases::{self, Stated};
use crate::engine::parquet::dictionary::ViewDictionary;
use crate::engine::parquet::files::{Batch, Files};
use crate::engine::parquet::{columns, dtypes};
use crate::engine::source::Source;
use crate::engine::table::arena::{ArenaBuilder, ArenaPart};
use crate::engine::table::builder::{
    CategoricalBuilder, ColumnBuilder, DictionaryEncoded, FieldBuilder,
};
use crate::engine::table::edge_list::{EdgeList, RelationCode};
use crate::engine::table::field::{FIELDS, Field, FieldInfo};
use crate::engine::table::models::{Columns, Models};
use crate::engine::table::stage::Stage;
use crate::engine::table::view::ColumnView;
use crate::engine::tags::{BatchTags, Merge, Tags};

/// Reports how many more rows of the current stage are done.
pub type Done<'a> = &'a (dyn Fn(usize) + Sync);

/// Reads a column of a batch, with scratch memory of the thread.
type Task<'t> = Box<dyn FnOnce(&mut ViewDictionary) -> Result<()> + Send + 't>;

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
            batches: files.batches(usize::MAX),
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

    /// Returns true if the files have a column that the field can be read from.
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
        let mut parts = arena.parts();
        let mut tasks = self.tasks(&mut parts, |batch, part, _| {
            columns::ids(&self.files, batch, part)
        });
        tasks.extend(self.tasks(downloads.parts(), |batch, part, _| {
            columns::numbers(&self.files, batch, Field::Downloads, part)
        }));
        self.run(tasks, done)?;
        let ids = parts.into_iter().map(ArenaPart::filled).collect();
        let downloads = (Field::Downloads, downloads.numbers());
        Models::of(arena.texts(ids)?).with_all(self.offered([downloads]))
    }

    /// Reads the second stage: downloads of all time, parameters and their source, relations, and
    /// every stated base.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn lineage(&self, done: Done) -> Result<(Columns, EdgeList)> {
        let (mut all_time, mut params) = (self.builder(), self.builder());
        let (mut sources, source_words) = (self.builder(), CategoricalBuilder::default());
        let mut columns = Field::Relation.info().columns;
        let mut stated = Lineage::new(self);
        let mut tasks = stated.tasks(self, columns);
        let counted = params.parts().into_iter().zip(sources.parts());
        tasks.extend(self.tasks(counted, |batch, (params, sources), _| {
            let source = columns::params(&self.files, batch, params)?;
            source_words.fill(sources, &source)
        }));
        tasks.extend(self.tasks(all_time.parts(), |batch, part, _| {
            columns::numbers(&self.files, batch, Field::DownloadsAllTime, part)
        }));
        self.run(tasks, done)?;
        // A column without a value hides no other.
        while let Some(at) = columns.iter().position(|column| self.files.has(column))
            && stated.is_empty()
        {
            columns = &columns[at + 1..];
            stated = Lineage::new(self);
            self.run(stated.tasks(self, columns), &|_| ())?;
        }

        let relation = stated.words.words(stated.relations);
        let columns = [
            (Field::DownloadsAllTime, all_time.numbers()),
            (Field::Params, params.numbers()),
            (Field::ParamsSource, source_words.words(sources)),
            (Field::Relation, relation),
        ];
        Ok((self.offered(columns), EdgeList::concat(&stated.edges)?))
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
        let lengths = self.lengths();
        let builders = fields
            .iter()
            .map(|info| FieldBuilder::new(info.kind, &lengths));
        let mut builders: Vec<FieldBuilder> = builders.collect();
        let mut tasks = Vec::new();
        for ((info, words), builder) in fields.iter().zip(&words).zip(&mut builders) {
            let field = info.field;
            tasks.extend(match builder {
                FieldBuilder::Words(b) => self.tasks(b.parts(), move |batch, to, _| {
                    words.fill(to, &self.words(batch, field)?)
                }),
                FieldBuilder::Scores(b) => self.tasks(b.parts(), move |batch, to, _| {
                    columns::scores(&self.files, batch, field, to)
                }),
                FieldBuilder::Numbers(b) => self.tasks(b.parts(), move |batch, to, _| {
                    columns::numbers(&self.files, batch, field, to)
                }),
            });
        }
        self.run(tasks, done)?;
        let columns = fields.iter().zip(builders).zip(words);
        let columns = columns.map(|((info, builder), words)| (info.field, builder.finish(words)));
        Ok(columns.collect())
    }

    /// Reads the last stage: tags, and the licenses that they state; where none states one, the licenses
    /// of another column.
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
        let parts = codes.parts().into_iter().enumerate();
        let tasks = self.tasks(parts, |batch, (at, part), dictionary| {
            let (tags, licenses) = self.batch_tags(batch, dictionary)?;
            words.fill(part, &licenses)?;
            locked(&merge).push(at, tags)
        });
        self.run(tasks, done)?;
        let mut licenses = words.words(codes);
        if licenses.is_unknown() {
            licenses = self.licenses_without_tags()?;
        }
        let merge = merge
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .merge;
        Ok((vec![(Field::License, licenses)], merge.finish()?))
    }

    /// Reads the licenses of the columns after the tags.
    fn licenses_without_tags(&self) -> Result<ColumnView> {
        let (words, mut codes) = (CategoricalBuilder::default(), self.builder());
        let tasks = self.tasks(codes.parts(), |batch, part, _| {
            let columns = &Field::License.info().columns[1..];
            let licenses = match self.files.first_in(batch, columns) {
                Some(column) => columns::licenses(&self.files, batch, column)?,
                None => DictionaryEncoded::unknown(batch.len),
            };
            words.fill(part, &licenses)
        });
        self.run(tasks, &|_| ())?;
        Ok(words.words(codes))
    }

    /// Reads the tags of a batch. Where there are fewer batches than cores, its pages are decoded on
    /// another thread than that which indexes their tags.
    fn batch_tags(
        &self,
        batch: Batch,
        dictionary: &mut ViewDictionary,
    ) -> Result<(Vec<BatchTags>, DictionaryEncoded)> {
        let rows = self.files.range(batch);
        let mut runs = self.files.runs(batch, &["tags"])?.into_iter().flatten();
        if self.batches.len() >= rayon::current_num_threads() {
            return BatchTags::read(rows, runs, dictionary);
        }
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(0);
            let decode = move || {
                // Whoever receives them stops at the first error.
                let _ = runs.try_for_each(|run| send.send(run));
            };
            let decoding = thread::Builder::new()
                .name("engine-decode".to_owned())
                .spawn_scoped(scope, decode);
            let Ok(decoding) = decoding else {
                // Without room for a thread, both are done on this one.
                let runs = self.files.runs(batch, &["tags"])?.into_iter().flatten();
                return BatchTags::read(rows, runs, dictionary);
            };
            let tags = BatchTags::read(rows, receive.into_iter(), dictionary);
            let decoded = decoding.join();
            decoded.unwrap_or_else(|panic| resume_unwind(panic));
            tags
        })
    }

    /// The builder of a column of all batches.
    fn builder<T: NativeType>(&self) -> ColumnBuilder<T> {
        ColumnBuilder::new(&self.lengths())
    }

    /// The number of rows of each batch.
    fn lengths(&self) -> Vec<usize> {
        self.batches.iter().map(|batch| batch.len).collect()
    }

    /// Those of the columns that the files have.
    fn offered(&self, columns: impl IntoIterator<Item = (Field, ColumnView)>) -> Columns {
        let columns = columns.into_iter();
        columns.filter(|(field, _)| self.offers(*field)).collect()
    }

    /// Reads the words of a field in a batch.
    fn words(&self, batch: Batch, field: Field) -> Result<DictionaryEncoded> {
        match self.files.first_in(batch, field.info().columns) {
            _ if field == Field::Dtype => dtypes::largest(&self.files, batch),
            Some(column) => columns::words(&self.files, batch, column),
            None => Ok(DictionaryEncoded::unknown(batch.len)),
        }
    }

    /// Returns the tasks of reading a column: one for each batch and its part of the column.
    fn tasks<'t, P: Send + 't>(
        &'t self,
        parts: impl IntoIterator<Item = P>,
        read: impl Fn(Batch, P, &mut ViewDictionary) -> Result<()> + Clone + Send + 't,
    ) -> Vec<Task<'t>> {
        let parts = self.batches.iter().zip(parts);
        let task = |(batch, part): (&Batch, P)| {
            let (batch, read) = (*batch, read.clone());
            Box::new(move |scratch: &mut _| read(batch, part, scratch)) as Task
        };
        parts.map(task).collect()
    }

    /// Runs the tasks of a stage on all cores; they begin in this order. Of several errors, it returns
    /// that of the first task.
    ///
    /// The threads are our own, so that a panic of a decoder ends in the caller. Where the system
    /// refuses more of them, the others do the work, or this one.
    fn run(&self, tasks: Vec<Task>, done: Done) -> Result<()> {
        let count = tasks.len();
        let before = |task: usize| self.rows() * task / count;
        let threads = rayon::current_num_threads().min(count);
        let tasks = Mutex::new(tasks.into_iter().enumerate());
        let next = || locked(&tasks).next();
        let work = || {
            let mut scratch = ViewDictionary::default();
            std::iter::from_fn(next).find_map(|(at, task)| {
                let ran = task(&mut scratch);
                done(before(at + 1) - before(at));
                ran.err().map(|error| (at, error))
            })
        };
        let mut errors = thread::scope(|scope| {
            let start = |n| {
                thread::Builder::new()
                    .name(format!("engine-read-{n}"))
                    .spawn_scoped(scope, work)
            };
            let started: Vec<_> = (0..threads).map_while(|n| start(n).ok()).collect();
            let mut errors = BTreeMap::new();
            if started.is_empty() {
                errors.extend(work());
            }
            for thread in started {
                errors.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            errors
        });
        errors.pop_first().map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// The bases and relations of all batches.
struct Lineage {
    edges: Vec<EdgeList>,
    relations: ColumnBuilder<u32>,
    words: CategoricalBuilder,
}

impl Lineage {
    fn new(loader: &Loader) -> Lineage {
        Lineage {
            edges: loader.batches.iter().map(|_| EdgeList::default()).collect(),
            relations: loader.builder(),
            words: CategoricalBuilder::default(),
        }
    }

    /// Returns the tasks of reading them from the first of these columns that each file has.
    fn tasks<'t>(&'t mut self, loader: &'t Loader, columns: &'t [&'static str]) -> Vec<Task<'t>> {
        let words = &self.words;
        let parts = self.edges.iter_mut().zip(self.relations.parts());
        loader.tasks(parts, move |batch, (edges, relations), _| {
            // Shards of different ages state bases in different columns.
            let Some(column) = loader.files.first_in(batch, columns) else {
                return Ok(());
            };
            let stated = bases::stated(&loader.files, batch, column)?;
            words.fill(relations, &encoded(&stated))?;
            *edges = stated.edges;
            Ok(())
        })
    }

    /// Returns true if no model states a base or a relation.
    fn is_empty(&mut self) -> bool {
        let mut relations = self.relations.parts().into_iter();
        let known = relations.any(|part| part.known.unset_bits() < part.known.len());
        !known && self.edges.iter().all(EdgeList::is_empty)
    }
}

/// A merge that gets batches in any order and merges them in that of their rows: so the dictionary is
/// the same every time.
struct InOrder {
    next: usize,
    waiting: BTreeMap<usize, Vec<BatchTags>>,
    merge: Merge,
}

impl InOrder {
    fn push(&mut self, at: usize, tags: Vec<BatchTags>) -> Result<()> {
        self.waiting.insert(at, tags);
        while let Some(tags) = self.waiting.remove(&self.next) {
            tags.into_iter()
                .try_for_each(|tags| self.merge.push(tags))?;
            self.next += 1;
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The relation of each row as a word.
fn encoded(stated: &Stated) -> DictionaryEncoded {
    let codes = stated.relations.iter().map(|relation| match *relation {
        RelationCode::UNSTATED => DictionaryEncoded::UNKNOWN,
        relation => u32::from(relation.0),
    });
    DictionaryEncoded {
        values: stated.edges.relation_names.clone(),
        codes: codes.collect(),
    }
}
