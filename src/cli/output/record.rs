//! Rows of a table of models as JSON objects: the same object in every command's answer.

use serde::ser::{Serialize, SerializeMap, Serializer};

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
}

impl JsonRecord<'_> {
    /// Adds the members to an object.
    ///
    /// # Errors
    /// As the serializer.
    pub fn serialize_into<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let mut members = self.0.iter();
        members.try_for_each(|(name, value)| object.serialize_entry(name, &Json(value)))
    }
}

impl Serialize for JsonRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        self.serialize_into(&mut object)?;
        object.end()
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
