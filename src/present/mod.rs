//! What the command line and the explorer share: numbers, dates, bars and reports as people read them.

pub mod atomic;
pub mod bars;
pub mod charset;
pub mod figures;
pub mod format;
pub mod histogram_svg;
pub mod palette;
pub mod progress;
pub mod report;
