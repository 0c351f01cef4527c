//! Text and pictures that the command line and the explorer share: numbers, dates, bars, reports.

pub mod atomic;
pub mod bars;
pub mod card;
pub mod charset;
pub mod curve_svg;
pub mod facts;
pub mod figures;
pub mod folder;
pub mod format;
pub mod histogram_svg;
pub mod palette;
pub mod privacy;
pub mod progress;
pub mod report;
pub mod snippets;
