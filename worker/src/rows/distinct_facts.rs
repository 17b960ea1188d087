//! Fact occurrences become Fact rows: one per distinct statement.
//!
//! Two occurrences are one statement when concept, entity, period, dimensions, unit, language and value agree: values
//! by what they mean, languages in either case. Statements that differ in the value alone are all kept; the most
//! precise of them is primary.

use std::borrow::Cow;
use std::sync::Arc;

use edgraph_shared::graph_id::{NodeId, entity_uri, node_id_of};
use edgraph_shared::manifest::sha256_hex;
use edgraph_xbrl::QName;
use edgraph_xbrl::model::{Context, Entity, Fact, FactValue, Instance, Period};
use foldhash::{HashMap, HashMapExt};

use super::text::INLINE_LIMIT_BYTES;
use super::uris::{self, SEPARATOR};

/// One distinct statement.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// The Fact's identifier.
    pub(super) identifier: NodeId,
    /// The first occurrence, of which the identifier is made; all others mean the same, whatever their id, decimals,
    /// place and spelling.
    pub(super) fact: &'a Fact,
    /// The SHA-256 of a value too long for the graph.
    pub(super) text_sha256: Option<String>,
    /// How many occurrences there are.
    pub(super) occurrences: i32,
    /// Ids of the occurrences that have one, in document order.
    pub(super) fact_ids: Vec<&'a str>,
    /// The most precise `decimals`.
    pub(super) decimals: Option<Cow<'a, str>>,
    /// Whether no other statement says the same with another, more precise value.
    pub(super) is_primary: bool,
}

/// What a statement is about: everything but its value.
#[derive(PartialEq, Eq, Hash)]
struct Subject<'a> {
    concept: &'a QName,
    context: Option<usize>,
    unit: Option<usize>,
    language: Option<usize>,
}

