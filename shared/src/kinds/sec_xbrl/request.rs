//! A client's parameters, read strictly: what is misspelt, empty or makes no sense is named with the fix, and nothing is
//! left for a worker to stumble over hours later.
//!
//! Workers read the same JSON leniently, by serde alone: a newer coordinator may hand them fields that they do not know.

use serde_json::{Map, Value};

use super::super::bad_parameter::BadParameter;
use super::parameters::DiscoverCompanies;
use crate::failure::shortened;
use crate::ids::Cik;

/// Characters of a value that a reason shows.
const SHOWN_CHARS: usize = 80;

/// What a field takes.
#[derive(Clone, Copy)]
enum Takes {
    Flag,
    /// A number of things, from 1.
    Count,
    Seconds,
    Date,
    Forms,
    Choice(&'static [&'static str]),
    Object(&'static [Field]),
    Universe,
}

/// A field, whether it may be left out, and what it takes. One that may is the same when it is `null`.
type Field = (&'static str, Takes);

const PARAMETERS: &[Field] = &[
    ("universe", Takes::Universe),
    ("skip_unknown", Takes::Flag),
    ("max_companies", Takes::Count),
    ("filings", Takes::Object(FILINGS)),
    ("new_since", Takes::Date),
    ("submissions_max_age_s", Takes::Seconds),
    ("processing", Takes::Object(PROCESSING)),
    ("graph", Takes::Choice(&["load", "none"])),
];
const FILINGS: &[Field] = &[
    ("forms", Takes::Forms),
    ("amendments", Takes::Flag),
    ("since", Takes::Date),
    ("until", Takes::Date),
    ("max_filings_per_entity", Takes::Count),
];
const PROCESSING: &[Field] = &[
    ("taxonomy_mode", Takes::Choice(&["strict", "best_effort"])),
    ("refresh", Takes::Choice(&["none", "degraded", "all"])),
];
/// What a universe may be, for messages.
const UNIVERSES: &str = r#"give "all", "sp500", {"tickers": ["ABC"]} or {"ciks": ["320193"]}"#;

/// Reads the parameters of a pipeline; an empty text is no parameters.
///
/// # Errors
/// Every parameter that cannot be taken.
pub fn parameters_from(text: &str) -> Result<DiscoverCompanies, Vec<BadParameter>> {
    let mut reader = Reader { bad: Vec::new() };
    let text = if text.is_empty() { "{}" } else { text };
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            reader.refuse("params", format!("is not a JSON object: {error}"));
            return Err(reader.bad);
        }
    };
    reader.object("params", &value, PARAMETERS);
    if value.get("universe").is_none_or(Value::is_null) {
        reader.refuse("params.universe", format!("is missing; {UNIVERSES}"));
    }
    reader.order(&value);
    if !reader.bad.is_empty() {
        return Err(reader.bad);
    }
    serde_json::from_value(without_nulls(value)).map_err(|error| {
        // The table above is what is read below: only a mistake in it comes here.
        vec![BadParameter { field: "params".to_owned(), reason: error.to_string() }]
    })
}

/// Fields that are `null` are those that are left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}

struct Reader {
    bad: Vec<BadParameter>,
}

impl Reader {
    fn refuse(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.bad.push(BadParameter { field: field.into(), reason: reason.into() });
    }

    fn expect(&mut self, field: &str, is_good: bool, value: &Value, expected: &str) {
        if !is_good {
            let shown = shortened(&value.to_string(), SHOWN_CHARS);
            self.refuse(field, format!("is {shown}; {expected}"));
        }
    }

    fn object(&mut self, path: &str, value: &Value, fields: &'static [Field]) {
        let Value::Object(given) = value else {
            return self.expect(path, false, value, "is not a JSON object: give one");
        };
        for (name, value) in given {
            let field = format!("{path}.{}", shortened(name, SHOWN_CHARS));
            match fields.iter().find(|(known, _)| known == name) {
                None => {
                    let known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                    self.refuse(field, format!("is no parameter; there are {}", known.join(", ")));
                }
                Some(_) if value.is_null() => {}
                Some((_, takes)) => self.field(&field, value, *takes),
            }
        }
    }

    fn field(&mut self, field: &str, value: &Value, takes: Takes) {
        match takes {
            Takes::Flag => self.expect(field, value.is_boolean(), value, "give true or false"),
            Takes::Count => {
                let is_count = value.as_u64().is_some_and(|n| n > 0 && u32::try_from(n).is_ok());
                self.expect(field, is_count, value, "give a number from 1, or leave it out for all");
            }
            Takes::Seconds => self.expect(field, value.is_u64(), value, "give a number of seconds"),
            Takes::Date => {
                let is_date = value.as_str().is_some_and(is_date);
                self.expect(field, is_date, value, "give a day as \"YYYY-MM-DD\", or leave it out");
            }
            Takes::Choice(choices) => {
                let is_choice = value.as_str().is_some_and(|text| choices.contains(&text));
                self.expect(field, is_choice, value, &format!("give one of {}", choices.join(", ")));
            }
            Takes::Object(fields) => self.object(field, value, fields),
            Takes::Forms => self.texts(field, value, "a form such as \"10-K\"", is_word),
            Takes::Universe => self.universe(field, value),
        }
    }

