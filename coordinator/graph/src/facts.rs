//! Facts of one company, out of the graph and ready to be computed with: who is meant, what it filed, what that says.
//!
//! [`crate::statement`] and [`crate::series`] are made of these. Not here: what a statement or a series is.

mod amount;
mod fact;
mod filer;
mod read;

pub use amount::{Scale, negated, scaled};
pub(crate) use amount::{decimal, nearest};
pub use fact::{Dimensions, Fact, Period};
pub use filer::{Asked, Filer, Filing};
pub(crate) use filer::{find, look_up, open};
pub(crate) use read::{ask, integer, read, rows, text};
