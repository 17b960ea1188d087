//! EDGAR and the places of schemas: one document is asked of each.

use std::path::Path;

use edgraph_worker::download::{Agent, Content, Downloader, Hosts, Rate, Timeouts, Turnstile};
use edgraph_worker::edgar::{Edgar, EdgarConfig};
use url::Url;

use super::finding::Finding;

/// A schema that every filing needs, at its host.
const SCHEMA: &str = "https://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd";
/// It has some KiB.
const MAX_SCHEMA_BYTES: u64 = 1 << 20;

/// Whether EDGAR is a folder of this machine.
pub(super) fn is_local(edgar: &EdgarConfig) -> bool {
    edgar.archives.starts_with("file:")
}

pub(super) async fn edgar(config: EdgarConfig) -> Finding {
    let edgar = match Edgar::new(config) {
        Ok(edgar) => edgar,
        Err(error) => return Finding::wrong("edgar", error),
    };
    match edgar.company_tickers().await {
        Ok(list) => Finding::well("edgar", format!("{}: {} bytes", list.url, list.bytes.len())),
        Err(error) => Finding::wrong("edgar", error),
    }
}

/// The places that are named, and unless it is offline a host of the standard's own.
pub(super) async fn taxonomies(sources: &[String], offline: bool) -> Vec<Finding> {
    const PART: &str = "taxonomies";
    let folder = |source: &&String| !source.contains("://") || source.starts_with("file://");
    let mut findings: Vec<Finding> = sources
        .iter()
        .filter(folder)
        .map(|source| match Path::new(source.trim_start_matches("file://")).is_dir() {
            true => Finding::well(PART, format!("{source} is there")),
            false => Finding::wrong(
                PART,
                format!("--taxonomies {source}: there is no such folder; give another one"),
            ),
        })
        .collect();
    if offline {
        return findings;
    }
    let url = Url::parse(SCHEMA).expect("an address");
    let agent = Agent::parse("edgraph").expect("a header");
    let turnstile = Turnstile::new(Rate::default());
    let downloader = Downloader::new(agent, Hosts::of([&url]), turnstile, Timeouts::default());
    findings.push(match downloader.get(&url, Content::Xml, MAX_SCHEMA_BYTES).await {
        Ok(_) => Finding::well(PART, format!("{SCHEMA} answers")),
        Err(error) => Finding::warning(
            PART,
            format!("{error}; give folders of schemas with --taxonomies, or let this host through"),
        ),
    });
    findings
}
