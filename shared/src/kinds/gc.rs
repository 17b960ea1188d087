//! Payload and result of the one work item of a `gc` pipeline, which removes files of the store's tables that nothing
//! reads any more.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::bad_parameter::BadParameter;

/// The kind's name, as clients give it.
pub const NAME: &str = "gc";

/// The kind of its item, also the first segment of the item's key.
pub const COLLECT: &str = "gc";

/// Who opened a table reads on for as long, and an attempt has as long to have its files accepted.
pub const GRACE: Duration = Duration::from_secs(24 * 3_600);

/// Filings that a result names; the others are in the log.
const MAX_NAMED: usize = 50;

const GRACE_FIELD: &str = "grace_s";

/// Payload of the item, and parameters of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CollectGarbage {
    /// Seconds that what may still be read or accepted is kept.
    pub grace_s: u64,
}

impl Default for CollectGarbage {
    fn default() -> Self {
        Self { grace_s: GRACE.as_secs() }
    }
}

/// Reads a client's parameters; an empty text is no parameters. Workers read the same leniently, by serde alone.
///
/// # Errors
/// Every parameter that cannot be taken.
pub fn parameters_from(text: &str) -> Result<CollectGarbage, Vec<BadParameter>> {
    let text = if text.is_empty() { "{}" } else { text };
    let bad = |field: String, reason: String| BadParameter { field, reason };
    let fields: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| vec![bad("params".to_owned(), format!("is not a JSON object: {error}"))])?;
    let wrong = |(name, value): (&String, &Value)| match name.as_str() {
        GRACE_FIELD if value.is_u64() => None,
        GRACE_FIELD => Some(format!("is {value}; give seconds, such as 86400")),
        _ => Some(format!("is unknown; {NAME} takes {GRACE_FIELD}")),
    };
    let refused = fields.iter().filter_map(|field| Some(bad(format!("params.{}", field.0), wrong(field)?)));
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| vec![bad("params".to_owned(), error.to_string())])
}

/// Whether two JSON texts are the same parameters, with what one of them leaves out at its default.
pub fn are_same_parameters(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<CollectGarbage>(text).ok();
    read(one).is_some_and(|one| read(other) == Some(one))
}

/// Result of the item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// Files that nobody reads.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that nobody reads and that are younger than the grace time.
    pub young: u64,
    /// Files that stay because the current manifest of their filing cannot be read, by filing.
    pub unsure: Vec<String>,
}

impl Collected {
    /// As a work item's result, which is short: the filings that it does not name are counted.
    pub fn shortened(mut self) -> Self {
        let more = self.unsure.len().saturating_sub(MAX_NAMED);
        if more > 0 {
            self.unsure.truncate(MAX_NAMED);
            self.unsure.push(format!("{more} more"));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_strictly_and_have_defaults() {
        assert_eq!(parameters_from(""), Ok(CollectGarbage::default()));
        assert_eq!(parameters_from(r#"{"grace_s":60}"#), Ok(CollectGarbage { grace_s: 60 }));
        for (text, field, reason) in [
            (r#"{"grace":60}"#, "params.grace", "is unknown; gc takes grace_s"),
            (r#"{"grace_s":"1h"}"#, "params.grace_s", "is \"1h\"; give seconds"),
            (r#"{"grace_s":-1}"#, "params.grace_s", "is -1; give seconds"),
            ("[]", "params", "is not a JSON object"),
        ] {
            let bad = parameters_from(text).unwrap_err().remove(0);
            assert!(bad.field == field && bad.reason.contains(reason), "{text}: {bad:?}");
        }
        assert!(are_same_parameters("{}", r#"{"grace_s":86400}"#));
        assert!(!are_same_parameters("{}", r#"{"grace_s":1}"#));
    }

    #[test]
    fn a_result_stays_short_however_many_filings_are_unsure() {
        let unsure = (0..500).map(|number| format!("0000000001-24-{number:06}")).collect();
        let told = Collected { unsure, ..Collected::default() }.shortened();
        assert_eq!((told.unsure.len(), told.unsure[MAX_NAMED].as_str()), (MAX_NAMED + 1, "450 more"));
        assert!(serde_json::to_string(&told).unwrap().len() < 4 * 1024);
        let few = Collected { unsure: vec!["one".to_owned()], ..Collected::default() };
        assert_eq!(few.clone().shortened(), few);
    }
}
