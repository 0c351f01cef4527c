//! `hubscope fetch`: the real file, brought into the Hugging Face cache. `client.rs` talks to the
//! Hub, `place.rs` knows the layout of the cache.
//!
//! The Hub is first asked what there is. A file that the cache has is only linked; else its bytes
//! go into a partial file named by their content, which a later run goes on with, and which takes
//! the file's place only when it is whole.

mod client;
mod download;
mod place;
mod size;
mod wanted;

pub use download::run;
pub use wanted::{Wanted, parse_dataset};
