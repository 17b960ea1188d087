//! The presentation networks of a filing, and which of them is meant by a name.
//!
//! A statement is known by what it holds before by what it is called: names are the filer's own. Pure.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

use crate::error::Error;

/// A line of a presentation tree, as its arc says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// From the top, from 1.
    pub(crate) number: i32,
    /// How deep it is indented, from 1.
    pub(crate) depth: i32,
    /// The concept above it.
    pub(crate) parent: String,
    /// The concept, `{prefix}:{name}`.
    pub(crate) concept: String,
    /// `hypercubeElement`, `dimensionElement` and so on, where a schema says it.
    pub(crate) classification: Option<String>,
    /// Whether its concept holds at an instant; `None` where no schema says it.
    pub(crate) is_instant: Option<bool>,
    /// Whether no fact can be of it.
    pub(crate) is_abstract: bool,
    /// The role of the label it is shown with.
    pub(crate) preferred_label: Option<String>,
    /// Whether its numbers are shown with the other sign.
    pub(crate) is_negated: bool,
    /// Whether it is a total.
    pub(crate) is_total: bool,
    /// `start` or `end` where it is the balance at that end of a column's period.
    pub(crate) edge: Option<String>,
}

impl Line {
    /// The concept without its prefix.
    pub(crate) fn name(&self) -> &str {
        local(&self.concept)
    }
}

/// A name without its prefix.
pub(crate) fn local(concept: &str) -> &str {
    concept.rsplit(':').next().unwrap_or(concept)
}

/// A role of a filing and the lines of its presentation tree, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) role: String,
    /// The parts of the role's definition.
    pub(crate) number: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) lines: Vec<Line>,
}

impl Network {
    /// What it is called, for people.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() { self.last_part() } else { &self.name }
    }

    fn last_part(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or(&self.role)
    }

    fn is_parenthetical(&self) -> bool {
        [&self.name, &self.role].into_iter().any(|text| text.to_lowercase().contains("parenthetical"))
    }

    fn has(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        self.lines.iter().any(|line| is_wanted(line.name()))
    }
}

/// Which statement of a filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// The income statement.
    Income,
    /// The balance sheet.
    Balance,
    /// The cash flow statement.
    Cash,
    /// The statement of equity.
    Equity,
    /// Any network, by its number, its name or its role, or a part of these.
    Role(String),
}

impl Wanted {
    /// Reads what was written on a command line.
    pub fn parse(written: &str) -> Self {
        match written.to_ascii_lowercase().as_str() {
            "income" => Self::Income,
            "balance" => Self::Balance,
            "cash" => Self::Cash,
            "equity" => Self::Equity,
            _ => Self::Role(written.to_owned()),
        }
    }

    /// The word for it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Income => "income",
            Self::Balance => "balance",
            Self::Cash => "cash",
            Self::Equity => "equity",
            Self::Role(role) => role,
        }
    }
}

/// What a network must come to, to be one of the four statements.
const ENOUGH: u32 = 3;

/// The network that is meant; `None` where the filing has none like it.
///
/// # Errors
/// [`Error::Invalid`] where a part of a name fits several, which are named.
pub(crate) fn choose<'a>(networks: &'a [Network], wanted: &Wanted) -> Result<Option<&'a Network>, Error> {
    if let Wanted::Role(role) = wanted {
        return named(networks, role);
    }
    let is_statement = |network: &&Network| network.kind.eq_ignore_ascii_case("Statement");
    // Roles of a schema that is not at hand say no kind.
    let has_kinds = networks.iter().any(|network| is_statement(&network));
    let candidates = networks
        .iter()
        .filter(|network| (!has_kinds || is_statement(network)) && !network.is_parenthetical());
    let scored = candidates.map(|network| (likeness(network, wanted), network));
    // The first of those that are equal: combined filings have one for each company, the parent's first.
    let best = scored.enumerate().max_by_key(|(place, (score, _))| (*score, Reverse(*place)));
    Ok(best.filter(|(_, (score, _))| *score >= ENOUGH).map(|(_, (_, network))| network))
}

