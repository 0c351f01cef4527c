//! Requests for the chunks of a thin file: chunks that lie near each other in the whole file come in
//! one request, and the largest in several.

use std::ops::Range;

use super::file::Chunk;
use crate::engine::table::stage::Stage;

/// Bytes between two chunks that are downloaded along: as many as arrive in the time of another request.
const GAP: u64 = 128 << 10;

/// The most bytes of one request: several are under way at a time, and each is resumed on its own.
const LARGEST: u64 = 8 << 20;

/// A range of the whole file, and where its bytes belong in the thin one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub from: Range<u64>,
    /// Ranges of the whole file with their starts in the thin one, ascending.
    pub parts: Vec<(Range<u64>, u64)>,
}

/// Returns the requests for the chunks of which `missing` is true for some bytes of the thin file,
/// those of the first stage first; within a stage in the order of the whole file.
pub(super) fn requests(
    chunks: &[Chunk],
    missing: &dyn Fn(Range<u64>) -> Vec<Range<u64>>,
) -> Vec<Request> {
    let mut pieces: Vec<(Stage, Range<u64>, u64)> = Vec::new();
    for chunk in chunks {
        let length = chunk.from.end - chunk.from.start;
        for own in missing(chunk.to..chunk.to + length) {
            let shift = own.start - chunk.to;
            let from = chunk.from.start + shift..chunk.from.start + shift + (own.end - own.start);
            pieces.push((chunk.stage, from, own.start));
        }
    }
    pieces.sort_by_key(|(stage, from, _)| (*stage, from.start));
    let mut requests: Vec<(Stage, Request)> = Vec::new();
    for (stage, from, to) in pieces {
        for (from, to) in split(from, to) {
            match requests.last_mut() {
                Some((last, request))
                    if *last == stage
                        && from.start >= request.from.end
                        && from.start - request.from.end <= GAP
                        && from.end - request.from.start <= LARGEST =>
                {
                    request.from.end = from.end;
                    request.parts.push((from, to));
                }
                _ => requests.push((
                    stage,
                    Request {
                        from: from.clone(),
                        parts: vec![(from, to)],
                    },
                )),
            }
        }
    }
    requests.into_iter().map(|(_, request)| request).collect()
}

/// Splits a range into pieces of at most [`LARGEST`].
fn split(from: Range<u64>, to: u64) -> impl Iterator<Item = (Range<u64>, u64)> {
    let starts = from
        .clone()
        .step_by(usize::try_from(LARGEST).unwrap_or(usize::MAX));
    starts.map(move |start| {
        (
            start..from.end.min(start + LARGEST),
            to + start - from.start,
        )
    })
}
