//! A series for people and for programs. Every row names its concept and where it is from.

use comfy_table::CellAlignment;

use super::amount::{Amount, Source};
use super::answer::{Row, Status};
use super::lines::{Line, Series};
use crate::database::cell::Cell;
use crate::facts::{Scale, nearest, scaled};
use crate::query::{self, Table};

const COLUMNS: [&str; 24] = [
    "company",
    "cik",
    "ticker",
    "name",
    "fiscal_year",
    "fiscal_period",
    "period_start",
    "period_end",
    "period_instant",
    "value",
    "numeric_value",
    "unit",
    "decimals",
    "concept",
    "dimensions",
    "status",
    "reason",
    "accession",
    "fact_id",
    "fact",
    "operands",
    "other_value",
    "other_accession",
    "other_fact_id",
];

/// One row for each line, with operands and with what another filing says.
pub(super) fn table(series: &Series) -> Table {
    let rows = series.lines.iter().map(|line| cells(series, line)).collect();
    Table { columns: COLUMNS.map(str::to_owned).into(), rows, truncated: false }
}

fn cells(series: &Series, line: &Line) -> Vec<Cell> {
    let Row { amount, status, reason, last } = &line.row;
    let amount = amount.as_ref();
    let fiscal = amount.and_then(|amount| amount.fiscal.as_ref());
    let period = amount.map(|amount| amount.period);
    let duration = period.filter(|period| period.first.is_some());
    let instant = period.filter(|period| period.first.is_none());
    // What is absent is absent at the end of a report's period.
    let end = duration.map(|period| period.last).or((*status == Status::Absent).then_some(*last));
    let only = amount.filter(|amount| !amount.is_derived()).map(|amount| &amount.sources[0].fact);
    let other = amount.and_then(|amount| amount.restated.as_ref());
    let day = |day: Option<chrono::NaiveDate>| Cell::from(day.map(|day| day.to_string()));
    let dimensions = |amount: &Amount| {
        let members =
            amount.dimensions.iter().map(|(axis, member)| (axis.clone(), Cell::from(member.clone())));
        Cell::Map(members.collect())
    };
    vec![
        Cell::from(Some(line.company.clone())),
        Cell::from(Some(line.cik.clone())),
        Cell::from(line.ticker.clone()),
        Cell::from(Some(series.name.clone())),
        fiscal.map_or(Cell::Null, |(year, _)| Cell::Integer((*year).into())),
        Cell::from(fiscal.map(|(_, name)| name.clone())),
        day(duration.and_then(|period| period.first)),
        day(end),
        day(instant.map(|period| period.last)),
        Cell::from(amount.map(Amount::text)),
        nearest(amount.map(Amount::text).as_deref()),
        Cell::from(amount.map(|amount| amount.unit.clone())),
        Cell::from(only.and_then(|fact| fact.decimals.clone())),
        Cell::from(amount.map(|amount| amount.concept.clone())),
        amount.map_or(Cell::Null, dimensions),
        Cell::from(Some(status.word().to_owned())),
        Cell::from(reason.clone()),
        Cell::from(only.map(|fact| fact.accession.clone())),
        Cell::from(only.and_then(|fact| fact.fact_id.clone())),
        Cell::from(only.map(|fact| fact.identifier.clone())),
        amount
            .filter(|amount| amount.is_derived())
            .map_or(Cell::Null, |amount| Cell::List(amount.sources.iter().map(operand).collect())),
        Cell::from(other.and_then(|fact| fact.value.clone())),
        Cell::from(other.map(|fact| fact.accession.clone())),
        Cell::from(other.and_then(|fact| fact.fact_id.clone())),
    ]
}

fn operand(source: &Source) -> Cell {
    let Source { is_added, fact } = source;
    let named = |name: &str, value: Option<String>| (name.to_owned(), Cell::from(value));
    Cell::Map(vec![
        named("sign", Some(if *is_added { "+" } else { "-" }.to_owned())),
        named("concept", Some(fact.concept.clone())),
        named("period", Some(fact.period.to_string())),
        named("value", fact.value.clone()),
        named("unit", fact.unit.clone()),
        named("accession", Some(fact.accession.clone())),
        named("fact_id", fact.fact_id.clone()),
        named("fact", Some(fact.identifier.clone())),
    ])
}

