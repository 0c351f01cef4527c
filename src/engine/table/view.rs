//! Typed views of columns, read by row. Their memory is their own or that of a mapped file.

use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::array::{Array as _, PrimitiveArray};

use crate::engine::table::field::{Field, FieldInfo, Kind};
use crate::engine::table::sparse::SparseColumn;

/// The category of each row.
pub type Codes = PrimitiveArray<u32>;

/// A typed view of one column.
#[derive(Clone)]
pub enum ColumnView {
    /// Not in the source, or not loaded yet.
    None,
    Number(Int64Chunked),
    Score(Float64Chunked),
    /// Categories, their words, and the type of the column, which owns the words.
    Word(Codes, Arc<CategoricalMapping>, DataType),
    /// A comparison with another snapshot, which is in no file.
    Compared(Int64Chunked),
    /// A number of some rows; all others have the number of this field, or 0 where there is none.
    Total(SparseColumn, Option<Field>),
}

impl ColumnView {
    /// Returns the view of a column in one chunk.
    ///
    /// # Errors
    /// When the column is not of this kind.
    pub fn of(kind: Kind, column: &Series) -> PolarsResult<ColumnView> {
        Ok(match kind {
            Kind::Text => ColumnView::None,
            Kind::Count | Kind::Bytes | Kind::Share | Kind::Time => {
                ColumnView::Number(column.to_physical_repr().i64()?.clone())
            }
            Kind::Change | Kind::Growth => ColumnView::Compared(column.i64()?.clone()),
            Kind::Score => ColumnView::Score(column.f64()?.clone()),
            Kind::Word => {
                let words = column.cat32()?;
                let codes = words.physical().rechunk().downcast_as_array().clone();
                ColumnView::Word(codes, words.get_mapping().clone(), column.dtype().clone())
            }
        })
    }

    /// Number of rows; `None` for a view that is no column.
    pub fn rows(&self) -> Option<usize> {
        match self {
            ColumnView::None | ColumnView::Total(..) => None,
            ColumnView::Number(column) | ColumnView::Compared(column) => Some(column.len()),
            ColumnView::Score(column) => Some(column.len()),
            ColumnView::Word(codes, ..) => Some(codes.len()),
        }
    }

    /// Returns true if it has rows, all of them null.
    pub fn is_unknown(&self) -> bool {
        let nulls = match self {
            ColumnView::Number(column) => column.null_count(),
            ColumnView::Score(column) => column.null_count(),
            ColumnView::Word(codes, ..) => codes.null_count(),
            ColumnView::None | ColumnView::Compared(_) | ColumnView::Total(..) => 0,
        };
        nulls > 0 && Some(nulls) == self.rows()
    }

    /// Returns the view's array as a column of the frame, sharing its buffers: words as the numbers of
    /// their categories. `None` where there is no column.
    ///
    /// # Errors
    /// When Polars refuses the type.
    pub fn column(&self, info: &FieldInfo) -> PolarsResult<Option<Column>> {
        let name = PlSmallStr::from_static(info.key);
        Ok(match self {
            ColumnView::None | ColumnView::Compared(_) | ColumnView::Total(..) => None,
            ColumnView::Number(column) if info.kind == Kind::Time => {
                let time = DataType::Datetime(TimeUnit::Microseconds, None);
                Some(column.cast(&time)?.with_name(name).into_column())
            }
            ColumnView::Number(column) => Some(column.clone().with_name(name).into_column()),
            ColumnView::Score(column) => Some(column.clone().with_name(name).into_column()),
            ColumnView::Word(codes, ..) => {
                Some(UInt32Chunked::with_chunk(name, codes.clone()).into_column())
            }
        })
    }

    /// Returns that column as people and other programs read it: words as categories.
    ///
    /// # Errors
    /// As [`ColumnView::column`].
    pub fn canonical(&self, info: &FieldInfo) -> PolarsResult<Option<Column>> {
        let ColumnView::Word(codes, _, dtype) = self else {
            return self.column(info);
        };
        let codes = UInt32Chunked::with_chunk(info.key.into(), codes.clone());
        let words = Categorical32Chunked::from_cats_and_dtype(codes, dtype.clone());
        Ok(Some(words.into_column()))
    }
}
