//! Builders of columns. The memory of a whole column is there before its first batch is read, and each
//! batch puts its values in their place: pieces to be joined later would take as much again.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use super::clean::clean;
use super::field::Kind;
use super::view::View;

/// A builder of a primitive column.
pub struct ColumnBuilder<T> {
    values: Vec<T>,
    /// Number of rows of each batch.
    lengths: Vec<usize>,
}

impl<T: NativeType> ColumnBuilder<T> {
    /// The builder of a column of batches of these lengths.
    pub fn new(lengths: &[usize]) -> ColumnBuilder<T> {
        ColumnBuilder {
            values: vec![T::default(); lengths.iter().sum()],
            lengths: lengths.to_vec(),
        }
    }

    /// Returns the place of each batch's values.
    pub fn places(&mut self) -> Vec<&mut [T]> {
        let mut rest = &mut self.values[..];
        let places = self.lengths.iter().map(|length| {
            let (place, further) = std::mem::take(&mut rest).split_at_mut(*length);
            rest = further;
            place
        });
        places.collect()
    }

    /// Returns the whole column; `known` is the validity of each batch.
    fn array(self, known: &[Bitmap]) -> PrimitiveArray<T> {
        let mut all = MutableBitmap::with_capacity(self.values.len());
        known.iter().for_each(|known| all.extend_from_bitmap(known));
        let all = Some(Bitmap::from(all)).filter(|all| all.unset_bits() > 0);
        PrimitiveArray::new(T::PRIMITIVE.into(), self.values.into(), all)
    }
}

impl ColumnBuilder<i64> {
    /// Returns the column of counts or times.
    pub fn numbers(self, known: &[Bitmap]) -> View {
        let array = self.array(known);
        View::Number(Int64Chunked::with_chunk(PlSmallStr::EMPTY, array))
    }
}

impl ColumnBuilder<f64> {
    /// Returns the column of scores.
    pub fn scores(self, known: &[Bitmap]) -> View {
        let array = self.array(known);
        View::Score(Float64Chunked::with_chunk(PlSmallStr::EMPTY, array))
    }
}

/// A builder of the column of a field.
pub enum FieldBuilder {
    Words(ColumnBuilder<u32>),
    Scores(ColumnBuilder<f64>),
    Numbers(ColumnBuilder<i64>),
}

