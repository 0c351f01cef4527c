//! The columns of one number a row, a row group at a time, put where they belong as they are read.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::bitmap::MutableBitmap;

use super::builder::Known;
use super::canon;
use super::field::{Field, Kind};
use super::parquet::{Batch, Parquet};
use super::wide::each_piece;

/// Puts the counts or times of a group's rows in their place; all are unknown where the group has no
/// column for the field.
///
/// # Errors
/// When the group is damaged.
pub fn numbers(files: &Parquet, group: Batch, field: Field, place: &mut [i64]) -> Result<Known> {
    let convert = match field.info().kind {
        Kind::Time => canon::times,
        _ => canon::counts,
    };
    fill(files, group, field, place, convert)
}

/// The same of numbers with a fraction.
///
/// # Errors
/// As [`numbers`].
pub fn scores(files: &Parquet, group: Batch, field: Field, place: &mut [f64]) -> Result<Known> {
    fill(files, group, field, place, canon::scores)
}

fn fill<T: PolarsNumericType>(
    files: &Parquet,
    group: Batch,
    field: Field,
    place: &mut [T::Native],
    convert: impl Fn(&Series) -> PolarsResult<ChunkedArray<T>>,
) -> Result<Known> {
    let mut known = MutableBitmap::with_capacity(group.len);
    if let Some(name) = files.first_in(group, field.info().columns) {
        each_piece(files, group, name, |first, piece| {
            let mut place = &mut place[first..first + piece.len()];
            for array in convert(piece)?.downcast_iter() {
                let (own, further) = place.split_at_mut(array.len());
                own.copy_from_slice(array.values());
                match array.validity() {
                    Some(bits) => known.extend_from_bitmap(bits),
                    None => known.extend_constant(array.len(), true),
                }
                place = further;
            }
            Ok(())
        })?;
    }
    known.extend_constant(group.len - known.len(), false);
    Ok(known.into())
}
