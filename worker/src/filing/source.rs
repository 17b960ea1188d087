//! Which of a filing's documents the facts are read from. Pure.
//!
//! An inline document is what was filed and what people read; EDGAR's extraction of it (`*_htm.xml`) is a derivative and
//! stands in only where the inline document is missing.

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_xbrl::sniff::{Kind, sniff};

/// How EDGAR names its extraction of an inline document.
const EXTRACTION_SUFFIX: &str = "_htm.xml";
/// Names shown when there is no instance.
const SHOWN_NAMES: usize = 20;

/// The documents that the facts are read from, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An inline document, or several that form one set: the primary document first, the others by name.
    Inline {
        /// At least one.
        documents: Vec<String>,
    },
    /// An instance in XML, EDGAR's extraction included.
    Instance {
        /// The file.
        document: String,
    },
}

impl Source {
    /// The document that stands for the source in manifest and URIs.
    pub fn document(&self) -> &str {
        match self {
            Self::Inline { documents } => &documents[0],
            Self::Instance { document } => document,
        }
    }

    /// `inline` or `instance`, as manifests say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inline { .. } => "inline",
            Self::Instance { .. } => "instance",
        }
    }
}

/// Chooses the source among a filing's files; `filing` names it in messages.
///
/// # Errors
/// Permanent, listing what there is, when no file has facts.
pub fn select_source(
    filing: &str,
    files: &[(String, Bytes)],
    primary_document: &str,
) -> Result<Source, Failure> {
    let mut documents: Vec<&String> = files
        .iter()
        .filter(|(name, bytes)| is_page(name) && sniff(bytes) == Kind::Inline)
        .map(|(name, _)| name)
        .collect();
    if !documents.is_empty() {
        documents.sort_by_key(|name| (*name != primary_document, *name));
        return Ok(Source::Inline { documents: documents.into_iter().cloned().collect() });
    }
    let instances = files.iter().filter(|(name, bytes)| !is_page(name) && sniff(bytes) == Kind::Instance);
    // Filed before extracted; then the one that has the schema's name; then the largest.
    let best = instances.min_by_key(|(name, bytes)| {
        (
            name.ends_with(EXTRACTION_SUFFIX),
            !has_schema(name, files),
            std::cmp::Reverse(bytes.len()),
            name.clone(),
        )
    });
    if let Some((document, _)) = best {
        return Ok(Source::Instance { document: document.clone() });
    }
    let mut found: Vec<&str> = files.iter().take(SHOWN_NAMES).map(|(name, _)| name.as_str()).collect();
    if files.len() > SHOWN_NAMES {
        found.push("…");
    }
    let found = if found.is_empty() { "no files".to_owned() } else { found.join(", ") };
    Err(Failure::permanent(format!("filing {filing} has no XBRL instance: found {found}")))
}

fn is_page(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".htm", ".html", ".xhtml"].iter().any(|extension| lower.ends_with(extension))
}

fn has_schema(instance: &str, files: &[(String, Bytes)]) -> bool {
    let stem = instance.strip_suffix(EXTRACTION_SUFFIX).or_else(|| instance.strip_suffix(".xml"));
    stem.is_some_and(|stem| files.iter().any(|(name, _)| name.strip_suffix(".xsd") == Some(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INLINE: &str = "<html xmlns:ix='http://www.xbrl.org/2013/inlineXBRL'><ix:header/></html>";
    const CLASSIC: &str =
        "<?xml version='1.0'?><!-- <a> --><x:xbrl xmlns:x='http://www.xbrl.org/2003/instance'/>";
    const UNPREFIXED: &str = "<xbrl\nxmlns='http://www.xbrl.org/2003/instance'></xbrl>";
    const LINKBASE: &str = "<linkbase xmlns='http://www.xbrl.org/2003/linkbase'/>";
    const PAGE: &str = "<html>http://www.xbrl.org/2003/instance</html>";

    fn check(files: &[(&str, &str)], primary: &str, expected: Result<Source, &str>) {
        let files: Vec<(String, Bytes)> = files
            .iter()
            .map(|(name, text)| ((*name).into(), Bytes::copy_from_slice(text.as_bytes())))
            .collect();
        let found = select_source("of a test", &files, primary);
        assert_eq!(found.map_err(|failure| failure.message), expected.map_err(str::to_owned), "{files:?}");
    }

    fn inline(documents: &[&str]) -> Result<Source, &'static str> {
        Ok(Source::Inline { documents: documents.iter().map(|name| (*name).to_owned()).collect() })
    }

    fn instance(document: &str) -> Result<Source, &'static str> {
        Ok(Source::Instance { document: document.into() })
    }

    #[test]
    fn the_source_is_what_was_filed() {
        check(&[("a.htm", INLINE), ("a.xsd", ""), ("a_htm.xml", CLASSIC)], "a.htm", inline(&["a.htm"]));
        check(
            &[("a.htm", INLINE), ("b.htm", INLINE), ("ex.htm", PAGE)],
            "b.htm",
            inline(&["b.htm", "a.htm"]),
        );
        check(&[("b.htm", INLINE), ("a.htm", INLINE)], "missing.htm", inline(&["a.htm", "b.htm"]));
        check(&[("other_htm.xml", CLASSIC), ("a_lab.xml", LINKBASE)], "a.htm", instance("other_htm.xml"));
        check(&[("a.xml", CLASSIC), ("a_lab.xml", LINKBASE), ("a.xsd", "")], "a.htm", instance("a.xml"));
        check(&[("a.htm", PAGE), ("b.xml", UNPREFIXED)], "a.htm", instance("b.xml"));
        check(&[("a_htm.xml", CLASSIC), ("a.xml", CLASSIC)], "a.htm", instance("a.xml"));
        check(&[("a.xml", CLASSIC), ("z.xml", CLASSIC), ("z.xsd", "")], "a.htm", instance("z.xml"));
    }

    #[test]
    fn a_filing_without_facts_says_what_it_has() {
        let expected = "filing of a test has no XBRL instance: found a.htm, a_lab.xml";
        check(&[("a.htm", PAGE), ("a_lab.xml", LINKBASE)], "a.htm", Err(expected));
        check(&[], "a.htm", Err("filing of a test has no XBRL instance: found no files"));
    }
}
