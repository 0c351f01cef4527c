//! The names of the models of a history.

use std::io;

use anyhow::{Result, ensure};

use super::History;
use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::parquet::keys::Key;
use crate::engine::table::arena::StringArena;

/// The number of a model in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    /// Returns the number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names that an archive adds.
pub(super) struct Names {
    /// The names of its new models.
    new: StringArena,
    /// The new models in the order of their names, to be searched.
    order: Buffer<u32>,
    /// Their keys, 12 bytes each; zeros for one without, empty where no model has one.
    keys: Buffer<u8>,
    /// The models that were renamed, and their names since.
    renamed: Buffer<u32>,
    renames: StringArena,
}

impl Names {
    /// The number of arrays.
    pub const ARRAYS: usize = 7;

    /// Writes the names to an archive.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(
        to: &mut Writer,
        new: &[&str],
        keys: &[Key],
        renamed: &[(Slot, &str)],
    ) -> io::Result<()> {
        let mut order: Vec<u32> = (0..u32::try_from(new.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|at| new[*at as usize]);
        new.iter().copied().collect::<StringArena>().write(to)?;
        to.put(&order)?;
        to.put(keys.as_flattened())?;
        let slots: Vec<u32> = renamed.iter().map(|(slot, _)| slot.0).collect();
        to.put(&slots)?;
        let renames: StringArena = renamed.iter().map(|(_, name)| *name).collect();
        renames.write(to)
    }

    /// Reads the names of an archive.
    ///
    /// # Errors
    /// When it has other arrays.
    pub fn read(from: &mut Reader) -> Result<Names> {
        let names = Names {
            new: StringArena::read(from)?,
            order: from.take()?,
            keys: from.take()?,
            renamed: from.take()?,
            renames: StringArena::read(from)?,
        };
        let (new, keys) = (names.new.len(), names.keys.len());
        let fits = names.order.len() == new
            && (keys == 0 || keys == 12 * new)
            && names.renamed.len() == names.renames.len();
        ensure!(fits, "names without their models");
        Ok(names)
    }

    /// Returns the number of new models.
    pub fn len(&self) -> usize {
        self.new.len()
    }

    /// Returns the new model of a name.
    fn find(&self, name: &str) -> Option<usize> {
        let key = |at: &u32| self.new.get(*at as usize).unwrap_or_default();
        let found = self.order.binary_search_by(|at| key(at).cmp(name)).ok()?;
        Some(self.order[found] as usize)
    }

    fn key(&self, at: usize) -> Option<Key> {
        let key: Key = self.keys.get(12 * at..12 * at + 12)?.try_into().ok()?;
        (key != Key::default()).then_some(key)
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
                slot(end + names.find(name)?)
            })
        })
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
        slots.filter_map(|(at, _)| slot(at)).collect()
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

fn slot(index: usize) -> Option<Slot> {
    u32::try_from(index).ok().map(Slot)
}
