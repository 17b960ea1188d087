//! Which coordinator is asked: the last one that answered, the leader that a standby named, or the next in turn.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use crate::Error;
use crate::error::innermost;

/// Half-open connections are noticed by pings: without them a watch of a vanished coordinator waits for ever.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(10));

pub(crate) struct Settings {
    pub(crate) token: Option<MetadataValue<Ascii>>,
    pub(crate) tls: ClientTlsConfig,
    pub(crate) connect_timeout: Duration,
    pub(crate) retry_for: Duration,
}

/// The connections to all coordinators of a fleet.
pub(crate) struct Channels {
    endpoints: Vec<String>,
    pub(crate) settings: Settings,
    state: Mutex<State>,
}

struct State {
    /// The address to ask.
    current: String,
    /// The turn among the endpoints.
    turn: usize,
    open: BTreeMap<String, Channel>,
}

impl Channels {
    pub(crate) fn new(endpoints: Vec<String>, settings: Settings) -> Result<Self, Error> {
        let Some(first) = endpoints.first() else {
            return Err(Error::Address { address: String::new(), reason: "no address is given".to_owned() });
        };
        let state = State { current: first.clone(), turn: 0, open: BTreeMap::new() };
        let channels = Self { settings, state: Mutex::new(state), endpoints };
        for address in &channels.endpoints {
            channels.endpoint(address)?;
        }
        Ok(channels)
    }

    pub(crate) fn endpoints(&self) -> &[String] {
        &self.endpoints
    }

    /// The address that is asked next.
    pub(crate) fn address(&self) -> String {
        self.state().current.clone()
    }

    /// Tries every endpoint once.
    pub(crate) async fn connect_any(&self) -> Result<(), Error> {
        let mut tries = self.endpoints.len();
        loop {
            tries -= 1;
            match self.current().await {
                Ok(_) => return Ok(()),
                Err(error) if tries == 0 => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The coordinator to ask, and its address. One that does not answer loses its turn.
    pub(crate) async fn current(&self) -> Result<(String, Channel), Error> {
        let (address, open) = {
            let state = self.state();
            (state.current.clone(), state.open.get(&state.current).cloned())
        };
        if let Some(channel) = open {
            return Ok((address, channel));
        }
        let connecting = self.endpoint(&address)?;
        let connected = tokio::time::timeout(self.settings.connect_timeout, connecting.connect()).await;
        let channel = match connected {
            Ok(Ok(channel)) => channel,
            failed => {
                let reason = match failed {
                    Ok(Err(error)) => innermost(&error),
                    _ => format!("no answer within {:?}", self.settings.connect_timeout),
                };
                self.lost(&address);
                return Err(Error::Connect { address, reason });
            }
        };
        self.state().open.insert(address.clone(), channel.clone());
        Ok((address, channel))
    }

    /// The connection to an address is of no use: the next endpoint has its turn.
    pub(crate) fn lost(&self, address: &str) {
        let mut state = self.state();
        state.open.remove(address);
        if state.current == address {
            state.turn = (state.turn + 1) % self.endpoints.len();
            state.current = self.endpoints[state.turn].clone();
        }
    }

    /// A standby at `address` named the leader. Whether it will be asked next.
    pub(crate) fn follow(&self, address: &str, leader: &str) -> bool {
        let leader = self.with_scheme(leader);
        let is_downgrade = !leader.starts_with("https://") && self.is_encrypted();
        // Also not to itself: it does not lead.
        if leader == address || is_downgrade || self.endpoint(&leader).is_err() {
            return false;
        }
        let mut state = self.state();
        if state.current == address {
            state.current = leader;
        }
        true
    }

    fn is_encrypted(&self) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.starts_with("https://"))
    }

    /// Leaders may be named as `host:port`.
    fn with_scheme(&self, address: &str) -> String {
        match address.contains("://") {
            true => address.to_owned(),
            false if self.is_encrypted() => format!("https://{address}"),
            false => format!("http://{address}"),
        }
    }

    fn endpoint(&self, address: &str) -> Result<Endpoint, Error> {
        let invalid = |reason: String| Error::Address { address: address.to_owned(), reason };
        let is_https = address.starts_with("https://");
        if !is_https && !address.starts_with("http://") {
            return Err(invalid("give http://host:port or https://host:port".to_owned()));
        }
        let endpoint =
            Endpoint::from_shared(address.to_owned()).map_err(|error| invalid(innermost(&error)))?;
        let (interval, timeout) = KEEPALIVE;
        let endpoint = endpoint
            .connect_timeout(self.settings.connect_timeout)
            .http2_keep_alive_interval(interval)
            .keep_alive_timeout(timeout);
        match is_https {
            true => {
                endpoint.tls_config(self.settings.tls.clone()).map_err(|error| invalid(innermost(&error)))
            }
            false => Ok(endpoint),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and every state is a valid one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
