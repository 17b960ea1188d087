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
    ///
    /// # Errors
    /// [`Error::StrangeLeader`] if the token would go where nobody has proven to be who was given.
    pub(crate) fn follow(&self, address: &str, leader: &str) -> Result<bool, Error> {
        let leader = self.with_scheme(leader);
        let is_downgrade = !leader.starts_with("https://") && self.is_encrypted();
        // Also not to itself: it does not lead.
        if leader == address || is_downgrade || self.endpoint(&leader).is_err() {
            return Ok(false);
        }
        if !self.may_have_token(&leader) {
            return Err(Error::StrangeLeader { leader, named_by: address.to_owned() });
        }
        let mut state = self.state();
        if state.current == address {
            state.current = leader;
        }
        Ok(true)
    }

    /// Whether a leader may be sent the token, if there is one. Anybody can stand where a standby was, and name any
    /// address. Where all that were given have certificates, whoever names a leader has proven who it is, and the
    /// leader does; otherwise only the hosts that were given are believed. The worker's twin of this rule is
    /// `Targets::leader` in `worker/src/connection/endpoint.rs`.
    fn may_have_token(&self, leader: &str) -> bool {
        let is_given = || self.endpoints.iter().any(|given| host(given).eq_ignore_ascii_case(host(leader)));
        let is_proven = || self.endpoints.iter().all(|given| given.starts_with("https://"));
        self.settings.token.is_none() || is_proven() || is_given()
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

/// The host of `scheme://host:port`.
fn host(address: &str) -> &str {
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split('/').next().unwrap_or_default();
    // What stands before an `@` is no part of the host, and an IPv6 address has colons of its own.
    let authority = authority.rsplit('@').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Client, Error};

    fn follows(given: &[&str], token: Option<&str>, leader: &str) -> Result<bool, String> {
        let mut builder = Client::builder().endpoints(given.iter().copied());
        if let Some(token) = token {
            builder = builder.token(token);
        }
        let client = builder.build().unwrap();
        client.channels.follow(given[0], leader).map_err(|error| {
            assert!(error.is_retryable() && matches!(error, Error::StrangeLeader { .. }));
            error.to_string()
        })
    }

    #[tokio::test]
    async fn a_token_goes_to_given_hosts_and_to_who_has_a_certificate() {
        let (one, two) = ("http://a:1", "http://[::1]:2");
        let strange = |leader: &str, given: &str| {
            Err(format!(
                "{given} says that {leader} leads, an address that nobody gave and no certificate proves: the token is \
                 not sent there; give {leader} too, or https:// addresses alone"
            ))
        };
        for (given, token, leader, expected) in [
            (&[one][..], None, "b:2", Ok(true)),
            (&[one], Some("t"), "a:2", Ok(true)),
            (&[one], Some("t"), "http://A:2", Ok(true)),
            (&[one], Some("t"), "b:2", strange("http://b:2", one)),
            (&[one], Some("t"), "http://a@b:2", strange("http://a@b:2", one)),
            (&[one], Some("t"), "http://a.b:2", strange("http://a.b:2", one)),
            (&[one, two], Some("t"), "http://[::1]:3", Ok(true)),
            (&[one, two], Some("t"), "http://[::2]:2", strange("http://[::2]:2", one)),
            (&[one], Some("t"), "http://a:1", Ok(false)),
            (&["https://a:1"], Some("t"), "b:2", Ok(true)),
            (&["https://a:1"], Some("t"), "http://a:2", Ok(false)),
            (&[one, "https://b:1"], Some("t"), "https://c:1", strange("https://c:1", one)),
        ] {
            assert_eq!(follows(given, token, leader), expected, "{given:?} {leader}");
        }
    }
}
