//! What is wrong in a filing whose parts can all be read: facts, contexts and relationships held against each other
//! and against the DTS.
//!
//! ```text
//! Instance ──▶ subject (equal contexts, units and concepts as one number) ─┬─▶ fact, context, dimension
//! Dts ─────▶ declared (what can be said of a name at all) ─────────────────┼─▶ duplicate ◀── amount, statement
//!                                                                          └─▶ calculation ◀── amount, statement
//! ```
//!
//! Nothing here changes what the filing says. Time is linear in facts, contexts and arcs; calculations, which could be
//! made to multiply, have a limit.

mod declared;
mod subject;
mod amount;
mod statement;
mod fact;
mod context;
mod dimension;
mod role;
mod duplicate;
mod calculation;
#[cfg(test)]
mod tests;

use crate::Tally;
use crate::model::Instance;
use crate::taxonomy::Dts;
use declared::Declared;
use statement::Statements;
use subject::Subjects;

/// Checks an instance, its values as [`crate::value::by_type`] has them, against itself and its DTS.
pub fn check(instance: &Instance, dts: &Dts) -> Tally {
    let mut tally = Tally::default();
    let subjects = Subjects::of(instance);
    let mut declared = Declared::new(dts);
    context::check(instance, &mut tally);
    dimension::check(instance, &mut declared, &mut tally);
    fact::check(&subjects, &mut declared, &mut tally);
    declared.report(instance, &mut tally);
    role::check(dts, &mut tally);
    between_facts(&subjects, dts, &mut tally);
    tally
}

/// What is wrong between facts. Facts in tuples say the same thing only within one tuple (XBRL 2.1 section 4.10), and
/// tuples are not kept: where the DTS has any, nothing is said.
fn between_facts(subjects: &Subjects<'_>, dts: &Dts, tally: &mut Tally) {
    if dts.declares_tuples() {
        return;
    }
    let statements = Statements::of(subjects);
    duplicate::check(&statements, dts, tally);
    calculation::check(&statements, dts, tally);
}