/// The place of a batch's values in the column of a field.
pub enum FieldPlace<'b> {
    Words(&'b mut [u32]),
    Scores(&'b mut [f64]),
    Numbers(&'b mut [i64]),
}

impl FieldBuilder {
    /// The builder of a column of batches of these lengths.
    pub fn new(kind: Kind, lengths: &[usize]) -> FieldBuilder {
        match kind {
            Kind::Word => FieldBuilder::Words(ColumnBuilder::new(lengths)),
            Kind::Score => FieldBuilder::Scores(ColumnBuilder::new(lengths)),
            _ => FieldBuilder::Numbers(ColumnBuilder::new(lengths)),
        }
    }

    /// Returns the place of each batch's values.
    pub fn places(&mut self) -> Vec<FieldPlace<'_>> {
        match self {
            FieldBuilder::Words(codes) => {
                codes.places().into_iter().map(FieldPlace::Words).collect()
            }
            FieldBuilder::Scores(scores) => scores
                .places()
                .into_iter()
                .map(FieldPlace::Scores)
                .collect(),
            FieldBuilder::Numbers(numbers) => numbers
                .places()
                .into_iter()
                .map(FieldPlace::Numbers)
                .collect(),
        }
    }

    /// Returns the whole column; `known` is the validity of each batch, and `words` the categories
    /// of a column of words.
    pub fn finish(self, words: CategoricalBuilder, known: &[Bitmap]) -> View {
        match self {
            FieldBuilder::Words(codes) => words.words(codes, known),
            FieldBuilder::Scores(scores) => scores.scores(known),
            FieldBuilder::Numbers(numbers) => numbers.numbers(known),
        }
    }
}

/// A dictionary-encoded column of a batch.
pub struct DictionaryEncoded {
    pub values: Vec<String>,
    /// By row, the position in `values`, or [`DictionaryEncoded::UNKNOWN`].
    pub codes: Vec<u32>,
}

impl DictionaryEncoded {
    /// The code of a row without a value.
    pub const UNKNOWN: u32 = u32::MAX;

    /// A column of rows without a value.
    pub fn unknown(rows: usize) -> DictionaryEncoded {
        DictionaryEncoded {
            values: Vec::new(),
            codes: vec![DictionaryEncoded::UNKNOWN; rows],
        }
    }
}

/// A builder of a column of words, from the dictionaries of batches.
pub struct CategoricalBuilder {
    dtype: DataType,
    mapping: Arc<CategoricalMapping>,
}

impl Default for CategoricalBuilder {
    fn default() -> CategoricalBuilder {
        let categories = Categories::random(PlSmallStr::EMPTY, CategoricalPhysical::U32);
        CategoricalBuilder {
            mapping: categories.mapping(),
            dtype: DataType::from_categories(categories),
        }
    }
}

impl CategoricalBuilder {
    /// Adds a word, and returns its category.
    ///
    /// # Errors
    /// When there are more words than Polars can number.
    pub fn insert(&self, word: &str) -> Result<u32> {
        Ok(self.mapping.insert_cat(&clean(word))?)
    }

    /// Puts the categories of a batch's rows in their place, and returns which rows have one.
    ///
    /// # Errors
    /// As [`CategoricalBuilder::insert`].
    pub fn fill(&self, to: &mut [u32], words: &DictionaryEncoded) -> Result<Bitmap> {
        let categories = words.values.iter().map(|word| self.insert(word));
        let categories: Vec<u32> = categories.collect::<Result<_>>()?;
        let known = to.iter_mut().zip(&words.codes).map(|(to, code)| {
            let category = categories.get(*code as usize);
            *to = category.copied().unwrap_or_default();
            category.is_some()
        });
        Ok(Bitmap::from_trusted_len_iter(known))
    }

    /// Returns the column of these categories; `known` is the validity of each batch.
    pub fn words(self, codes: ColumnBuilder<u32>, known: &[Bitmap]) -> View {
        self.view(codes.array(known))
    }

    /// Returns the column of these categories.
    pub fn view(self, codes: PrimitiveArray<u32>) -> View {
        View::Word(codes, self.mapping, self.dtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn batches_make_a_column(batches in prop::collection::vec(prop::collection::vec(prop::option::of(any::<i64>()), 0..70), 0..5)) {
            let lengths: Vec<usize> = batches.iter().map(Vec::len).collect();
            let mut builder = ColumnBuilder::<i64>::new(&lengths);
            let places = builder.places().into_iter().zip(&batches);
            let known = places.map(|(place, values)| {
                place.copy_from_slice(&values.iter().map(|v| v.unwrap_or(7)).collect::<Vec<_>>());
                values.iter().map(Option::is_some).collect()
            });
            let known: Vec<Bitmap> = known.collect();
            let View::Number(column) = builder.numbers(&known) else {
                panic!("no numbers");
            };
            prop_assert_eq!(column.iter().collect::<Vec<_>>(), batches.concat());
        }
    }

    /// More words than two bytes can number, in whatever order batches come.
    #[test]
    fn no_word_is_lost() {
        let builder = CategoricalBuilder::default();
        let mut codes = ColumnBuilder::new(&[40_000, 40_000]);
        let words = |from: u32| {
            let mut words = DictionaryEncoded::unknown(40_000);
            words.values = (from..from + 40_000).map(|n| format!("w{n}")).collect();
            words.codes = (0..40_000).collect();
            words.codes[9] = DictionaryEncoded::UNKNOWN;
            words
        };
        let places = codes.places().into_iter().zip([0, 30_000]);
        let known = places.map(|(place, from)| builder.fill(place, &words(from)).unwrap());
        let known: Vec<Bitmap> = known.collect();
        let View::Word(codes, names, _) = builder.words(codes, &known) else {
            panic!("no words");
        };
        let words = (0..40_000).chain(30_000..70_000).enumerate();
        for (row, n) in words {
            let word = codes.get(row).and_then(|code| names.cat_to_str(code));
            assert_eq!(
                word,
                (row % 40_000 != 9).then(|| format!("w{n}")).as_deref()
            );
        }
    }
}
