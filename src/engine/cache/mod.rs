//! Hubs that were read before, each as one file that is mapped into memory instead of read anew. A
//! file is used only if it was made by this version from a source that has not changed since, and
//! was not changed itself; any other is as good as none, and the next one takes its place. Whoever
//! cannot write here loses nothing but time.

pub mod archive;

use std::fs::{self, File, TryLockError};
use std::hash::Hasher;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use super::Hub;
use super::lineage::graph::Graph;
use super::lineage::quantizations::Quantizations;
use super::lineage::rollup::Rollup;
use crate::engine::cache::archive::{Reader, Writer};
use crate::engine::search::index::IdIndex;
use crate::engine::source;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::table::bitset::{CHUNK, ModelSet};
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::Models;
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;

/// To be raised whenever what is kept, or how, changes.
const FORMAT: u32 = 3;

/// So many hubs are kept, those made last.
const KEPT: usize = 4;

/// How the files' names end; one that is being written has another end.
const KIND: &str = "hub";

/// What stands for a time that is not known.
const NEVER: u64 = u64::MAX;

/// The folder of what is kept.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// What a file says of itself.
#[derive(Serialize, Deserialize)]
struct About {
    /// Of another layout nothing is to be taken.
    layout: String,
    source: Fingerprint,
    models: usize,
}

/// A kept hub.
pub struct Entry {
    pub path: PathBuf,
    /// The size of its file.
    pub bytes: i64,
    /// Where its source is; nothing if that cannot be told.
    pub source: Option<PathBuf>,
    pub models: usize,
    /// Why it will not be used, if it will not.
    pub useless: Option<String>,
}

impl Cache {
    /// That of the person who runs us: `$XDG_CACHE_HOME/hubscope`, else `~/.cache/hubscope`; `None`
    /// without a home.
    pub fn of_person() -> Option<Cache> {
        Some(Cache::at(source::cache_home()?.join("hubscope")))
    }

    /// That in a folder, which need not exist yet.
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The hub of this source, complete, if it is kept.
    pub fn open(&self, source: &Source) -> Option<Hub> {
        let fingerprint = Fingerprint::of(source)?;
        let (mut reader, about) = Reader::open::<About>(&self.file(&fingerprint)).ok()?;
        let same = about.layout == layout() && about.source == fingerprint;
        same.then(|| read(&mut reader, source, fingerprint).ok())?
    }

