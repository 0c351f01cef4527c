//! One column of the models: a typed view that is read by row, of memory of its own or of a mapped
//! file.

use std::io;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use bytemuck::Pod;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::arena::Texts;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::sparse::Sparse;

/// The number of the word of each row. Past 65,535 different words, which no honest file has, a new one
/// counts as unknown.
pub type Codes = PrimitiveArray<u16>;

/// What stands for the word of this number in [`Codes`].
pub fn code(number: u32) -> Option<u16> {
    u16::try_from(number).ok().filter(|code| *code < u16::MAX)
}

/// One column, ready to be read by row.
#[derive(Clone)]
pub enum View {
    /// Not in the source, or not loaded yet.
    None,
    Number(Int64Chunked),
    Score(Float64Chunked),
    /// Codes, what they stand for, and the type of the column, which holds that too.
    Word(Codes, Arc<CategoricalMapping>, DataType),
    /// A number that compares with another snapshot, and belongs to no file.
    Compared(Int64Chunked),
    /// A number of some rows; all others have the number of this field, or 0.
    Total(Sparse, Option<Field>),
}

impl View {
    /// The view of a column in one chunk.
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
                View::Word(
                    words
                        .physical()
                        .iter()
                        .map(|number| code(number?))
                        .collect(),
                    words.get_mapping().clone(),
                    column.dtype().clone(),
                )
            }
        })
    }

    /// How many rows it has, if it is a column.
    pub fn rows(&self) -> Option<usize> {
        match self {
            View::None | View::Total(..) => None,
            View::Number(column) | View::Compared(column) => Some(column.len()),
            View::Score(column) => Some(column.len()),
            View::Word(codes, ..) => Some(codes.len()),
        }
    }

    /// The column of the canonical frame, if there is one.
    pub fn column(&self, kind: Kind) -> PolarsResult<Option<Column>> {
        Ok(match self {
            View::None | View::Compared(_) | View::Total(..) => None,
            View::Number(column) if kind == Kind::Time => {
                let time = DataType::Datetime(TimeUnit::Microseconds, None);
                Some(column.cast(&time)?.into_column())
            }
            View::Number(column) => Some(column.clone().into_column()),
            View::Score(column) => Some(column.clone().into_column()),
            View::Word(codes, _, dtype) => {
                let codes = codes.iter().map(|code| code.map(|code| u32::from(*code)));
                let words =
                    Categorical32Chunked::from_cats_and_dtype(codes.collect(), dtype.clone());
                Some(words.into_column())
            }
        })
    }
}

/// What stands in a file before a column: whether there is one, and of what.
const ABSENT: u64 = 0;
const NUMBERS: u64 = 1;
const SCORES: u64 = 2;
const WORDS: u64 = 3;

/// Keeps a column in a file; not a total, which follows from what else is kept, nor what compares
/// with another file.
///
/// # Errors
/// When the disk refuses it.
pub fn write(view: &View, to: &mut Writer) -> io::Result<()> {
    match view {
        View::None | View::Compared(_) | View::Total(..) => to.put_number(ABSENT),
        View::Number(column) => {
            to.put_number(NUMBERS)?;
            write_array(column.downcast_as_array(), to)
        }
        View::Score(column) => {
            to.put_number(SCORES)?;
            write_array(column.downcast_as_array(), to)
        }
        View::Word(codes, words, _) => {
            to.put_number(WORDS)?;
            write_array(codes, to)?;
            let count = u32::try_from(words.num_cats_upper_bound()).unwrap_or(u32::MAX);
            let texts: Texts = (0..count)
                .map(|code| words.cat_to_str(code).unwrap_or_default())
                .collect();
            texts.write(to)
        }
    }
}

/// Takes a column of so many rows out of a file.
///
/// # Errors
/// When the file has something else there.
pub fn read(rows: usize, from: &mut Reader) -> Result<View> {
    let name = PlSmallStr::EMPTY;
    Ok(match from.take_number()? {
        ABSENT => View::None,
        NUMBERS => View::Number(Int64Chunked::with_chunk(name, read_array(rows, from)?)),
        SCORES => View::Score(Float64Chunked::with_chunk(name, read_array(rows, from)?)),
        WORDS => {
            let codes = read_array(rows, from)?;
            let dtype = DataType::from_categories(fresh_categories());
            let DataType::Categorical(_, words) = &dtype else {
                bail!("no categories");
            };
            for (code, word) in (0..).zip(Texts::read(from)?.iter()) {
                ensure!(words.insert_cat(word)? == code, "a word twice");
            }
            View::Word(codes, words.clone(), dtype)
        }
        _ => bail!("a column of no known kind"),
    })
}

fn write_array<T: NativeType + Pod>(array: &PrimitiveArray<T>, to: &mut Writer) -> io::Result<()> {
    to.put(array.values())?;
    let known = array.validity().map(|known| known.iter().collect());
    to.put(known.as_ref().map_or(&[], MutableBitmap::as_slice))
}

fn read_array<T: NativeType + Pod>(rows: usize, from: &mut Reader) -> Result<PrimitiveArray<T>> {
    let (values, known) = (from.take::<T>()?, from.take::<u8>()?);
    ensure!(values.len() == rows, "a column of other rows");
    let known = match known.is_empty() {
        true => None,
        false => Some(Bitmap::try_new(known.to_vec(), rows)?),
    };
    Ok(PrimitiveArray::try_new(T::PRIMITIVE.into(), values, known)?)
}

/// A set of categories of its own for one column of a hub.
pub fn fresh_categories() -> Arc<Categories> {
    Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32)
}
