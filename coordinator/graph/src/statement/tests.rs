//! Statements of filings that are made of a few lines and facts.

mod lines;
mod periods;
mod which;

use super::label::{Label, Labels};
use super::network::Line;
use super::parts::Parts;
use super::sheet::{Breakdown, Sheet, lay_out};
use crate::facts::{Fact, Period};

/// A tree, one line each: indented by two spaces a level, the concept, and the name of its preferred label's role.
fn tree(text: &str) -> Vec<Line> {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate().map(|(place, text)| {
        let mut words = text.split_whitespace();
        let concept = words.next().unwrap();
        let role = words.next();
        let is = |word: &str| role.is_some_and(|role| role.contains(word));
        Line {
            number: i32::try_from(place).unwrap() + 1,
            depth: i32::try_from(text.len() - text.trim_start().len()).unwrap() / 2 + 1,
            parent: "us-gaap:Root".to_owned(),
            concept: format!("us-gaap:{concept}"),
            is_abstract: concept.ends_with("Abstract"),
            preferred_label: role.map(str::to_owned),
            is_negated: is("negated"),
            is_total: is("total"),
            edge: if is("Start") { Some("start".into()) } else { is("End").then(|| "end".into()) },
            ..Line::default()
        }
    });
    lines.collect()
}

/// `2023-01-01/2023-12-31` or a day.
fn period(text: &str) -> Period {
    let (first, last) = text.split_once('/').map_or((None, text), |(first, last)| (first.parse().ok(), last));
    Period { first, last: last.parse().unwrap() }
}

/// Facts, one line each: concept, period, value, and `Axis=Member` as often as wanted.
fn facts(text: &str) -> Vec<Fact> {
    let facts = text.lines().filter(|line| !line.trim().is_empty()).enumerate().map(|(place, text)| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let name = |name: &str| format!("us-gaap:{name}");
        let dimension = |word: &&str| {
            let (axis, member) = word.split_once('=').unwrap();
            (name(axis), Some(name(member)))
        };
        Fact {
            identifier: format!("fact-{place}"),
            accession: "0000000001-24-000001".into(),
            fact_id: Some(format!("f-{place}")),
            concept: name(words[0]),
            value: Some(words[2].to_owned()).filter(|value| value != "nil"),
            is_numeric: true,
            decimals: Some("0".into()),
            unit: Some("iso4217:USD".into()),
            period: period(words[1]),
            dimensions: words[3..].iter().map(dimension).collect(),
            fiscal_year: None,
            fiscal_period: None,
        }
    });
    facts.collect()
}

/// A statement over these periods; labels are the concept and the role.
fn sheet(lines: &[Line], facts: &[Fact], periods: &[&str], breakdown: Breakdown) -> Sheet {
    let label = |line: &Line| Label {
        concept: line.concept.clone(),
        role: line.preferred_label.clone().unwrap_or_else(|| "http://www.xbrl.org/2003/role/label".into()),
        language: Some("en-US".into()),
        text: [line.name(), line.preferred_label.as_deref().unwrap_or_default()].join(" ").trim().to_owned(),
    };
    let labels = Labels::new(lines.iter().map(label).collect());
    let periods: Vec<Period> = periods.iter().map(|text| period(text)).collect();
    lay_out(&Parts::of(lines), &labels, facts, &periods, breakdown)
}

/// A row a line: label, then what is shown in each column.
fn shown(sheet: &Sheet) -> String {
    let mut text = String::new();
    for row in &sheet.rows {
        let indent = usize::try_from(row.depth - sheet.top()).unwrap_or_default() * 2;
        let cells = row.cells.iter().map(|cell| match cell {
            None => ".",
            Some(cell) => cell.shown.as_deref().unwrap_or("nil"),
        });
        let total = if row.is_total { " =" } else { "" };
        let cells: Vec<&str> = cells.collect();
        text.push_str(&format!("{:indent$}{}{total} | {}\n", "", row.label, cells.join(" | ")));
    }
    text
}
