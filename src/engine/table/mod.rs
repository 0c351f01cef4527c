//! The table of models: its fields, the frame and its typed views, bitmaps, orders and string
//! arenas.

pub mod arena;
pub mod arrange;
pub mod bitset;
pub mod builder;
pub mod clean;
pub mod column;
pub mod comparison;
pub mod dtype;
pub mod edge_list;
pub mod field;
pub mod interner;
pub mod model_id;
pub mod models;
pub mod order;
pub mod sort;
pub mod sparse;
pub mod stage;
pub mod stored;
pub mod view;
