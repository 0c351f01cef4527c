//! `hist` and `stats`, and the tables under them, against figures that Polars works out from the
//! same rows: those of the made-up hub, real ones where there are any, and both with gaps.

mod figures;
mod forms;
mod full;
mod hub;
mod spread;
