//! Leaves of nested columns: a column's type pruned to one leaf, and its decoded values with the
//! rows that they belong to.

use std::ops::Range;

use anyhow::{Result, bail};
use polars::prelude::{ArrowDataType, ArrowField};
use polars_arrow::array::{Array, BinaryViewArray, ListArray, StructArray};
use polars_arrow::offset::OffsetsBuffer;
use polars_parquet::read::n_columns;

use super::coerce;
use super::pages::Page;

/// A column pruned to one leaf.
pub struct Pruned {
    pub field: ArrowField,
    /// The leaf's position among the column's leaves.
    pub leaf: usize,
}

impl Pruned {
    /// The type of the leaf.
    pub fn dtype(&self) -> &ArrowDataType {
        let mut dtype = &self.field.dtype;
        loop {
            dtype = match dtype {
                ArrowDataType::Struct(members) => &members[0].dtype,
                ArrowDataType::LargeList(inner) => &inner.dtype,
                other => return other,
            };
        }
    }

    /// Returns true if every row has one value at most.
    pub fn is_flat(&self) -> bool {
        let mut dtype = &self.field.dtype;
        while let ArrowDataType::Struct(members) = dtype {
            dtype = &members[0].dtype;
        }
        !matches!(dtype, ArrowDataType::LargeList(_))
    }
}

/// Prunes a column to the leaf at a path of struct members; lists on the way are passed through.
/// Text becomes binary, so that one value that is not UTF-8 does not cost the others. `None` where
/// the path leads to no leaf.
pub fn prune(field: &ArrowField, path: &[&str]) -> Option<Pruned> {
    let (dtype, leaf) = match &field.dtype {
        ArrowDataType::Struct(members) => {
            let (name, path) = path.split_first()?;
            let at = members.iter().position(|member| member.name == *name)?;
            let before: usize = members[..at].iter().map(|m| n_columns(&m.dtype)).sum();
            let member = prune(&members[at], path)?;
            let dtype = ArrowDataType::Struct(vec![member.field]);
            (dtype, before + member.leaf)
        }
        ArrowDataType::LargeList(inner) => {
            let inner = prune(inner, path)?;
            let dtype = ArrowDataType::LargeList(Box::new(inner.field));
            (dtype, inner.leaf)
        }
        _ if !path.is_empty() => return None,
        ArrowDataType::Utf8View => (ArrowDataType::BinaryView, 0),
        // The decoder makes them of 128 bits, too.
        ArrowDataType::Decimal32(digits, scale) | ArrowDataType::Decimal64(digits, scale) => {
            (ArrowDataType::Decimal(*digits, *scale), 0)
        }
        other => (other.clone(), 0),
    };
    let field = ArrowField::new(field.name.clone(), dtype, field.is_nullable);
    Some(Pruned { field, leaf })
}

/// The values of a leaf in a batch of rows.
pub struct Leaf {
    /// Boundaries of the rows in `values` where the leaf is in a list.
    lists: Option<OffsetsBuffer<i64>>,
    /// One value a row, or all elements of all rows in order.
    pub values: Box<dyn Array>,
    /// The pages that the values were decoded from, if all of their values are here.
    pages: Vec<Page>,
}

impl Leaf {
    /// Unwraps the array of a pruned column.
    ///
    /// # Errors
    /// When the leaf is in a list within a list.
    pub fn new(mut array: Box<dyn Array>, pages: Vec<Page>) -> Result<Leaf> {
        let mut lists = None;
        loop {
            let any = array.as_any();
            let inner = if let Some(record) = any.downcast_ref::<StructArray>() {
                record.values()[0].clone()
            } else if let Some(list) = any.downcast_ref::<ListArray<i64>>() {
                if lists.replace(list.offsets().clone()).is_some() {
                    bail!("lists within lists are not read");
                }
                list.values().clone()
            } else {
                return Ok(Leaf {
                    lists,
                    values: array,
                    pages,
                });
            };
            array = inner;
        }
    }

    /// Returns true if the leaf is in a list.
    pub fn is_list(&self) -> bool {
        self.lists.is_some()
    }

    /// The values as text.
    pub fn texts(&self) -> BinaryViewArray {
        coerce::texts(&*self.values)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match &self.lists {
            Some(offsets) => offsets.len_proxy(),
            None => self.values.len(),
        }
    }

    /// The places in `values` of the elements before the first row. They belong to the last row of the
    /// pages before, which a page may go on with.
    pub fn lead(&self) -> Range<usize> {
        0..self
            .lists
            .as_ref()
            .map_or(0, |offsets| *offsets.first() as usize)
    }

    /// The places in `values` of a row's elements.
    pub fn range(&self, row: usize) -> Range<usize> {
        match &self.lists {
            Some(offsets) => {
                let (start, end) = offsets.start_end(row);
                start..end
            }
            None => row..row + 1,
        }
    }

    /// Returns the first row that begins in each data page, counted from the first of these rows;
    /// empty where pages have other values, too.
    pub fn first_rows(&self) -> Vec<usize> {
        let (mut row, mut levels, mut values) = (0, self.lead().len(), 0);
        let mut first_rows = Vec::new();
        for page in self.pages.iter().filter(|page| !page.is_dictionary) {
            // An empty or null list takes a place among the values, too.
            while levels < values && row < self.rows() {
                levels += self.range(row).len().max(1);
                row += 1;
            }
            first_rows.push(row);
            values += page.values;
        }
        first_rows
    }
}
