//! Counts, dates and distributions of the real Hub, which the sample reproduces at any size.

/// Models in the real file of [`END`].
pub const FULL: usize = 2_161_698;
/// Models with `downloads` above zero, of [`FULL`].
pub const DOWNLOADED_RECENTLY: usize = 767_610;
/// Models with `downloadsAllTime` above zero, of [`FULL`].
pub const DOWNLOADED: usize = 1_290_554;
/// Models with a `safetensors` count, of [`FULL`].
pub const SAFETENSORS: usize = 505_406;
/// Models with a `gguf` description, of [`FULL`].
pub const GGUF: usize = FULL / 100 * 7;
/// Models without a `pipeline_tag`, of [`FULL`].
pub const TASK_MISSING: usize = FULL / 100 * 12;
/// Models without a `library_name`, of [`FULL`].
pub const LIBRARY_MISSING: usize = FULL / 100 * 13;
/// Children of the most popular base, of [`FULL`].
pub const MOST_CHILDREN: usize = 52_000;
/// Sum of `downloads` divided by the sum of `downloadsAllTime`.
pub const RECENT_SHARE: f64 = 0.0375;
/// Lower ends of the quarters of the parameter counts. Each quartile is the size of a model that is
/// copied very often: GPT-2, Whisper medium, Llama 2 7B.
pub const QUARTERS: [u64; 4] = [0, 124_439_808, 763_857_920, 6_738_415_616];

/// Unix seconds of the first creation date that the Hub recorded, 2022-03-02 23:29:04 UTC.
pub const START: i64 = 1_646_263_744;
/// Unix seconds of the snapshot, 2025-10-23 00:00:00 UTC.
pub const END: i64 = 1_761_177_600;
/// Share of models older than [`START`], which all have it as their date.
const OLDER_SHARE: f64 = 0.013;

/// Returns the creation date, in Unix seconds, of the model at `quantile` (0..=1) of all models by
/// age. The Hub grows with the square of its age.
pub fn created(quantile: f64) -> i64 {
    let age = ((quantile - OLDER_SHARE) / (1.0 - OLDER_SHARE)).max(0.0);
    START + ((END - START) as f64 * age.sqrt()).round() as i64
}

/// Converts a year with fraction to Unix seconds.
pub fn year(year: f64) -> i64 {
    ((year - 1970.0) * 31_556_952.0) as i64
}

/// All-time downloads by rank: (share of the downloaded models ranked above, downloads). The second
/// point is the real median. With the last points, the full hub has the real mean.
const DOWNLOADS_BY_RANK: [(f64, f64); 9] = [
    (1.0, 1.0),
    (0.8375, 19.5),
    (0.5, 110.0),
    (0.2, 800.0),
    (0.05, 9_000.0),
    (0.01, 100_000.0),
    (0.001, 3_100_000.0),
    (0.0001, 47_500_000.0),
    (0.000_000_3, 640_000_000.0),
];

/// Returns the all-time downloads of the model with index `rank` of `count` downloaded ones: a power
/// law between each two points of [`DOWNLOADS_BY_RANK`].
pub fn all_time(rank: usize, count: usize) -> u64 {
    let share = (rank as f64 + 0.5) / count as f64;
    let after = DOWNLOADS_BY_RANK.iter().position(|point| point.0 <= share);
    let after = after.unwrap_or(DOWNLOADS_BY_RANK.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (DOWNLOADS_BY_RANK[after - 1], DOWNLOADS_BY_RANK[after]);
    let along = (share / x0).ln() / (x1 / x0).ln();
    (y0 * (y1 / y0).powf(along)) as u64
}
