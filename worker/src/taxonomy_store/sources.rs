//! Where the bytes of standard schemas come from. Remembers nothing.

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::storage::SharedStore;

use super::TaxonomyConfig;
use super::address::{Address, Missing, OFFICIAL_HOSTS};
use crate::download::content::is_whole_xml;
use crate::download::location::read_file;
use crate::download::{Base, Content, Downloader, Error, Gate, Hosts, Location, Rate, is_sec};
use crate::edgar::{ConfigError, Edgar};
use crate::store_failure::store_failure;

/// The largest official document, the label linkbase of us-gaap, is some 20 MB.
const MAX_DOCUMENT_BYTES: u64 = 128 << 20;

pub(super) struct Sources {
    own: Vec<Own>,
    store: SharedStore,
    official: Option<Official>,
}

/// A `--taxonomies` entry.
struct Own {
    base: Base,
    downloader: Downloader,
}

struct Official {
    /// The SEC counts requests over all of its hosts, so this one shares EDGAR's gate.
    sec: Downloader,
    others: Downloader,
}

/// Why there are no bytes.
pub(super) enum Trouble {
    Missing(Missing),
    Host(Error),
    Store(Failure),
}

impl Sources {
    pub(super) fn new(
        config: &TaxonomyConfig,
        store: SharedStore,
        edgar: &Edgar,
    ) -> Result<Self, ConfigError> {
        let settings = edgar.config();
        let agent = settings.agent()?;
        let downloader =
            |hosts: Hosts, gate: Gate| Downloader::new(agent.clone(), hosts, gate, settings.timeouts);
        let own = config.sources.iter().map(|source| {
            let base = Base::parse(source)?;
            let downloader = downloader(Hosts::of(base.web()), Gate::new(Rate::Off));
            Ok(Own { base, downloader })
        });
        let own = own.collect::<Result<_, ConfigError>>()?;
        let official = if config.offline || edgar.is_local() {
            None
        } else {
            // Without a limit EDGAR is a mirror, and its gate says nothing about the SEC.
            let gate =
                if settings.rate == Rate::Off { Gate::new(Rate::default()) } else { edgar.gate().clone() };
            let (sec, others): (Vec<&str>, Vec<&str>) = OFFICIAL_HOSTS.iter().partition(|host| is_sec(host));
            let hosts = |names: Vec<&str>| Hosts::new(names.into_iter().map(str::to_owned));
            Some(Official {
                sec: downloader(hosts(sec), gate),
                others: downloader(hosts(others), Gate::new(Rate::Off)),
            })
        };
        Ok(Self { own, store, official })
    }

    /// Looks in `--taxonomies` and in the object store.
    pub(super) async fn here(&self, address: &Address) -> Result<Option<Bytes>, Trouble> {
        for own in &self.own {
            let outcome = match own.base.resolve(&address.names()) {
                Ok(Location::File(path)) => read_file(&path, Content::Xml, MAX_DOCUMENT_BYTES).await,
                Ok(Location::Web(url)) => own.downloader.get(&url, Content::Xml, MAX_DOCUMENT_BYTES).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(Trouble::Host(error)),
            }
        }
        let Some(object) = address.object() else { return Ok(None) };
        let found = self.store.find(&object).await.map_err(|error| Trouble::Store(store_failure(error)))?;
        // What a power cut tore is downloaded anew.
        Ok(found.filter(|bytes| is_whole_xml(bytes)))
    }

    /// Downloads from the official host and keeps it in the object store.
    pub(super) async fn official(&self, address: &Address) -> Result<Bytes, Trouble> {
        if !address.is_official() {
            return Err(Trouble::Missing(Missing::HostNotAllowed));
        }
        let official = self.official.as_ref().ok_or(Trouble::Missing(Missing::Offline))?;
        let downloader = if is_sec(address.host()) { &official.sec } else { &official.others };
        let bytes = match downloader.get(&address.https(), Content::Xml, MAX_DOCUMENT_BYTES).await {
            Ok(bytes) => bytes,
            Err(Error::NotFound { .. }) => return Err(Trouble::Missing(Missing::NotFound)),
            Err(error) => return Err(Trouble::Host(error)),
        };
        if let Some(object) = address.object() {
            let stored = self.store.put(&object, bytes.clone()).await;
            stored.map_err(|error| Trouble::Store(store_failure(error)))?;
        }
        Ok(bytes)
    }
}
