//! Hubs as archives of the cache.

use std::io;
use std::sync::Arc;

use anyhow::{Result, ensure};

use super::Hub;
use super::lineage::graph::Graph;
use super::lineage::quantizations::Quantizations;
use super::lineage::rollup::Rollup;
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::cache::{Cache, Header};
use crate::engine::load::LoadEvent;
use crate::engine::search::index::IdIndex;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::table::bitset::{CHUNK, ModelSet};
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::Models;
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;

/// The version of the arrays: to be raised whenever their content or order changes. The golden file in
/// `tests/data` is of this version.
pub const FORMAT: u32 = 6;

/// An unknown time.
const UNKNOWN: u64 = u64::MAX;

/// The layout of archives that this build can read.
pub fn layout() -> String {
    let fields: Vec<&str> = FIELDS.iter().map(|info| info.key).collect();
    let order = match cfg!(target_endian = "big") {
        true => "big",
        false => "little",
    };
    let version = env!("CARGO_PKG_VERSION");
    format!("{FORMAT} {version} {order} {CHUNK} {}", fields.join(","))
}

impl Hub {
    /// Returns the complete hub of a source from the cache, if it is there and valid.
    pub fn from_cache(cache: &Cache, source: &Source) -> Option<Hub> {
        cache.open(source, &layout(), |reader, header| {
            read(reader, source, header.source)
        })
    }

    /// Returns the same if someone has compared it with its checksums, without reading all of it:
    /// for answers that must not take long. Nothing is written or removed.
    pub fn from_checked_cache(cache: &Cache, source: &Source) -> Option<Hub> {
        cache.open_checked(source, &layout(), |reader, header| {
            read(reader, source, header.source)
        })
    }

    /// Opens a hub from a cache if it is there, else from its files to at least a stage.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open_cached(
        cache: Option<&Cache>,
        source: &Source,
        stage: Stage,
        report: &(dyn Fn(LoadEvent) + Sync),
    ) -> Result<Hub> {
        let cached = cache.and_then(|cache| Hub::from_cache(cache, source));
        cached.map_or_else(|| Hub::open_to(source, stage, report), Ok)
    }

    /// Returns true if the hub is from the cache.
    pub fn is_from_cache(&self) -> bool {
        self.files.is_none()
    }

    /// Stores a hub in the cache. One that is incomplete, synthetic or from the cache is ignored.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn store(&self, cache: &Cache) -> Result<()> {
        let is_loaded = self.stage == Stage::Complete && self.files.is_some();
        let Some(source) = self.fingerprint.clone().filter(|_| is_loaded) else {
            return Ok(());
        };
        let header = Header {
            layout: layout(),
            source,
            models: self.models.len(),
        };
        cache.store(header, |writer| write(self, writer))
    }
}

fn write(hub: &Hub, to: &mut Writer) -> io::Result<()> {
    hub.models.write(to)?;
    hub.id_index.write(to)?;
    to.put(&hub.by_downloads)?;
    hub.graph.write(to)?;
    hub.rollup.write(to)?;
    hub.quantizations.write(to)?;
    hub.suspects.write(to)?;
    hub.tags.write(to)?;
    let lacking: Vec<u8> = hub.lacking.iter().map(|field| *field as u8).collect();
    to.put(&lacking)?;
    to.put_number(hub.newest.map_or(UNKNOWN, i64::cast_unsigned))
}

/// Reads what [`write`] wrote, in the same order.
fn read(from: &mut Reader, source: &Source, fingerprint: Fingerprint) -> Result<Hub> {
    let models = Models::read(from)?;
    let id_index = IdIndex::read(from, models.len())?;
    let by_downloads = from.take()?;
    ensure!(
        by_downloads.len() == models.len(),
        "an order of other models"
    );
    let graph = Graph::read(from, &models)?;
    let rollup = Rollup::read(from)?;
    let quantizations = Quantizations::read(from)?;
    let suspects = ModelSet::read(from)?;
    ensure!(suspects.rows() == models.len(), "a set of other models");
    let tags = Tags::read(from, models.len())?;
    let lacking = from.take::<u8>()?;
    let fields = FIELDS.iter().map(|info| info.field);
    let lacking: Vec<Field> = fields
        .filter(|field| lacking.contains(&(*field as u8)))
        .collect();
    let newest = from.take_number()?;
    let mut hub = Hub {
        source: source.clone(),
        stage: Stage::Complete,
        models,
        graph: Arc::new(graph),
        rollup: Arc::new(rollup),
        quantizations: Arc::new(quantizations),
        suspects: Arc::new(suspects),
        id_index: Arc::new(id_index),
        tags: Arc::new(tags),
        comparison: None,
        by_downloads,
        newest: (newest != UNKNOWN).then_some(newest.cast_signed()),
        lacking,
        fingerprint: Some(fingerprint),
        files: None,
    };
    hub.models = hub.with_totals();
    Ok(hub)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::engine::cache::archive::checksums;

    /// Its input, `golden.parquet`, has every shape of row that the tests know.
    #[test]
    fn the_golden_file_has_the_present_format() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let golden = data.join("golden.hub");
        let source = Source::File(data.join("golden.parquet"));
        // On several threads, the order in which words are numbered is that of the threads.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        let pool = pool.build().unwrap();
        let hub = pool.install(|| Hub::open(&source, &|_| {})).unwrap();
        let store = |path: &Path| {
            let mut writer = Writer::new(File::create(path).unwrap());
            write(&hub, &mut writer).unwrap();
            writer.close(json!({"format": FORMAT})).unwrap();
            checksums::<Value>(path).unwrap()
        };
        if std::env::var_os("REMAKE_GOLDEN").is_some() {
            store(&golden);
        }
        let remake = "remake the golden file: REMAKE_GOLDEN=1 cargo test --lib golden";
        let (header, expected) = checksums::<Value>(&golden).expect(remake);
        assert_eq!(header, json!({"format": FORMAT}), "{remake}");
        let (_, found) = store(tempfile::NamedTempFile::new().unwrap().path());
        assert!(
            found == expected,
            "the layout changed: raise FORMAT and {remake}\n{found:?}\n{expected:?}"
        );
    }
}
