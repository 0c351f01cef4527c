//! Sizes of files as text.

use crate::present::format;

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    format::bytes(i64::try_from(bytes).unwrap_or(i64::MAX))
}
