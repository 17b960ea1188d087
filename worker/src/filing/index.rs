//! A filing without an archive of its own: single files by `index.json`, zipped here so that `raw/` is uniform.

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::Cik;
use edgraph_shared::kinds::sec_xbrl::Damage;
use edgraph_shared::manifest::FilingMetadata;
use edgraph_xbrl::sniff::{Kind, sniff};

use super::archive;
use crate::download::content::is_whole_inline;
use crate::download::{Error, is_safe_name};
use crate::edgar::folder::{self, Entry, Folder};
use crate::edgar::{Edgar, Fetched};

/// Schema, linkbases, instance and primary document are 7 files; each is a request.
const MAX_FILES: usize = 50;
/// What EDGAR makes of a filing, as XML but not XBRL.
const RENDERED: [&str; 1] = ["filingsummary.xml"];

/// What of a folder may be XBRL.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// Schemas, linkbases, instances.
    xml: Vec<String>,
    /// The primary document, which may be inline.
    primary: Option<String>,
    /// How large the index says it is.
    primary_bytes: Option<u64>,
    /// EDGAR's own extraction of an inline document.
    extraction: Option<String>,
}

/// Downloads the single files, with what cannot be read of their list. `None` when there is no such folder.
pub(super) async fn download(
    edgar: &Edgar,
    cik: Cik,
    metadata: &FilingMetadata,
) -> Result<Option<(Fetched, Damage)>, Failure> {
    let accession = &metadata.accession;
    let index = match edgar.filing_index(cik, accession).await {
        Err(Error::NotFound { .. }) => return Ok(None),
        outcome => outcome?,
    };
    let refused = |cause: String| Failure::permanent(format!("{}: {cause}", index.url));
    let name = format!("{cik}/{}/index.json", accession.no_dashes());
    let Folder { entries, damage } =
        folder::parse(&name, &index.bytes).map_err(|error| refused(error.to_string()))?;
    let wanted = choose(entries, &metadata.primary_document).map_err(|cause| {
        // What is missing may be what cannot be read.
        let odd = damage.named.first().map(|first| format!("; {first}")).unwrap_or_default();
        refused(format!("{cause}{odd}"))
    })?;
    let mut files: Vec<(String, Bytes)> = Vec::new();
    let mut total = 0;
    let mut inline = None;
    if let Some(name) = &wanted.primary {
        let Fetched { bytes, url } = edgar.filing_file(cik, accession, name).await?;
        if sniff(&bytes) == Kind::Inline {
            // It looks like a page, of which any end is one, and would be kept as it is.
            if !is_whole_inline(&bytes) {
                return Err(Failure::transient(format!(
                    "{url}: the end is missing after {} bytes",
                    bytes.len()
                )));
            }
            total += bytes.len() as u64;
            inline = Some((name.clone(), bytes));
        } else if let Some(expected) = wanted.primary_bytes.filter(|expected| *expected != bytes.len() as u64)
        {
            // A page may stand in for a page: only its size tells a report without facts from an error in disguise.
            let bytes = bytes.len();
            return Err(Failure::transient(format!(
                "{url}: {bytes} bytes without facts where the filing's index says {expected}"
            )));
        }
    }
    // The extraction is only a stand-in for an inline document that cannot be had.
    let extraction = if inline.is_some() { None } else { wanted.extraction };
    files.extend(inline);
    for name in wanted.xml.into_iter().chain(extraction) {
        let Fetched { bytes, url } = edgar.filing_file(cik, accession, &name).await?;
        total += bytes.len() as u64;
        if total > archive::MAX_TOTAL_BYTES {
            let limit = archive::MAX_TOTAL_BYTES;
            return Err(Failure::permanent(format!("{url}: brings the filing over {limit} bytes")));
        }
        files.push((name, bytes));
    }
    Ok(Some((Fetched { bytes: archive::pack(files), url: index.url }, damage)))
}

fn choose(mut entries: Vec<Entry>, primary_document: &str) -> Result<Wanted, String> {
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries.dedup_by(|a, b| a.name == b.name);
    let mut wanted = Wanted::default();
    for Entry { name, bytes } in entries {
        let lower = name.to_ascii_lowercase();
        let is_xml =
            lower.ends_with(".xml") && !RENDERED.contains(&lower.as_str()) && !is_rendered_page(&lower);
        if name == primary_document && (lower.ends_with(".htm") || lower.ends_with(".html")) {
            wanted.primary = Some(name);
            wanted.primary_bytes = bytes;
        } else if lower.ends_with("_htm.xml") {
            wanted.extraction.get_or_insert(name);
        } else if lower.ends_with(".xsd") || is_xml {
            wanted.xml.push(name);
        }
    }
    let all = wanted.xml.iter().chain(&wanted.primary).chain(&wanted.extraction);
    if let Some(name) = all.clone().find(|name| !is_safe_name(name)) {
        return Err(format!("unsafe file name {name:?}"));
    }
    match all.count() {
        0 => Err("no XBRL among its files".into()),
        count if count > MAX_FILES => Err(format!("{count} XBRL files, the limit is {MAX_FILES}")),
        _ => Ok(wanted),
    }
}

/// `R1.xml`, `R2.xml` and so on: EDGAR's old renderings.
fn is_rendered_page(lower: &str) -> bool {
    let number = lower.strip_prefix('r').and_then(|rest| rest.strip_suffix(".xml"));
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
        assert_eq!(
            (wanted.primary.as_deref(), wanted.extraction.as_deref()),
            (Some("a.htm"), Some("a_htm.xml"))
        );
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
