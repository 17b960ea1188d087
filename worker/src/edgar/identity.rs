//! Who a submissions file is about, its filings aside: enough to find a company that is not listed any more. Pure.

use edgraph_shared::ids::Cik;
use serde::Deserialize;
use serde_json::Value;

use super::{fields, text};

/// A company by all that it is or was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its number.
    pub cik: Cik,
    /// Its conformed name.
    pub name: String,
    /// Its tickers, none after it was delisted.
    pub tickers: Vec<String>,
    /// What it was called before.
    pub former_names: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    cik: Value,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    tickers: Value,
    #[serde(default, rename = "formerNames")]
    former_names: Value,
}

/// Reads who a company's first file is about; `None` when it does not say.
pub fn parse(bytes: &[u8]) -> Option<Identity> {
    let file: File = serde_json::from_str(&text::of_json(bytes)).ok()?;
    let former = fields::entries(Some(&file.former_names)).unwrap_or_default();
    Some(Identity {
        cik: fields::text(Some(&file.cik))?.parse().ok()?,
        name: fields::text(Some(&file.name)).unwrap_or_default(),
        tickers: fields::texts(Some(&file.tickers)),
        former_names: former.iter().filter_map(|former| fields::text(former.get("name"))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_now_and_before() {
        let identity = |text: &str| parse(text.as_bytes());
        let all = identity(
            r#"{"cik": "0000000042", "name": "New Corp", "tickers": ["NEW", null], "filings": {"recent": [1, {}]},
                "formerNames": [{"name": "OLD CORP", "from": null}, null, {"name": 7}, {"from": "2001"}]}"#,
        )
        .unwrap();
        assert_eq!((all.cik.number(), all.name.as_str()), (42, "New Corp"));
        assert_eq!(all.tickers, ["NEW", ""]);
        assert_eq!(all.former_names, ["OLD CORP", "7"]);
        for odd in [r#"{"cik": 42}"#, r#"{"cik": 42, "name": null, "tickers": "X", "formerNames": 7}"#] {
            let odd = identity(odd).unwrap();
            assert_eq!((odd.name.as_str(), odd.tickers.len(), odd.former_names.len()), ("", 0, 0));
        }
        for none in ["{}", "[]", "{", r#"{"cik": "x"}"#] {
            assert_eq!(identity(none), None, "{none}");
        }
    }
}
