//! What was found, for people and for programs.

use comfy_table::CellAlignment;

use super::found::{Found, Section};
use crate::database::cell::Cell;
use crate::facts::{Scale, scaled};
use crate::query::{self, Table};

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
pub(super) fn draw(found: &Found, width: Option<u16>) -> String {
    let tables = parts(found).into_iter().filter(|part| !part.rows.is_empty()).map(|part| {
        let mut drawn = query::frame(width);
        drawn.set_header(part.columns);
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

impl Part {
    fn of<T>(
        (kind, title): (&'static str, &'static str),
        columns: &'static [&'static str],
        section: &Section<T>,
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> Self {
        Self { kind, title, columns, rows: section.hits.iter().map(row).collect(), more: section.more }
    }
}

fn parts(found: &Found) -> Vec<Part> {
    let name = ("name", "Names that edgraph series takes");
    let company = ("company", "Companies");
    let concept = ("concept", "Concepts");
    let statement = ("statement", "Statements and disclosures");
    let text = ("text", "Text blocks");
    vec![
        Part::of(name, &["name", "label", "concept"], &found.names, |hit| {
            vec![word(&hit.name), word(&hit.label), word(&hit.concepts.join("\n"))]
        }),
        Part::of(company, &["cik", "ticker", "name", "filings"], &found.companies, |hit| {
            vec![word(&hit.cik), word(&hit.tickers.join(" ")), word(&hit.name), count(hit.filings)]
        }),
        Part::of(concept, &["concept", "label", "facts", "companies"], &found.concepts, |hit| {
            vec![word(&hit.concept), Cell::from(hit.label.clone()), count(hit.facts), count(hit.companies)]
        }),
        Part::of(
            statement,
            &["accession", "company", "form", "filed", "number", "name"],
            &found.statements,
            |hit| {
                let filing = [&hit.accession, &hit.company, &hit.form, &hit.filed].map(|text| word(text));
                filing.into_iter().chain([Cell::from(hit.number.clone()), word(&hit.name)]).collect()
            },
        ),
        Part::of(
            text,
            &["accession", "company", "filed", "concept", "label", "text", "facts"],
            &found.texts,
            |hit| {
                let block = [&hit.accession, &hit.company, &hit.filed, &hit.concept].map(|text| word(text));
                let rest = [Cell::from(hit.label.clone()), word(&hit.text), count(hit.facts)];
                block.into_iter().chain(rest).collect()
            },
        ),
    ]
}

fn count(number: u64) -> Cell {
    Cell::Integer(number.into())
}

fn word(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}
