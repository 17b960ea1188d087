//! What a filing says of itself on its cover page: `dei` facts.

use chrono::NaiveDate;
use edgraph_shared::graph_id::CIK_SCHEME;
use edgraph_shared::ids::Cik;
use edgraph_xbrl::model::{Context, Entity, Fact, FactValue, Instance};

/// The cover page, as far as it is there.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cover<'a> {
    pub(super) entity_name: Option<&'a str>,
    pub(super) trading_symbol: Option<&'a str>,
    pub(super) document_type: Option<&'a str>,
    pub(super) period_end_date: Option<&'a str>,
    /// As written, here and below: checked against the periods of the facts by [`super::fiscal`].
    pub(super) fiscal_year_focus: Option<&'a str>,
    pub(super) fiscal_period_focus: Option<&'a str>,
    pub(super) fiscal_year_end: Option<&'a str>,
    pub(super) amendment_flag: Option<bool>,
}

impl<'a> Cover<'a> {
    /// Reads the `dei` facts of an instance.
    pub(super) fn read(instance: &'a Instance) -> Self {
        let text = |name: &str| find(instance, name);
        Self {
            entity_name: text("EntityRegistrantName"),
            trading_symbol: text("TradingSymbol"),
            document_type: text("DocumentType"),
            period_end_date: text("DocumentPeriodEndDate").filter(|text| text.parse::<NaiveDate>().is_ok()),
            fiscal_year_focus: text("DocumentFiscalYearFocus"),
            fiscal_period_focus: text("DocumentFiscalPeriodFocus"),
            fiscal_year_end: text("CurrentFiscalYearEndDate"),
            amendment_flag: text("AmendmentFlag").and_then(|text| match text {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            }),
        }
    }
}

/// The value of a `dei` fact: the one without dimensions if there is one, else the first that says anything.
fn find<'a>(instance: &'a Instance, name: &str) -> Option<&'a str> {
    let is_undimensioned =
        |fact: &&Fact| fact.context.is_some_and(|context| instance.contexts[context].dimensions.is_empty());
    let facts = || {
        let of_name = move |fact: &&'a Fact| &*fact.concept.local == name && is_dei(&fact.concept.namespace);
        instance.facts.iter().filter(of_name).filter(|fact| text(fact).is_some())
    };
    facts().find(is_undimensioned).or_else(|| facts().next()).and_then(text)
}

/// What a fact says, if anything.
pub(super) fn text(fact: &Fact) -> Option<&str> {
    let text = fact.value.as_str().trim();
    (fact.value != FactValue::Nil && !text.is_empty()).then_some(text)
}

/// The company that a context's entity is.
pub(super) fn company(context: &Context) -> Option<Cik> {
    let Entity { scheme, identifier } = &context.entity;
    (&**scheme == CIK_SCHEME).then(|| identifier.parse().ok()).flatten()
}

/// Whether a namespace is a year of the Document and Entity Information taxonomy, whoever published it:
/// `http://xbrl.sec.gov/dei/2023`, `http://xbrl.us/dei/2009-01-31`.
pub(super) fn is_dei(namespace: &str) -> bool {
    namespace.split('/').any(|segment| segment == "dei")
}

/// The filer: the company that most facts are about, the first of them on a tie.
pub(super) fn owner(instance: &Instance) -> Option<Cik> {
    let mut facts_of: Vec<(Cik, usize)> = Vec::new();
    for fact in &instance.facts {
        let Some(cik) = fact.context.and_then(|context| company(&instance.contexts[context])) else {
            continue;
        };
        match facts_of.iter_mut().find(|(known, _)| *known == cik) {
            Some((_, count)) => *count += 1,
            None => facts_of.push((cik, 1)),
        }
    }
    let most = facts_of.iter().map(|(_, count)| *count).max()?;
    facts_of.into_iter().find(|(_, count)| *count == most).map(|(cik, _)| cik)
}
