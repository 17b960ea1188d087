//! Statements of real filings, compared with what the filings show.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::text;
use crate::program::edgraph;

/// What is shown of a line in each column, in thousands; the concept alone, or with the end of its label's role.
fn lines(out: &Path, filing: &str, statement: &str) -> BTreeMap<String, Vec<i64>> {
    let graph = out.join("graph").display().to_string();
    let answer = edgraph(["statement", filing, statement, "--graph", &graph, "--format", "json"]).ok();
    let mut lines: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in answer.json().as_array().unwrap() {
        let (Value::String(shown), Value::String(concept)) = (&row["shown"], &row["concept"]) else {
            continue;
        };
        if row["dimensions"] != serde_json::json!({}) || text(&row["unit"]) != "iso4217:USD" {
            continue;
        }
        let label = text(&row["preferred_label"]);
        let edge = ["periodStartLabel", "periodEndLabel"].into_iter().find(|edge| label.ends_with(edge));
        let name = concept.rsplit(':').next().unwrap();
        let name = edge.map_or_else(|| name.to_owned(), |edge| format!("{name} {edge}"));
        lines.entry(name).or_default().push(shown.parse::<i64>().unwrap() / 1_000);
    }
    lines
}

/// Signs, balances at both ends and columns of the five companies' statements.
pub(super) fn show_what_the_filings_show(out: &Path) {
    const RESTRICTED: &str = "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents";
    let [start, end] = ["periodStartLabel", "periodEndLabel"].map(|edge| format!("{RESTRICTED} {edge}"));
    let of_group = format!("{RESTRICTED}IncludingDisposalGroupAndDiscontinuedOperations periodStartLabel");
    for (filing, statement, line, expected) in [
        (
            "0000320193-23-000106",
            "income",
            "OperatingIncomeLoss",
            [114_301_000, 119_437_000, 108_949_000].as_slice(),
        ),
        (
            "0000320193-23-000106",
            "cash",
            "PaymentsForRepurchaseOfCommonStock",
            &[-77_550_000, -89_402_000, -85_971_000],
        ),
        ("0000320193-23-000106", "cash", &start, &[24_977_000, 35_929_000, 39_789_000]),
        ("0000320193-23-000106", "cash", &end, &[30_737_000, 24_977_000, 35_929_000]),
        ("0000320193-23-000106", "balance", "Liabilities", &[290_437_000, 302_083_000]),
        ("AAPL", "income", "NetIncomeLoss", &[24_780_000, 23_636_000, 61_110_000, 57_552_000]),
        (
            "MSFT",
            "cash",
            "RepaymentsOfDebtMaturingInMoreThanThreeMonths",
            &[-1_500_000, -3_888_000, -1_346_000],
        ),
        ("MSFT", "income", "SalesRevenueNet", &[93_580_000, 86_833_000, 77_849_000]),
        // The income statement's quarter is no column of the cash flows.
        ("TSLA", "cash", "ProfitLoss", &[2_638_000, 5_153_000]),
        ("TSLA", "cash", &of_group, &[17_189_000, 16_924_000]),
        (
            "0001193125-10-036181",
            "cash",
            "PaymentsForRepurchaseOfCommonStock",
            &[-324_335, -199_904, -99_858],
        ),
        ("0000000000-10-000001", "income", "InterestExpense", &[-4_945, -674, -14_797, -2_018]),
        ("0001065280-24-000030", "cash", "PaymentsForRepurchaseOfCommonStock", &[-6_045_347, 0, -600_022]),
        ("gahc", "income", "NetIncomeLoss", &[-422, -169, -710, -994]),
    ] {
        let lines = lines(out, filing, statement);
        assert_eq!(lines.get(line).map(Vec::as_slice), Some(expected), "{line} of {filing}: {lines:#?}");
    }
    // Columns are members of equity, each period with its own lines.
    let equity = lines(out, "0000320193-23-000106", "equity");
    assert_eq!(equity["StockholdersEquity periodStartLabel"], [65_339_000, 63_090_000, 50_672_000]);
    assert_eq!(equity["StockholdersEquity periodEndLabel"], [63_090_000, 50_672_000, 62_146_000]);
}
