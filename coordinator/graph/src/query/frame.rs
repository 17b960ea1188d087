//! What the process that asks and the one that answers say to each other: a length, and so many bytes.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::database::cell::Cells;

/// The largest frame: a row is one at least, and a text block may have tens of megabytes.
const MAX_BYTES: u32 = 256 << 20;

/// A part of an answer: columns, rows as often as there are some, and an end; or a refusal alone.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Part {
    /// Names of the columns.
    Columns(Vec<String>),
    /// Rows.
    Rows(Vec<Cells>),
    /// That was all, or there were more.
    End {
        /// Whether there were more.
        truncated: bool,
    },
    /// Why there is no answer.
    Refused(String),
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

    use super::super::question::{Limits, Question};
    use super::*;
    use crate::database::cell::{Cell, Parameter};

    #[tokio::test]
    async fn every_value_comes_over_as_it_was() {
        let question = Question {
            graph: "a graph".into(),
            statement: "RETURN $a".into(),
            parameters: vec![("a".into(), Parameter::List(vec![Parameter::Double(0.1), Parameter::Null]))],
            limits: Limits { max_rows: 3, timeout: Duration::from_millis(1_500), max_bytes: 9 },
        };
        let node = Cell::Node {
            label: "Fact".into(),
            properties: vec![("v".into(), Cell::Double(f64::MIN_POSITIVE))],
        };
        let row =
            vec![Cell::Integer(i128::MIN), Cell::Double(f64::NEG_INFINITY), Cell::Text("é\0".into()), node];
        let parts = [Part::Columns(vec!["a".into()]), Part::Rows(vec![row]), Part::End { truncated: true }];
        let mut wire = Vec::new();
        send(&mut wire, &question).await.unwrap();
        for part in &parts {
            send(&mut wire, part).await.unwrap();
        }
        let mut wire = wire.as_slice();
        assert_eq!(receive::<Question>(&mut wire).await.unwrap(), question);
        for part in parts {
            assert_eq!(receive::<Part>(&mut wire).await.unwrap(), part);
        }
        assert!(receive::<Part>(&mut wire).await.is_err());
        let mut long = (MAX_BYTES + 1).to_le_bytes().to_vec();
        long.push(0);
        assert!(receive::<Part>(&mut long.as_slice()).await.is_err());
    }
}
