//! The graph: is one there, does it open, does it answer.

use std::path::Path;

use edgraph_graph::asking::Asker;
use edgraph_graph::database::cell::Cell;
use edgraph_graph::database::folder::database_in;
use edgraph_graph::query::Question;
use edgraph_shared::model::{GraphQuery, QueryLimits};
use tokio_util::sync::CancellationToken;

use super::finding::Finding;
use super::folders;

const PART: &str = "graph";

pub(super) async fn examine(folder: &Path, asker: &Asker) -> Vec<Finding> {
    if !folder.is_dir() {
        let says = format!("there is no {} yet; the first ingestion makes it", folder.display());
        return vec![Finding::well(PART, says)];
    }
    let mut findings: Vec<Finding> = folders::examine(PART, folder).into_iter().collect();
    if let Err(error) = database_in(folder) {
        findings.push(Finding::warning(PART, error));
        return findings;
    }
    let statement = "MATCH (r:Report) RETURN count(r) AS reports".to_owned();
    let query = GraphQuery { statement, parameters: Vec::new(), limits: QueryLimits::default() };
    let question = Question { graph: folder.to_owned(), query, narrows: false };
    findings.push(match asker.query(question, &CancellationToken::new()).await {
        Ok(table) => {
            let reports = match table.rows.first().and_then(|row| row.first()) {
                Some(Cell::Integer(reports)) => *reports,
                _ => 0,
            };
            Finding::well(PART, format!("answers; it has {reports} reports"))
        }
        Err(error) => Finding::wrong(
            PART,
            format!("{error}; `edgraph ingest --rebuild` makes a new one from the store's tables"),
        ),
    });
    findings
}
