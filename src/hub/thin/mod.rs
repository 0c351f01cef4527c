//! Downloads some columns of a Parquet file on the Hub as a Parquet file of its own. `file.rs` plans it
//! from the footer, `ranges.rs` joins what lies near, `storage.rs` asks for ranges, `transfer.rs` copies
//! them, `part.rs` keeps what has arrived, and `download.rs` is the whole of it.
//!
//! Thin files lie in the folders of the Hugging Face cache's layout, but in a cache of their own, since
//! no other program expects a part of a file there.

mod download;
mod entries;
mod file;
mod origin;
mod part;
mod place;
mod plan;
mod progress;
mod ranges;
mod storage;
#[cfg(test)]
mod tests;
mod transfer;

pub(super) use download::Download;
pub use entries::{ThinEntry, remove_thin, thin_entries};
pub use file::Wanted;
pub(super) use place::ThinPlace;
pub(super) use plan::plan;
pub use plan::{Plan, PlannedColumn};
pub use progress::{Progress, Watch};
