//! What of a folder may be XBRL, told from its names. Pure.

use edgraph_shared::failure::one_line;

use crate::download::is_safe_name;
use crate::edgar::folder::Entry;

/// Schema, linkbases, instance and primary document are 7 files; each is a request.
const MAX_FILES: usize = 50;
/// What EDGAR makes of a filing, as XML but not XBRL.
const RENDERED: [&str; 1] = ["filingsummary.xml"];
/// What EDGAR knows of the documents of each report.
const META_LINKS: &str = "MetaLinks.json";

/// What of a folder may be XBRL.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Schemas, linkbases, instances.
    pub xml: Vec<String>,
    /// The primary document, which may be inline.
    pub primary: Option<Entry>,
    /// Other pages. Where the primary document is inline, its statements may be in them.
    pub pages: Vec<Entry>,
    /// EDGAR's own extraction of an inline document.
    pub extraction: Option<String>,
    /// The file that says which documents are one report, where there is one.
    pub meta_links: Option<String>,
}

impl Wanted {
    /// The names of all that is XBRL by name, and of the primary document.
    pub fn files(&self) -> impl Iterator<Item = &String> + Clone {
        self.xml.iter().chain(self.primary.iter().map(|primary| &primary.name)).chain(&self.extraction)
    }

    /// The pages that belong to a report with the primary document: those that `meta_links` names beside it, or all
    /// where it says nothing.
    ///
    /// # Errors
    /// Why there are too many to ask for.
    pub fn pages_beside(&self, primary: &str, meta_links: Option<&[u8]>) -> Result<Vec<Entry>, String> {
        let named = meta_links.and_then(|bytes| documents_with(primary, bytes));
        let is_named = |page: &&Entry| named.as_ref().is_none_or(|named| named.contains(&page.name));
        let pages: Vec<Entry> = self.pages.iter().filter(is_named).cloned().collect();
        match pages.len() {
            count if count > MAX_FILES => Err(format!(
                "{count} pages may hold statements and nothing says which, the limit is {MAX_FILES}"
            )),
            _ => Ok(pages),
        }
    }
}

/// The documents of the report that a document is of: `MetaLinks.json` has one field for each report, named by all its
/// documents with blanks between them.
fn documents_with(document: &str, meta_links: &[u8]) -> Option<Vec<String>> {
    let meta_links: serde_json::Value = serde_json::from_slice(meta_links).ok()?;
    let mut reports = meta_links.get("instance")?.as_object()?.keys();
    let report = reports.find(|names| names.split_ascii_whitespace().any(|name| name == document))?;
    Some(report.split_ascii_whitespace().map(str::to_owned).collect())
}

/// Chooses among the entries of a folder's `index.json`.
///
/// # Errors
/// Why nothing can be chosen, in one line: the list names what no file is called, or there is too much or no XBRL.
pub fn choose(mut entries: Vec<Entry>, primary_document: &str) -> Result<Wanted, String> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.dedup_by(|a, b| a.name == b.name);
    let mut wanted = Wanted::default();
    for Entry { name, bytes } in entries {
        let lower = name.to_ascii_lowercase();
        let is_xml =
            lower.ends_with(".xml") && !RENDERED.contains(&lower.as_str()) && !is_rendered(&lower, ".xml");
        let is_page = lower.ends_with(".htm") || lower.ends_with(".html");
        if is_page && name == primary_document {
            wanted.primary = Some(Entry { name, bytes });
        } else if is_page && !is_rendered(&lower, ".htm") && !is_index(&lower) && is_safe_name(&name) {
            wanted.pages.push(Entry { name, bytes });
        } else if name == META_LINKS {
            wanted.meta_links = Some(name);
        } else if lower.ends_with("_htm.xml") {
            wanted.extraction.get_or_insert(name);
        } else if lower.ends_with(".xsd") || is_xml {
            wanted.xml.push(name);
        }
    }
    if let Some(name) = wanted.files().find(|name| !is_safe_name(name)) {
        return Err(one_line(&format!("unsafe file name {name:?}")));
    }
    match wanted.files().count() {
        0 => Err("no XBRL among its files".into()),
        count if count > MAX_FILES => Err(format!("{count} XBRL files, the limit is {MAX_FILES}")),
        _ => Ok(wanted),
    }
}

/// EDGAR's own page about the filing.
fn is_index(lower: &str) -> bool {
    lower.ends_with("-index.htm") || lower.ends_with("-index.html") || lower.ends_with("-index-headers.html")
}

/// `R1.htm`, in old filings `R1.xml`, and so on: EDGAR's renderings.
fn is_rendered(lower: &str, ending: &str) -> bool {
    let number = lower.strip_prefix('r').and_then(|rest| rest.strip_suffix(ending));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str], primary: &str) -> Result<Wanted, String> {
        choose(names.iter().map(|name| Entry { name: (*name).to_owned(), bytes: None }).collect(), primary)
    }

    #[test]
    fn what_may_be_xbrl_is_chosen() {
        let names =
            ["a.htm", "a_htm.xml", "a.xsd", "a_lab.xml", "ex31.htm", "R1.xml", "FilingSummary.xml", "b.jpg"];
        let wanted = chosen(&names, "a.htm").unwrap();
        assert_eq!(wanted.xml, ["a.xsd", "a_lab.xml"]);
        let primary = wanted.primary.as_ref().map(|primary| &*primary.name);
        assert_eq!((primary, wanted.extraction.as_deref()), (Some("a.htm"), Some("a_htm.xml")));
    }

    #[test]
    fn pages_of_a_report_are_those_that_edgar_names_else_all() {
        let names = [
            "a.htm",
            "a_d2.htm",
            "ex31.htm",
            "R1.htm",
            "0-1-index.html",
            "0-1-index-headers.html",
            "MetaLinks.json",
            "a.xsd",
        ];
        let wanted = chosen(&names, "a.htm").unwrap();
        let beside = |primary: &str, meta_links: Option<&str>| {
            let pages = wanted.pages_beside(primary, meta_links.map(str::as_bytes)).unwrap();
            pages.into_iter().map(|page| page.name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            beside("a.htm", Some(r#"{"instance": {"ex31.htm": {}, "a.htm a_d2.htm": {}}}"#)),
            "a_d2.htm"
        );
        assert_eq!(beside("a.htm", Some(r#"{"instance": {"a.htm": {}}}"#)), "");
        for nothing in [None, Some("torn"), Some("{}"), Some(r#"{"instance": {"b.htm": {}}}"#)] {
            assert_eq!(beside("a.htm", nothing), "a_d2.htm ex31.htm", "{nothing:?}");
        }
        let many: Vec<String> = (0..60).map(|n| format!("{n}.htm")).chain(["a.xsd".to_owned()]).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let wanted = chosen(&many, "0.htm").unwrap();
        assert!(wanted.pages_beside("0.htm", None).unwrap_err().starts_with("59 pages may hold statements"));
    }

    #[test]
    fn a_folder_without_xbrl_or_with_unsafe_names_is_refused() {
        assert_eq!(chosen(&["a.txt", "b.jpg"], "a.txt"), Err("no XBRL among its files".into()));
        assert_eq!(chosen(&["../a.xsd"], ""), Err("unsafe file name \"../a.xsd\"".into()));
        let many: Vec<String> = (0..60).map(|n| format!("{n}.xsd")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(chosen(&many, ""), Err("60 XBRL files, the limit is 50".into()));
    }
}
