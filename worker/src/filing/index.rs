//! A filing without an archive of its own: single files by `index.json`, zipped here so that `raw/` is uniform.

mod wanted;

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::ids::{AccessionNumber, Cik};
use edgraph_shared::kinds::sec_xbrl::Damage;
use edgraph_shared::manifest::FilingMetadata;
use edgraph_xbrl::sniff::{Kind, sniff};

use super::archive;
use crate::download::Error;
use crate::download::content::is_whole_inline;
use crate::edgar::folder::{self, Entry, Folder};
use crate::edgar::{Edgar, Fetched};

pub use wanted::{Wanted, choose};

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
    let folder = FolderOf { edgar, cik, accession };
    if let Some(primary) = &wanted.primary {
        files.extend(folder.inline_page(primary).await?);
    }
    if let Some((primary, _)) = files.first().cloned()
        && !wanted.pages.is_empty()
    {
        let meta_links = match &wanted.meta_links {
            Some(name) => Some(edgar.filing_file(cik, accession, name).await?.bytes),
            None => None,
        };
        for page in wanted.pages_beside(&primary, meta_links.as_deref()).map_err(refused)? {
            files.extend(folder.inline_page(&page).await?);
        }
    }
    let mut total: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    // The extraction is only a stand-in for an inline document that cannot be had.
    let extraction = if files.is_empty() { wanted.extraction } else { None };
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

/// A filing's folder on EDGAR.
struct FolderOf<'a> {
    edgar: &'a Edgar,
    cik: Cik,
    accession: &'a AccessionNumber,
}

impl FolderOf<'_> {
    /// A page, if it is inline.
    async fn inline_page(&self, page: &Entry) -> Result<Option<(String, Bytes)>, Failure> {
        let Fetched { bytes, url } = self.edgar.filing_file(self.cik, self.accession, &page.name).await?;
        if sniff(&bytes) == Kind::Inline {
            // It looks like a page, of which any end is one, and would be kept as it is.
            if !is_whole_inline(&bytes) {
                let bytes = bytes.len();
                return Err(Failure::transient(format!("{url}: the end is missing after {bytes} bytes")));
            }
            return Ok(Some((page.name.clone(), bytes)));
        }
        // A page may stand in for a page: only its size tells a report without facts from an error in disguise.
        match page.bytes.filter(|expected| *expected != bytes.len() as u64) {
            Some(expected) => Err(Failure::transient(format!(
                "{url}: {} bytes without facts where the filing's index says {expected}",
                bytes.len()
            ))),
            None => Ok(None),
        }
    }
}
