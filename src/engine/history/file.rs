//! The file of a history: its snapshots, and the names of its models.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::Names;
use super::slot::Slot;
use super::snapshot::{Header, HistorySnapshot};
use crate::engine::cache::archive::Chain;
use crate::engine::parquet::keys::Key;
use crate::engine::table::models::Models;

/// As many names are searched for one by one.
const FEW: usize = 64;

/// An open history.
pub struct History {
    path: PathBuf,
    /// In the order of their days.
    pub(super) snapshots: Vec<HistorySnapshot>,
    /// The names of the models of each archive, in the order of the archives.
    names: Vec<Names>,
    /// The end of the last archive.
    pub(super) end: u64,
    chain: Option<Chain<Header>>,
}

impl History {
    /// Opens a history; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub fn open(path: &Path) -> Result<History> {
        let mut history = History {
            path: path.to_owned(),
            snapshots: Vec::new(),
            names: Vec::new(),
            end: 0,
            chain: None,
        };
        if !path.exists() {
            return Ok(history);
        }
        history.read().with_context(|| {
            format!(
                "{}: the history cannot be used; `hubscope history drop --all` removes it",
                path.display()
            )
        })?;
        Ok(history)
    }

    fn read(&mut self) -> Result<()> {
        let mut chain = Chain::open(&self.path, |header: &Header| header.before)?;
        let archives = std::mem::take(&mut chain.archives);
        for (mut reader, header) in archives {
            self.names.push(Names::read(&mut reader)?);
            if !header.is_dropped {
                let snapshot = HistorySnapshot::read(&mut reader, header)?;
                self.snapshots.push(snapshot);
            }
        }
        self.snapshots.sort_by_key(|snapshot| snapshot.day);
        (self.end, self.chain) = (chain.end, Some(chain));
        Ok(())
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the snapshots, ascending by their days.
    pub fn snapshots(&self) -> &[HistorySnapshot] {
        &self.snapshots
    }

    /// Returns the number of models that any snapshot has.
    pub fn len(&self) -> usize {
        self.names.iter().map(Names::len).sum()
    }

    /// Returns true if there is no snapshot.
    pub fn is_empty(&self) -> bool {
        self.snapshots.is_empty()
    }

    /// Returns the size of the file in bytes.
    pub fn bytes(&self) -> u64 {
        File::open(&self.path)
            .and_then(|file| file.metadata())
            .map_or(0, |about| about.len())
    }

    /// Compares all of the file with its checksums.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn check(&self) -> Result<()> {
        self.chain.as_ref().map_or(Ok(()), Chain::check)
    }
}

impl History {
    /// Returns the last model of a name, also of one that it had before it was renamed.
    pub fn find(&self, name: &str) -> Option<Slot> {
        let renamed = self.names.iter().rev().find_map(|names| {
            let at = names.renames.iter().position(|own| own == name)?;
            Some(Slot(names.renamed[at]))
        });
        renamed.or_else(|| {
            let mut end = self.len();
            // Of several that had the name one after another, the last.
            self.names.iter().rev().find_map(|names| {
                end -= names.len();
                Slot::at(end + names.find(name)?)
            })
        })
    }

    /// Returns the models of some names, each as [`History::find`] does, in one pass over all names.
    pub fn find_all<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Slot> {
        let wanted: FxHashSet<&str> = names.collect();
        if wanted.len() < FEW {
            return wanted
                .into_iter()
                .filter_map(|name| self.find(name))
                .collect();
        }
        let mut found: FxHashMap<&str, Slot> = FxHashMap::default();
        let mut first = 0;
        for own in &self.names {
            let named = (0..own.len()).into_par_iter().filter_map(|at| {
                let name = own.new.get(at).filter(|name| wanted.contains(name))?;
                Some((name, Slot::at(first + at)?))
            });
            // Of several that had a name one after another, the last.
            found.extend(named.collect::<Vec<_>>());
            first += own.len();
        }
        for own in &self.names {
            let renamed = own.renames.iter().zip(own.renamed.iter());
            let renamed = renamed.filter(|(name, _)| wanted.contains(name));
            found.extend(renamed.map(|(name, slot)| (name, Slot(*slot))));
        }
        found.into_values().collect()
    }

    /// Returns the model of each one of a hub; `None` for one that the history does not have.
    pub fn slots_of(&self, models: &Models) -> Vec<Option<Slot>> {
        let names = self.names();
        let mut by_name: FxHashMap<&str, u32> = FxHashMap::default();
        by_name.extend(names.iter().copied().zip(0..));
        let slot = |id: &str| by_name.get(id).copied().map(Slot);
        models.ids().map(slot).collect()
    }

    /// Returns the name of a model as of the last snapshot that has it.
    pub fn name(&self, slot: Slot) -> &str {
        let renamed = self.names.iter().rev().find_map(|names| {
            let at = names.renamed.iter().rposition(|own| *own == slot.0)?;
            names.renames.get(at)
        });
        renamed.unwrap_or_else(|| self.first_name(slot))
    }

    fn first_name(&self, slot: Slot) -> &str {
        let mut at = slot.index();
        for names in &self.names {
            match at.checked_sub(names.len()) {
                None => return names.new.get(at).unwrap_or_default(),
                Some(rest) => at = rest,
            }
        }
        ""
    }

    /// Returns the names of all models, by their slots.
    pub fn names(&self) -> Vec<&str> {
        self.identities().0
    }

    /// Returns the models whose names a test holds for, ascending.
    pub fn named(&self, holds: impl Fn(&str) -> bool) -> Vec<Slot> {
        let (names, _) = self.identities();
        let slots = names.iter().enumerate().filter(|(_, name)| holds(name));
        slots.filter_map(|(at, _)| Slot::at(at)).collect()
    }

    /// Returns the name and the key of every model, by their slots.
    pub(super) fn identities(&self) -> (Vec<&str>, Vec<Option<Key>>) {
        let names = self.names.iter();
        let mut current: Vec<&str> = names.clone().flat_map(|names| names.new.iter()).collect();
        let keys = names
            .clone()
            .flat_map(|names| (0..names.len()).map(|at| names.key(at)));
        let keys = keys.collect();
        for names in names {
            for (slot, name) in names.renamed.iter().zip(names.renames.iter()) {
                if let Some(own) = current.get_mut(*slot as usize) {
                    *own = name;
                }
            }
        }
        (current, keys)
    }
}
