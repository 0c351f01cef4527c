//! Sizes of files as text.

use crate::present::format;

/// Returns a number of bytes as text: `1.2 GB`.
pub(super) fn size(bytes: u64) -> String {
    format::bytes(i64::try_from(bytes).unwrap_or(i64::MAX))
}
