//! Transformations: from text as people print it to the lexical form of a data type.
//!
//! The five registries of XBRL International (`ixt`) and the SEC's (`ixt-sec`). A name stands for a rule, and many
//! names for the same rule; where a later registry relaxed a rule, the relaxed one serves all of them, since the
//! question here is what a filing says and not whether it kept to the letter.

mod characters;
mod number;
mod months;
mod date;
mod calendars;
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
