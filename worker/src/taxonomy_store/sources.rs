//! Where the bytes of standard schemas come from. Remembers nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::manifest::sha256_hex;
use edgraph_shared::model::HostFamily;
use edgraph_shared::storage::{Error as StoreError, SharedStore};
use url::Url;

use super::address::{Address, Missing, OFFICIAL_HOSTS};
use super::claims::{Claim, Claims, Turn};
use super::config::TaxonomyConfig;
use super::outages::Outages;
use crate::download::content::is_whole_xml;
use crate::download::location::read_file;
use crate::download::{Base, Content, Downloader, Error, Hosts, Location, Rate, Turnstile, is_sec};
use crate::edgar::{ConfigError, Edgar};
use crate::store_failure::store_failure;

/// The largest official document, the label linkbase of us-gaap, is some 20 MB.
const MAX_DOCUMENT_BYTES: u64 = 128 << 20;

pub(super) struct Sources {
    own: Vec<Own>,
    store: SharedStore,
    claims: Claims,
    official: Option<Official>,
    outages: Outages,
}

/// A `--taxonomies` entry.
struct Own {
    base: Base,
    downloader: Downloader,
}

struct Official {
    /// Each with a turnstile of its own, so that the pause of one is nothing to the others; but the SEC counts requests over
    /// all of its hosts, and its own shares EDGAR's.
    of_host: HashMap<&'static str, Downloader>,
    /// An address that stands for all of them.
    at: Option<Base>,
}

impl Official {
    fn url(&self, address: &Address) -> Result<Url, Error> {
        match self.at.as_ref().map(|base| base.resolve(&address.names())).transpose()? {
            Some(Location::Web(url)) => Ok(url),
            Some(Location::File(_)) | None => Ok(address.https()),
        }
    }
}

/// Why there are no bytes.
pub(super) enum Trouble {
    Missing(Missing),
    Host(Error),
    Store(Failure),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(store_failure(error))
    }
}

impl Sources {
    pub(super) fn new(
        config: &TaxonomyConfig,
        store: SharedStore,
        edgar: &Edgar,
        patience: Duration,
    ) -> Result<Self, ConfigError> {
        let settings = edgar.config();
        let agent = settings.agent()?;
        let downloader = |hosts: Hosts, turnstile: Turnstile| {
            Downloader::new(agent.clone(), hosts, turnstile, settings.timeouts)
        };
        // Without a limit EDGAR is a mirror, and a limiter of this process's own says nothing about the SEC.
        let of_sec = match edgar.turnstile() {
            lent if lent.is_lent() => lent.of(HostFamily::Sec),
            _ if settings.rate == Rate::Off => Turnstile::new(Rate::default()),
            own => own.clone(),
        };
        let turnstile = |host: &str| if is_sec(host) { of_sec.clone() } else { Turnstile::new(Rate::Off) };
        let own = config.sources.iter().map(|source| {
            let base = Base::parse(source)?;
            let host = base.web().and_then(Url::host_str).unwrap_or_default();
            let downloader = downloader(Hosts::of(base.web()), turnstile(host));
            Ok(Own { base, downloader })
        });
        let own = own.collect::<Result<_, ConfigError>>()?;
        let official = (!config.offline && !edgar.is_local()).then(|| {
            let of_host = OFFICIAL_HOSTS.map(|host| {
                // Publishers redirect from one of their names to another, but nobody past the SEC's own turnstile.
                let same_limit = OFFICIAL_HOSTS.into_iter().filter(|other| is_sec(other) == is_sec(host));
                (host, downloader(Hosts::new(same_limit.map(str::to_owned)), turnstile(host)))
            });
            Official { of_host: of_host.into(), at: None }
        });
        let claims = Claims::new(store.clone(), patience);
        Ok(Self { own, store, claims, official, outages: Outages::default() })
    }