/// How much a network is like a statement: by the concepts that only such a statement has, by its root, by its name.
fn likeness(network: &Network, wanted: &Wanted) -> u32 {
    let root = network.lines.first().map(|line| local(&line.parent)).unwrap_or_default();
    let title = network.title().to_lowercase();
    let points = |is_so: bool, points: u32| if is_so { points } else { 0 };
    let is_called = |words: &[&str]| points(words.iter().any(|word| title.contains(word)), 1);
    let is_rooted = |names: &[&str]| points(names.contains(&root), 2);
    let has = |names: &[&str]| network.has(|name| names.contains(&name));
    let begins =
        |beginnings: &[&str]| network.has(|name| beginnings.iter().any(|start| name.starts_with(start)));
    match wanted {
        Wanted::Balance => {
            points(has(&["LiabilitiesAndStockholdersEquity"]), 3)
                + points(has(&["Assets", "AssetsNet"]), 2)
                + is_rooted(&["StatementOfFinancialPositionAbstract"])
                + is_called(&[
                    "balance sheet",
                    "financial condition",
                    "financial position",
                    "assets and liabilities",
                ])
        }
        Wanted::Income => {
            let earns = begins(&[
                "Revenue",
                "SalesRevenue",
                "EarningsPerShare",
                "IncomeLossFromContinuingOperations",
            ]) || has(&[
                "OperatingIncomeLoss",
                "IncomeTaxExpenseBenefit",
                "OperatingExpenses",
                "InterestExpense",
            ]);
            let ends = begins(&["NetIncomeLoss", "ProfitLoss", "NetInvestmentIncome"]);
            // Comprehensive income is not the income statement unless they are one.
            if !earns || begins(&["NetCashProvidedBy"]) {
                return 0;
            }
            points(ends, 3)
                + points(begins(&["EarningsPerShare", "IncomeLossFromContinuingOperationsPer"]), 2)
                + is_rooted(&["IncomeStatementAbstract"])
                + is_called(&["operations", "income", "earnings", "profit"])
        }
        Wanted::Cash => {
            points(begins(&["NetCashProvidedByUsedInOperatingActivities"]), 3)
                + points(begins(&["NetCashProvidedByUsedInFinancingActivities"]), 2)
                + is_rooted(&["StatementOfCashFlowsAbstract"])
                + is_called(&["cash flow"])
        }
        Wanted::Equity => {
            let is_equity = |line: &Line| {
                ["StockholdersEquity", "PartnersCapital", "MembersEquity"]
                    .iter()
                    .any(|start| line.name().starts_with(start))
            };
            let balances = |edge: &str| {
                network.lines.iter().any(|line| is_equity(line) && line.edge.as_deref() == Some(edge))
            };
            if has(&["LiabilitiesAndStockholdersEquity"]) || begins(&["NetCashProvidedBy"]) {
                return 0;
            }
            points(balances("start") && balances("end"), 3)
                + points(has(&["StatementEquityComponentsAxis"]), 3)
                + is_rooted(&["StatementOfStockholdersEquityAbstract", "StatementOfPartnersCapitalAbstract"])
                + is_called(&["equity", "deficit", "capital"])
        }
        Wanted::Role(_) => 0,
    }
}

/// By number, name or role as written, else by a part of name or role.
fn named<'a>(networks: &'a [Network], wanted: &str) -> Result<Option<&'a Network>, Error> {
    let lower = wanted.to_lowercase();
    let is_exactly = |network: &&Network| {
        let number = |text: &str| text.trim_start_matches('0').to_owned();
        (!network.number.is_empty() && number(&network.number) == number(wanted))
            || [network.name.as_str(), &network.role, network.last_part()]
                .iter()
                .any(|text| text.to_lowercase() == lower)
    };
    let contains = |network: &&Network| {
        [network.name.as_str(), &network.role].iter().any(|text| text.to_lowercase().contains(&lower))
    };
    let exact: Vec<_> = networks.iter().filter(is_exactly).collect();
    let found = if exact.is_empty() { networks.iter().filter(contains).collect() } else { exact };
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => {
            let problem = format!(
                "that is {} of this filing; name one by its number: {}",
                several.len(),
                list(several)
            );
            Err(Error::invalid(format!("statement {wanted:?}"), problem))
        }
    }
}

/// Networks for an error: number and name, by number.
pub(crate) fn list(networks: &[&Network]) -> String {
    let mut named: Vec<(&str, &str)> =
        networks.iter().map(|network| (network.number.as_str(), network.title())).collect();
    named.sort_unstable();
    named
        .iter()
        .map(|(number, title)| format!("{number} {title}").trim().to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}
