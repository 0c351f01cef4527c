//! Columns in an archive.

use std::io;

use anyhow::{Result, bail, ensure};
use bytemuck::Pod;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use super::arena::StringArena;
use super::builder::CategoricalBuilder;
use super::view::ColumnView;
use crate::engine::cache::archive::{Reader, Writer};

/// The number before a column: its kind, if there is one.
const ABSENT: u64 = 0;
const NUMBERS: u64 = 1;
const SCORES: u64 = 2;
const WORDS: u64 = 3;

/// Writes a column to an archive. Totals, which follow from others, and comparisons with another
/// file are left out.
///
/// # Errors
/// When the file cannot be written.
pub fn write(view: &ColumnView, to: &mut Writer) -> io::Result<()> {
    match view {
        ColumnView::None | ColumnView::Compared(_) | ColumnView::Total(..) => to.put_number(ABSENT),
        ColumnView::Number(column) => {
            to.put_number(NUMBERS)?;
            write_array(column.downcast_as_array(), to)
        }
        ColumnView::Score(column) => {
            to.put_number(SCORES)?;
            write_array(column.downcast_as_array(), to)
        }
        ColumnView::Word(codes, words, _) => {
            to.put_number(WORDS)?;
            write_array(codes, to)?;
            let count = u32::try_from(words.num_cats_upper_bound()).unwrap_or(u32::MAX);
            let texts: StringArena = (0..count)
                .map(|code| words.cat_to_str(code).unwrap_or_default())
                .collect();
            texts.write(to)
        }
    }
}

/// Reads a column of this many rows from an archive.
///
/// # Errors
/// When the archive has other arrays there.
pub fn read(rows: usize, from: &mut Reader) -> Result<ColumnView> {
    let name = PlSmallStr::EMPTY;
    Ok(match from.take_number()? {
        ABSENT => ColumnView::None,
        NUMBERS => ColumnView::Number(Int64Chunked::with_chunk(name, read_array(rows, from)?)),
        SCORES => ColumnView::Score(Float64Chunked::with_chunk(name, read_array(rows, from)?)),
        WORDS => {
            let codes = read_array(rows, from)?;
            let builder = CategoricalBuilder::default();
            for (code, word) in (0..).zip(StringArena::read(from)?.iter()) {
                ensure!(builder.insert(word)? == code, "a word twice");
            }
            builder.view(codes)
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
