//! Which network is meant.

use super::*;
use crate::statement::network::{Network, Wanted, choose};

fn network(number: &str, kind: &str, name: &str, lines: &str) -> Network {
    Network {
        role: format!("http://a.example/role/{}", name.replace(' ', "")),
        number: number.into(),
        kind: kind.into(),
        name: name.into(),
        lines: tree(lines),
    }
}

fn filing() -> Vec<Network> {
    let statement = |number, name, lines| network(number, "Statement", name, lines);
    vec![
        network("0001", "Document", "Cover", "EntityRegistrantName"),
        statement("0002", "Balance Sheet (Parenthetical)", "Assets\nLiabilitiesAndStockholdersEquity"),
        statement("0003", "Position", "Assets\nLiabilitiesAndStockholdersEquity\nStockholdersEquity"),
        statement("0004", "Statement of Comprehensive Income", "NetIncomeLoss\nComprehensiveIncomeNetOfTax"),
        statement("0005", "Results", "Revenues\nNetIncomeLoss\nEarningsPerShareBasic"),
        statement("0006", "Flows", "NetIncomeLoss\nNetCashProvidedByUsedInOperatingActivities"),
        statement(
            "0007",
            "Changes",
            "StockholdersEquity periodStartLabel\nNetIncomeLoss\nStockholdersEquity periodEndLabel",
        ),
        network("0010", "Disclosure", "Segments, Revenues", "Revenues\nNetIncomeLoss\nEarningsPerShareBasic"),
        network("0011", "Disclosure", "Segments, Assets", "Assets"),
    ]
}

#[track_caller]
fn check(networks: &[Network], wanted: &str, expected: Option<&str>) {
    let chosen = choose(networks, &Wanted::parse(wanted)).unwrap();
    assert_eq!(chosen.map(|network| network.number.as_str()), expected, "{wanted}");
}

#[test]
fn a_statement_is_known_by_what_it_holds() {
    let filing = filing();
    for (wanted, number) in [("balance", "0003"), ("income", "0005"), ("cash", "0006"), ("EQUITY", "0007")] {
        check(&filing, wanted, Some(number));
    }
    check(&filing[..2], "income", None);
    // One statement of both is the income statement.
    let both = network(
        "0004",
        "Statement",
        "Comprehensive Income",
        "Revenues\nProfitLoss\nComprehensiveIncomeNetOfTax",
    );
    check(&[both], "income", Some("0004"));
}

#[test]
fn of_combined_filings_it_is_the_first() {
    let twice = [filing()[4].clone(), Network { number: "0015".into(), ..filing()[4].clone() }];
    check(&twice, "income", Some("0005"));
}

#[test]
fn roles_without_a_definition_are_looked_at_all() {
    let nameless = Network { kind: String::new(), number: String::new(), ..filing()[4].clone() };
    check(&[nameless], "income", Some(""));
}

#[test]
fn any_role_is_named_by_number_name_or_a_part() {
    let filing = filing();
    for (wanted, number) in
        [("2", "0002"), ("0010", "0010"), ("flows", "0006"), ("parenthetical", "0002"), ("role/Chan", "0007")]
    {
        check(&filing, wanted, Some(number));
    }
    check(&filing, "leases", None);
    let error = choose(&filing, &Wanted::parse("segments")).unwrap_err().to_string();
    assert_eq!(
        error,
        "statement \"segments\": that is 2 of this filing; name one by its number: \
         0010 Segments, Revenues, 0011 Segments, Assets"
    );
}
