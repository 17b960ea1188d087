//! Which companies a cover page is of, and what it says of each: names, ticker symbols, and who the members of
//! `LegalEntityAxis` are.
//!
//! A combined filing has one context entity and several registrants. Its cover page says the CIK of each in a context
//! with that registrant's member alone, which is what ties a member to a company.

use std::collections::BTreeMap;

use edgraph_shared::ids::Cik;
use edgraph_xbrl::QName;
use edgraph_xbrl::model::{Context, Instance, Member};
use foldhash::{HashMap, HashMapExt};

use super::cover;

/// The axis whose members are companies, in whatever taxonomy.
const LEGAL_ENTITY_AXIS: &str = "LegalEntityAxis";

/// What stands in place of a symbol where there is none.
const NO_SYMBOL: [&str; 5] = ["n/a", "na", "none", "not applicable", "-"];

/// The companies of a cover page.
#[derive(Debug, Default)]
pub(super) struct Registrants<'a> {
    /// Who the members are.
    members: HashMap<&'a QName, Cik>,
    companies: BTreeMap<Cik, Company<'a>>,
    /// What the cover page says in two ways: code and message of a diagnostic.
    pub(super) doubts: Vec<(&'static str, String)>,
}

/// What a cover page says of one company.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Company<'a> {
    pub(super) name: Option<&'a str>,
    /// Symbols in the order of the page, each once, with the exchange it is traded on.
    pub(super) symbols: Vec<(&'a str, Option<&'a str>)>,
}

impl Company<'_> {
    /// All symbols as a JSON array; `None` without any.
    pub(super) fn tickers(&self) -> Option<String> {
        let symbols = || self.symbols.iter().map(|(symbol, _)| *symbol);
        (!self.symbols.is_empty()).then(|| symbols().collect::<serde_json::Value>().to_string())
    }
}

impl<'a> Registrants<'a> {
    /// Reads the cover page of an instance.
    pub(super) fn read(instance: &'a Instance) -> Self {
        let mut said = Vec::new();
        for fact in &instance.facts {
            let name = &*fact.concept.local;
            if !matches!(
                name,
                "EntityCentralIndexKey" | "EntityRegistrantName" | "TradingSymbol" | "SecurityExchangeName"
            ) || !cover::is_dei(&fact.concept.namespace)
            {
                continue;
            }
            if let (Some(at), Some(text)) = (fact.context, cover::text(fact)) {
                said.push((name, at, &instance.contexts[at], text));
            }
        }
        let mut registrants = Self::default();
        for (_, _, context, text) in said.iter().filter(|(name, ..)| *name == "EntityCentralIndexKey") {
            registrants.add_member(context, text);
        }
        let mut exchanges = HashMap::new();
        for (_, at, _, text) in said.iter().filter(|(name, ..)| *name == "SecurityExchangeName") {
            exchanges.entry(*at).or_insert(*text);
        }
        for (name, at, context, text) in said {
            let Some(cik) = registrants.company_of(context) else { continue };
            let is_whole = context.dimensions.iter().all(|axis| &*axis.axis.local == LEGAL_ENTITY_AXIS);
            match name {
                "EntityRegistrantName" if is_whole => {
                    registrants.companies.entry(cik).or_default().name.get_or_insert(text);
                }
                "TradingSymbol" if !NO_SYMBOL.contains(&&*text.to_ascii_lowercase()) => {
                    let company = registrants.companies.entry(cik).or_default();
                    if !company.symbols.iter().any(|(known, _)| *known == text) {
                        company.symbols.push((text, exchanges.get(&at).copied()));
                    }
                }
                _ => {}
            }
        }
        registrants
    }

    /// What the cover page says of a company.
    pub(super) fn company(&self, cik: Cik) -> Option<&Company<'a>> {
        self.companies.get(&cik)
    }

    /// The company that a context's member of `LegalEntityAxis` is, where the cover page says so.
    pub(super) fn legal_entity(&self, context: &Context) -> Option<Cik> {
        self.members.get(legal_member(context)?).copied()
    }

    /// Whom a context is about: the company of its member, else its entity.
    fn company_of(&self, context: &Context) -> Option<Cik> {
        if has_legal_entity(context) {
            return self.legal_entity(context);
        }
        cover::company(context)
    }

    fn add_member(&mut self, context: &'a Context, text: &str) {
        let (Some(member), 1) = (legal_member(context), context.dimensions.len()) else { return };
        let Ok(cik) = text.parse::<Cik>() else {
            let message = format!("the cover page says that {member} has the CIK {text:?}, which is none");
            self.doubts.push(("legal-entity-invalid", message));
            return;
        };
        let first = *self.members.entry(member).or_insert(cik);
        if first != cik {
            let message = format!("the cover page says that {member} is {first} and {cik}; the first counts");
            self.doubts.push(("legal-entity-ambiguous", message));
        }
    }
}

