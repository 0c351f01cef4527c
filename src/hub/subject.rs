//! The subjects of requests.

use crate::engine::source::dataset_file::DatasetFile;

/// The subject of a request, which its errors name.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    File(&'a DatasetFile),
    /// A model, by its id.
    Model(&'a str),
}

impl Subject<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Subject::File(file) => &file.dataset,
            Subject::Model(id) => id,
        }
    }
}

impl<'a> From<&'a DatasetFile> for Subject<'a> {
    fn from(file: &'a DatasetFile) -> Subject<'a> {
        Subject::File(file)
    }
}
