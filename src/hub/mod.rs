//! The Hub. `fetch.rs` downloads a dataset into the Hugging Face cache, `thin` only the columns that
//! are read, and `live` asks what holds now of one model. `client.rs` talks to the Hub, `download.rs`
//! moves and hashes the bytes, `place.rs` knows the layout of the cache.
//!
//! The Hub is first asked for the current version. If the cache has it, the file is only linked;
//! otherwise it is downloaded into a partial file named by its content, which a later run resumes and
//! which is renamed when it is complete and has the SHA-256 that the Hub states.

mod address;
mod client;
mod days;
mod digest;
mod download;
mod facts;
mod fetch;
mod headers;
mod live;
mod pace;
mod place;
mod proxies;
mod refusal;
mod size;
mod subject;
mod thin;

pub use days::Day;
pub use digest::is_intact;
pub use facts::{facts, secrets};
pub use fetch::{Columns, Streams, fetch_columns, list, plan, run, run_days};
pub use live::{
    FileGroup, LiveModel, LiveValue, ModelApi, RepoFile, Unavailable, ValueChange, changes,
};
pub use thin::{
    Plan, PlannedColumn, Progress, ThinEntry, Wanted, Watch, remove_thin, thin_entries,
};
