//! A tree as nested JSON, written branch by branch: the objects of a million nodes are never in memory
//! together.

use std::cell::Cell;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::branch::Branch;
use crate::cli::output::record::JsonRecord;
use crate::engine::export::ModelTable;

/// The answer as JSON.
#[derive(serde::Serialize)]
pub struct TreeJson<'t> {
    pub root: NestedRow<'t>,
}

/// A branch, whose row of the table is the next one, with those below it.
pub struct NestedRow<'t> {
    branch: &'t Branch,
    table: &'t ModelTable<'t>,
    next: Cell<usize>,
}

impl<'t> NestedRow<'t> {
    /// Returns a whole tree, the rows of which are those of the table, from the top down.
    pub fn root(branch: &'t Branch, table: &'t ModelTable<'t>) -> NestedRow<'t> {
        let next = Cell::new(0);
        NestedRow {
            branch,
            table,
            next,
        }
    }
}

impl Serialize for NestedRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Below(self.branch, self).serialize(serializer)
    }
}

/// A branch of a tree.
struct Below<'t, 'n>(&'t Branch, &'n NestedRow<'t>);

impl Serialize for Below<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Below(branch, tree) = self;
        let row = tree.next.replace(tree.next.get() + 1);
        let mut object = serializer.serialize_map(None)?;
        JsonRecord::of_row(tree.table, row).serialize_into(&mut object)?;
        if let Some(mark) = branch.mark.word() {
            object.serialize_entry("mark", mark)?;
        }
        object.serialize_entry("children", &Children(branch, tree))?;
        object.end()
    }
}

struct Children<'t, 'n>(&'t Branch, &'n NestedRow<'t>);

impl Serialize for Children<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.below.len()))?;
        for below in &self.0.below {
            list.serialize_element(&Below(below, self.1))?;
        }
        list.end()
    }
}
