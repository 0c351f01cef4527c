//! Typed views of columns, read by row. Their memory is their own or that of a mapped file.

use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;

use crate::engine::table::field::{Field, FieldInfo, Kind};
use crate::engine::table::sparse::SparseColumn;

/// The category of each row.
pub type Codes = PrimitiveArray<u32>;

/// A typed view of one column.
#[derive(Clone)]
pub enum View {
    /// Not in the source, or not loaded yet.
    None,
    Number(Int64Chunked),
    Score(Float64Chunked),
    /// Categories, their words, and the type of the column, which owns the words.
    Word(Codes, Arc<CategoricalMapping>, DataType),
    /// A comparison with another snapshot, which is in no file.
    Compared(Int64Chunked),
    /// A number of some rows; all others have the number of this field, or 0.
    Total(SparseColumn, Option<Field>),
}

impl View {
    /// Returns the view of a column in one chunk.
    ///
    /// # Errors
    /// When the column is not of this kind.
    pub fn of(kind: Kind, column: &Series) -> PolarsResult<View> {
        Ok(match kind {
            Kind::Text => View::None,
            Kind::Count | Kind::Share | Kind::Time => {
                View::Number(column.to_physical_repr().i64()?.clone())
            }
            Kind::Change | Kind::Growth => View::Compared(column.i64()?.clone()),
            Kind::Score => View::Score(column.f64()?.clone()),
            Kind::Word => {
                let words = column.cat32()?;
                let codes = words.physical().rechunk().downcast_as_array().clone();
                View::Word(codes, words.get_mapping().clone(), column.dtype().clone())
            }
        })
    }

    /// Number of rows; `None` for a view that is no column.
    pub fn rows(&self) -> Option<usize> {
        match self {
            View::None | View::Total(..) => None,
            View::Number(column) | View::Compared(column) => Some(column.len()),
            View::Score(column) => Some(column.len()),
            View::Word(codes, ..) => Some(codes.len()),
        }
    }

    /// Returns the view's array as a column of the frame, sharing its buffers: words as the numbers of
    /// their categories. `None` where there is no column.
    ///
    /// # Errors
    /// When Polars refuses the type.
    pub fn column(&self, info: &FieldInfo) -> PolarsResult<Option<Column>> {
        let name = PlSmallStr::from_static(info.key);
        Ok(match self {
            View::None | View::Compared(_) | View::Total(..) => None,
            View::Number(column) if info.kind == Kind::Time => {
                let time = DataType::Datetime(TimeUnit::Microseconds, None);
                Some(column.cast(&time)?.with_name(name).into_column())
            }
            View::Number(column) => Some(column.clone().with_name(name).into_column()),
            View::Score(column) => Some(column.clone().with_name(name).into_column()),
            View::Word(codes, ..) => {
                Some(UInt32Chunked::with_chunk(name, codes.clone()).into_column())
            }
        })
    }

    /// Returns that column as people and other programs read it: words as categories.
    ///
    /// # Errors
    /// As [`View::column`].
    pub fn canonical(&self, info: &FieldInfo) -> PolarsResult<Option<Column>> {
        let View::Word(codes, _, dtype) = self else {
            return self.column(info);
        };
        let codes = UInt32Chunked::with_chunk(info.key.into(), codes.clone());
        let words = Categorical32Chunked::from_cats_and_dtype(codes, dtype.clone());
        Ok(Some(words.into_column()))
    }
}
