//! Transformations: from text as people print it to the lexical form of a data type.
//!
//! The five registries of XBRL International (`ixt`) and the SEC's (`ixt-sec`). A name stands for a rule, and many
//! names for the same rule, but each registry keeps to its own: it accepts what the patterns of its specification
//! accept, so that `12,31` is no number in 2015 and 1231 in 2020. Two things are narrower, since a number would change
//! otherwise: digits of another script are never passed over as punctuation, and where a pattern leaves open which of
//! two months, quarters or years is meant, none is.

mod characters;
mod number;
mod tail;
mod months;
mod month_names;
mod date;
mod calendars;
mod quarter;
mod words;
mod duration;
mod place_names;
mod places;
mod rule;
mod registry;
#[cfg(test)]
mod tests;

use crate::QName;

pub(super) use rule::Transform;

/// The transformation with this name.
pub(super) fn find(name: &QName) -> Option<Transform> {
    registry::find(&name.namespace, &name.local)
}
