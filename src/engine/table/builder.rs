//! Columns in the making. The memory of a whole column is there before its first row group is read, and
//! each group puts its values in their place: pieces to be joined later would take as much again.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use crate::engine::parquet::coerce::Coded;
use crate::engine::table::clean::clean;
use crate::engine::table::view::{View, code, fresh_categories};

/// Which rows of a stretch are known, a bit each.
pub type Known = Bitmap;

/// A column of numbers.
pub struct Builder<T> {
    values: Vec<T>,
    /// How many rows each stretch has.
    lengths: Vec<usize>,
}

impl<T: NativeType> Builder<T> {
    /// A column of stretches of so many rows.
    pub fn new(lengths: &[usize]) -> Builder<T> {
        Builder {
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
    fn array(self, known: &[Known]) -> PrimitiveArray<T> {
        let mut all = MutableBitmap::with_capacity(self.values.len());
        known.iter().for_each(|known| all.extend_from_bitmap(known));
        let all = Some(Bitmap::from(all)).filter(|all| all.unset_bits() > 0);
        PrimitiveArray::new(T::PRIMITIVE.into(), self.values.into(), all)
    }
}

impl Builder<i64> {
    /// Counts or times.
    pub fn numbers(self, known: &[Known]) -> View {
        View::Number(Int64Chunked::with_chunk(
            PlSmallStr::EMPTY,
            self.array(known),
        ))
    }
}

impl Builder<f64> {
    /// Numbers with a fraction.
    pub fn scores(self, known: &[Known]) -> View {
        View::Score(Float64Chunked::with_chunk(
            PlSmallStr::EMPTY,
            self.array(known),
        ))
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
    /// When there are more words than Polars can number.
    pub fn fill(&self, place: &mut [u16], words: &Coded) -> Result<Known> {
        const NONE: u16 = u16::MAX;
        let names = words.names.iter().map(|name| clean(name));
        let numbers = names.map(|name| self.mapping.insert_cat(&name));
        let codes = numbers.map(|number| Ok(code(number?).unwrap_or(NONE)));
        // What is not known is the one after all words.
        let codes: Vec<u16> = codes.chain([Ok(NONE)]).collect::<PolarsResult<_>>()?;
        for (place, word) in place.iter_mut().zip(&words.codes) {
            *place = codes[(*word as usize).min(codes.len() - 1)];
        }
        let known = place.iter().map(|code| *code != NONE);
        Ok(Bitmap::from_trusted_len_iter(known))
    }

    /// The column of these codes.
    pub fn words(self, codes: Builder<u16>, known: &[Known]) -> View {
        View::Word(codes.array(known), self.mapping, self.dtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stretches_make_a_column(stretches in prop::collection::vec(prop::collection::vec(prop::option::of(any::<i64>()), 0..70), 0..5)) {
            let lengths: Vec<usize> = stretches.iter().map(Vec::len).collect();
            let mut builder = Builder::<i64>::new(&lengths);
            let places = builder.places().into_iter().zip(&stretches);
            let known = places.map(|(place, values)| {
                place.copy_from_slice(&values.iter().map(|v| v.unwrap_or(7)).collect::<Vec<_>>());
                values.iter().map(Option::is_some).collect()
            });
            let known: Vec<Known> = known.collect();
            let View::Number(column) = builder.numbers(&known) else {
                panic!("no numbers");
            };
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), stretches.concat());
        }
    }

    #[test]
    fn words_past_all_codes_are_unknown() {
        let lexicon = Lexicon::new();
        let mut codes = Builder::new(&[40_000, 40_000]);
        let words = |from: u32| {
            let mut words = Coded::unknown(40_000);
            words.names = (from..from + 40_000).map(|n| format!("w{n}")).collect();
            words.codes = (0..40_000).collect();
            words.codes[9] = Coded::UNKNOWN;
            words
        };
        let places = codes.places().into_iter().zip([0, 30_000]);
        let known = places.map(|(place, from)| lexicon.fill(place, &words(from)).unwrap());
        let known: Vec<Known> = known.collect();
        let View::Word(codes, names, _) = lexicon.words(codes, &known) else {
            panic!("no words");
        };
        let words = (0..40_000).chain(30_000..70_000).enumerate();
        for (row, n) in words {
            let is_known = n < u32::from(u16::MAX) && row % 40_000 != 9;
            let word = codes
                .get(row)
                .and_then(|code| names.cat_to_str(code.into()));
            assert_eq!(word, is_known.then(|| format!("w{n}")).as_deref());
        }
    }
}
