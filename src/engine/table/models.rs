//! The models of a hub: the Polars frame of every column that was read, and typed views of it.
//! Whatever reads a value by row goes through [`Models`].

use std::borrow::Cow;
use std::io;
use std::sync::OnceLock;

use anyhow::{Result, anyhow, ensure};
use polars::prelude::*;
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;

use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::table::arena::{ArenaPart, StringArena};
use crate::engine::table::field::{FIELDS, Field, FieldInfo};
use crate::engine::table::model_id::numbered;
use crate::engine::table::sparse::SparseColumn;
use crate::engine::table::stored;
use crate::engine::table::view::{Codes, ColumnView};

pub use crate::engine::table::model_id::{ModelId, models_of};

/// The unit of shares: this many make a whole.
pub const BILLION: i64 = 1_000_000_000;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// Returns a part of a whole in billionths, rounded down: a whole number, so that bins and queries
/// agree on it. `None` of a whole that is not positive.
pub fn billionths(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let Some(parts) = part.checked_mul(BILLION) else {
        let parts = i128::from(part) * i128::from(BILLION);
        return Some(i64::try_from(parts.div_euclid(whole.into())).unwrap_or(i64::MAX));
    };
    // Integer division is slow. Floats give a result that is off by one at most if it is below
    // 2^50, and the remainder corrects it.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "set right by the remainder"
    )]
    let about = (parts as f64 / whole as f64) as i64;
    if !(0..1 << 50).contains(&about) || parts < 0 || whole >= 1 << 61 {
        return Some(parts.div_euclid(whole));
    }
    let remainder = parts.wrapping_sub(about.wrapping_mul(whole));
    Some(about + i64::from(remainder >= whole) - i64::from(remainder < 0))
}

/// Columns by field.
pub type Columns = Vec<(Field, ColumnView)>;

/// Every model of a hub, column by column. Clones share the columns.
#[derive(Clone)]
pub struct Models {
    ids: StringArena,
    /// Every column that was read but the ids, one chunk each: words as the numbers of their
    /// categories.
    columns: DataFrame,
    /// The columns by field, sharing their buffers, and numbers that follow from others.
    views: [ColumnView; FIELDS.len()],
    /// See [`Models::frame`].
    frame: OnceLock<DataFrame>,
    /// See [`Models::newest`].
    newest: OnceLock<Option<i64>>,
}

impl Models {
    /// The models with these ids, without any other column.
    ///
    /// # Errors
    /// When the ids are longer than 4 GiB together.
    pub fn new(ids: &StringChunked) -> Result<Models> {
        let mut part = ArenaPart::default();
        for id in ids.iter() {
            part.push(id.unwrap_or_default().as_bytes());
        }
        Ok(Models::of(StringArena::of(vec![part])?))
    }

    /// The models with these ids, without any other column.
    pub fn of(ids: StringArena) -> Models {
        Models {
            columns: DataFrame::empty_with_height(ids.len()),
            ids,
            views: [const { ColumnView::None }; FIELDS.len()],
            frame: OnceLock::new(),
            newest: OnceLock::new(),
        }
    }

    /// Adds a column, or replaces it.
    ///
    /// # Errors
    /// When the column does not have its field's kind or a row for each model.
    pub fn with(self, field: Field, column: &Series) -> Result<Models> {
        let info = field.info();
        let view = ColumnView::of(info.kind, &column.rechunk())
            .map_err(|e| anyhow!("column {} is {}: {e}", info.key, column.dtype()))?;
        self.with_all(vec![(field, view)])
    }

    /// Adds columns, or replaces them. A column of nulls alone says nothing, and is left out.
    ///
    /// # Errors
    /// When a column does not have a row for each model.
    pub fn with_all(mut self, columns: Columns) -> Result<Models> {
        for (field, view) in columns {
            let (info, models) = (field.info(), self.len());
            let rows = view.rows().unwrap_or(models);
            ensure!(
                rows == models,
                "column {} has {rows} rows, not {models}",
                info.key
            );
            if view.is_unknown() {
                continue;
            }
            if let Some(column) = view.column(info)? {
                self.columns.with_column(column)?;
            }
            self.views[field as usize] = view;
        }
        self.frame = OnceLock::new();
        self.newest = OnceLock::new();
        Ok(self)
    }

    /// Adds a number that only some rows have; of the others it is that of the field `else_of`, or
    /// 0 where that is `None`. It is an index, no column of the frame.
    pub fn with_total(
        mut self,
        field: Field,
        total: SparseColumn,
        else_of: Option<Field>,
    ) -> Models {
        self.views[field as usize] = ColumnView::Total(total, else_of);
        self
    }

    /// Adds the change of each model's downloads since an older snapshot, in the order of the
    /// models. It is no column of the frame.
    pub fn with_deltas(mut self, deltas: impl Iterator<Item = Option<i64>>) -> Models {
        let name = Field::Delta.info().key.into();
        let deltas = Int64Chunked::from_iter_options(name, deltas);
        self.views[Field::Delta as usize] = ColumnView::Compared(deltas);
        self
    }

