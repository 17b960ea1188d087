//! Queries on a loaded graph.

use super::*;
use crate::database::cell::{Cell, Parameter};
use crate::query::{self, Format, Question, examples, render};

fn loaded() -> Kit {
    let kit = Kit::new();
    kit.load("graph", &[Filing::new(1, &["Assets", "Cash"]), Filing::new(2, &["Assets"])]);
    kit
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

#[test]
fn parameters_are_bound_and_rows_limited() {
    let kit = loaded();
    let graph = kit.graph("graph");
    let statement =
        "MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(e:Element) WHERE e.name = $name AND f.numeric_value > $more
                     AND e.name IN $names RETURN e.name AS name, f.numeric_value AS value ORDER BY value";
    let parameters = [
        ("name".to_owned(), Parameter::Text("Assets".into())),
        ("more".to_owned(), Parameter::Integer(0)),
        ("names".to_owned(), Parameter::List(vec![Parameter::Text("Assets".into())])),
    ];
    let mut question = Question::new(&graph, statement);
    question.query.parameters = parameters.into();
    let table = query::run(&question).unwrap();
    assert_eq!(table.rows, [[text("Assets"), Cell::Double(1.5)], [text("Assets"), Cell::Double(2.5)]]);
    assert!(!table.truncated);
    question.query.limits.max_rows = 1;
    let cut = query::run(&question).unwrap();
    assert_eq!((cut.rows.len(), cut.truncated), (1, true));
    let mut null = Question::new(&graph, "RETURN $p");
    null.query.parameters = vec![("p".to_owned(), Parameter::Null)];
    assert_eq!(query::run(&null).unwrap().rows, [[Cell::Null]]);
}

#[test]
fn what_is_not_cypher_or_writes_is_answered_clearly() {
    let kit = loaded();
    let failure = |statement| query::run(&Question::new(kit.graph("graph"), statement)).unwrap_err();
    assert!(failure("MATCH (n:Nothing) RETURN n").to_string().contains("Nothing"));
    assert!(matches!(failure("MATCH (n RETURN n"), Error::Database { .. }));
    // Kuzu wants the type said, and is explained; LadybugDB reads the text.
    let untyped = failure("MATCH (n:Fact {identifier: 'x'}) RETURN n").to_string();
    let explained = ["An identifier is written UUID('…')", "Invalid UUID: x"];
    assert!(explained.iter().any(|words| untyped.contains(words)), "{untyped}");
    assert!(matches!(failure("MATCH (n:Fact) SET n.value = ''"), Error::ReadOnly { .. }));
    // Behind the check of words stands the database itself.
    let database = kuzu::Database::open(&kit.graph("graph").join("graph"), database::Mode::Read).unwrap();
    let refused = database.session().unwrap().run("MATCH (n:Fact) SET n.value = ''").unwrap_err();
    assert!(matches!(refused, Error::ReadOnly { .. }), "{refused}");
}

#[test]
fn nodes_paths_and_lists_are_rendered() {
    let kit = loaded();
    let statement = "MATCH p = (n:Report)-[r:REPORT_HAS_FACT_SET]->(m) WHERE n.accession = $a
                     RETURN n, r, nodes(p) AS path, [1, 2] AS list, {a: 1} AS map, date('2024-01-31') AS day";
    let mut question = Question::new(kit.graph("graph"), statement);
    question.query.parameters = vec![("a".to_owned(), Parameter::Text(Filing::new(1, &[]).accession()))];
    let table = query::run(&question).unwrap();
    let json: serde_json::Value = serde_json::from_str(&render(&table, Format::Json)).unwrap();
    let row = &json[0];
    assert_eq!((&row["n"]["_label"], &row["n"]["form"]), (&"Report".into(), &"10-K".into()));
    assert!(row["n"].get("input_key").is_none(), "properties of other tables are left out");
    assert_eq!(row["r"]["_label"], "REPORT_HAS_FACT_SET");
    assert_eq!(row["path"][1]["_label"], "FactSet");
    assert_eq!(row["list"], serde_json::json!([1, 2]));
    assert_eq!((&row["map"]["a"], &row["day"]), (&1.into(), &"2024-01-31".into()));
    assert!(render(&table, Format::Table { width: None }).contains("1 row"));
    assert_eq!(render(&table, Format::Csv).lines().next(), Some("n,r,path,list,map,day"));
}

#[test]
fn every_example_runs() {
    let kit = loaded();
    for example in examples::all() {
        let table = query::run(&Question::new(kit.graph("graph"), example.cypher));
        let table = table.unwrap_or_else(|error| panic!("{}: {error}", example.name));
        if ["summary", "entities", "recent_reports", "report_types", "financial_facts"]
            .contains(&example.name)
        {
            assert!(!table.rows.is_empty(), "{}", example.name);
        }
    }
}

#[test]
fn an_absent_graph_is_said_to_be_absent() {
    let kit = Kit::new();
    let error = query::run(&Question::new(kit.graph("none"), "RETURN 1")).unwrap_err();
    assert!(matches!(error, Error::NoGraph { .. }));
}
