//! What the process that asks and the one that answers say to each other: a length, and so many bytes.

use std::io;

use edgraph_shared::model::{QueryPart, QueryRefusal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame: a row is one at least, and a text block may have tens of megabytes.
const MAX_BYTES: u32 = 256 << 20;

/// What the one that answers says: parts of rows up to their end, one text, or a refusal.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Said {
    Part(QueryPart),
    Text(String),
    Refused(QueryRefusal),
}

/// Sends a frame.
///
/// # Errors
/// If nobody reads any more, or it is too large.
pub(super) async fn send(to: &mut (impl AsyncWrite + Unpin), message: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_BYTES);
    to.write_u32_le(length.ok_or(io::ErrorKind::FileTooLarge)?).await?;
    to.write_all(&bytes).await?;
    to.flush().await
}

/// Receives a frame.
///
/// # Errors
/// If the other side is gone, or says something else.
pub(super) async fn receive<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let length = from.read_u32_le().await?;
    if length > MAX_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; length as usize];
    from.read_exact(&mut bytes).await?;
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use edgraph_shared::cell::{Cell, Parameter};
    use edgraph_shared::model::{GraphQuery, QueryLimits};

    use super::super::task::Task;
    use super::*;
    use crate::query::Question;

    #[tokio::test]
    async fn every_value_comes_over_as_it_was() {
        let query = GraphQuery {
            statement: "RETURN $a".into(),
            parameters: vec![("a".into(), Parameter::List(vec![Parameter::Double(0.1), Parameter::Null]))],
            limits: QueryLimits { max_rows: 3, timeout: Duration::from_millis(1_500), max_bytes: 9 },
        };
        let task = Task::Query(Question { graph: "a graph".into(), query, narrows: true });
        let node = Cell::Node {
            label: "Fact".into(),
            properties: vec![("v".into(), Cell::Double(f64::MIN_POSITIVE))],
        };
        let row =
            vec![Cell::Integer(i128::MIN), Cell::Double(f64::NEG_INFINITY), Cell::Text("é\0".into()), node];
        let parts = [
            QueryPart::Columns(vec!["a".into()]),
            QueryPart::Rows(vec![row]),
            QueryPart::End { truncated: true },
        ];
        let said =
            parts.map(Said::Part).into_iter().chain([Said::Refused(QueryRefusal::TooLong(Duration::MAX))]);
        let said: Vec<Said> = said.collect();
        let mut wire = Vec::new();
        send(&mut wire, &task).await.unwrap();
        for part in &said {
            send(&mut wire, part).await.unwrap();
        }
        let mut wire = wire.as_slice();
        assert_eq!(receive::<Task>(&mut wire).await.unwrap(), task);
        for part in said {
            assert_eq!(receive::<Said>(&mut wire).await.unwrap(), part);
        }
        assert!(receive::<Said>(&mut wire).await.is_err());
        let mut long = (MAX_BYTES + 1).to_le_bytes().to_vec();
        long.push(0);
        assert!(receive::<Said>(&mut long.as_slice()).await.is_err());
    }
}