/// A table for people. Ends with a line feed.
pub(super) fn draw(series: &Series, width: Option<u16>) -> String {
    let amounts = || series.lines.iter().filter_map(|line| line.row.amount.as_ref());
    let is_money = |amount: &Amount| amount.unit.starts_with("iso4217:") && !amount.unit.contains('/');
    let values: Vec<String> = amounts().filter(|amount| is_money(amount)).map(Amount::text).collect();
    let scale = Scale::of(values.iter().map(String::as_str));
    let several = series.lines.windows(2).any(|pair| pair[0].cik != pair[1].cik);
    let mut drawn = query::frame(width);
    let mut header: Vec<String> = if several { vec!["company".to_owned()] } else { Vec::new() };
    let value = scale.words().map_or_else(|| "value".to_owned(), |scale| format!("value\n{scale}"));
    header.extend(["period", &value, "unit", "concept", "from"].map(str::to_owned));
    drawn.set_header(header);
    for line in &series.lines {
        let row = &line.row;
        let mut cells = if several {
            vec![comfy_table::Cell::new(line.ticker.as_ref().unwrap_or(&line.company))]
        } else {
            Vec::new()
        };
        let shown = row.amount.as_ref().map_or_else(String::new, |amount| {
            let own = if is_money(amount) { scale } else { Scale::Ones };
            let decimals = amount.sources[0].fact.decimals.as_deref();
            scaled(&amount.text(), own, decimals)
        });
        let unit =
            row.amount.as_ref().map(|amount| amount.unit.replace("iso4217:", "").replace("xbrli:", ""));
        cells.extend([
            comfy_table::Cell::new(period(row)),
            comfy_table::Cell::new(shown).set_alignment(CellAlignment::Right),
            comfy_table::Cell::new(unit.unwrap_or_default()),
            comfy_table::Cell::new(concept(row)),
            comfy_table::Cell::new(source(row)),
        ]);
        drawn.add_row(cells);
    }
    let company = series.lines.first().filter(|_| !several).map_or("", |line| line.company.as_str());
    let separator = if company.is_empty() { "" } else { ": " };
    format!("{company}{separator}{}\n{drawn}\n", series.label)
}

fn period(row: &Row) -> String {
    let Some(amount) = &row.amount else { return row.last.to_string() };
    let fiscal = amount.fiscal.as_ref().map_or_else(String::new, |(year, name)| format!("{name} {year}\n"));
    let first = amount.period.first.map_or_else(String::new, |first| format!("{first} to "));
    format!("{fiscal}{first}{}", amount.period.last)
}

fn concept(row: &Row) -> String {
    let Some(amount) = &row.amount else { return String::new() };
    let members = amount
        .dimensions
        .iter()
        .map(|(axis, member)| format!("\n{axis}={}", member.as_deref().unwrap_or("nil")));
    format!("{}{}", amount.concept, members.collect::<String>())
}

/// Where a row is from: its fact, its operands, or why there is none.
fn source(row: &Row) -> String {
    let mut lines: Vec<String> = Vec::new();
    if let Some(amount) = &row.amount {
        if amount.is_derived() {
            lines.push("derived".to_owned());
            lines.extend(amount.sources.iter().map(|Source { is_added, fact }| {
                let sign = if *is_added { '+' } else { '-' };
                let value = fact.value.as_deref().unwrap_or_default();
                format!("{sign} {value} {} {} {}", fact.concept, fact.period, fact.source())
            }));
        } else {
            lines.push(amount.sources[0].fact.source());
        }
        lines.extend(amount.restated.as_ref().map(|other| {
            format!("elsewhere {} {}", other.value.as_deref().unwrap_or_default(), other.source())
        }));
    }
    let word = (row.status != Status::Reported && row.status != Status::Derived).then(|| row.status.word());
    lines.extend(match (word, &row.reason) {
        (Some(word), Some(reason)) => Some(format!("{word}: {reason}")),
        (Some(word), None) => Some(word.to_owned()),
        (None, _) => None,
    });
    lines.join("\n")
}
