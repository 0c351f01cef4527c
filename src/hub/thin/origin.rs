//! The file that a thin one is of, as its footer states it.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use polars_parquet_format::FileMetaData;
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use serde::{Deserialize, Serialize};

use super::file::{MAGIC, MEMORY, ORIGIN, TAIL, Wanted};
use crate::engine::source::dataset_file::DatasetFile;
use crate::engine::source::handle::open_regular;
use crate::hub::digest::Sum;
use crate::hub::headers::Version;

/// The origin of a thin file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub dataset: String,
    pub file: String,
    pub commit: String,
    pub etag: String,
    /// The length of the whole file, in bytes.
    pub size: u64,
    /// The columns that were wanted beside those that the program reads.
    pub more: Vec<String>,
}

impl Origin {
    pub fn new(file: &DatasetFile, version: &Version, wanted: &Wanted) -> Origin {
        Origin {
            dataset: file.dataset.clone(),
            file: file.file.clone(),
            commit: version.commit.clone(),
            etag: version.etag.clone(),
            size: version.size,
            more: wanted.more.clone(),
        }
    }

    /// Returns the origin that a thin file states; `None` for any other file.
    pub fn of(path: &Path) -> Option<Origin> {
        let mut file = open_regular(path).ok()?;
        let mut tail = [0; TAIL];
        let end = file.seek(SeekFrom::End(-(TAIL as i64))).ok()?;
        file.read_exact(&mut tail).ok()?;
        let length = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
        if &tail[4..] != MAGIC || u64::from(length) > end {
            return None;
        }
        let mut footer = vec![0; length as usize];
        file.seek(SeekFrom::Start(end - u64::from(length))).ok()?;
        file.read_exact(&mut footer).ok()?;
        let most = footer.len().saturating_mul(MEMORY);
        let mut input = TCompactInputProtocol::new(&*footer, most);
        let about = FileMetaData::read_from_in_protocol(&mut input).ok()?;
        let pairs = about.key_value_metadata?;
        let own = pairs.into_iter().find(|pair| pair.key == ORIGIN)?;
        serde_json::from_str(&own.value?).ok()
    }

    /// Returns true if the columns that are wanted beside those that the program reads are there.
    pub fn has(&self, wanted: &Wanted) -> bool {
        wanted.more.iter().all(|column| self.more.contains(column))
    }

    /// Returns a line that differs for other bytes of a thin file.
    pub fn identity(&self, footer: &[u8]) -> String {
        let mut sum = Sum::default();
        sum.add(footer);
        format!("{} {}", self.etag, sum.digits())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}