    /// The right to keep a source: nobody else is at it, or will be before that is dropped. `None`
    /// where somebody is, or there is nothing to keep.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn alone(&self, source: &Source) -> Result<Option<Alone>> {
        let Some(fingerprint) = Fingerprint::of(source) else {
            return Ok(None);
        };
        fs::create_dir_all(&self.folder)?;
        let path = self.file(&fingerprint).with_extension("keeping");
        let file = File::create(&path)?;
        let is_ours = file.try_lock().is_ok();
        Ok(is_ours.then_some(Alone {
            path,
            _locked: file,
        }))
    }

    /// Keeps a hub that was read whole; another one, the built-in sample, and what is kept already,
    /// is left alone.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&self, hub: &Hub) -> Result<()> {
        let is_read = hub.stage == Stage::Complete && hub.files.is_some();
        let Some(fingerprint) = hub.fingerprint.as_ref().filter(|_| is_read) else {
            return Ok(());
        };
        fs::create_dir_all(&self.folder)?;
        let file = self.file(fingerprint);
        self.tidy(&file);
        let unfinished = file.with_extension(std::process::id().to_string());
        let new = File::create_new(&unfinished)?;
        let kept =
            write_all(new, hub, fingerprint).and_then(|()| Ok(fs::rename(&unfinished, &file)?));
        if kept.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        kept.with_context(|| file.display().to_string())
    }

    /// Reads the file of a source whole, and removes it if it is not what was written.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, source: &Source) -> Result<()> {
        let Some(fingerprint) = Fingerprint::of(source) else {
            return Ok(());
        };
        let file = self.file(&fingerprint);
        let sound = archive::check(&file);
        if sound.is_err() {
            let _ = fs::remove_file(&file);
        }
        sound
    }

    /// What is kept, the newest first, each read whole.
    pub fn entries(&self) -> Vec<Entry> {
        self.files(|name| name == KIND)
            .into_iter()
            .map(entry)
            .collect()
    }

    /// Removes everything; how many hubs that were, and how many bytes.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<(usize, i64)> {
        let (mut hubs, mut bytes) = (0, 0);
        for file in self.files(|_| true) {
            let size = size(&file);
            fs::remove_file(&file).with_context(|| file.display().to_string())?;
            hubs += usize::from(file.extension().is_some_and(|kind| kind == KIND));
            bytes += size;
        }
        Ok((hubs, bytes))
    }

    /// The file for a source, whatever state that is in.
    fn file(&self, fingerprint: &Fingerprint) -> PathBuf {
        let mut hasher = FxHasher::default();
        for path in fingerprint.paths() {
            hasher.write(path.as_os_str().as_encoded_bytes());
            hasher.write_u8(0);
        }
        self.folder.join(format!("{:016x}.{KIND}", hasher.finish()))
    }

    /// The files in the folder that have such a kind, those changed last first.
    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let kind = path.extension()?.to_str()?;
                let changed = path
                    .metadata()
                    .ok()
                    .filter(|about| about.is_file())?
                    .modified();
                wanted(kind).then_some((changed.ok()?, path.clone()))
            })
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        files.into_iter().map(|(_, path)| path).collect()
    }

    /// Makes room for a file, and takes away what others began to write and left lying.
    fn tidy(&self, file: &Path) {
        let hubs = self.files(|kind| kind == KIND).into_iter();
        let old = hubs.filter(|other| other != file).skip(KEPT - 1);
        let left = self.files(|kind| kind != KIND).into_iter().filter(|file| {
            let locked = File::open(file).map(|file| file.try_lock());
            !matches!(locked, Ok(Err(TryLockError::WouldBlock)))
        });
        for file in old.chain(left) {
            let _ = fs::remove_file(file);
        }
    }
}

/// See [`Cache::alone`].
pub struct Alone {
    path: PathBuf,
    _locked: File,
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What has to be the same for a file to be of use.
fn layout() -> String {
    let fields: Vec<&str> = FIELDS.iter().map(|info| info.key).collect();
    let order = if cfg!(target_endian = "big") {
        "big"
    } else {
        "little"
    };
    format!(
        "{FORMAT} {} {order} {CHUNK} {}",
        env!("CARGO_PKG_VERSION"),
        fields.join(",")
    )
}

fn size(file: &Path) -> i64 {
    let about = file.metadata();
    about.map_or(0, |about| i64::try_from(about.len()).unwrap_or(i64::MAX))
}

fn entry(path: PathBuf) -> Entry {
    let about = archive::about::<About>(&path);
    let useless = match &about {
        Err(error) => Some(error.to_string()),
        Ok(about) if about.layout != layout() => Some("of another version".to_owned()),
        Ok(about) if !about.source.is_current() => Some("its source has changed".to_owned()),
        Ok(_) => archive::check(&path).err().map(|error| error.to_string()),
    };
    let about = about.ok();
    Entry {
        bytes: size(&path),
        source: about
            .as_ref()
            .and_then(|about| about.source.paths().next().map(Path::to_owned)),
        models: about.map_or(0, |about| about.models),
        useless,
        path,
    }
}

/// Writes a new file. While it is locked, it is not taken for one left lying.
fn write_all(file: File, hub: &Hub, fingerprint: &Fingerprint) -> Result<()> {
    file.try_lock()?;
    let mut to = Writer::new(file);
    write(hub, &mut to)?;
    to.close(About {
        layout: layout(),
        source: fingerprint.clone(),
        models: hub.models.len(),
    })
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
    to.put_number(hub.newest.map_or(NEVER, i64::cast_unsigned))
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
    let lacking: Vec<Field> = FIELDS
        .iter()
        .map(|info| info.field)
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
        newest: (newest != NEVER).then_some(newest.cast_signed()),
        lacking,
        fingerprint: Some(fingerprint),
        files: None,
    };
    hub.models = hub.with_totals();
    Ok(hub)
}
