//! The names of the models of a history.

use std::io;

use anyhow::{Result, ensure};

use super::slot::Slot;
use crate::engine::cache::archive::{Buffer, Reader, Writer};
use crate::engine::parquet::keys::Key;
use crate::engine::table::arena::StringArena;

/// The names that an archive adds.
pub(super) struct Names {
    /// The names of its new models.
    pub new: StringArena,
    /// The new models in the order of their names, to be searched.
    order: Buffer<u32>,
    /// Their keys, 12 bytes each; zeros for one without, empty where no model has one.
    keys: Buffer<u8>,
    /// The models that were renamed, and their names since.
    pub renamed: Buffer<u32>,
    pub renames: StringArena,
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

    /// Returns the index of the new model of a name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let key = |at: &u32| self.new.get(*at as usize).unwrap_or_default();
        let found = self.order.binary_search_by(|at| key(at).cmp(name)).ok()?;
        Some(self.order[found] as usize)
    }

    /// Returns the key of a new model, if it has one.
    pub fn key(&self, at: usize) -> Option<Key> {
        let key: Key = self.keys.get(12 * at..12 * at + 12)?.try_into().ok()?;
        (key != Key::default()).then_some(key)
    }
}
