//! Series of companies that file a few facts.

use std::collections::HashMap;

use expect_test::{Expect, expect};

use super::*;
use crate::facts::{Fact, Filer, Filing, Period};

fn period(text: &str) -> Period {
    let (first, last) = text.split_once('/').map_or((None, text), |(first, last)| (first.parse().ok(), last));
    Period { first, last: last.parse().unwrap() }
}

/// A filing's number, form and the end of its period; numbers are in the order of time.
fn filing(text: &str) -> Filing {
    let words: Vec<&str> = text.split_whitespace().collect();
    Filing {
        accession: words[0].to_owned(),
        form: words[1].to_owned(),
        report_date: words[2].parse().ok(),
        filed: String::new(),
        accepted: words[0].to_owned(),
        is_amendment: words[1].ends_with("/A"),
    }
}

/// Filing, concept, period, fiscal name, value; then `decimals=`, `unit=` or `Axis=Member`.
fn fact(place: usize, text: &str) -> Fact {
    let words: Vec<&str> = text.split_whitespace().collect();
    let option = |wanted: &str| {
        words[5..]
            .iter()
            .filter_map(|word| word.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    };
    let dimensions =
        words[5..].iter().filter_map(|word| word.split_once('=')).filter(|(name, _)| name.ends_with("Axis"));
    let (name, year) = words[3].split_at(words[3].len() - 4);
    Fact {
        identifier: format!("fact-{place}"),
        accession: words[0].to_owned(),
        fact_id: Some(format!("f{place}")),
        concept: format!("us-gaap:{}", words[1]),
        value: Some(words[4].to_owned()),
        is_numeric: true,
        decimals: Some(option("decimals").unwrap_or("0").to_owned()),
        unit: Some(option("unit").unwrap_or("iso4217:USD").to_owned()),
        period: period(words[2]),
        dimensions: dimensions.map(|(axis, member)| (axis.to_owned(), Some(member.to_owned()))).collect(),
        fiscal_year: year.parse().ok(),
        fiscal_period: Some(name.to_owned()),
    }
}

struct Filed {
    filer: Filer,
    facts: Vec<Fact>,
}

/// What was filed: filings and facts, told apart by their second word.
fn filed(text: &str) -> Filed {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_filing = |line: &&str| line.split_whitespace().nth(1).is_some_and(|word| word.starts_with("10-"));
    let filer = Filer {
        name: "A".into(),
        cik: "0000000001".into(),
        ticker: Some("A".into()),
        sic: None,
        filings: lines().filter(is_filing).map(filing).collect(),
    };
    let facts =
        lines().filter(|line| !is_filing(line)).enumerate().map(|(place, line)| fact(place, line)).collect();
    Filed { filer, facts }
}

impl Filed {
    fn rows(&self, name: &str, length: Length, basis: Basis) -> Vec<Row> {
        let accepted: HashMap<&str, &str> = self
            .filer
            .filings
            .iter()
            .map(|filing| (filing.accession.as_str(), filing.accepted.as_str()))
            .collect();
        let told = told::told(&self.facts, &accepted, basis);
        let map = StandardMap::standard();
        Company { filer: &self.filer, map: &map, told: &told, length }.rows(&Asked::Name(name.to_owned()))
    }

    #[track_caller]
    fn check(&self, name: &str, length: Length, basis: Basis, expected: Expect) {
        let rows = self.rows(name, length, basis);
        for amount in rows.iter().filter_map(|row| row.amount.as_ref()) {
            recomputed(amount);
        }
        let shown: Vec<String> = rows.iter().map(shown).collect();
        expected.assert_eq(&(shown.join("\n") + "\n"));
    }
}

/// An amount is what its sources come to.
fn recomputed(amount: &Amount) {
    let mut sum = bigdecimal::BigDecimal::from(0);
    for Source { is_added, fact } in &amount.sources {
        let value: bigdecimal::BigDecimal = fact.value.as_deref().unwrap().parse().unwrap();
        sum = if *is_added { sum + value } else { sum - value };
    }
    assert_eq!(sum, amount.value, "{amount:?}");
}

fn shown(row: &Row) -> String {
    let mut words = vec![row.status.word().to_owned()];
    if let Some(amount) = &row.amount {
        words.extend(amount.fiscal.as_ref().map(|(year, name)| format!("{name}{year}")));
        words.push(amount.period.to_string());
        words.push(amount.text());
        words.push(amount.concept.replace("us-gaap:", ""));
        words.extend(amount.dimensions.values().flatten().cloned());
        if amount.is_derived() {
            let operands = amount.sources.iter().map(|source| {
                let sign = if source.is_added { "+" } else { "-" };
                format!("{sign}{}", source.fact.fact_id.as_deref().unwrap())
            });
            words.push(format!("[{}]", operands.collect::<Vec<_>>().join(" ")));
        } else {
            words.push(amount.sources[0].fact.accession.clone());
        }
        words.extend(
            amount.restated.as_ref().map(|other| format!("elsewhere {}", other.value.as_deref().unwrap())),
        );
    } else {
        words.push(row.last.to_string());
    }
    words.extend(row.reason.as_ref().map(|reason| format!("({})", reason.replace("us-gaap:", ""))));
    words.join(" ")
}

/// A year of quarters of 12, 12, 12 and 16 weeks.
const WEEKS: &str = "
1 10-Q 2023-11-18
2 10-Q 2024-02-10
3 10-Q 2024-05-04
4 10-K 2024-08-24
1 NetIncomeLoss 2023-08-27/2023-11-18 Q12024 10
2 NetIncomeLoss 2023-11-19/2024-02-10 Q22024 12
2 NetIncomeLoss 2023-08-27/2024-02-10 H12024 22
3 NetIncomeLoss 2024-02-11/2024-05-04 Q32024 11
3 NetIncomeLoss 2023-08-27/2024-05-04 M92024 33
4 NetIncomeLoss 2023-08-27/2024-08-24 FY2024 50
1 EarningsPerShareDiluted 2023-08-27/2023-11-18 Q12024 0.5 unit=iso4217:USD/xbrli:shares
3 EarningsPerShareDiluted 2023-08-27/2024-05-04 M92024 1.5 unit=iso4217:USD/xbrli:shares
4 EarningsPerShareDiluted 2023-08-27/2024-08-24 FY2024 2.5 unit=iso4217:USD/xbrli:shares
2 NetCashProvidedByUsedInOperatingActivities 2023-08-27/2024-02-10 H12024 30
1 NetCashProvidedByUsedInOperatingActivities 2023-08-27/2023-11-18 Q12024 14
4 NetCashProvidedByUsedInOperatingActivities 2023-08-27/2024-08-24 FY2024 80
1 PaymentsToAcquirePropertyPlantAndEquipment 2023-08-27/2023-11-18 Q12024 4
4 PaymentsToAcquirePropertyPlantAndEquipment 2023-08-27/2024-08-24 FY2024 20
4 Assets 2024-08-24 FY2024 900
3 Assets 2024-05-04 Q32024 800
";

#[test]
fn quarters_of_twelve_and_sixteen_weeks_are_quarters_and_the_last_is_derived() {
    filed(WEEKS).check(
        "net_income",
        Length::Quarters,
        Basis::Last,
        expect![[r#"
            reported Q12024 2023-08-27/2023-11-18 10 NetIncomeLoss 1
            reported Q22024 2023-11-19/2024-02-10 12 NetIncomeLoss 2
            reported Q32024 2024-02-11/2024-05-04 11 NetIncomeLoss 3
            derived Q42024 2024-05-05/2024-08-24 17 NetIncomeLoss [+f5 -f4]
        "#]],
    );
}

#[test]
fn cash_flows_to_date_give_the_quarters_that_they_can_and_the_reason_for_those_they_cannot() {
    filed(WEEKS).check(
        "operating_cash_flow",
        Length::Quarters,
        Basis::Last,
        expect![[r#"
            reported Q12024 2023-08-27/2023-11-18 14 NetCashProvidedByUsedInOperatingActivities 1
            derived Q22024 2023-11-19/2024-02-10 16 NetCashProvidedByUsedInOperatingActivities [+f9 -f10]
            absent 2024-05-04 (no filing in this graph tells NetCashProvidedByUsedInOperatingActivities, NetCashProvidedByUsedInOperatingActivitiesContinuingOperations)
            absent 2024-08-24 (NetCashProvidedByUsedInOperatingActivities is told of 2023-08-27/2024-08-24 alone)
        "#]],
    );
}

#[test]
fn amounts_per_share_are_never_derived_and_a_year_is_no_quarter() {
    filed(WEEKS).check(
        "eps_diluted",
        Length::Quarters,
        Basis::Last,
        expect![[r#"
            reported Q12024 2023-08-27/2023-11-18 0.5 EarningsPerShareDiluted 1
            absent 2024-02-10 (no filing in this graph tells EarningsPerShareDiluted, EarningsPerShareBasicAndDiluted)
            absent 2024-05-04 (EarningsPerShareDiluted is told of 2023-08-27/2024-05-04 alone)
            absent 2024-08-24 (EarningsPerShareDiluted in iso4217:USD/xbrli:shares does not add up over time)
        "#]],
    );
}

#[test]
fn a_sum_names_its_operands_and_is_absent_without_one() {
    filed(WEEKS).check(
        "free_cash_flow",
        Length::Quarters,
        Basis::Last,
        expect![[r#"
            derived Q12024 2023-08-27/2023-11-18 10 operating_cash_flow - capex [+f10 -f12]
            absent 2024-02-10 (operating_cash_flow - capex: capex is absent)
            absent 2024-05-04 (no filing in this graph tells NetCashProvidedByUsedInOperatingActivities, NetCashProvidedByUsedInOperatingActivitiesContinuingOperations, PaymentsToAcquirePropertyPlantAndEquipment, PaymentsToAcquireProductiveAssets)
            absent 2024-08-24 (NetCashProvidedByUsedInOperatingActivities is told of 2023-08-27/2024-08-24 alone)
        "#]],
    );
}

#[test]
fn a_company_without_annual_reports_is_not_passed_over() {
    let rows = filed("1 10-Q 2024-03-31\n1 Revenues 2024-01-01/2024-03-31 Q12024 5").rows(
        "revenue",
        Length::Years,
        Basis::Last,
    );
    let expected = "absent 2024-03-31 (no report of such periods is in this graph; ask for --quarterly)";
    assert_eq!(rows.iter().map(shown).collect::<Vec<_>>(), [expected]);
}

#[test]
fn the_first_quarter_follows_from_half_a_year_and_the_second() {
    filed(
        "
1 10-Q 2024-06-30
1 NetIncomeLoss 2024-01-01/2024-06-30 H12024 30
1 NetIncomeLoss 2024-04-01/2024-06-30 Q22024 18
",
    )
    .check(
        "net_income",
        Length::Quarters,
        Basis::Last,
        expect![[r#"
        derived Q12024 2024-01-01/2024-03-31 12 NetIncomeLoss [+f0 -f1]
        reported Q22024 2024-04-01/2024-06-30 18 NetIncomeLoss 1
    "#]],
    );
}

#[test]
fn balances_are_those_at_the_ends_of_periods() {
    let filed = filed(WEEKS);
    filed.check(
        "assets",
        Length::Years,
        Basis::Last,
        expect![[r#"
        reported FY2024 2024-08-24 900 Assets 4
    "#]],
    );
    let quarters = filed.rows("assets", Length::Quarters, Basis::Last);
    let ends: Vec<String> =
        quarters.iter().map(|row| format!("{} {}", row.last, row.status.word())).collect();
    assert_eq!(
        ends,
        ["2023-11-18 absent", "2024-02-10 absent", "2024-05-04 reported", "2024-08-24 reported"]
    );
}

/// The second annual report says another revenue of the year before.
const RESTATED: &str = "
1 10-Q 2022-09-30
2 10-K 2022-12-31
3 10-K 2023-12-31
1 Revenues 2022-01-01/2022-09-30 M92022 70
2 Revenues 2022-01-01/2022-12-31 FY2022 100
3 Revenues 2022-01-01/2022-12-31 FY2022 90
3 Revenues 2023-01-01/2023-12-31 FY2023 120
3 Revenues 2023-01-01/2023-12-31 FY2023 100 decimals=-2
";

#[test]
fn a_restated_year_is_as_first_or_as_last_reported_and_says_the_other() {
    let filed = filed(RESTATED);
    filed.check(
        "revenue",
        Length::Years,
        Basis::Last,
        expect![[r#"
            reported FY2022 2022-01-01/2022-12-31 90 Revenues 3 elsewhere 100
            reported FY2023 2023-01-01/2023-12-31 120 Revenues 3
        "#]],
    );
    filed.check(
        "revenue",
        Length::Years,
        Basis::First,
        expect![[r#"
            reported FY2022 2022-01-01/2022-12-31 100 Revenues 2 elsewhere 90
            reported FY2023 2023-01-01/2023-12-31 120 Revenues 3
        "#]],
    );
}

#[test]
fn no_quarter_is_derived_from_a_restated_year_and_nine_months_as_they_were() {
    let rows = filed(RESTATED).rows("revenue", Length::Quarters, Basis::Last);
    let year: Vec<String> =
        rows.iter().filter(|row| row.last.to_string() == "2022-12-31").map(shown).collect();
    assert_eq!(
        year,
        [
            "absent 2022-12-31 (Revenues of 2022-01-01/2022-12-31 was restated, the rest of what it would follow from was not)"
        ]
    );
}

#[test]
fn a_revenue_that_members_alone_tell_is_absent_with_theirs() {
    let filed = filed(
        "
1 10-K 2023-12-31
1 Revenues 2023-01-01/2023-12-31 FY2023 60 ProductAxis=GoodsMember
1 Revenues 2023-01-01/2023-12-31 FY2023 40 ProductAxis=ServicesMember
1 Revenues 2023-01-01/2023-12-31 FY2023 5 ProductAxis=GoodsMember RegionAxis=ChinaMember
1 CostOfRevenue 2023-01-01/2023-12-31 FY2023 30
",
    );
    filed.check(
        "revenue",
        Length::Years,
        Basis::Last,
        expect![[r#"
            absent 2023-12-31 (told by members alone, which nothing says are all)
            by member FY2023 2023-01-01/2023-12-31 60 Revenues GoodsMember 1
            by member FY2023 2023-01-01/2023-12-31 40 Revenues ServicesMember 1
        "#]],
    );
}

#[test]
fn candidates_that_differ_are_both_shown_and_those_that_agree_once() {
    let filed = filed(
        "
1 10-K 2022-12-31
2 10-K 2023-12-31
1 Revenues 2022-01-01/2022-12-31 FY2022 100
1 RevenueFromContractWithCustomerExcludingAssessedTax 2022-01-01/2022-12-31 FY2022 100
2 Revenues 2023-01-01/2023-12-31 FY2023 120
2 RevenueFromContractWithCustomerExcludingAssessedTax 2023-01-01/2023-12-31 FY2023 80
1 CostOfRevenue 2022-01-01/2022-12-31 FY2022 30
2 CostOfRevenue 2023-01-01/2023-12-31 FY2023 30
",
    );
    filed.check(
        "revenue",
        Length::Years,
        Basis::Last,
        expect![[r#"
            reported FY2022 2022-01-01/2022-12-31 100 Revenues 1
            disputed FY2023 2023-01-01/2023-12-31 120 Revenues 2 (Revenues and RevenueFromContractWithCustomerExcludingAssessedTax differ; ask for the one that is meant)
            disputed FY2023 2023-01-01/2023-12-31 80 RevenueFromContractWithCustomerExcludingAssessedTax 2 (Revenues and RevenueFromContractWithCustomerExcludingAssessedTax differ; ask for the one that is meant)
        "#]],
    );
    filed.check(
        "gross_profit",
        Length::Years,
        Basis::Last,
        expect![[r#"
            derived FY2022 2022-01-01/2022-12-31 70 revenue - cost_of_revenue [+f0 -f4]
            absent 2023-12-31 (revenue - cost_of_revenue: revenue is in dispute)
        "#]],
    );
}

#[test]
fn twelve_months_are_a_year_moved_on_or_four_quarters() {
    let filed = filed(
        "
1 10-K 2023-12-31
2 10-Q 2024-03-31
3 10-Q 2024-06-30
1 NetIncomeLoss 2023-01-01/2023-12-31 FY2023 100
2 NetIncomeLoss 2024-01-01/2024-03-31 Q12024 30
2 NetIncomeLoss 2023-01-01/2023-03-31 Q12023 20
3 NetIncomeLoss 2024-01-01/2024-06-30 H12024 65
3 NetIncomeLoss 2023-01-01/2023-06-30 H12023 45
1 ProfitLoss 2023-04-01/2023-06-30 Q22023 1
1 ProfitLoss 2023-07-01/2023-09-30 Q32023 2
1 ProfitLoss 2023-10-01/2023-12-31 Q42023 3
2 ProfitLoss 2024-01-01/2024-03-31 Q12024 4
",
    );
    filed.check(
        "net_income",
        Length::TwelveMonths,
        Basis::Last,
        expect![[r#"
            reported FY2023 2023-01-01/2023-12-31 100 NetIncomeLoss 1
            derived 2023-04-01/2024-03-31 110 NetIncomeLoss [+f0 +f1 -f2]
            derived 2023-07-01/2024-06-30 120 NetIncomeLoss [+f0 +f3 -f4]
        "#]],
    );
    let total = filed.rows("net_income_total", Length::TwelveMonths, Basis::Last);
    assert!(
        total.iter().any(|row| shown(row) == "derived 2023-04-01/2024-03-31 10 ProfitLoss [+f8 +f7 +f6 +f5]"),
        "{total:?}"
    );
}
