//! What both sides must agree on about the pipelines they know: a module for each kind, with the names of its work
//! items, their payloads and their results.
//!
//! The same kind has its other halves where they belong: what a pipeline of it is made of in the coordinator's
//! `kinds`, how its items are done in the worker's `kinds`. A new kind is a module beside this one in each of the
//! three; nothing else knows one kind from another.

mod bad_parameter;
pub mod sec_xbrl;
pub mod gc;
pub mod compact;

use serde_json::Value;

pub use bad_parameter::BadParameter;

/// Whether the coordinator itself says what a pipeline of this kind is made of.
pub fn has_preset(kind: &str) -> bool {
    [sec_xbrl::NAME, gc::NAME, compact::NAME].contains(&kind)
}

/// Whether two JSON texts say the same to the handlers of this pipeline kind: in another order, with other spaces, or
/// with what one of them leaves out at its default.
pub fn says_the_same(kind: &str, one: &str, other: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other
        || parsed(one).is_some_and(|one| parsed(other) == Some(one))
        || match kind {
            sec_xbrl::NAME => sec_xbrl::are_same_parameters(one, other),
            gc::NAME => gc::are_same_parameters(one, other),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_spaces_and_defaults_make_no_difference_and_values_do() {
        let one = r#"{"universe":"all","skip_unknown":false,"filings":{"amendments":true}}"#;
        for (kind, other, same) in [
            ("other", one, true),
            (
                "other",
                r#"{ "skip_unknown": false, "filings": {"amendments": true}, "universe": "all" }"#,
                true,
            ),
            ("other", r#"{"universe":"all","filings":{"amendments":true}}"#, false),
            (sec_xbrl::NAME, r#"{"universe":"all","filings":{"amendments":true}}"#, true),
            (sec_xbrl::NAME, r#"{"universe":"all"}"#, false),
            (sec_xbrl::NAME, "no json", false),
        ] {
            assert_eq!(says_the_same(kind, one, other), same, "{kind} {other}");
        }
        assert!(says_the_same("other", "no json", "no json"));
        assert!(says_the_same(gc::NAME, "{}", r#"{"grace_s":86400}"#));
        assert!(!says_the_same("other", "{}", r#"{"grace_s":86400}"#));
    }
}
