//! Adds a snapshot to a history: matches its models with those that are known, finds what is wrong with
//! it, and writes it at the end of the file.

use std::collections::hash_map::Entry;
use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use rustc_hash::FxHashMap;

use super::file::History;
use super::names::Names;
use super::slot::Slot;
use super::snapshot::{Counter, Header, HistorySnapshot, VERSION};
use crate::engine::cache::archive::Writer;
use crate::engine::parquet::keys::{Key, Keys};
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// A snapshot to add.
pub struct NewSnapshot<'a> {
    pub day: NaiveDate,
    /// The name of its file.
    pub source: String,
    /// Read to [`crate::engine::table::stage::Stage::Fields`] at least.
    pub models: &'a Models,
    /// The Hub's keys of the models, where the file has them.
    pub keys: Option<&'a Keys>,
}

/// The number of snapshots before one whose models its own are compared with.
const NEIGHBORS: usize = 5;

/// Counters by slot; `None` where the snapshot does not have the model.
type Counters = Vec<Option<Option<i64>>>;

/// The models of a snapshot, matched with a history.
struct Matched<'a> {
    /// The slot of each model; `None` for one that repeats another.
    slots: Vec<Option<Slot>>,
    /// The names and keys of models that were not known.
    new: Vec<&'a str>,
    keys: Vec<Key>,
    renamed: Vec<(Slot, &'a str)>,
    by_key: bool,
}

impl History {
    /// Adds a snapshot at the end of the file, which is made if it is not there.
    ///
    /// # Errors
    /// When the history has a snapshot of that day, another program is adding to it, or the file cannot be
    /// written.
    pub fn add(path: &Path, snapshot: &NewSnapshot) -> Result<History> {
        let refused = || format!("{}: cannot be written", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(refused)?;
        }
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).with_context(refused)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => bail!(
                "{}: another program is adding to the history; wait for it to end",
                path.display()
            ),
            // Some network folders have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let history = History::open(path)?;
        let day = snapshot.day;
        ensure!(
            history.snapshots.iter().all(|own| own.day != day),
            "{}: the history has a snapshot of {day}; `hubscope history drop {day}` removes it",
            snapshot.source
        );
        history.append(file, snapshot).with_context(refused)?;
        History::open(path)
    }

    fn append(&self, file: File, snapshot: &NewSnapshot) -> Result<()> {
        let matched = self.matched(snapshot);
        let slots = self.len() + matched.new.len();
        let counters =
            Counter::ALL.map(|counter| counters(snapshot.models, &matched, counter, slots));
        let last = self.sound().rfind(|own| own.day < snapshot.day);
        let gone = last.map_or(0, |last| gone(last, &counters[0]));
        let header = Header {
            version: VERSION,
            before: self.end,
            day: snapshot.day.to_string(),
            source: snapshot.source.clone(),
            models: snapshot.models.len() as u64,
            slots: slots as u64,
            new: matched.new.len() as u64,
            renamed: matched.renamed.len() as u64,
            gone,
            by_key: matched.by_key,
            faults: self.faults(snapshot, last, &counters),
            arrays: Names::ARRAYS + Counter::ALL.len(),
            is_dropped: false,
        };
        let mut writer = Writer::after(file, self.end)?;
        Names::write(&mut writer, &matched.new, &matched.keys, &matched.renamed)?;
        HistorySnapshot::write(&mut writer, &counters)?;
        writer.close(header)
    }

    /// Matches the models of a snapshot: by key where both have one, else by name.
    fn matched<'a>(&self, snapshot: &NewSnapshot<'a>) -> Matched<'a> {
        let (names, keys) = self.identities();
        let of_models = snapshot.keys;
        let by_key = of_models.is_some() && keys.iter().any(Option::is_some);
        let mut by_name: FxHashMap<&str, u32> = FxHashMap::default();
        by_name.reserve(names.len());
        by_name.extend(names.iter().copied().zip(0..));
        let mut keyed: FxHashMap<Key, u32> = FxHashMap::default();
        keyed.extend(
            keys.iter()
                .zip(0..)
                .filter_map(|(key, slot)| Some(((*key)?, slot))),
        );
        let first = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let mut matched = Matched {
            slots: Vec::with_capacity(snapshot.models.len()),
            new: Vec::new(),
            keys: Vec::new(),
            renamed: Vec::new(),
            by_key,
        };
        let mut is_taken = vec![false; names.len() + snapshot.models.len()];
        let mut fresh: FxHashMap<(&str, Option<Key>), u32> = FxHashMap::default();
        for model in snapshot.models.all() {
            let name = snapshot.models.id(model);
            let key = of_models.and_then(|keys| keys.get(model));
            let of_key = key.and_then(|key| keyed.get(&key).copied());
            // A name whose model has another key now is of another model.
            let is_other = |slot: &u32| {
                let own = keys[*slot as usize];
                own.zip(key).is_some_and(|(own, key)| own != key)
            };
            let of_name = || by_name.get(name).copied().filter(|slot| !is_other(slot));
            let slot = match of_key.or_else(of_name) {
                Some(slot) => slot,
                None => match fresh.entry((name, key)) {
                    Entry::Occupied(own) => *own.get(),
                    Entry::Vacant(place) => {
                        let slot = first.saturating_add(place_of(matched.new.len()));
                        matched.new.push(name);
                        matched.keys.push(key.unwrap_or_default());
                        *place.insert(slot)
                    }
                },
            };
            // Of rows that repeat a model, the first counts.
            let is_first = !std::mem::replace(&mut is_taken[slot as usize], true);
            matched.slots.push(is_first.then_some(Slot(slot)));
            if is_first && of_key == Some(slot) && names[slot as usize] != name {
                matched.renamed.push((Slot(slot), name));
            }
        }
        if matched.keys.iter().all(|key| *key == Key::default()) {
            matched.keys.clear();
        }
        matched
    }
}

fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn counters(models: &Models, matched: &Matched, counter: Counter, slots: usize) -> Counters {
    let mut counters = vec![None; slots];
    let field = counter.field();
    for (model, slot) in models.all().zip(&matched.slots) {
        if let Some(slot) = slot {
            counters[slot.index()] = Some(models.number(field, model));
        }
    }
    counters
}

/// Returns the number of models of a snapshot that another one does not have.
fn gone(last: &HistorySnapshot, now: &Counters) -> u64 {
    let column = last.column(Counter::Downloads);
    let is_gone =
        |(at, now): (usize, &Option<Option<i64>>)| now.is_none() && column.has(Slot(place_of(at)));
    now.iter().enumerate().filter(|pair| is_gone(*pair)).count() as u64
}

impl History {
    /// Returns the faults of a snapshot, the gravest first; `last` is the last one before it without any.
    fn faults(
        &self,
        snapshot: &NewSnapshot,
        last: Option<&HistorySnapshot>,
        counters: &[Counters; 3],
    ) -> Vec<SnapshotFault> {
        let now = snapshot.models.len();
        let has_downloads = counters[0].iter().flatten().any(Option::is_some);
        let is_other = !has_downloads && now > 0;
        let usual = self.usual_models(snapshot.day);
        let partial = usual.and_then(|usual| SnapshotFault::partial(usual, now));
        let none = is_other.then_some(SnapshotFault::NoDownloads);
        let compared = last.map(|last| {
            let (same, same_of) = compared(last, counters, Counter::Downloads, |a, b| a == b);
            let all_time = Counter::DownloadsAllTime;
            let (fallen, fallen_of) = compared(last, counters, all_time, |a, b| a > b);
            [
                SnapshotFault::frozen(same, same_of),
                SnapshotFault::rolled_back(fallen, fallen_of),
            ]
        });
        let all = [none, partial]
            .into_iter()
            .chain(compared.into_iter().flatten());
        all.flatten().collect()
    }

    /// Returns the median number of models of the last snapshots before a day, those with faults included:
    /// what stays smaller is not partial any more.
    fn usual_models(&self, day: NaiveDate) -> Option<usize> {
        let before = self.snapshots.iter().filter(|own| own.day < day);
        let mut models: Vec<u64> = before
            .rev()
            .take(NEIGHBORS)
            .map(HistorySnapshot::models)
            .collect();
        models.sort_unstable();
        // Of an even number, the larger one.
        usize::try_from(*models.get(models.len() / 2)?).ok()
    }
}

/// Counts the models whose counters before and after `hold`, and all that both have, with a counter above
/// zero in either.
fn compared(
    last: &HistorySnapshot,
    now: &[Counters; 3],
    counter: Counter,
    hold: impl Fn(i64, i64) -> bool,
) -> (usize, usize) {
    let column = last.column(counter);
    let (mut held, mut all) = (0, 0);
    for (at, now) in now[counter as usize].iter().enumerate() {
        let before = column.get(Slot(place_of(at)));
        if let Some((before, now)) = before.zip(now.flatten())
            && (before > 0 || now > 0)
        {
            all += 1;
            held += usize::from(hold(before, now));
        }
    }
    (held, all)
}

impl Counter {
    /// Returns the field that it counts.
    pub fn field(self) -> Field {
        match self {
            Counter::Downloads => Field::Downloads,
            Counter::DownloadsAllTime => Field::DownloadsAllTime,
            Counter::Likes => Field::Likes,
        }
    }
}