/// The distinct statements of an instance, in the order of their first occurrence, and for each of its facts the place of
/// the statement it makes.
pub(super) fn distinct<'a>(instance: &'a Instance, accession: &str) -> (Vec<Statement<'a>>, Vec<usize>) {
    let contexts = Said::of(context_keys(&instance.contexts));
    let units = Said::of(instance.units.iter().map(uris::unit_uri));
    let mut languages = Languages::default();

    let count = instance.facts.len();
    let mut statements: Vec<Statement<'a>> = Vec::with_capacity(count);
    let mut subjects: HashMap<Subject<'_>, usize> = HashMap::with_capacity(count);
    // The statements of each subject, in document order.
    let mut rivals: Vec<Vec<usize>> = Vec::with_capacity(count);
    let mut of_fact = Vec::with_capacity(count);
    let mut by_value: HashMap<(usize, Option<Cow<'_, str>>), usize> = HashMap::with_capacity(count);

    for fact in &instance.facts {
        let subject = Subject {
            concept: &fact.concept,
            context: contexts.first(fact.context),
            unit: units.first(fact.unit),
            language: fact.text_language().map(|language| languages.number(language)),
        };
        let subject = *subjects.entry(subject).or_insert(rivals.len());
        if subject == rivals.len() {
            rivals.push(Vec::new());
        }
        let sha256 = long_text(fact).map(|text| sha256_hex(text.as_bytes()));
        // A long text is found by its hash, which its statement needs anyway; behind a character that no text holds, since
        // a short text may be anything.
        let value = match (&sha256, &fact.canonical) {
            (Some(sha256), None) => Some(Cow::Owned([SEPARATOR, sha256].concat())),
            _ => equal_value(fact).map(Cow::Borrowed),
        };
        let index = *by_value.entry((subject, value)).or_insert_with(|| {
            let (context, unit) = (contexts.text(fact.context), units.text(fact.unit));
            let identifier = identifier(accession, fact, context, unit, sha256.as_deref());
            rivals[subject].push(statements.len());
            statements.push(Statement::first(identifier, fact, sha256));
            statements.len() - 1
        });
        statements[index].count(fact);
        of_fact.push(index);
    }
    for rivals in rivals {
        let fact = rivals.first().map(|index| statements[*index].fact);
        let context = fact.and_then(|fact| fact.context).map(|context| &instance.contexts[context]);
        // What such a context is about nobody has read: it may be a part of the company, or a budget.
        if context.is_some_and(|context| context.other.is_some()) {
            continue;
        }
        let best = rivals.iter().map(|index| rank(&statements[*index])).max();
        // The rivals are in document order, so the first of the best is the earliest.
        if let Some(primary) = rivals.into_iter().find(|index| Some(rank(&statements[*index])) == best) {
            statements[primary].is_primary = true;
        }
    }
    (statements, of_fact)
}

/// What contexts or units say, and which of them say the same.
struct Said {
    texts: Vec<String>,
    firsts: Vec<usize>,
}

impl Said {
    fn of(texts: impl Iterator<Item = String>) -> Self {
        let texts: Vec<String> = texts.collect();
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(texts.len());
        let firsts = texts.iter().enumerate().map(|(at, text)| *seen.entry(text).or_insert(at)).collect();
        Self { texts, firsts }
    }

    /// The first that says the same.
    fn first(&self, index: Option<usize>) -> Option<usize> {
        index.map(|index| self.firsts[index])
    }

    fn text(&self, index: Option<usize>) -> &str {
        index.map_or("", |index| &self.texts[index])
    }
}

/// The Fact's identifier; a value too long for the graph takes part by its hash, as it does in the reference to it.
fn identifier(accession: &str, fact: &Fact, context: &str, unit: &str, sha256: Option<&str>) -> NodeId {
    let QName { namespace, local } = &fact.concept;
    // Also of a date, which has none: identifiers are older than that knowledge.
    let language = if fact.is_numeric { "" } else { fact.language.as_deref().unwrap_or("") };
    let (kind, value) = match (&fact.value, sha256) {
        (FactValue::Nil, _) => ("nil", fact.value.as_str()),
        (_, Some(sha256)) => ("sha256", sha256),
        (_, None) => ("value", fact.value.as_str()),
    };
    node_id_of(
        "fact",
        &[
            accession, "#", namespace, "#", local, SEPARATOR, context, SEPARATOR, unit, SEPARATOR, language,
            SEPARATOR, kind, SEPARATOR, value,
        ],
    )
}

impl<'a> Statement<'a> {
    fn first(identifier: NodeId, fact: &'a Fact, text_sha256: Option<String>) -> Self {
        Self {
            identifier,
            fact,
            text_sha256,
            occurrences: 0,
            fact_ids: Vec::new(),
            decimals: None,
            is_primary: false,
        }
    }

    fn count(&mut self, fact: &'a Fact) {
        self.occurrences += 1;
        self.fact_ids.extend(fact.id.as_deref());
        let decimals = fact.exactness();
        if precision(decimals.as_deref()) > precision(self.decimals.as_deref()) {
            self.decimals = decimals;
        }
    }
}

/// Who, when and along which dimensions each context is. Hundreds of them share a dozen periods.
fn context_keys(contexts: &[Context]) -> impl Iterator<Item = String> {
    let mut starts: HashMap<(&Entity, &Period), String> = HashMap::new();
    contexts.iter().map(move |context| {
        let Context { entity, period, dimensions, .. } = context;
        let start = starts.entry((entity, period)).or_insert_with(|| {
            [&entity_uri(&entity.scheme, &entity.identifier), SEPARATOR, &uris::period_text(period)].concat()
        });
        let mut key = start.clone();
        for dimension in dimensions {
            key.push_str(SEPARATOR);
            key.push_str(&uris::dimension_key(dimension));
        }
        if let Some(other) = &context.other {
            key.push_str(SEPARATOR);
            key.push_str(other);
        }
        key
    })
}

/// What is the same for all equal values; `None` for nil.
fn equal_value(fact: &Fact) -> Option<&str> {
    match (&fact.value, &fact.canonical) {
        (FactValue::Nil, _) => None,
        (_, Some(canonical)) => Some(canonical),
        (value, None) => Some(value.as_str()),
    }
}

/// Languages by number, `en-us` and `en-US` being one (RFC 5646 section 2.1.1). A filing has one or two.
#[derive(Default)]
struct Languages {
    numbers: HashMap<String, usize>,
}

impl Languages {
    fn number(&mut self, language: &str) -> usize {
        if let Some(number) = self.numbers.get(language) {
            return *number;
        }
        let next = self.numbers.len();
        *self.numbers.entry(language.to_ascii_lowercase()).or_insert(next)
    }
}

/// A value too long for the graph.
pub(super) fn long_text(fact: &Fact) -> Option<&Arc<str>> {
    match &fact.value {
        FactValue::Text(text) if text.len() > INLINE_LIMIT_BYTES => Some(text),
        _ => None,
    }
}

/// What makes a statement primary: it has a value, and the most precise one. Ties go to the earlier.
fn rank(statement: &Statement<'_>) -> (bool, i64) {
    (statement.fact.value != FactValue::Nil, precision(statement.decimals.as_deref()))
}

/// `decimals` as a number to compare: exact is the most, unsaid the least.
fn precision(decimals: Option<&str>) -> i64 {
    match decimals {
        None => i64::MIN,
        Some("INF") => i64::MAX,
        Some(text) => text.parse().unwrap_or(i64::MIN + 1),
    }
}

#[cfg(test)]
mod tests {
    use edgraph_xbrl::model::Moment;

    use super::*;

    /// Facts as `concept value decimals id`, all in one context; `nil` is nil.
    fn instance(facts: &[(&str, &str, &str, &str)]) -> Instance {
        let context = Context {
            id: "c".into(),
            entity: Entity { scheme: "http://www.sec.gov/CIK".into(), identifier: "0009900001".into() },
            period: Period::Instant(Moment { date: "2024-12-31".parse().unwrap(), time: None }),
            dimensions: Vec::new(),
            other: None,
            file: 0,
            line: 1,
        };
        let fact = |&(concept, value, decimals, id): &(&str, &str, &str, &str)| Fact {
            id: Some(id.into()),
            concept: QName::new("urn:x", concept),
            context: Some(0),
            unit: None,
            is_numeric: true,
            value: if value == "nil" { FactValue::Nil } else { FactValue::Number(value.into()) },
            decimals: (!decimals.is_empty()).then(|| decimals.into()),
            precision: None,
            canonical: None,
            language: None,
            file: 0,
            line: 1,
        };
        Instance { contexts: vec![context], facts: facts.iter().map(fact).collect(), ..Instance::default() }
    }

    /// Each statement as `concept value decimals ids`, primaries with a star.
    #[track_caller]
    fn check(facts: &[(&str, &str, &str, &str)], expected: &[&str]) {
        let instance = instance(facts);
        let shown: Vec<String> = distinct(&instance, "0009900001-25-000001")
            .0
            .iter()
            .map(|s| {
                let star = if s.is_primary { "*" } else { "" };
                let decimals = s.decimals.as_deref().unwrap_or("-");
                format!(
                    "{} {} {decimals} {}{star}",
                    s.fact.concept.local,
                    s.fact.value.as_str(),
                    s.fact_ids.join(",")
                )
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn equal_statements_are_one_row_with_the_best_decimals() {
        check(
            &[("A", "1000", "-3", "f1"), ("B", "5", "0", "f2"), ("A", "1000", "0", "f3")],
            &["A 1000 0 f1,f3*", "B 5 0 f2*"],
        );
    }

    #[test]
    fn the_most_precise_of_different_values_is_primary() {
        check(
            &[("A", "1000", "-3", "f1"), ("A", "1042", "0", "f2"), ("A", "1040", "-1", "f3")],
            &["A 1000 -3 f1", "A 1042 0 f2*", "A 1040 -1 f3"],
        );
        check(&[("A", "1", "INF", "f1"), ("A", "2", "9", "f2")], &["A 1 INF f1*", "A 2 9 f2"]);
    }

    #[test]
    fn a_tie_goes_to_the_first_in_the_document() {
        check(&[("A", "1", "0", "f1"), ("A", "2", "0", "f2")], &["A 1 0 f1*", "A 2 0 f2"]);
    }

    #[test]
    fn precision_found_late_still_decides() {
        check(
            &[("A", "1", "-3", "f1"), ("A", "2", "-2", "f2"), ("A", "1", "0", "f3")],
            &["A 1 0 f1,f3*", "A 2 -2 f2"],
        );
    }

    #[test]
    fn nil_is_a_statement_of_its_own_and_primary_only_alone() {
        check(
            &[("A", "nil", "", "f1"), ("A", "7", "-3", "f2"), ("B", "nil", "", "f3")],
            &["A  - f1", "A 7 -3 f2*", "B  - f3*"],
        );
    }

    #[test]
    fn precision_counts_as_the_decimals_it_comes_to() {
        let mut instance =
            instance(&[("A", "1200", "", "f1"), ("A", "1234", "-2", "f2"), ("A", "1234", "", "f3")]);
        instance.facts[0].precision = Some("2".into());
        instance.facts[2].precision = Some("4".into());
        let (statements, _) = distinct(&instance, "acc");
        let said: Vec<_> = statements.iter().map(|s| (s.decimals.as_deref(), s.is_primary)).collect();
        assert_eq!(said, [(Some("-2"), false), (Some("0"), true)]);
    }

    #[test]
    fn equal_values_are_one_statement_and_only_text_is_in_a_language() {
        let text = |value: &str, canonical: Option<&str>, language: &str| Fact {
            is_numeric: false,
            value: FactValue::Text(value.into()),
            canonical: canonical.map(Into::into),
            language: Some(language.into()),
            ..instance(&[("A", "", "", "f")]).facts.remove(0)
        };
        let rows =
            |facts: [Fact; 2]| distinct(&Instance { facts: facts.into(), ..instance(&[]) }, "acc").0.len();
        assert_eq!(rows([text("P1Y", Some("P12M0S"), "en"), text("P12M", Some("P12M0S"), "de")]), 1);
        assert_eq!(rows([text("P1Y", Some("P12M0S"), "en"), text("P2Y", Some("P24M0S"), "en")]), 2);
        assert_eq!(rows([text("Cash", None, "en-US"), text("Cash", None, "EN-us")]), 1);
        assert_eq!(rows([text("Cash", None, "en"), text("Cash", None, "de")]), 2);
        let long = "long ".repeat(INLINE_LIMIT_BYTES);
        assert_eq!(rows([text(&long, None, "en"), text(&long, None, "en")]), 1);
        assert_eq!(rows([text(&long, None, "en"), text(&sha256_hex(long.as_bytes()), None, "en")]), 2);
    }

    #[test]
    fn what_an_unread_context_is_about_is_its_own_and_never_primary() {
        let mut instance =
            instance(&[("a", "1000", "0", "1"), ("a", "400", "INF", "2"), ("a", "1000", "0", "3")]);
        let other = |text: &str| Context { other: Some(text.into()), ..instance.contexts[0].clone() };
        let contexts = [other("segment:<region>West</>"), other("scenario:<budget></>")];
        instance.contexts.extend(contexts);
        (instance.facts[1].context, instance.facts[2].context) = (Some(1), Some(2));
        let (statements, _) = distinct(&instance, "acc");
        let said: Vec<(&str, bool)> = statements
            .iter()
            .map(|statement| (statement.fact.value.as_str(), statement.is_primary))
            .collect();
        assert_eq!(said, [("1000", true), ("400", false), ("1000", false)]);
    }
}
