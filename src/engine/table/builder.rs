//! Builders of columns. The memory of a whole column is there before its first batch is read, and each
//! batch puts its values in their place: pieces to be joined later would take as much again.

use anyhow::Result;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;

use super::clean::clean;
use super::field::Kind;
use super::view::ColumnView;

/// A builder of a primitive column.
pub struct ColumnBuilder<T> {
    values: Vec<T>,
    /// Number of rows of each batch.
    lengths: Vec<usize>,
    /// Validity of each batch.
    known: Vec<Bitmap>,
}

/// A batch's part of a column.
pub struct ColumnPart<'b, T> {
    pub values: &'b mut [T],
    /// The rows that have a value; at first none.
    pub known: &'b mut Bitmap,
}

impl<T: NativeType> ColumnBuilder<T> {
    /// The builder of a column of batches of these lengths.
    pub fn new(lengths: &[usize]) -> ColumnBuilder<T> {
        ColumnBuilder {
            values: vec![T::default(); lengths.iter().sum()],
            lengths: lengths.to_vec(),
            known: lengths.iter().map(|len| Bitmap::new_zeroed(*len)).collect(),
        }
    }

    /// Returns the part of each batch.
    pub fn parts(&mut self) -> Vec<ColumnPart<'_, T>> {
        let mut rest = &mut self.values[..];
        let lengths = self.lengths.iter().zip(&mut self.known);
        let parts = lengths.map(|(length, known)| {
            let (values, further) = std::mem::take(&mut rest).split_at_mut(*length);
            rest = further;
            ColumnPart { values, known }
        });
        parts.collect()
    }

    /// Returns the whole column.
    fn array(self) -> PrimitiveArray<T> {
        let mut all = MutableBitmap::with_capacity(self.values.len());
        let known = self.known.iter();
        known.for_each(|known| all.extend_from_bitmap(known));
        let all = Some(Bitmap::from(all)).filter(|all| all.unset_bits() > 0);
        PrimitiveArray::new(T::PRIMITIVE.into(), self.values.into(), all)
    }
}

impl ColumnBuilder<i64> {
    /// Returns the column of counts or times.
    pub fn numbers(self) -> ColumnView {
        let array = self.array();
        ColumnView::Number(Int64Chunked::with_chunk(PlSmallStr::EMPTY, array))
    }
}

impl ColumnBuilder<f64> {
    /// Returns the column of scores.
    pub fn scores(self) -> ColumnView {
        let array = self.array();
        ColumnView::Score(Float64Chunked::with_chunk(PlSmallStr::EMPTY, array))
    }
}

/// A builder of the column of a field.
pub enum FieldBuilder {
    Words(ColumnBuilder<u32>),
    Scores(ColumnBuilder<f64>),
    Numbers(ColumnBuilder<i64>),
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

    /// Returns the whole column; `words` are the categories of a column of words.
    pub fn finish(self, words: CategoricalBuilder) -> ColumnView {
        match self {
            FieldBuilder::Words(codes) => words.words(codes),
            FieldBuilder::Scores(scores) => scores.scores(),
            FieldBuilder::Numbers(numbers) => numbers.numbers(),
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

    /// Puts the categories of a batch's rows in its part of the column.
    ///
    /// # Errors
    /// As [`CategoricalBuilder::insert`].
    pub fn fill(&self, to: ColumnPart<u32>, words: &DictionaryEncoded) -> Result<()> {
        let categories = words.values.iter().map(|word| self.insert(word));
        let categories: Vec<u32> = categories.collect::<Result<_>>()?;
        let known = to.values.iter_mut().zip(&words.codes).map(|(to, code)| {
            let category = categories.get(*code as usize);
            *to = category.copied().unwrap_or_default();
            category.is_some()
        });
        *to.known = Bitmap::from_trusted_len_iter(known);
        Ok(())
    }

    /// Returns the column of the categories that were filled in.
    pub fn words(self, codes: ColumnBuilder<u32>) -> ColumnView {
        self.view(codes.array())
    }

    /// Returns the column of these categories.
    pub fn view(self, codes: PrimitiveArray<u32>) -> ColumnView {
        ColumnView::Word(codes, self.mapping, self.dtype)
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
            for (part, values) in builder.parts().into_iter().zip(&batches) {
                part.values.copy_from_slice(&values.iter().map(|v| v.unwrap_or(7)).collect::<Vec<_>>());
                *part.known = values.iter().map(Option::is_some).collect();
            }
            let ColumnView::Number(column) = builder.numbers() else {
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
        for (part, from) in codes.parts().into_iter().zip([0, 30_000]) {
            builder.fill(part, &words(from)).unwrap();
        }
        let ColumnView::Word(codes, names, _) = builder.words(codes) else {
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
