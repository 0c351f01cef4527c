//! Which models: finding ids by what is typed, and putting models in order.

pub mod arena;
pub mod matcher;
pub mod rank;
