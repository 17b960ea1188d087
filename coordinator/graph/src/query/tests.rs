use std::path::Path;

use super::*;
use crate::Error;
use crate::database::cell::Cell;

fn table() -> Table {
    let node = Cell::Node {
        label: "FactSet".into(),
        properties: vec![("identifier".into(), Cell::Text("f".into())), ("accession".into(), Cell::Null)],
    };
    Table {
        columns: ["name", "count", "ratio", "node", "list"].map(String::from).to_vec(),
        rows: vec![
            vec![
                Cell::Text("a, \"b\"\nc".into()),
                Cell::Integer(3),
                Cell::Double(0.5),
                node,
                Cell::List(vec![Cell::Integer(1), Cell::Null]),
            ],
            vec![Cell::Null, Cell::Integer(i128::MAX), Cell::Double(f64::NAN), Cell::Null, Cell::Map(vec![])],
        ],
        truncated: true,
    }
}

#[test]
fn json_keeps_types_and_nulls() {
    let json: serde_json::Value = serde_json::from_str(&render(&table(), Format::Json)).unwrap();
    let expected = serde_json::json!([
        {"name": "a, \"b\"\nc", "count": 3, "ratio": 0.5,
         "node": {"_label": "FactSet", "identifier": "f", "accession": null}, "list": [1, null]},
        {"name": null, "count": i128::MAX.to_string(), "ratio": "NaN", "node": null, "list": {}},
    ]);
    assert_eq!(json, expected);
    let text = render(&table(), Format::Json);
    let places: Vec<usize> =
        table().columns.iter().map(|name| text.find(&format!("\"{name}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "columns stand as they were returned: {text}");
}

#[test]
fn numbers_stand_below_each_other_and_are_read_at_a_glance() {
    let rows = [(2024, 331_233_000_000.0, "a"), (1999, -0.5, "1")];
    let row = |(year, value, text): (i128, f64, &str)| {
        vec![Cell::Integer(year), Cell::Double(value), Cell::Text(text.into())]
    };
    let table = Table {
        columns: ["year", "value", "text"].map(String::from).to_vec(),
        rows: rows.map(row).to_vec(),
        truncated: false,
    };
    let text = render(&table, Format::Table { width: None });
    assert!(text.contains("│ 2024 ┆ 331,233,000,000 ┆ a    │"), "{text}");
    assert!(text.contains("│ 1999 ┆            -0.5 ┆ 1    │"), "{text}");
}

#[test]
fn csv_is_quoted_and_a_null_is_nothing() {
    let text = render(&table(), Format::Csv);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["name", "count", "ratio", "node", "list"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(&rows[0][0], "a, \"b\"\nc");
    assert_eq!((&rows[1][0], &rows[1][3]), ("", ""));
}

#[test]
fn a_table_cuts_long_cells_and_says_what_is_missing() {
    let mut table = table();
    table.rows[0][0] = Cell::Text("x".repeat(500));
    let text = render(&table, Format::Table { width: None });
    assert!(text.ends_with("2 rows, more were left out\n"), "{text}");
    assert!(text.contains('…') && !text.contains(&"x".repeat(121)), "{text}");
}

#[test]
fn what_writes_or_lacks_parameters_is_refused_before_anything_is_opened() {
    let nowhere = Path::new("/nonexistent");
    let refused = |statement| run(&Question::new(nowhere, statement)).unwrap_err();
    assert!(matches!(refused("CREATE (:Label {identifier: 'x'})"), Error::ReadOnly { .. }));
    assert!(refused("MATCH (n) WHERE n.a = $a RETURN n").to_string().contains("missing parameters: a"));
    assert!(matches!(refused("RETURN 1"), Error::NoGraph { .. }));
}