    /// Writes the columns to an archive; totals are stored with the lineage.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: &mut Writer) -> io::Result<()> {
        self.ids.write(to)?;
        self.views
            .iter()
            .try_for_each(|view| stored::write(view, to))
    }

    /// Reads the columns from an archive.
    ///
    /// # Errors
    /// When the archive has other arrays there.
    pub fn read(from: &mut Reader) -> Result<Models> {
        let models = Models::of(StringArena::read(from)?);
        let read = |info: &FieldInfo| Ok((info.field, stored::read(models.len(), from)?));
        let columns = FIELDS.iter().map(read).collect::<Result<_>>()?;
        models.with_all(columns)
    }

    /// The frame of all models: a column for each field that was read, named by its key, in the order
    /// of [`FIELDS`]. Every column shares the buffers of the models. Ids become views and words become
    /// categories when the frame is first asked for: Polars checks each, which a start need not wait
    /// for.
    pub fn frame(&self) -> &DataFrame {
        self.frame.get_or_init(|| {
            let canonical = |info: &FieldInfo| match info.field {
                Field::Id => Some(self.ids.column(info.key)),
                field => self.views[field as usize].canonical(info).ok().flatten(),
            };
            let columns = FIELDS.iter().filter_map(canonical).collect();
            DataFrame::new(self.len(), columns).unwrap_or_else(|_| self.columns.clone())
        })
    }

    /// Number of models.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns true if there is no model.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns every model, in the order of the source.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = ModelId> + ExactSizeIterator + use<> {
        models_of(0..self.len())
    }

    /// Returns every model as a parallel iterator.
    pub fn par_all(&self) -> impl IndexedParallelIterator<Item = ModelId> + use<> {
        (0..self.len()).into_par_iter().map(numbered)
    }

    /// Returns every id, in the order of the source.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter()
    }

    /// The arena of the ids.
    pub fn texts(&self) -> &StringArena {
        &self.ids
    }

    /// Returns the model's id, such as `google/gemma-7b` or `gpt2`.
    pub fn id(&self, model: ModelId) -> &str {
        self.ids.get(model.row()).unwrap_or_default()
    }

    /// Returns the user or organization before the id's slash.
    pub fn author(&self, model: ModelId) -> Option<&str> {
        self.id(model).split_once('/').map(|(author, _)| author)
    }

    /// Returns the model with exactly this id; the most downloaded one of several.
    pub fn find(&self, id: &str) -> Option<ModelId> {
        let same = self.ids.find(id).map(numbered);
        same.reduce(|best, model| {
            let downloads = |m| self.number(Field::Downloads, m);
            if downloads(model) > downloads(best) {
                model
            } else {
                best
            }
        })
    }

    /// Returns true if the field is loaded or follows from loaded ones.
    pub fn has(&self, field: Field) -> bool {
        let is_seen = |field: Field| !matches!(self.views[field as usize], ColumnView::None);
        match field.sources() {
            [] => field == Field::Id || is_seen(field),
            sources => sources.iter().all(|source| is_seen(*source)),
        }
    }

    /// Returns a count or its change, a share or growth in billionths, or a time in microseconds
    /// since 1970 UTC; `None` where unknown.
    pub fn number(&self, field: Field, model: ModelId) -> Option<i64> {
        match &self.views[field as usize] {
            _ if field == Field::RecentShare => self.recent_billionths(model),
            ColumnView::Number(column) | ColumnView::Compared(column) => {
                column.downcast_as_array().get(model.row())
            }
            ColumnView::Total(total, else_of) => match total.get(model.0) {
                Some(own) => own,
                None => else_of.map_or(Some(0), |field| self.number(field, model)),
            },
            ColumnView::None => match field {
                Field::Growth => self.growth_billionths(model),
                Field::Memory => self.memory(model),
                Field::Age => self.age(model),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns a column of counts or times; `None` for totals and shares, which follow from others.
    pub fn numbers_kept(&self, field: Field) -> Option<&Int64Chunked> {
        match &self.views[field as usize] {
            ColumnView::Number(column) | ColumnView::Compared(column) => Some(column),
            _ => None,
        }
    }

    /// Returns a column of counts, shares or times, computed where it follows from others; `None`
    /// where the field is not loaded.
    pub fn numbers(&self, field: Field) -> Option<Cow<'_, Int64Chunked>> {
        if let Some(column) = self.numbers_kept(field) {
            return Some(Cow::Borrowed(column));
        }
        match &self.views[field as usize] {
            ColumnView::None if !self.has(field) => None,
            ColumnView::None | ColumnView::Total(..) => {
                let all = self.all().map(|model| self.number(field, model));
                let name = field.info().key.into();
                Some(Cow::Owned(Int64Chunked::from_iter_options(name, all)))
            }
            _ => None,
        }
    }

    /// Returns a score; `None` where unknown.
    pub fn score(&self, field: Field, model: ModelId) -> Option<f64> {
        match &self.views[field as usize] {
            ColumnView::Score(column) => column.downcast_as_array().get(model.row()),
            _ => None,
        }
    }

    /// Returns a word, such as the task; `None` where unknown.
    pub fn word(&self, field: Field, model: ModelId) -> Option<&str> {
        match &self.views[field as usize] {
            ColumnView::Word(codes, words, _) => words.cat_to_str(codes.get(model.row())?),
            _ => None,
        }
    }

    /// Returns a column of words; `None` where the field is not loaded.
    pub fn words(&self, field: Field) -> Option<Words<'_>> {
        match &self.views[field as usize] {
            ColumnView::Word(codes, names, _) => Some(Words { codes, names }),
            _ => None,
        }
    }

    /// Returns the validity bitmap of a field, `Some(None)` where every row is known; `None` where
    /// the field is not loaded.
    pub fn known(&self, field: Field) -> Option<Option<Bitmap>> {
        match &self.views[field as usize] {
            ColumnView::None => (field == Field::Id).then_some(None),
            ColumnView::Score(column) => Some(column.rechunk_validity()),
            ColumnView::Word(codes, ..) => Some(codes.validity().cloned()),
            ColumnView::Number(_) | ColumnView::Compared(_) | ColumnView::Total(..) => {
                self.numbers(field).map(|column| column.rechunk_validity())
            }
        }
    }

    /// Returns the downloads of the last 30 days divided by those of all time; `None` where either
    /// is unknown or nothing was ever downloaded.
    pub fn recent_share(&self, model: ModelId) -> Option<f64> {
        let recent = self.number(Field::Downloads, model)?;
        let ever = self.number(Field::DownloadsAllTime, model)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share is shown to three digits"
        )]
        (ever > 0).then(|| recent as f64 / ever as f64)
    }

    /// Returns [`Models::recent_share`] in billionths.
    fn recent_billionths(&self, model: ModelId) -> Option<i64> {
        let ever = self.number(Field::DownloadsAllTime, model)?;
        billionths(self.number(Field::Downloads, model)?, ever)
    }

    /// Returns the growth of downloads since an older snapshot, in billionths of the downloads
    /// then.
    fn growth_billionths(&self, model: ModelId) -> Option<i64> {
        let delta = self.number(Field::Delta, model)?;
        let before = self.number(Field::Downloads, model)?.saturating_sub(delta);
        billionths(delta, before)
    }

    /// Returns the bytes of the weights at 4 bits each, rounded up; `None` of a model of no
    /// parameters.
    fn memory(&self, model: ModelId) -> Option<i64> {
        let params = self.number(Field::Params, model)?;
        (params > 0).then(|| params / 2 + params % 2)
    }

    /// Returns the whole days from the creation to [`Models::newest`].
    fn age(&self, model: ModelId) -> Option<i64> {
        let created = self.number(Field::CreatedAt, model)?;
        let age = self.newest()?.saturating_sub(created);
        Some(age.max(0) / DAY)
    }

    /// Returns the time of the newest commit of all, by which relative dates go; `None` before it
    /// is loaded.
    pub fn newest(&self) -> Option<i64> {
        *self.newest.get_or_init(|| {
            let changes = self.numbers_kept(Field::LastModified)?;
            changes.max()
        })
    }
}

