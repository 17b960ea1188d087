//! What a pipeline is asked to do: parameters of the known kinds, and those that only their handlers understand, to and
//! from the JSON that the coordinator keeps.

use edgraph_proto::{json, v1};
use serde_json::{Map, Value};
use v1::start_pipeline_request::Input;

use super::error::WireError;
use super::field::{duration_from, duration_to};
use crate::kinds::sec_xbrl::{DiscoverCompanies, Graph, Refresh, TaxonomyMode, Universe};
use crate::kinds::{compact, gc, sec_xbrl};

/// What was asked for, as the coordinator keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The pipeline's kind.
    pub kind: String,
    /// A JSON object for its handlers.
    pub params: String,
    /// The field that it was read from.
    pub field: &'static str,
}

impl Asked {
    /// The path of a field in the request, by its path in the parameters, such as `params.universe.tickers[1]`.
    pub fn path(&self, in_params: &str) -> String {
        if self.field == PARAMS {
            return in_params.to_owned();
        }
        let inner = in_params.strip_prefix(PARAMS).unwrap_or(in_params);
        let inner = match inner.strip_prefix(".universe") {
            // The two lists stand beside the name of a universe.
            Some(list) if list.starts_with('.') => list,
            _ => inner,
        };
        format!("{}{inner}", self.field)
    }
}

const PARAMS: &str = "params";

/// Reads what a start asks for. The kind need not be said where the input says it, and kinds that are not known here
/// need no input.
///
/// # Errors
/// [`WireError`] where neither is said, both are and differ, and for values that no field of that name has.
pub fn asked_from(request: &mut v1::StartPipelineRequest) -> Result<Asked, WireError> {
    #[expect(deprecated, reason = "refused here")]
    if !request.params_text.is_empty() {
        let reason =
            "JSON in a text is not read any more; give sec_xbrl, gc, compact, or params, an object".into();
        return Err(WireError::Invalid { field: "params_text", reason });
    }
    let (kind, input) = (std::mem::take(&mut request.kind), request.input.take());
    let is_known = [sec_xbrl::NAME, gc::NAME, compact::NAME, ""].contains(&kind.as_str());
    let input = match input {
        None if is_known => {
            let reason = "is missing; give sec_xbrl, gc, compact, or a kind with params, an object".into();
            return Err(WireError::Invalid { field: "input", reason });
        }
        None => return Ok(Asked { kind, params: String::new(), field: PARAMS }),
        Some(input) => input,
    };
    let (own, field, params) = match input {
        Input::SecXbrl(asked) => (sec_xbrl::NAME, "sec_xbrl", sec_xbrl_from(asked)?),
        Input::Gc(asked) => (gc::NAME, "gc", gc_from(asked)?),
        Input::Compact(asked) => (compact::NAME, "compact", compact_from(asked)),
        Input::Params(asked) => {
            return Ok(Asked {
                kind,
                params: Value::from(json::from_struct(asked)).to_string(),
                field: PARAMS,
            });
        }
    };
    if !kind.is_empty() && kind != own {
        let reason = format!("is `{kind}`, and the input is that of `{own}`; leave one of them out");
        return Err(WireError::Invalid { field: "kind", reason });
    }
    Ok(Asked { kind: own.to_owned(), params: Value::from(params).to_string(), field })
}