    /// With one address in place of all official hosts.
    pub(super) fn official_at(mut self, at: &Url, edgar: &Edgar) -> Result<Self, ConfigError> {
        let (agent, timeouts) = (edgar.config().agent()?, edgar.config().timeouts);
        let one = Downloader::new(agent, Hosts::of([at]), Turnstile::new(Rate::Off), timeouts);
        let of_host = OFFICIAL_HOSTS.map(|host| (host, one.clone()));
        let at = Some(Base::Web(at.clone()));
        self.official = Some(Official { of_host: of_host.into(), at });
        Ok(self)
    }

    /// Looks in `--taxonomies` and in the object store.
    pub(super) async fn here(&self, address: &Address) -> Result<Option<Bytes>, Trouble> {
        for own in &self.own {
            let outcome = match own.base.resolve(&address.names()) {
                Ok(Location::File(path)) => read_file(&path, Content::Taxonomy, MAX_DOCUMENT_BYTES).await,
                Ok(Location::Web(url)) => self.ask(&own.downloader, &url).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(Trouble::Host(error)),
            }
        }
        let (Some(object), Some(claim)) = (address.object(), address.claim()) else { return Ok(None) };
        // What a power cut tore is downloaded anew, also where no hash was noted because people put it there.
        Ok(self.claims.find(&object, &claim).await?.filter(|bytes| is_whole_xml(bytes)))
    }

    /// Downloads from the official host and keeps it in the object store, unless another worker does.
    pub(super) async fn official(&self, address: &Address) -> Result<Bytes, Trouble> {
        if !address.is_official() {
            return Err(Trouble::Missing(Missing::HostNotAllowed));
        }
        let official = self.official.as_ref().ok_or(Trouble::Missing(Missing::Offline))?;
        // A name too long for the store is nobody's to share.
        let (Some(object), Some(claim)) = (address.object(), address.claim()) else {
            return self.download(official, address).await;
        };
        match self.claims.take(&object, &claim).await? {
            Turn::Kept(bytes) => Ok(bytes),
            Turn::NotFound => Err(Trouble::Missing(Missing::NotFound)),
            Turn::Failed(error) => Err(Trouble::Host(error)),
            Turn::Mine => {
                let work = async {
                    let bytes = self.download(official, address).await?;
                    self.store.put(&object, bytes.clone()).await?;
                    Ok(bytes)
                };
                let outcome = self.claims.holding(&claim, work).await;
                self.claims.settle(&claim, &end_of(&outcome)).await;
                outcome
            }
        }
    }

    async fn download(&self, official: &Official, address: &Address) -> Result<Bytes, Trouble> {
        let downloader = official.of_host.get(address.host());
        let downloader = downloader.ok_or(Trouble::Missing(Missing::HostNotAllowed))?;
        let url = official.url(address).map_err(Trouble::Host)?;
        match self.ask(downloader, &url).await {
            Ok(bytes) => Ok(bytes),
            Err(Error::NotFound { .. }) => Err(Trouble::Missing(Missing::NotFound)),
            Err(error) => Err(Trouble::Host(error)),
        }
    }

    /// Asks a host, unless it is left alone.
    async fn ask(&self, downloader: &Downloader, url: &Url) -> Result<Bytes, Error> {
        let (host, began) = (url.authority(), Instant::now());
        if let Some(error) = self.outages.of(host, began) {
            return Err(error);
        }
        let outcome = downloader.get(url, Content::Taxonomy, MAX_DOCUMENT_BYTES).await;
        self.outages.note(host, outcome.as_ref().err(), began, Instant::now());
        outcome
    }
}

/// What others are to know of a download.
fn end_of(outcome: &Result<Bytes, Trouble>) -> Claim {
    match outcome {
        Ok(bytes) => Claim::Kept { sha256: sha256_hex(bytes) },
        Err(Trouble::Missing(_)) => Claim::NotFound,
        Err(Trouble::Host(error)) => Claim::Failed { error: error.clone() },
        Err(Trouble::Store(_)) => Claim::Released,
    }
}
