//! Rows of a table of models as JSON objects: the same object in every command's answer.

use serde::{Serialize, Serializer};

use crate::engine::Hub;
use crate::engine::export::{Datum, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::present::format;

/// A model, or a missing base, as named values.
pub struct JsonRecord<'h>(Vec<(&'static str, Datum<'h>)>);

impl<'h> JsonRecord<'h> {
    /// Returns the model object of the command line's contract.
    pub fn new(hub: &'h Hub, node: Node) -> JsonRecord<'h> {
        let table = ModelTable {
            hub,
            columns: ModelColumn::model(hub),
            nodes: vec![node],
            extra: Vec::new(),
        };
        JsonRecord::of_row(&table, 0)
    }

    /// Returns all columns of a row.
    pub fn of_row(table: &ModelTable<'h>, row: usize) -> JsonRecord<'h> {
        JsonRecord(table.names().zip(table.values(row)).collect())
    }

    /// Replaces the license, which is not always loaded.
    pub fn with_license(mut self, license: Option<&'h str>) -> JsonRecord<'h> {
        for (name, value) in &mut self.0 {
            if *name == "license" {
                *value = license.map_or(Datum::Unknown, Datum::Text);
            }
        }
        self
    }
}

impl Serialize for JsonRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Json(value))))
    }
}

struct Json<'r, 'h>(&'r Datum<'h>);

impl Serialize for Json<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Datum::Unknown => serializer.serialize_none(),
            Datum::Number(number) => serializer.serialize_i64(*number),
            Datum::Fraction(fraction) => serializer.serialize_f64(*fraction),
            Datum::Text(text) => serializer.serialize_str(text),
            Datum::Time(micros) => format::rfc3339(*micros).serialize(serializer),
            Datum::Texts(texts) => texts.serialize(serializer),
        }
    }
}