/// Fields that are set, by the names that the handlers read.
fn sec_xbrl_from(asked: v1::SecXbrlParameters) -> Result<Map<String, Value>, WireError> {
    let mut params = Map::new();
    let named = match chosen("sec_xbrl.universe", v1::Universe::try_from(asked.universe))? {
        v1::Universe::Unspecified => None,
        v1::Universe::All => Some("all"),
        v1::Universe::Sp500 => Some("sp500"),
    };
    let lists = [("tickers", asked.tickers), ("ciks", asked.ciks)];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    let list =
        |(name, list): (&str, Vec<String>)| Value::from(Map::from_iter([(name.to_owned(), list.into())]));
    let mut universes = named.map(Value::from).into_iter().chain(lists.map(list));
    if let Some(universe) = universes.next() {
        params.insert("universe".to_owned(), universe);
    }
    if universes.next().is_some() {
        let reason = "several of tickers, ciks and universe are given; give one".into();
        return Err(WireError::Invalid { field: "sec_xbrl.universe", reason });
    }
    let mut put = |name: &str, is_set: bool, value: Value| {
        if is_set {
            params.insert(name.to_owned(), value);
        }
    };
    put("skip_unknown", asked.skip_unknown, true.into());
    put("max_companies", asked.max_companies > 0, asked.max_companies.into());
    put("new_since", !asked.new_since.is_empty(), asked.new_since.into());
    if let Some(age) = asked.submissions_max_age {
        let age = duration_from("sec_xbrl.submissions_max_age", &age)?;
        put("submissions_max_age_s", true, age.as_secs().into());
    }
    let mode = match chosen("sec_xbrl.taxonomy_mode", v1::TaxonomyMode::try_from(asked.taxonomy_mode))? {
        v1::TaxonomyMode::Unspecified => None,
        v1::TaxonomyMode::Strict => Some("strict"),
        v1::TaxonomyMode::BestEffort => Some("best_effort"),
    };
    let refresh = match chosen("sec_xbrl.refresh", v1::Refresh::try_from(asked.refresh))? {
        v1::Refresh::Unspecified => None,
        v1::Refresh::None => Some("none"),
        v1::Refresh::Degraded => Some("degraded"),
        v1::Refresh::All => Some("all"),
    };
    let processing = [("taxonomy_mode", mode), ("refresh", refresh)];
    let processing = processing.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?.into())));
    let processing: Map<String, Value> = processing.collect();
    put("processing", !processing.is_empty(), processing.into());
    let graph = match chosen("sec_xbrl.graph", v1::GraphUse::try_from(asked.graph))? {
        v1::GraphUse::Unspecified => None,
        v1::GraphUse::Load => Some("load"),
        v1::GraphUse::None => Some("none"),
    };
    put("graph", graph.is_some(), graph.into());
    put("filings", asked.filings.is_some(), asked.filings.map(filter_from).unwrap_or_default().into());
    Ok(params)
}

fn filter_from(filter: v1::FilingFilter) -> Map<String, Value> {
    let fields = [
        ("forms", !filter.forms.is_empty(), Value::from(filter.forms)),
        ("amendments", filter.amendments, true.into()),
        ("since", !filter.since.is_empty(), filter.since.into()),
        ("until", !filter.until.is_empty(), filter.until.into()),
        ("max_filings_per_entity", filter.max_filings_per_entity > 0, filter.max_filings_per_entity.into()),
    ];
    let set = fields.into_iter().filter(|(_, is_set, _)| *is_set);
    set.map(|(name, _, value)| (name.to_owned(), value)).collect()
}

/// The value of an enum, unless its number is of a newer version: what nobody understands must not be done by halves.
fn chosen<T, E>(field: &'static str, value: Result<T, E>) -> Result<T, WireError> {
    let reason = || "is a number that this version does not know".to_owned();
    value.map_err(|_| WireError::Invalid { field, reason: reason() })
}

fn gc_from(asked: v1::GcParameters) -> Result<Map<String, Value>, WireError> {
    let grace = asked.grace.as_ref().map(|grace| duration_from("gc.grace", grace)).transpose()?;
    Ok(grace.map(|grace| ("grace_s".to_owned(), grace.as_secs().into())).into_iter().collect())
}

fn compact_from(asked: v1::CompactParameters) -> Map<String, Value> {
    Map::from_iter([("before".to_owned(), asked.before.into())])
}

/// Writes what a `sec_xbrl` pipeline is to do.
pub fn sec_xbrl_to(asked: &DiscoverCompanies) -> v1::SecXbrlParameters {
    let mut parameters = v1::SecXbrlParameters {
        skip_unknown: asked.skip_unknown,
        max_companies: asked.max_companies.unwrap_or_default(),
        filings: Some(v1::FilingFilter {
            forms: asked.filings.forms.clone(),
            amendments: asked.filings.amendments,
            since: asked.filings.since.clone().unwrap_or_default(),
            until: asked.filings.until.clone().unwrap_or_default(),
            max_filings_per_entity: asked.filings.max_filings_per_entity.unwrap_or_default(),
        }),
        new_since: asked.new_since.clone().unwrap_or_default(),
        submissions_max_age: (asked.submissions_max_age_s > 0)
            .then(|| duration_to(std::time::Duration::from_secs(asked.submissions_max_age_s))),
        taxonomy_mode: match asked.processing.taxonomy_mode {
            TaxonomyMode::Strict => v1::TaxonomyMode::Strict,
            TaxonomyMode::BestEffort => v1::TaxonomyMode::BestEffort,
        }
        .into(),
        refresh: match asked.processing.refresh {
            Refresh::None => v1::Refresh::None,
            Refresh::Degraded => v1::Refresh::Degraded,
            Refresh::All => v1::Refresh::All,
        }
        .into(),
        graph: match asked.graph {
            Graph::Load => v1::GraphUse::Load,
            Graph::None => v1::GraphUse::None,
        }
        .into(),
        ..Default::default()
    };
    match &asked.universe {
        Universe::Tickers(tickers) => parameters.tickers.clone_from(tickers),
        Universe::Ciks(ciks) => parameters.ciks = ciks.iter().map(ToString::to_string).collect(),
        Universe::Sp500 => parameters.universe = v1::Universe::Sp500.into(),
        Universe::All => parameters.universe = v1::Universe::All.into(),
    }
    parameters
}