    fn universe(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) if text == "all" || text == "sp500" => {}
            Value::Object(named) if named.len() == 1 => match only(named) {
                ("tickers", value) => {
                    self.texts(
                        &format!("{field}.tickers"),
                        value,
                        "a ticker symbol such as \"ABC\"",
                        is_word,
                    );
                }
                ("ciks", value) => {
                    let is_cik = |text: &str| text.parse::<Cik>().is_ok();
                    self.texts(&format!("{field}.ciks"), value, "a CIK such as \"320193\"", is_cik);
                }
                _ => self.expect(field, false, value, UNIVERSES),
            },
            other => self.expect(field, false, other, UNIVERSES),
        }
    }

    fn texts(&mut self, field: &str, value: &Value, one: &str, is_good: impl Fn(&str) -> bool) {
        let Some(entries) = value.as_array().filter(|entries| !entries.is_empty()) else {
            return self.expect(field, false, value, &format!("give a list with at least {one}"));
        };
        // The first that is wrong is enough: a list may hold thousands.
        let wrong = entries.iter().enumerate().find(|(_, entry)| !entry.as_str().is_some_and(&is_good));
        if let Some((place, entry)) = wrong {
            self.expect(&format!("{field}[{place}]"), false, entry, &format!("give {one}"));
        }
    }

    fn order(&mut self, value: &Value) {
        let day = |path: &str| value.pointer(path).and_then(Value::as_str).filter(|text| is_date(text));
        let Some(until) = day("/filings/until") else { return };
        for (field, since) in
            [("params.filings.since", day("/filings/since")), ("params.new_since", day("/new_since"))]
        {
            if let Some(since) = since.filter(|since| *since > until) {
                self.refuse(
                    field,
                    format!("is {since}, after params.filings.until {until}: no filing is in between"),
                );
            }
        }
    }
}

fn only(named: &Map<String, Value>) -> (&str, &Value) {
    named.iter().next().map_or(("", &Value::Null), |(name, value)| (name.as_str(), value))
}

fn is_word(text: &str) -> bool {
    const MAX_LEN: usize = 64;
    (1..=MAX_LEN).contains(&text.trim().len()) && !text.chars().any(char::is_control)
}

/// Whether a text is a day of the calendar, `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let is_shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let (true, Some(year), Some(month), Some(day)) = (is_shaped, number(0..4), number(5..7), number(8..10))
    else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::sec_xbrl::{Graph, Processing, Universe};

    #[test]
    fn what_is_right_is_read_and_what_the_program_writes_is_right() {
        let read = parameters_from(r#"{"universe": "all", "new_since": null}"#).unwrap();
        assert_eq!(
            (&read.universe, read.filings.forms.len(), read.processing),
            (&Universe::All, 2, Processing::default())
        );
        let ciks = Universe::Ciks(vec![Cik::new(320_193).unwrap()]);
        for universe in [Universe::Tickers(vec!["BRK.B".into()]), ciks, Universe::Sp500] {
            let mut parameters = DiscoverCompanies { universe, ..read.clone() };
            assert_eq!(parameters_from(&serde_json::to_string(&parameters).unwrap()), Ok(parameters.clone()));
            parameters.filings.since = Some("2024-02-29".into());
            parameters.filings.until = Some("2024-02-29".into());
            parameters.max_companies = Some(1);
            parameters.submissions_max_age_s = 60;
            parameters.graph = Graph::None;
            assert_eq!(parameters_from(&serde_json::to_string(&parameters).unwrap()), Ok(parameters));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_value_and_the_fix() {
        for (text, field, part) in [
            ("", "params.universe", "is missing; give \"all\""),
            ("[1]", "params", "is not a JSON object"),
            ("{", "params", "is not a JSON object"),
            (r#"{"universe": "nasdaq"}"#, "params.universe", "is \"nasdaq\"; give \"all\""),
            (r#"{"universe": {"tickers": []}}"#, "params.universe.tickers", "is []; give a list"),
            (
                r#"{"universe": {"tickers": ["A", ""]}}"#,
                "params.universe.tickers[1]",
                "is \"\"; give a ticker",
            ),
            (r#"{"universe": {"ciks": ["1", 2]}}"#, "params.universe.ciks[1]", "is 2; give a CIK"),
            (r#"{"universe": {"ciks": ["x"]}}"#, "params.universe.ciks[0]", "is \"x\""),
            (
                r#"{"universe": "all", "univers": 1}"#,
                "params.univers",
                "is no parameter; there are universe,",
            ),
            (r#"{"universe": "all", "skip_unknown": "yes"}"#, "params.skip_unknown", "give true or false"),
            (
                r#"{"universe": "all", "max_companies": 0}"#,
                "params.max_companies",
                "is 0; give a number from 1",
            ),
            (r#"{"universe": "all", "filings": {"froms": []}}"#, "params.filings.froms", "there are forms,"),
            (r#"{"universe": "all", "filings": {"forms": [""]}}"#, "params.filings.forms[0]", "is \"\""),
            (
                r#"{"universe": "all", "filings": {"since": "2023-02-29"}}"#,
                "params.filings.since",
                "YYYY-MM-DD",
            ),
            (r#"{"universe": "all", "graph": "./g"}"#, "params.graph", "give one of load, none"),
            (r#"{"universe": "all", "new_since": ""}"#, "params.new_since", "is \"\"; give a day"),
            (
                r#"{"universe": "all", "submissions_max_age_s": -1}"#,
                "params.submissions_max_age_s",
                "seconds",
            ),
            (
                r#"{"universe": "all", "processing": {"refresh": "some"}}"#,
                "params.processing.refresh",
                "degraded",
            ),
            (
                r#"{"universe": "all", "new_since": "2024-02-02", "filings": {"until": "2024-02-01"}}"#,
                "params.new_since",
                "no filing is in between",
            ),
        ] {
            let bad = parameters_from(text).unwrap_err();
            let found = bad.iter().find(|bad| bad.field == field);
            assert!(found.is_some_and(|bad| bad.reason.contains(part)), "{text}: {bad:?}");
        }
        let two = parameters_from(r#"{"universe": "", "processing": {"refresh": 1}}"#).unwrap_err();
        assert_eq!(two.len(), 2, "all are named at once: {two:?}");
    }
}
