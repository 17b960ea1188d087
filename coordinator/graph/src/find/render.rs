//! What was found, for people and for programs.

use comfy_table::{CellAlignment, presets};

use super::found::Found;
use crate::database::cell::Cell;
use crate::facts::{Scale, scaled};
use crate::query::Table;

/// The columns of all kinds of hits.
const COLUMNS: [&str; 15] = [
    "kind",
    "cik",
    "ticker",
    "name",
    "label",
    "concept",
    "company",
    "accession",
    "form",
    "filed",
    "number",
    "filings",
    "facts",
    "companies",
    "text",
];

/// Ends with a line feed.
pub(super) fn json(found: &Found) -> String {
    let mut text = serde_json::to_string_pretty(found).expect("plain data always serialises");
    text.push('\n');
    text
}

/// One row for each hit, whatever its kind.
pub(super) fn table(found: &Found) -> Table {
    let rows = parts(found).into_iter().flat_map(|part| {
        let row = move |cells: Vec<Cell>| {
            let mut row = vec![Cell::Null; COLUMNS.len()];
            row[0] = word(part.kind);
            for (column, cell) in part.columns.iter().zip(cells) {
                let place = COLUMNS.iter().position(|known| known == column).expect("it is one of them");
                row[place] = cell;
            }
            row
        };
        part.rows.into_iter().map(row)
    });
    Table { columns: COLUMNS.map(str::to_owned).into(), rows: rows.collect(), truncated: false }
}

/// A table for each kind of hits that there are. Ends with a line feed.
pub(super) fn draw(found: &Found) -> String {
    let tables = parts(found).into_iter().filter(|part| !part.rows.is_empty()).map(|part| {
        let mut drawn = comfy_table::Table::new();
        drawn.load_style(presets::UTF8_FULL_CONDENSED).set_header(part.columns);
        for row in &part.rows {
            drawn.add_row(row.iter().map(shown));
        }
        let more = match part.more {
            0 => String::new(),
            more => format!("and {more} more: another word, or --limit\n"),
        };
        format!("{}\n{drawn}\n{more}", part.title)
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// Numbers stand to the right.
fn shown(cell: &Cell) -> comfy_table::Cell {
    match cell {
        Cell::Integer(number) => comfy_table::Cell::new(scaled(&number.to_string(), Scale::Ones, None))
            .set_alignment(CellAlignment::Right),
        other => comfy_table::Cell::new(other.as_text().unwrap_or_default()),
    }
}

/// The hits of one kind as rows.
struct Part {
    kind: &'static str,
    title: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
    more: u64,
}

fn parts(found: &Found) -> Vec<Part> {
    vec![
        Part {
            kind: "name",
            title: "Names that edgraph series takes",
            columns: &["name", "label", "concept"],
            rows: found
                .names
                .hits
                .iter()
                .map(|hit| vec![word(&hit.name), word(&hit.label), word(&hit.concepts.join("\n"))])
                .collect(),
            more: found.names.more,
        },
        Part {
            kind: "company",
            title: "Companies",
            columns: &["cik", "ticker", "name", "filings"],
            rows: found
                .companies
                .hits
                .iter()
                .map(|hit| {
                    vec![
                        word(&hit.cik),
                        word(&hit.tickers.join(" ")),
                        word(&hit.name),
                        Cell::Integer(hit.filings.into()),
                    ]
                })
                .collect(),
            more: found.companies.more,
        },
        Part {
            kind: "concept",
            title: "Concepts",
            columns: &["concept", "label", "facts", "companies"],
            rows: found
                .concepts
                .hits
                .iter()
                .map(|hit| {
                    vec![
                        word(&hit.concept),
                        Cell::from(hit.label.clone()),
                        Cell::Integer(hit.facts.into()),
                        Cell::Integer(hit.companies.into()),
                    ]
                })
                .collect(),
            more: found.concepts.more,
        },
        Part {
            kind: "statement",
            title: "Statements and disclosures",
            columns: &["accession", "company", "form", "filed", "number", "name"],
            rows: found
                .statements
                .hits
                .iter()
                .map(|hit| {
                    vec![
                        word(&hit.accession),
                        word(&hit.company),
                        word(&hit.form),
                        word(&hit.filed),
                        Cell::from(hit.number.clone()),
                        word(&hit.name),
                    ]
                })
                .collect(),
            more: found.statements.more,
        },
        Part {
            kind: "text",
            title: "Text blocks",
            columns: &["accession", "company", "filed", "concept", "label", "text", "facts"],
            rows: found
                .texts
                .hits
                .iter()
                .map(|hit| {
                    vec![
                        word(&hit.accession),
                        word(&hit.company),
                        word(&hit.filed),
                        word(&hit.concept),
                        Cell::from(hit.label.clone()),
                        word(&hit.text),
                        Cell::Integer(hit.facts.into()),
                    ]
                })
                .collect(),
            more: found.texts.more,
        },
    ]
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}
