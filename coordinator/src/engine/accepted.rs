//! Accepted lists: what the finish item reads. Written between the gate and the finish item's grant.

use async_trait::async_trait;
use bytes::Bytes;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::model::AcceptedItem;
use edgraph_shared::storage::SharedStore;
use serde_json::{Value, json};

/// Where accepted lists go.
#[async_trait]
pub trait AcceptedSink: Send + Sync + 'static {
    /// Writes a whole list, replacing an earlier one of the same name. Called again after an error, and after a
    /// crash of the coordinator with the same list: it must be idempotent, and readers must see all of it or
    /// nothing.
    async fn write(&self, path: &str, lines: Vec<u8>)
    -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// Accepted lists in the store, where ingesters read them.
pub struct StoreAccepted(pub SharedStore);

#[async_trait]
impl AcceptedSink for StoreAccepted {
    async fn write(
        &self,
        path: &str,
        lines: Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.put(&path.parse()?, Bytes::from(lines)).await?)
    }
}

/// For pipelines whose finish item does not read the list.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiscardAccepted;

#[async_trait]
impl AcceptedSink for DiscardAccepted {
    async fn write(
        &self,
        _path: &str,
        _lines: Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

/// An accepted list that was written, or could not be.
pub(super) type Written = (PipelineId, u32, Result<(), String>);

/// Adds one JSON object per line: `key`, `result` (as the handler returned it), `parents` (keys).
pub(super) fn append(lines: &mut Vec<u8>, items: &[AcceptedItem]) {
    for item in items {
        // A result that is not JSON is some handler's mistake; as text it breaks no reader of the other lines.
        let result: Value = serde_json::from_str(&item.result).unwrap_or_else(|_| json!(&*item.result));
        let line = json!({ "key": item.key, "result": result, "parents": item.parents });
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_per_item_whatever_the_result() {
        let item = |key: &str, result: &str, parents: &[&str]| AcceptedItem {
            key: key.parse().unwrap(),
            result: result.into(),
            parents: parents.iter().map(|parent| parent.parse().unwrap()).collect(),
        };
        let items = [item("a/1", "{\"rows\":\n 1}", &["p/1", "p/2"]), item("a/2", "not json", &[])];
        let mut lines = Vec::new();
        items.chunks(1).for_each(|page| append(&mut lines, page));
        let text = String::from_utf8(lines).unwrap();
        let expected = "{\"key\":\"a/1\",\"parents\":[\"p/1\",\"p/2\"],\"result\":{\"rows\":1}}\n\
                        {\"key\":\"a/2\",\"parents\":[],\"result\":\"not json\"}\n";
        assert_eq!(text, expected);
    }
}
