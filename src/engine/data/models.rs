//! What is known of every model, a column at a time: the canonical Polars frame and typed views
//! that share its memory. Everything that reads a value by row goes through [`Models`].

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use polars::prelude::*;

use super::field::{FIELDS, Field, Kind};
use super::sparse::Sparse;

/// A model: its row in the source, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub u32);

impl ModelId {
    /// The row as an index.
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

/// Every model of a hub, column by column. Cloning shares the columns.
#[derive(Clone)]
pub struct Models {
    frame: DataFrame,
    ids: StringChunked,
    views: [View; FIELDS.len()],
}

/// One column, ready to be read by row.
#[derive(Clone)]
enum View {
    /// Not in the source, or not loaded yet.
    None,
    Number(Int64Chunked),
    Score(Float64Chunked),
    Word(UInt32Chunked, Arc<CategoricalMapping>),
    /// A number of some rows; all others have the number of this field, or 0.
    Total(Sparse, Option<Field>),
}

impl Models {
    /// The models with these ids and nothing else known yet.
    ///
    /// # Errors
    /// When Polars refuses the column.
    pub fn new(ids: StringChunked) -> Result<Models> {
        let ids = ids
            .rechunk()
            .into_owned()
            .with_name(Field::Id.info().key.into());
        let frame = DataFrame::new_infer_height(vec![ids.clone().into_column()])?;
        Ok(Models {
            frame,
            ids,
            views: [const { View::None }; FIELDS.len()],
        })
    }

    /// The same models with one more field known.
    ///
    /// # Errors
    /// When the column does not have the field's kind or the frame's height.
    pub fn with(mut self, field: Field, column: &Series) -> Result<Models> {
        let info = field.info();
        let column = column.rechunk().with_name(info.key.into());
        self.views[field as usize] = View::of(info.kind, &column)
            .map_err(|e| anyhow!("column {} is {}: {e}", info.key, column.dtype()))?;
        let column = match info.kind {
            Kind::Time => column.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?,
            _ => column,
        };
        self.frame.with_column(column.into_column())?;
        Ok(self)
    }

    /// The same models with a number that only some rows have: of the others it is that of the
    /// field `else_of`, where unknown is nothing, or 0. It is no column of the frame.
    pub fn with_total(mut self, field: Field, total: Sparse, else_of: Option<Field>) -> Models {
        self.views[field as usize] = View::Total(total, else_of);
        self
    }

    /// The canonical frame: one column a known field that is read from the source, named by its
    /// key.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// How many models there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no model.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every model, in the order of the source.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = ModelId> + ExactSizeIterator + use<> {
        models_of(0..self.len())
    }

    /// Every id, in the order of the source.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(Option::unwrap_or_default)
    }

    /// The model's id, such as `google/gemma-7b` or `gpt2`.
    pub fn id(&self, model: ModelId) -> &str {
        self.ids
            .downcast_as_array()
            .get(model.row())
            .unwrap_or_default()
    }

    /// The user or organisation in front of the id's slash.
    pub fn author(&self, model: ModelId) -> Option<&str> {
        self.id(model).split_once('/').map(|(author, _)| author)
    }

    /// The model with exactly this id; the most downloaded one where an id stands twice.
    pub fn find(&self, id: &str) -> Option<ModelId> {
        let same = self.all().zip(self.ids()).filter(|(_, other)| *other == id);
        same.map(|(model, _)| model).reduce(|best, model| {
            let downloads = |m| self.number(Field::Downloads, m);
            if downloads(model) > downloads(best) {
                model
            } else {
                best
            }
        })
    }

    /// Whether the field is known here (of some model at least).
    pub fn has(&self, field: Field) -> bool {
        field == Field::Id || !matches!(self.views[field as usize], View::None)
    }

    /// A count, or a time in microseconds since 1970 UTC; `None` where unknown.
    pub fn number(&self, field: Field, model: ModelId) -> Option<i64> {
        match &self.views[field as usize] {
            View::Number(column) => column.downcast_as_array().get(model.row()),
            View::Total(total, else_of) => match total.get(model.0) {
                Some(own) => own,
                None => {
                    let plain = else_of.and_then(|field| self.number(field, model));
                    Some(plain.unwrap_or(0))
                }
            },
            _ => None,
        }
    }

    /// A whole column of counts or times; `None` where the field is not known here. Totals are
    /// written out for it.
    pub fn numbers(&self, field: Field) -> Option<Cow<'_, Int64Chunked>> {
        match &self.views[field as usize] {
            View::Number(column) => Some(Cow::Borrowed(column)),
            View::Total(..) => {
                let all = self.all().map(|model| self.number(field, model));
                let name = field.info().key.into();
                Some(Cow::Owned(Int64Chunked::from_iter_options(name, all)))
            }
            _ => None,
        }
    }

    /// A number with a fraction.
    pub fn score(&self, field: Field, model: ModelId) -> Option<f64> {
        match &self.views[field as usize] {
            View::Score(column) => column.downcast_as_array().get(model.row()),
            _ => None,
        }
    }

    /// A word, such as the task.
    pub fn word(&self, field: Field, model: ModelId) -> Option<&str> {
        match &self.views[field as usize] {
            View::Word(codes, words) => words.cat_to_str(codes.get(model.row())?),
            _ => None,
        }
    }

    /// A whole column of words; `None` where the field is not known here.
    pub fn words(&self, field: Field) -> Option<Words<'_>> {
        match &self.views[field as usize] {
            View::Word(codes, names) => Some(Words { codes, names }),
            _ => None,
        }
    }

    /// Downloads of the last 30 days in those of all time, 0.1 for a tenth; `None` where either is
    /// unknown or nothing was ever downloaded.
    pub fn recent_share(&self, model: ModelId) -> Option<f64> {
        let recent = self.number(Field::Downloads, model)?;
        let ever = self.number(Field::DownloadsAllTime, model)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share is shown to three digits"
        )]
        (ever > 0).then(|| recent as f64 / ever as f64)
    }
}

/// The models of a stretch of rows.
pub fn models_of(
    rows: Range<usize>,
) -> impl DoubleEndedIterator<Item = ModelId> + ExactSizeIterator {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the loader refuses more rows"
    )]
    let (first, end) = (rows.start as u32, rows.end as u32);
    (first..end).map(ModelId)
}

/// A column of words: each model's as a number, and which word each number stands for.
#[derive(Clone, Copy)]
pub struct Words<'m> {
    codes: &'m UInt32Chunked,
    names: &'m CategoricalMapping,
}

impl<'m> Words<'m> {
    /// The number of a row's word.
    pub fn code(&self, row: usize) -> Option<u32> {
        self.codes.downcast_as_array().get(row)
    }

    /// The words of all numbers from 0 on; `None` for a number that stands for no word.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Option<&'m str>> + use<'m> {
        let names = self.names;
        (0..names.num_cats_upper_bound()).map(|code| names.cat_to_str(u32::try_from(code).ok()?))
    }
}

impl View {
    fn of(kind: Kind, column: &Series) -> PolarsResult<View> {
        Ok(match kind {
            Kind::Text => View::None,
            Kind::Count | Kind::Time => View::Number(column.to_physical_repr().i64()?.clone()),
            Kind::Score => View::Score(column.f64()?.clone()),
            Kind::Word => {
                let words = column.cat32()?;
                View::Word(words.physical().clone(), words.get_mapping().clone())
            }
        })
    }
}
