//! The columns of one number a row, a row group at a time, put where they belong as they are read. The
//! usual types are read from their leaf; all others, and whatever is damaged, by Polars.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::bitmap::MutableBitmap;

use crate::engine::parquet::coerce;
use crate::engine::parquet::files::{Batch, Parquet};
use crate::engine::parquet::leaf;
use crate::engine::parquet::leaf::Values;
use crate::engine::parquet::wide::each_piece;
use crate::engine::table::builder::Known;
use crate::engine::table::field::{Field, Kind};

/// Puts the counts or times of a group's rows in their place; all are unknown where the group has no
/// column for the field.
///
/// # Errors
/// When the group is damaged.
pub fn numbers(files: &Parquet, group: Batch, field: Field, place: &mut [i64]) -> Result<Known> {
    let convert = match field.info().kind {
        Kind::Time => coerce::times,
        _ => coerce::counts,
    };
    match numbers_of_leaf(files, group, field, place) {
        Some(known) => Ok(known),
        None => of_pieces(files, group, field, place, convert),
    }
}

/// The same of numbers with a fraction.
///
/// # Errors
/// As [`numbers`].
pub fn scores(files: &Parquet, group: Batch, field: Field, place: &mut [f64]) -> Result<Known> {
    match scores_of_leaf(files, group, field, place) {
        Some(known) => Ok(known),
        None => of_pieces(files, group, field, place, coerce::scores),
    }
}

fn numbers_of_leaf(
    files: &Parquet,
    group: Batch,
    field: Field,
    place: &mut [i64],
) -> Option<Known> {
    use ArrowTimeUnit::{Microsecond, Millisecond};
    let (name, kind) = files.column_in(group, field.info().columns)?;
    let factor = match (field.info().kind, kind) {
        (Kind::Time, ArrowDataType::Timestamp(Microsecond, _)) => 1,
        (Kind::Time, ArrowDataType::Timestamp(Millisecond, _)) => 1_000,
        (Kind::Count, ArrowDataType::Int64) => 1,
        _ => return None,
    };
    of_leaf(files, group, (name, kind), place, |plain| {
        Some(leaf::number(plain)?.saturating_mul(factor))
    })
}

fn scores_of_leaf(files: &Parquet, group: Batch, field: Field, place: &mut [f64]) -> Option<Known> {
    let column = files.column_in(group, field.info().columns);
    let column = column.filter(|(_, kind)| **kind == ArrowDataType::Float64)?;
    of_leaf(files, group, column, place, |plain| {
        Some(f64::from_bits(leaf::number(plain)?.cast_unsigned()))
    })
}

/// Takes the numbers of a leaf in, each as it comes off plainly encoded bytes.
struct Numbers<'p, T, F> {
    place: &'p mut [T],
    known: MutableBitmap,
    number: F,
}

impl<T: Copy, F: Fn(&mut &[u8]) -> Option<T>> Values for Numbers<'_, T, F> {
    type Value = T;

    fn value(&mut self, plain: &mut &[u8]) -> Option<T> {
        (self.number)(plain)
    }

    fn take(&mut self, row: usize, value: T) {
        self.place[row] = value;
        self.known.set(row, true);
    }
}

fn of_leaf<T: Copy>(
    files: &Parquet,
    group: Batch,
    (name, kind): (&str, &ArrowDataType),
    place: &mut [T],
    number: impl Fn(&mut &[u8]) -> Option<T>,
) -> Option<Known> {
    let mut numbers = Numbers {
        place,
        known: MutableBitmap::from_len_zeroed(group.len),
        number,
    };
    files.read_leaf(group, &[name], kind, &mut numbers)?;
    Some(numbers.known.into())
}

fn of_pieces<T: PolarsNumericType>(
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::source::Source;

    fn values<T: Copy>(place: &[T], known: &Known) -> Vec<Option<T>> {
        let values = place.iter().zip(known.iter());
        values
            .map(|(value, known)| known.then_some(*value))
            .collect()
    }

    /// What the leaves say is what Polars makes of the columns, of the built-in sample and of true rows
    /// where they lie beside the project.
    #[test]
    fn leaves_and_whole_columns_agree() {
        let real = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/hub_stats_real_2500.parquet");
        let real = real.is_file().then_some(Source::File(real));
        for source in real.into_iter().chain([Source::Sample]) {
            let files = Parquet::open(&source).unwrap();
            for group in files.groups() {
                for field in [
                    Field::Downloads,
                    Field::DownloadsAllTime,
                    Field::Likes,
                    Field::CreatedAt,
                    Field::LastModified,
                ] {
                    let (mut leaf, mut whole) = (vec![0; group.len], vec![0; group.len]);
                    let of_leaf = numbers_of_leaf(&files, group, field, &mut leaf).unwrap();
                    let convert = match field.info().kind {
                        Kind::Time => coerce::times,
                        _ => coerce::counts,
                    };
                    let of_whole = of_pieces(&files, group, field, &mut whole, convert).unwrap();
                    let leaf = values(&leaf, &of_leaf);
                    assert!(leaf.iter().any(Option::is_some));
                    assert_eq!(leaf, values(&whole, &of_whole));
                }
                let (mut leaf, mut whole) = (vec![0.0; group.len], vec![0.0; group.len]);
                let field = Field::TrendingScore;
                let of_leaf = scores_of_leaf(&files, group, field, &mut leaf).unwrap();
                let of_whole = of_pieces(&files, group, field, &mut whole, coerce::scores).unwrap();
                assert_eq!(values(&leaf, &of_leaf), values(&whole, &of_whole));
            }
        }
    }
}
