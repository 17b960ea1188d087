//! A question is checked, and answered in this process.

use edgraph_shared::model::GraphQuery;

use super::narrow::narrowed_to;
use super::question::{Question, Table};
use crate::database::Mode;
use crate::database::kuzu::Database;
use crate::database::{cypher, folder, pitfall};
use crate::error::Error;

/// Checks a question before anything is opened.
///
/// # Errors
/// [`Error::NoGraph`], [`Error::ReadOnly`] for a statement that writes or reaches out of the graph, [`Error::Invalid`]
/// for parameters that are missing or too many and for what the database would answer wrongly.
pub fn check(question: &Question) -> Result<(), Error> {
    let GraphQuery { statement, parameters, .. } = &question.query;
    cypher::check_reads(statement)?;
    pitfall::check(statement)?;
    cypher::check_parameters(statement, parameters.iter().map(|(name, _)| name.as_str()))?;
    folder::database_in(&question.graph).map(drop)
}

/// Answers a question in this process, however long it takes. Blocks.
///
/// # Errors
/// Those of the check; [`Error::Database`] for what is not Cypher.
pub fn run(question: &Question) -> Result<Table, Error> {
    check(question)?;
    let database = Database::open(&folder::database_in(&question.graph)?, Mode::Read)?;
    let sorts = cypher::sorts(&question.query.statement);
    let session = if sorts { database.sorting_session() } else { database.session() }?;
    let GraphQuery { statement, parameters, limits } = &question.query;
    let narrowed = question.narrows.then(|| narrowed_to(&session, parameters)).transpose()?;
    let parameters = narrowed.as_ref().unwrap_or(parameters);
    let answer = session.query(statement, parameters, limits.max_rows)?;
    Ok(Table { columns: answer.columns, rows: answer.rows, truncated: answer.truncated })
}
