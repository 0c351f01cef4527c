//! `search` over real rows, against Polars expressions and a look at every row.

mod forms;
mod real;
