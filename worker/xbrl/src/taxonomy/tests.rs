//! Taxonomies by tables of small cases: documents in, what the DTS says about them out.

mod documents;
mod joining;
mod relationships;

use std::collections::HashMap;
use std::sync::Arc;

use super::{Dts, Loader, parse};

const HEAD: &str = r#"xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink"
    xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldt="http://xbrl.org/2005/xbrldt"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="http://t""#;

/// A schema for `http://t` around `content`.
fn schema(content: &str) -> String {
    format!(r#"<xs:schema {HEAD} targetNamespace="http://t">{content}</xs:schema>"#)
}

/// A linkbase around `content`.
fn linkbase(content: &str) -> String {
    format!("<link:linkbase {HEAD}>{content}</link:linkbase>")
}

/// A schema that declares items of these names, with ids `t_{name}`, and leads to the linkbase `l.xml`.
fn items(names: &str) -> String {
    let mut content = r#"<xs:annotation><xs:appinfo>
        <link:linkbaseRef xlink:type="simple" xlink:href="l.xml"/></xs:appinfo></xs:annotation>"#
        .to_owned();
    for name in names.split_whitespace() {
        content += &format!(
            r#"<xs:element name="{name}" id="t_{name}" type="xbrli:stringItemType"
                substitutionGroup="xbrli:item" xbrli:periodType="duration"/>"#
        );
    }
    schema(&content)
}

/// The DTS that `http://h/t.xsd` leads to. Documents are `(URL, XML)`;
/// relative URLs are below `http://h/`. The filing's own documents are those below `http://h/`.
pub(crate) fn dts(documents: &[(&str, &str)]) -> Dts {
    let absolute = |url: &str| if url.contains("://") { url.to_owned() } else { format!("http://h/{url}") };
    let documents: HashMap<_, _> = documents.iter().map(|(url, xml)| (absolute(url), *xml)).collect();
    let mut loader = Loader::new(["http://h/t.xsd"]);
    loop {
        let needed = loader.needed();
        if needed.is_empty() {
            return loader.finish(|url| url.starts_with("http://h/"));
        }
        for url in needed {
            match documents.get(&*url) {
                Some(xml) => loader.feed(&url, Arc::new(parse(&url, xml.as_bytes()).expect("parses").0)),
                None => loader.missing(&url),
            }
        }
    }
}