/// Writes parameters as they are kept: a JSON object, or nothing.
pub(super) fn params_to(params: &str) -> Option<prost_types::Struct> {
    serde_json::from_str(params).ok().map(json::to_struct)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Cik;
    use crate::kinds::sec_xbrl::{FilingFilter, Processing, are_same_parameters, parameters_from};

    fn asked(kind: &str, input: Option<Input>) -> Result<Asked, WireError> {
        asked_from(&mut v1::StartPipelineRequest { kind: kind.into(), input, ..Default::default() })
    }

    fn everything(universe: Universe) -> DiscoverCompanies {
        DiscoverCompanies {
            skip_unknown: true,
            max_companies: Some(3),
            filings: FilingFilter {
                forms: vec!["10-K".into()],
                amendments: true,
                since: Some("2024-01-01".into()),
                until: Some("2024-12-31".into()),
                max_filings_per_entity: Some(4),
            },
            new_since: Some("2024-06-01".into()),
            submissions_max_age_s: 60,
            processing: Processing { taxonomy_mode: TaxonomyMode::BestEffort, refresh: Refresh::All },
            graph: Graph::None,
            ..DiscoverCompanies::of(universe)
        }
    }

    #[test]
    fn parameters_that_are_written_read_as_the_same() {
        let ciks = || Universe::Ciks(vec![Cik::new(320_193).unwrap()]);
        let universes = || [Universe::Tickers(vec!["BRK.B".into()]), ciks(), Universe::Sp500, Universe::All];
        for wanted in universes().map(DiscoverCompanies::of).into_iter().chain(universes().map(everything)) {
            let input = Input::SecXbrl(sec_xbrl_to(&wanted));
            let read = asked("", Some(input)).unwrap();
            assert_eq!((read.kind.as_str(), parameters_from(&read.params)), ("sec_xbrl", Ok(wanted.clone())));
            assert!(are_same_parameters(&read.params, &serde_json::to_string(&wanted).unwrap()));
        }
        let gc = v1::GcParameters { grace: Some(prost_types::Duration { seconds: 60, nanos: 0 }) };
        let read = asked("gc", Some(Input::Gc(gc))).unwrap();
        assert_eq!(read.params, r#"{"grace_s":60}"#);
        let compact = v1::CompactParameters { before: "2024-05".into() };
        assert_eq!(asked("", Some(Input::Compact(compact))).unwrap().params, r#"{"before":"2024-05"}"#);
        let object =
            json::to_struct(Map::from_iter([("b".to_owned(), 2.into()), ("a".to_owned(), 0.5.into())]));
        let read = asked("own", Some(Input::Params(object))).unwrap();
        assert_eq!((read.kind.as_str(), read.params.as_str()), ("own", r#"{"a":0.5,"b":2}"#));
    }

    #[test]
    fn what_is_wrong_is_named_as_the_request_has_it() {
        let all = || v1::SecXbrlParameters { universe: v1::Universe::All.into(), ..Default::default() };
        let two = v1::SecXbrlParameters { tickers: vec!["A".into()], ..all() };
        let newer = v1::SecXbrlParameters { refresh: 99, ..all() };
        for (kind, input, field, words) in [
            ("sec_xbrl", None, "input", "give sec_xbrl"),
            ("gc", Some(Input::SecXbrl(all())), "kind", "is `gc`"),
            ("", Some(Input::SecXbrl(two)), "sec_xbrl.universe", "give one"),
            ("", Some(Input::SecXbrl(newer)), "sec_xbrl.refresh", "does not know"),
        ] {
            let error = asked(kind, input).unwrap_err();
            assert!(error.field() == field && error.to_string().contains(words), "{error}");
        }
        let read = |field| Asked { kind: String::new(), params: String::new(), field };
        for (field, path, expected) in [
            ("sec_xbrl", "params.universe.tickers[1]", "sec_xbrl.tickers[1]"),
            ("sec_xbrl", "params.universe", "sec_xbrl.universe"),
            ("sec_xbrl", "params.filings.since", "sec_xbrl.filings.since"),
            ("params", "params.universe.tickers[1]", "params.universe.tickers[1]"),
        ] {
            assert_eq!(read(field).path(path), expected);
        }
    }
}
