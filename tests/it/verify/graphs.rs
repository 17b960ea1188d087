//! Graphs that are behind, or do not hold what they say.

use std::fs;

use edgraph_graph::database::Mode;
use edgraph_graph::database::kuzu::Database;

use super::{ACCESSION, Output};

/// Enough for a graph of the samples.
const MEMORY: u64 = 512 << 20;

impl Output {
    /// Changes the graph in use.
    fn write(&self, statement: &str) {
        let database =
            Database::open(&self.path().join("graph/graph"), Mode::Write { memory: MEMORY }).unwrap();
        let session = database.session().unwrap();
        session.run(statement).unwrap();
        session.run("CHECKPOINT").unwrap();
    }

    /// The graph is moved away and made again.
    #[track_caller]
    fn is_made_anew(&self) {
        fs::remove_dir_all(self.path().join("graph")).unwrap();
        self.is_mended_by(self.run());
    }
}

#[test]
fn a_graph_of_an_older_generation_is_named_and_brought_up() {
    let output = Output::of_a_run();
    let (graph, before) = (output.path().join("graph/graph"), output.path().join("before"));
    fs::copy(&graph, &before).unwrap();
    let next = || output.run().with(["--processor-tag", "next"]);
    output.is_mended_by(next());
    fs::copy(&before, &graph).unwrap();
    let problem = "the graph has it as made from";
    output.finds(&[], &format!("graph, {ACCESSION}"), problem, "run the same pipeline again");
    output.is_mended_by(next());
}

#[test]
fn a_graph_with_other_rows_than_its_markers_say_is_named_and_made_anew() {
    let output = Output::of_a_run();
    let anew = "move the graph's folder away";
    output.write(&format!("MATCH (f:`FactSet` {{accession: '{ACCESSION}'}}) DETACH DELETE f"));
    let place = format!("graph, FactSet, {ACCESSION}");
    output.finds(&[], &place, "it has 0 rows, and its marker says 1", anew);
    let of_links = format!("graph, REPORT_HAS_FACT_SET, {ACCESSION}");
    output.finds(&[], &of_links, "it has 0 rows, and its marker says 1", anew);
    output.is_made_anew();

    output.write(&format!("MATCH (n:`_Filing` {{accession: '{ACCESSION}'}}) SET n.rows = '{{}}'"));
    let found = output.found(&[], &format!("graph, Fact, {ACCESSION}"));
    assert!(found.iter().any(|(_, problem, _)| problem.contains("and its marker says 0")), "{found:?}");
    assert!(found.iter().any(|(_, problem, _)| problem.contains("its marker says 0 rows, and its manifest")));
    output.is_made_anew();

    output.write("MATCH (g:`_Graph`) SET g.schema_version = 'another'");
    let graph = output.path().join("graph").display().to_string();
    output.finds(&[], &graph, "has schema version another", anew);
}