/// A categorical column: the category of each model, and the categories' words.
#[derive(Clone, Copy)]
pub struct Words<'m> {
    codes: &'m Codes,
    names: &'m CategoricalMapping,
}

impl<'m> Words<'m> {
    /// The categories of all rows.
    pub fn codes(&self) -> &'m Codes {
        self.codes
    }

    /// Returns the category of a row.
    pub fn code(&self, row: usize) -> Option<u32> {
        self.codes.get(row)
    }

    /// Returns the words of all categories from 0 on; `None` for a category without a word.
    pub fn names(&self) -> impl ExactSizeIterator<Item = Option<&'m str>> + use<'m> {
        let names = self.names;
        (0..names.num_cats_upper_bound()).map(|code| names.cat_to_str(u32::try_from(code).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number() -> impl Strategy<Value = i64> {
        let near = |n: i64| n.saturating_sub(2)..=n.saturating_add(2);
        prop_oneof![
            any::<i64>(),
            -9..9_i64,
            0..5_000_000_000_i64,
            (0..63).prop_flat_map(move |bits| near(1_i64 << bits)),
            near(i64::MAX / BILLION)
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn billionths_are_rounded_down(part in number(), whole in number()) {
            let exact = || (i128::from(part) * i128::from(BILLION)).div_euclid(whole.into());
            let wanted = (whole > 0).then(|| i64::try_from(exact()).unwrap_or(i64::MAX));
            prop_assert_eq!(billionths(part, whole), wanted);
        }
    }
}
