//! The rows of EDGAR's lists that a pipeline could not read, added up from the results of its items: the coordinator
//! does not know what results mean.

use edgraph_client::{Client, Error, json, v1};
use edgraph_shared::kinds::sec_xbrl::{CompaniesFound, Damage, FilingsFound, NAME, kind};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Asked for at a time: the most that a page may have.
const PAGE_SIZE: u32 = 1_000;

/// The rows of the lists of companies and filings, in the order in which the lists were read. What cannot be read of
/// the list of one filing's files stands in that item's own result: there may be millions.
pub(super) async fn of_pipeline(client: &Client, pipeline: &v1::Pipeline) -> Result<Damage, Error> {
    let mut damage = Damage::default();
    if pipeline.kind != NAME {
        return Ok(damage);
    }
    for kind in [kind::DISCOVER_COMPANIES, kind::DISCOVER_FILINGS] {
        let filter = v1::ListItemsRequest {
            state: v1::ItemState::Succeeded.into(),
            kind: kind.to_owned(),
            page_size: PAGE_SIZE,
            ..Default::default()
        };
        let mut items = client.items(&pipeline.pipeline_id, filter);
        while let Some(item) = items.next().await? {
            damage.extend(of_result(kind, json::from_value(item.result.unwrap_or_default())));
        }
    }
    Ok(damage)
}

/// What a result says; nothing where a worker of another version wrote another one.
fn of_result(kind: &str, result: Value) -> Damage {
    match kind {
        kind::DISCOVER_COMPANIES => read::<CompaniesFound>(result).damage,
        _ => read::<FilingsFound>(result).damage,
    }
}

fn read<T: DeserializeOwned + Default>(result: Value) -> T {
    serde_json::from_value(result).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_say_what_could_not_be_read() {
        let damage = Damage { rows: 3, named: vec!["a".into()] };
        let companies = serde_json::to_value(CompaniesFound { damage: damage.clone(), ..Default::default() });
        let filings = serde_json::to_value(FilingsFound { damage: damage.clone(), ..Default::default() });
        assert_eq!(of_result(kind::DISCOVER_COMPANIES, companies.unwrap()), damage);
        assert_eq!(of_result(kind::DISCOVER_FILINGS, filings.unwrap()), damage);
        for older in [Value::Null, json!({}), json!({"filings": 1, "left_out": {}})] {
            assert_eq!(of_result(kind::DISCOVER_FILINGS, older), Damage::default());
        }
    }
}
