//! Which periods are columns.

use super::*;
use crate::statement::columns::columns;

const LINES: &str = "Revenues\nCostOfRevenue\nGrossProfit\nNetIncomeLoss\nEarningsPerShareBasic";

/// Facts of the first so many concepts in each period.
fn filled(periods: &[(&str, usize)]) -> Vec<Fact> {
    let concepts: Vec<&str> = LINES.lines().collect();
    let of = periods.iter().flat_map(|(period, count)| {
        concepts[..*count].iter().map(move |concept| format!("{concept} {period} 1"))
    });
    facts(&of.collect::<Vec<_>>().join("\n"))
}

#[track_caller]
fn check(periods: &[(&str, usize)], expected: &[&str]) {
    let lines = tree(LINES);
    let shown: Vec<String> =
        columns(&Parts::of(&lines), &filled(periods)).iter().map(ToString::to_string).collect();
    assert_eq!(shown, expected);
}

#[test]
fn a_quarterly_income_statement_has_the_quarter_and_the_year_to_date() {
    check(
        &[
            ("2023-01-01/2023-06-30", 5),
            ("2023-04-01/2023-06-30", 5),
            ("2022-04-01/2022-06-30", 4),
            ("2022-01-01/2022-06-30", 5),
            ("2022-01-01/2022-12-31", 1),
        ],
        &["2023-04-01/2023-06-30", "2022-04-01/2022-06-30", "2023-01-01/2023-06-30", "2022-01-01/2022-06-30"],
    );
}

#[test]
fn a_cash_flow_statement_has_no_column_for_the_few_lines_of_a_quarter() {
    check(
        &[("2023-01-01/2023-06-30", 5), ("2022-01-01/2022-06-30", 5), ("2023-04-01/2023-06-30", 2)],
        &["2023-01-01/2023-06-30", "2022-01-01/2022-06-30"],
    );
}

#[test]
fn the_quarters_in_the_notes_of_an_annual_report_are_no_columns() {
    check(
        &[
            ("2023-01-01/2023-12-31", 5),
            ("2022-01-01/2022-12-31", 5),
            // The year in which it began.
            ("2021-11-15/2021-12-31", 5),
            ("2023-10-01/2023-12-31", 5),
            ("2023-07-01/2023-09-30", 5),
        ],
        &["2021-11-15/2021-12-31", "2023-01-01/2023-12-31", "2022-01-01/2022-12-31"],
    );
}

#[test]
fn quarters_of_twelve_and_of_sixteen_weeks_are_one_length() {
    check(
        &[
            ("2024-05-12/2024-08-31", 5),
            ("2023-05-07/2023-08-26", 5),
            ("2024-02-18/2024-05-11", 4),
            ("2023-08-27/2024-08-31", 1),
        ],
        &["2024-05-12/2024-08-31", "2024-02-18/2024-05-11", "2023-05-07/2023-08-26"],
    );
}

#[test]
fn a_balance_sheet_has_the_days_on_which_most_of_it_is_told() {
    check(&[("2023-12-31", 5), ("2022-12-31", 4), ("2021-12-31", 2)], &["2023-12-31", "2022-12-31"]);
}

#[test]
fn a_company_that_reports_by_members_alone_has_their_periods() {
    let lines = tree("StatementTable\n  EntityAxis\n    SubsidiaryMember\nRevenues");
    let told = facts("Revenues 2023-01-01/2023-12-31 1 EntityAxis=SubsidiaryMember");
    assert_eq!(columns(&Parts::of(&lines), &told), [period("2023-01-01/2023-12-31")]);
    let elsewhere = facts("Revenues 2023-01-01/2023-12-31 1 RegionAxis=ChinaMember");
    assert_eq!(columns(&Parts::of(&lines), &elsewhere), []);
}
