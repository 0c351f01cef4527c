//! Columns in the making. The memory of a whole column is there before its first row group is read, and
//! each group puts its values in their place: pieces to be joined later would take as much again.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use super::canon::Coded;
use super::clean::clean;
use super::column::{View, fresh_categories};
use super::field::Field;

/// Which rows of a stretch are known, a bit each.
pub type Known = Bitmap;

/// A column of numbers.
pub struct Builder<T> {
    name: PlSmallStr,
    values: Vec<T>,
    /// How many rows each stretch has.
    lengths: Vec<usize>,
}

impl<T: NativeType> Builder<T> {
    /// The column of a field, of stretches of so many rows.
    pub fn new(field: Field, lengths: &[usize]) -> Builder<T> {
        Builder {
            name: field.info().key.into(),
            values: vec![T::default(); lengths.iter().sum()],
            lengths: lengths.to_vec(),
        }
    }

    /// The place of each stretch.
    pub fn places(&mut self) -> Vec<&mut [T]> {
        let mut rest = &mut self.values[..];
        let places = self.lengths.iter().map(|length| {
            let (place, further) = std::mem::take(&mut rest).split_at_mut(*length);
            rest = further;
            place
        });
        places.collect()
    }

    /// The whole column, told what is known of each stretch.
    fn finish<P: PolarsNumericType<Native = T>>(self, known: &[Known]) -> ChunkedArray<P> {
        let mut all = MutableBitmap::with_capacity(self.values.len());
        known.iter().for_each(|known| all.extend_from_bitmap(known));
        let all = Some(Bitmap::from(all)).filter(|all| all.unset_bits() > 0);
        let values = PrimitiveArray::new(T::PRIMITIVE.into(), self.values.into(), all);
        ChunkedArray::with_chunk(self.name, values)
    }
}

impl Builder<i64> {
    /// Counts or times.
    pub fn numbers(self, known: &[Known]) -> View {
        View::Number(self.finish(known))
    }
}

impl Builder<f64> {
    /// Numbers with a fraction.
    pub fn scores(self, known: &[Known]) -> View {
        View::Score(self.finish(known))
    }
}

/// The words that the rows of a column have. What stands in the column is a code for each.
pub struct Lexicon {
    dtype: DataType,
    mapping: Arc<CategoricalMapping>,
}

impl Lexicon {
    /// No word yet.
    pub fn new() -> Lexicon {
        let categories = fresh_categories();
        Lexicon {
            mapping: categories.mapping(),
            dtype: DataType::from_categories(categories),
        }
    }

    /// Puts the codes of the rows of a stretch in their place.
    ///
    /// # Errors
    /// When there are more words than codes.
    pub fn fill(&self, place: &mut [u32], words: &Coded) -> Result<Known> {
        let names = words.names.iter().map(|name| clean(name));
        let codes = names.map(|name| self.mapping.insert_cat(&name));
        // What is not known is the one after all words.
        let codes = codes.chain([Ok(0)]);
        let codes: Vec<u32> = codes.collect::<PolarsResult<_>>()?;
        for (place, word) in place.iter_mut().zip(&words.codes) {
            *place = codes[(*word as usize).min(codes.len() - 1)];
        }
        Ok(words.known())
    }

    /// The column of these codes.
    pub fn words(self, codes: Builder<u32>, known: &[Known]) -> View {
        View::Word(codes.finish(known), self.mapping, self.dtype)
    }
}
