//! Dense columns for filters and statistics: read value by value, or 64 rows at a time, which is
//! several times as fast where many are read.

use polars_arrow::array::PrimitiveArray;
use polars_arrow::types::NativeType;
use rayon::prelude::*;

use crate::engine::cache::archive::Buffer;
use crate::engine::table::bitset::{CHUNK, ModelSet, RowMask};
use crate::engine::table::field::Field;
use crate::engine::table::model_id::ModelId;
use crate::engine::table::models::{Models, Words, billionths};

/// A value for each model, with a validity bitmap.
pub struct Column<T: NativeType> {
    values: Buffer<T>,
    /// One bit a model; `None` where all are known.
    known: Option<Vec<u64>>,
}

impl Column<i64> {
    /// Returns a field of numbers or the recent share, at least of a set's models; `None` where it
    /// is known of no model.
    pub fn of_field(models: &Models, field: Field, set: &ModelSet) -> Option<Column<i64>> {
        match field {
            Field::RecentShare => Column::shares(models, set),
            _ => Column::numbers(models, field),
        }
    }

    /// Returns a field of numbers that is a column and does not follow from others.
    pub fn kept(models: &Models, field: Field) -> Option<Column<i64>> {
        let numbers = models.numbers_kept(field)?;
        Some(Column::of(numbers.downcast_as_array()))
    }

    /// Returns a field of numbers; `None` where it is known of no model. Shares are no column.
    pub fn numbers(models: &Models, field: Field) -> Option<Column<i64>> {
        let numbers = models.numbers(field)?;
        Some(Column::of(numbers.rechunk().downcast_as_array()))
    }

    /// Returns the share of recent downloads of a set's models, in billionths.
    fn shares(models: &Models, set: &ModelSet) -> Option<Column<i64>> {
        let own = Column::numbers(models, Field::Downloads)?;
        let whole = Column::numbers(models, Field::DownloadsAllTime)?;
        let mut shares = vec![0; own.values.len()];
        let blocks = shares
            .par_chunks_mut(64)
            .with_min_len(CHUNK / 64)
            .enumerate();
        let known = blocks.map(|(at, shares)| {
            let start = at * 64;
            let known = own.known(set.rows_at(start));
            let known = known.and(whole.having(start, |whole| whole > 0));
            // Most have no downloads at all, and divisions are slow.
            for model in known.and(own.having(start, |own| own != 0)).models() {
                let row = model.row();
                let share = billionths(own.values[row], whole.values[row]);
                shares[row - start] = share.unwrap_or_default();
            }
            known.bits
        });
        let known = Some(known.collect());
        Some(Column {
            values: shares.into(),
            known,
        })
    }
}

impl Column<u32> {
    /// Returns the categories of words.
    pub fn codes(words: Words) -> Column<u32> {
        Column::of(words.codes())
    }
}

impl<T: NativeType> Column<T> {
    /// The column of these values, all known.
    pub fn full(values: Vec<T>) -> Column<T> {
        Column {
            values: values.into(),
            known: None,
        }
    }

    fn of(array: &PrimitiveArray<T>) -> Column<T> {
        let known = array.validity().map(|known| {
            let bits = known.chunks::<u64>();
            let rest = bits.remainder();
            bits.chain([rest]).collect()
        });
        Column {
            values: array.values().clone(),
            known,
        }
    }

    /// Returns the validity of 64 rows.
    fn word(&self, at: usize) -> u64 {
        self.known.as_ref().map_or(u64::MAX, |known| known[at])
    }

    /// Returns the models whose value is known and `holds`.
    pub fn set(&self, holds: impl Fn(T) -> bool + Sync) -> ModelSet {
        let mut set = ModelSet::all(self.values.len());
        set.retain_words(|start| self.having(start, &holds));
        set
    }

    /// Returns which of the 64 rows from a multiple of 64 on have a value that `holds`.
    pub fn having(&self, start: usize, holds: impl Fn(T) -> bool) -> u64 {
        let bits = (0..)
            .zip(self.all_from(start))
            .map(|(bit, value)| u64::from(holds(*value)) << bit);
        bits.fold(0, |a, b| a | b) & self.word(start / 64)
    }

    /// Returns the value of a model, if it is known.
    pub fn get(&self, model: ModelId) -> Option<T> {
        let row = model.row();
        let is_known = self.word(row / 64) >> (row % 64) & 1 == 1;
        is_known.then_some(self.values[row])
    }

    /// Returns those of some rows whose value is known.
    pub fn known(&self, rows: RowMask) -> RowMask {
        rows.and(self.word(rows.start / 64))
    }

    /// Copies the values of some rows to the front of `room`; `unknown` for unknown ones.
    pub fn put(&self, rows: RowMask, unknown: T, room: &mut [T; 64]) {
        let RowMask { start, bits } = rows;
        let known = self.word(start / 64);
        if bits & known == u64::MAX {
            room.copy_from_slice(&self.values[start..start + 64]);
            return;
        }
        let mut left = bits;
        for value in &mut room[..rows.count()] {
            let bit = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            let is_known = known >> bit & 1 == 1;
            *value = match is_known {
                true => self.values[start + bit as usize],
                false => unknown,
            };
        }
    }

    /// Returns the values of the 64 rows from a multiple of 64 on, fewer at the end; unspecified
    /// where unknown.
    pub fn all_from(&self, start: usize) -> &[T] {
        &self.values[start..self.values.len().min(start + 64)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_column_is_read_as_it_is(values in prop::collection::vec(prop::option::of(-9..9_i64), 1..200), picked in prop::collection::vec(any::<bool>(), 200), all: bool) {
            let set = ModelSet::of(values.len(), |row| all || picked[row]);
            let array: PrimitiveArray<i64> = values.iter().copied().collect();
            let column = Column::of(&array);
            for (row, value) in (0..).zip(&values) {
                prop_assert_eq!(column.get(ModelId(row)), *value);
            }
            let holding = (0..).zip(&values).filter(|(_, v)| v.is_some_and(|v| v > 2));
            let holding: Vec<u32> = holding.map(|(row, _)| row).collect();
            prop_assert_eq!(column.set(|v| v > 2).iter().map(|m| m.0).collect::<Vec<_>>(), holding);
            let mut seen = Vec::new();
            for rows in set.rows_in(0..values.len()) {
                let mut room = [0; 64];
                column.put(rows, 99, &mut room);
                seen.extend_from_slice(&room[..rows.count()]);
                prop_assert_eq!(column.known(rows).models().collect::<Vec<_>>(), rows.models().filter(|m| values[m.row()].is_some()).collect::<Vec<_>>());
            }
            let wanted = (0..).zip(&values).filter(|(row, _)| set.has(ModelId(*row)));
            prop_assert_eq!(seen, wanted.map(|(_, value)| value.unwrap_or(99)).collect::<Vec<_>>());
        }
    }
}
