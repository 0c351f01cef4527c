//! `hubscope fetch`: downloads a dataset into the Hugging Face cache. `client.rs` talks to the Hub,
//! `place.rs` knows the layout of the cache.
//!
//! The Hub is first asked for the current version. If the cache has it, the file is only linked;
//! otherwise it is downloaded into a partial file named by its content, which a later run resumes and
//! which is renamed when it is complete.

mod client;
mod download;
mod place;
mod size;
mod wanted;

pub use download::run;
pub use wanted::{Wanted, parse_dataset};
