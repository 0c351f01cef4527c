//! Dictionary codes of the values of string view arrays.

use std::hash::Hasher;

use anyhow::Result;
use polars_arrow::array::{BinaryViewArray, View};
use rustc_hash::FxHasher;

use crate::engine::table::clean::clean_bytes;
use crate::engine::table::interner::Interner;

/// Slots of the cache: enough for the values that most rows share, few enough for the second cache
/// level of a processor.
const SLOTS: usize = 8192;

/// The distinct values of string view arrays, each with a code. A direct-mapped cache finds most
/// values without a look-up among all of them.
pub struct ViewDictionary {
    /// The values, cleaned of harmful characters.
    pub values: Interner,
    /// Per slot, the view of a short value, or the hash and length of a long one.
    keys: Vec<u128>,
    codes: Vec<u32>,
}

impl Default for ViewDictionary {
    fn default() -> ViewDictionary {
        ViewDictionary {
            values: Interner::default(),
            // No view is as long.
            keys: vec![u128::MAX; SLOTS],
            codes: vec![0; SLOTS],
        }
    }
}

impl ViewDictionary {
    /// Returns the code of a value of the array.
    ///
    /// # Errors
    /// When all values together are longer than 4 GiB.
    #[inline]
    pub fn code(&mut self, array: &BinaryViewArray, view: &View, at: usize) -> Result<u32> {
        let is_short = view.is_inline();
        let key = match is_short {
            true => view.as_u128(),
            false => hashed(array.value(at)),
        };
        let slot = slot(key);
        if self.keys[slot] == key {
            let code = self.codes[slot];
            if is_short || self.values.get_bytes(code) == array.value(at) {
                return Ok(code);
            }
        }
        let code = self.values.intern(&clean_bytes(array.value(at)))?;
        self.keys[slot] = key;
        self.codes[slot] = code;
        Ok(code)
    }

    /// Takes the values out, and leaves room for as many.
    pub fn take_values(&mut self) -> Interner {
        self.keys.fill(u128::MAX);
        let next = Interner::with_capacity(self.values.count() as usize);
        std::mem::replace(&mut self.values, next)
    }
}

/// The key of a long value. Its lower half is the length, as a view's is, so that no short value
/// has the same key.
fn hashed(value: &[u8]) -> u128 {
    let mut hasher = FxHasher::default();
    hasher.write(value);
    u128::from(hasher.finish()) << 64 | value.len() as u128
}

fn slot(key: u128) -> usize {
    let mixed = (key as u64) ^ ((key >> 64) as u64).rotate_left(23);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_values_have_one_code(values in prop::collection::vec("[ab]{0,2}|[a-c]{11,14}|模", 0..300)) {
            let array = BinaryViewArray::from_slice_values(&values);
            let mut dictionary = ViewDictionary::default();
            for (at, view) in array.views().iter().enumerate() {
                let code = dictionary.code(&array, view, at).unwrap();
                prop_assert_eq!(dictionary.values.get(code), &values[at]);
            }
            let distinct: std::collections::BTreeSet<_> = values.iter().collect();
            prop_assert_eq!(dictionary.values.count() as usize, distinct.len());
        }
    }
}
