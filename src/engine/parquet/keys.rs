//! The Hub's own number of every model, where the files have it: it stays when a model is renamed.
//! Only comparing snapshots needs it, so no stage of loading reads it.

use anyhow::Result;

use crate::engine::parquet::files::Files;
use crate::engine::table::models::ModelId;

/// The column, of wider originals only.
const COLUMN: &str = "_id";

/// The 12 bytes that a database on the Hub's side numbers a model by, written as 24 digits.
pub type Key = [u8; 12];

/// The key of every model.
pub struct Keys(Vec<Option<Key>>);

impl Keys {
    /// Reads the keys of all models; `None` where the files have no key of any.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn read(files: &Files) -> Result<Option<Keys>> {
        let mut keys = Vec::with_capacity(files.rows);
        for batch in files.batches(usize::MAX) {
            if let Some(leaf) = files.flat(batch, &[COLUMN])? {
                let texts = leaf.texts();
                keys.extend(texts.iter().map(|text| key(text?)));
            }
            // A shard without the column has none of its models' keys.
            keys.resize(files.range(batch).end, None);
        }
        let any = keys.iter().any(Option::is_some);
        Ok(any.then_some(Keys(keys)))
    }

    /// Returns the keys of models in the order of their rows.
    #[cfg(test)]
    pub fn of(keys: Vec<Option<Key>>) -> Keys {
        Keys(keys)
    }

    /// The key of a model, if it is known.
    pub fn get(&self, model: ModelId) -> Option<Key> {
        *self.0.get(model.row())?
    }
}

/// A key of its 24 hexadecimal digits; anything else is no key.
fn key(text: &[u8]) -> Option<Key> {
    let digits: &[u8; 24] = text.try_into().ok()?;
    let digit = |byte: u8| u8::try_from((byte as char).to_digit(16)?).ok();
    let mut key = Key::default();
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_24_digits_and_nothing_else() {
        let bytes = [
            0x62, 0x1f, 0xfd, 0xc0, 0x36, 0x46, 0x8d, 0x70, 0x9f, 0x17, 0x43, 0x4D,
        ];
        assert_eq!(key(b"621ffdc036468d709f17434d"), Some(bytes));
        assert_eq!(key(b"621FFDC036468D709F17434D"), Some(bytes));
        for other in ["", "621ffdc036468d709f17434", "621ffdc036468d709f17434g"] {
            assert_eq!(key(other.as_bytes()), None, "{other}");
        }
        assert_eq!(key(b"+21ffdc036468d709f17434d"), None);
    }
}
