//! The lists of tags of a stretch of rows, as they come from a file: each name gets a code, and each code
//! the rows that have it.

use std::borrow::Cow;

use crate::engine::table::clean::clean_bytes;
use crate::engine::table::interner::Names;
use crate::engine::tags::growing::{Growing, Pieces};
use crate::engine::tags::part::Bits;
use crate::engine::tags::recent::{Recent, Short};
use crate::engine::tags::{hash, hash_of, is_lower};

/// Lineage is kept in the graph; its tags, two for most bases, would be the half of all names.
pub const LINEAGE: &str = "base_model:";

/// The code of every tag that is not kept.
const NO_CODE: u32 = u32::MAX;

/// The lists of tags of a stretch of rows.
#[derive(Default)]
pub struct TagLists {
    pub(super) names: Names,
    recent: Recent,
    /// By code, the hash of the name whatever its case.
    pub(super) hashes: Vec<u64>,
    /// The codes of names that are not in lower case, ascending.
    pub(super) mixed: Vec<u32>,
    /// By code, the rows that have it.
    pub(super) rows: Vec<Growing>,
    pub(super) pieces: Pieces,
    /// The rows that have a list.
    pub(super) tagged: Bits,
    /// The last of them.
    row: u32,
}

impl TagLists {
    /// Forgets all lists, and makes room for so many tags in the next. What room there is, is used
    /// again: memory that comes and goes is not at hand when it is needed.
    pub fn begin(&mut self, tags: usize) {
        self.names.clear();
        self.recent.clear();
        self.hashes.clear();
        self.mixed.clear();
        self.rows.clear();
        self.pieces.clear();
        self.tagged = Bits::default();
        // Of the tags of a hundred thousand rows about every fifteenth is a new one.
        self.names.reserve(tags / 16);
    }

    /// The code of a tag, for [`TagLists::push`]; `None` where it is no UTF-8, which a tag that is
    /// known already is known to be, and one that is not kept need not be.
    pub fn code(&mut self, tag: &[u8]) -> Option<u32> {
        if tag.starts_with(LINEAGE.as_bytes()) {
            return Some(NO_CODE);
        }
        let own_key = Names::key(tag);
        let key = match self.names.find(own_key, tag) {
            Ok(code) => return Some(code),
            Err(key) => key,
        };
        match clean_bytes(tag)? {
            Cow::Borrowed(name) => {
                let code = self.names.add(key, name);
                self.hashes.push(match is_lower(name) {
                    true => hash_of(own_key),
                    false => {
                        self.mixed.push(code);
                        hash(str::from_utf8(name).ok()?)
                    }
                });
                self.rows.push(self.pieces.list());
                Some(code)
            }
            Cow::Owned(name) => self.code(&name),
        }
    }

    /// The same of the tag of this length that some text, which is no shorter, begins with; it takes less
    /// time where enough follows.
    // Inlined, as is what else is done with every tag: so the place in a page stays in a register.
    #[inline(always)]
    pub fn code_in(&mut self, text: &[u8], length: usize) -> Option<u32> {
        let Some(short) = Short::of(text, length) else {
            return self.code(&text[..length]);
        };
        if let Some(code) = self.recent.get(&short) {
            return Some(code);
        }
        let code = self.code(&text[..length])?;
        if code != NO_CODE {
            self.recent.put(short, code);
        }
        Some(code)
    }

    /// The name of a code, cleaned; nothing of the one for tags that are not kept.
    pub fn name(&self, code: u32) -> &[u8] {
        self.names.get_bytes(code)
    }

    /// The tags that follow are of this row; rows come in ascending order, and one may come again.
    pub fn begin_row(&mut self, row: u32) {
        self.tagged.add(row);
        self.row = row;
    }

    /// The row that has begun has the tag of a code.
    #[inline(always)]
    pub fn push(&mut self, code: u32) {
        if let Some(rows) = self.rows.get_mut(code as usize) {
            self.pieces.push(rows, self.row);
        }
    }
}
