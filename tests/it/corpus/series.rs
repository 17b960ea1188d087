//! Series of real filings, compared with the SEC's own values and with what they are made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::text;
use crate::program::edgraph;

fn series(out: &Path, company: &str, name: &str, more: &[&str]) -> Vec<Value> {
    let graph = out.join("graph").display().to_string();
    let fixed = ["series", company, name, "--graph", &graph, "--format", "json"];
    edgraph(fixed.iter().chain(more)).ok().json().as_array().unwrap().clone()
}

/// Amounts by their period's last day, where a filing says them or they follow.
fn amounts(rows: &[Value]) -> BTreeMap<String, String> {
    let told = rows.iter().filter(|row| ["reported", "derived"].contains(&row["status"].as_str().unwrap()));
    told.map(|row| (text(&row["period_end"]) + &text(&row["period_instant"]), text(&row["value"]))).collect()
}

/// Every number of Apple's is one that the SEC has for its concept, unit and period, or follows from such.
pub(super) fn are_the_secs(corpus: &Path, out: &Path) {
    let path = corpus.join("api/xbrl/companyfacts/CIK0000320193.json");
    let secs: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut compared = 0;
    let mut derived = 0;
    for name in [
        "revenue",
        "net_income",
        "operating_cash_flow",
        "capex",
        "assets",
        "eps_diluted",
        "shares_diluted",
        "free_cash_flow",
    ] {
        for length in ["--annual", "--quarterly", "--ttm"] {
            for row in series(out, "AAPL", name, &[length]) {
                let facts = if row["operands"].is_null() {
                    vec![row.clone()]
                } else {
                    derived += 1;
                    recomputed(&row);
                    row["operands"].as_array().unwrap().clone()
                };
                for fact in facts.iter().filter(|fact| !fact["value"].is_null()) {
                    assert!(is_the_secs(&secs, fact), "{name}: {fact}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 80 && derived > 5, "{compared} compared, {derived} derived");
    let revenue = amounts(&series(out, "AAPL", "revenue", &[]));
    assert_eq!(revenue["2023-09-30"], "383285000000");
    assert_eq!(revenue["2010-09-25"], "65225000000");
    // What one filing says of nine months and another of the year gives the last quarter.
    let quarters = amounts(&series(out, "AAPL", "revenue", &["--quarterly"]));
    assert_eq!(quarters["2023-09-30"], "89498000000");
    let eps = series(out, "AAPL", "eps_diluted", &["--quarterly"]);
    let last = eps.iter().find(|row| row["period_end"] == "2023-09-30").unwrap();
    assert_eq!(last["status"], "absent", "{last}");
    assert!(text(&last["reason"]).contains("does not add up over time"), "{last}");
    let free = amounts(&series(out, "AAPL", "free_cash_flow", &[]));
    assert_eq!(free["2023-09-30"], "99584000000");
}

fn recomputed(row: &Value) {
    let number = |text: &Value| super::text(text).parse::<i128>().unwrap();
    let sum: i128 = row["operands"]
        .as_array()
        .unwrap()
        .iter()
        .map(
            |operand| {
                if operand["sign"] == "+" { number(&operand["value"]) } else { -number(&operand["value"]) }
            },
        )
        .sum();
    assert_eq!(sum, number(&row["value"]), "{row}");
}

/// Whether the SEC has this value of this concept in this period, from whatever filing.
fn is_the_secs(secs: &Value, fact: &Value) -> bool {
    let concept = text(&fact["concept"]);
    let (prefix, name) = concept.split_once(':').unwrap();
    let unit = text(&fact["unit"]).replace("iso4217:", "").replace("xbrli:", "");
    let (start, end) = match fact["period"].as_str() {
        Some(period) => period
            .split_once('/')
            .map_or((None, period.to_owned()), |(first, last)| (Some(first.to_owned()), last.to_owned())),
        None if fact["period_instant"].is_null() => {
            (Some(text(&fact["period_start"])), text(&fact["period_end"]))
        }
        None => (None, text(&fact["period_instant"])),
    };
    let value: f64 = text(&fact["value"]).parse().unwrap();
    let told = secs["facts"][prefix][name]["units"][&unit].as_array().cloned().unwrap_or_default();
    told.iter().any(|sec| {
        sec["end"] == end.as_str()
            && sec["start"].as_str() == start.as_deref()
            && sec["val"].as_f64() == Some(value)
    })
}
