//! Synthetic hubs of any size, each written to the target folder once.
#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod wide;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::sample::{Recipe, write};

/// A hub of so many models as a file.
pub fn file(rows: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{rows}.parquet"));
    if !path.exists() {
        let partial = path.with_extension("partial");
        let out = BufWriter::new(File::create(&partial).unwrap());
        let recipe = Recipe {
            rows,
            ..Recipe::BUILT_IN
        };
        write(&recipe, out, |_| {}).unwrap();
        std::fs::rename(partial, &path).unwrap();
    }
    path
}

/// The same, opened.
pub fn hub(rows: usize) -> Hub {
    let source = Source::named(Some(&file(rows))).unwrap();
    Hub::open(&source, &|_| {}).unwrap()
}
