//! Lines: signs, balances at both ends, headings, members, equity, and the lines of several filings.

use expect_test::{Expect, expect};

use super::*;
use crate::statement::merge::{merge, newest_first};

const YEARS: [&str; 2] = ["2023-01-01/2023-12-31", "2022-01-01/2022-12-31"];

#[track_caller]
fn check(lines: &str, told: &str, breakdown: Breakdown, expected: Expect) {
    expected.assert_eq(&shown(&sheet(&tree(lines), &facts(told), &YEARS, breakdown)));
}

#[test]
fn negated_lines_turn_the_sign_and_balances_are_those_at_the_ends_of_a_column() {
    check(
        "
Cash periodStartLabel
OperatingAbstract
  NetIncomeLoss
  PaymentsOfDividends negatedLabel
  NetCashProvided totalLabel
EmptyAbstract
  Nothing
Cash periodEndLabel
Commitments
",
        "
Cash 2021-12-31 10
Cash 2022-12-31 15
Cash 2023-12-31 18
NetIncomeLoss 2022-01-01/2022-12-31 6
NetIncomeLoss 2023-01-01/2023-12-31 5
PaymentsOfDividends 2022-01-01/2022-12-31 1
PaymentsOfDividends 2023-01-01/2023-12-31 2
NetCashProvided 2022-01-01/2022-12-31 5
NetCashProvided 2023-01-01/2023-12-31 3
Commitments 2023-12-31 nil
",
        Breakdown::WhereNeeded,
        expect![[r#"
              Cash periodStartLabel | 15 | 10
              OperatingAbstract | . | .
                NetIncomeLoss | 5 | 6
                PaymentsOfDividends negatedLabel | -2 | -1
                NetCashProvided totalLabel = | 3 | 5
              Cash periodEndLabel | 18 | 15
              Commitments | nil | .
        "#]],
    );
}

const WITH_MEMBERS: &str = "
StatementTable
  ProductAxis
    ProductDomain
      GoodsMember
      ServicesMember
  StatementLineItems
    Revenues
    CostOfRevenue
    GrossProfit totalLabel
";

const BY_MEMBER: &str = "
Revenues 2023-01-01/2023-12-31 70 ProductAxis=ServicesMember
Revenues 2023-01-01/2023-12-31 30 ProductAxis=GoodsMember
Revenues 2023-01-01/2023-12-31 12 ProductAxis=PhonesMember
Revenues 2023-01-01/2023-12-31 99 RegionAxis=ChinaMember
CostOfRevenue 2023-01-01/2023-12-31 40 ProductAxis=GoodsMember
CostOfRevenue 2023-01-01/2023-12-31 40
GrossProfit 2023-01-01/2023-12-31 60
";

#[test]
fn members_of_the_table_stand_below_their_line_in_its_order() {
    check(
        WITH_MEMBERS,
        BY_MEMBER,
        Breakdown::Everywhere,
        expect![[r#"
            Revenues | . | .
              GoodsMember | 30 | .
              ServicesMember | 70 | .
            CostOfRevenue | 40 | .
              GoodsMember | 40 | .
            GrossProfit totalLabel = | 60 | .
        "#]],
    );
}

#[test]
fn a_line_that_members_alone_report_shows_them_unasked() {
    check(
        WITH_MEMBERS,
        BY_MEMBER,
        Breakdown::WhereNeeded,
        expect![[r#"
            Revenues | . | .
              GoodsMember | 30 | .
              ServicesMember | 70 | .
            CostOfRevenue | 40 | .
            GrossProfit totalLabel = | 60 | .
        "#]],
    );
}

#[test]
fn members_of_equity_are_columns_and_the_whole_is_the_last() {
    check(
        "
StatementTable
  StatementEquityComponentsAxis
    EquityDomain
      CommonMember
      RetainedMember
      TreasuryMember
  StatementLineItems
    StockholdersEquity periodStartLabel
    NetIncomeLoss
    Dividends negatedLabel
    StockholdersEquity periodEndLabel
",
        "
StockholdersEquity 2022-12-31 7 StatementEquityComponentsAxis=CommonMember
StockholdersEquity 2022-12-31 3 StatementEquityComponentsAxis=RetainedMember
StockholdersEquity 2022-12-31 10
NetIncomeLoss 2023-01-01/2023-12-31 5 StatementEquityComponentsAxis=RetainedMember
NetIncomeLoss 2023-01-01/2023-12-31 5
Dividends 2023-01-01/2023-12-31 1 StatementEquityComponentsAxis=RetainedMember
StockholdersEquity 2023-12-31 7 StatementEquityComponentsAxis=CommonMember
StockholdersEquity 2023-12-31 7 StatementEquityComponentsAxis=RetainedMember
StockholdersEquity 2023-12-31 14
",
        Breakdown::WhereNeeded,
        expect![[r#"
            2022-01-01 to 2022-12-31 | . | . | .
            StockholdersEquity periodEndLabel | 7 | 3 | 10
            2023-01-01 to 2023-12-31 | . | . | .
            StockholdersEquity periodStartLabel | 7 | 3 | 10
            NetIncomeLoss | . | 5 | 5
            Dividends negatedLabel | . | -1 | .
            StockholdersEquity periodEndLabel | 7 | 7 | 14
        "#]],
    );
}

#[test]
fn an_older_filing_keeps_its_own_lines_at_their_place() {
    let newer = tree("RevenuesNew\nCostOfRevenue\nNetIncomeLoss totalLabel");
    let older = tree("HeadAbstract\n  Revenues\n  CostOfRevenue\n  NetIncomeLoss negatedLabel");
    let told = "
RevenuesNew 2023-01-01/2023-12-31 9
CostOfRevenue 2023-01-01/2023-12-31 4
NetIncomeLoss 2023-01-01/2023-12-31 5
Revenues 2022-01-01/2022-12-31 8
CostOfRevenue 2022-01-01/2022-12-31 3
NetIncomeLoss 2022-01-01/2022-12-31 5
";
    let mut merged = sheet(&newer, &facts(told), &YEARS[..1], Breakdown::WhereNeeded);
    // Columns come in the order of time, whichever filing is merged into which.
    merge(&mut merged, sheet(&older, &facts(told), &YEARS[1..], Breakdown::WhereNeeded));
    newest_first(&mut merged);
    expect![[r#"
          HeadAbstract | . | .
            Revenues | . | 8
          RevenuesNew | 9 | .
          CostOfRevenue | 4 | 3
          NetIncomeLoss totalLabel = | 5 | -5
    "#]]
    .assert_eq(&shown(&merged));
    merged.columns.reverse();
    newest_first(&mut merged);
    assert_eq!(merged.columns[0].period, Some(period(YEARS[0])));
}