fn has_legal_entity(context: &Context) -> bool {
    context.dimensions.iter().any(|dimension| &*dimension.axis.local == LEGAL_ENTITY_AXIS)
}

fn legal_member(context: &Context) -> Option<&QName> {
    let dimension = context.dimensions.iter().find(|axis| &*axis.axis.local == LEGAL_ENTITY_AXIS)?;
    match &dimension.member {
        Member::Explicit(member) => Some(member),
        Member::Typed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use edgraph_shared::graph_id::CIK_SCHEME;
    use edgraph_xbrl::instance;

    use super::*;

    const HEAD: &str = r#"xmlns="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:dei="http://example.org/dei/2024" xmlns:x="http://x""#;

    /// An instance of CIK 9900001 with contexts `-`, `A`, `B` and `C` for members of the axis, `AS` for a class of shares
    /// of `A`, `S` for one of the filer; facts are written `concept context value`.
    fn parsed(facts: &[&str]) -> Instance {
        let context = |id: &str, members: &[(&str, &str)]| {
            let members: String = members
                .iter()
                .map(|(axis, member)| {
                    format!(r#"<xbrldi:explicitMember dimension="{axis}">x:{member}</xbrldi:explicitMember>"#)
                })
                .collect();
            format!(
                r#"<context id="{id}"><entity><identifier scheme="{CIK_SCHEME}">9900001</identifier><segment>{members}</segment></entity><period><instant>2024-12-31</instant></period></context>"#
            )
        };
        let legal = "dei:LegalEntityAxis";
        let contexts = [
            context("-", &[]),
            context("A", &[(legal, "A")]),
            context("B", &[(legal, "B")]),
            context("C", &[(legal, "C")]),
            context("AS", &[(legal, "A"), ("x:ClassAxis", "S")]),
            context("S", &[("x:ClassAxis", "S")]),
        ];
        let fact = |written: &&str| {
            let [concept, context, value] = *written.splitn(3, ' ').collect::<Vec<_>>() else {
                panic!("{written}")
            };
            format!(r#"<dei:{concept} contextRef="{context}">{value}</dei:{concept}>"#)
        };
        let facts: String = facts.iter().map(fact).collect();
        let text = format!("<xbrl {HEAD}>{}{facts}</xbrl>", contexts.concat());
        instance::parse("t.xml", text.as_bytes()).unwrap().0
    }

    const COMBINED: [&str; 13] = [
        "EntityCentralIndexKey - 0009900001",
        "EntityCentralIndexKey A 9900002",
        "EntityCentralIndexKey B 0009900001",
        "EntityCentralIndexKey AS 0009900009",
        "EntityRegistrantName - Parent Corp",
        "EntityRegistrantName A Power Company",
        "EntityRegistrantName AS Class of it",
        "TradingSymbol S PAR-B",
        "SecurityExchangeName S NYSE",
        "TradingSymbol B PAR",
        "TradingSymbol AS POW",
        "TradingSymbol A N/A",
        "TradingSymbol C LOST",
    ];

    #[test]
    fn a_cover_page_says_who_its_members_are_and_what_they_are_called() {
        let instance = parsed(&COMBINED);
        let registrants = Registrants::read(&instance);
        let cik = |text: &str| text.parse::<Cik>().unwrap();
        let of = instance.contexts.iter().map(|context| registrants.legal_entity(context));
        let of: Vec<Option<Cik>> = of.collect();
        let (parent, power) = (cik("9900001"), cik("9900002"));
        assert_eq!(of, [None, Some(power), Some(parent), None, Some(power), None]);
        let parent = registrants.company(parent).unwrap();
        assert_eq!(parent.name, Some("Parent Corp"));
        assert_eq!(parent.symbols, [("PAR-B", Some("NYSE")), ("PAR", None)]);
        assert_eq!(parent.tickers().unwrap(), r#"["PAR-B","PAR"]"#);
        let power = registrants.company(power).unwrap();
        assert_eq!(*power, Company { name: Some("Power Company"), symbols: vec![("POW", None)] });
        assert_eq!(registrants.doubts, []);
        assert_eq!(Company::default().tickers(), None);
    }

    #[test]
    fn a_member_with_two_ciks_or_none_is_doubtful() {
        for (facts, code) in [
            (
                ["EntityCentralIndexKey A 9900002", "EntityCentralIndexKey A 9900003"],
                "legal-entity-ambiguous",
            ),
            (["EntityCentralIndexKey A 9900002", "EntityCentralIndexKey B none"], "legal-entity-invalid"),
        ] {
            let instance = parsed(&facts);
            let registrants = Registrants::read(&instance);
            assert_eq!(registrants.doubts.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code]);
            assert_eq!(registrants.legal_entity(&instance.contexts[1]), Some("9900002".parse().unwrap()));
            assert_eq!(registrants.legal_entity(&instance.contexts[2]), None);
        }
    }
}
