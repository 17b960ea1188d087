//! How coordinators are reached: addresses, TLS and token become endpoints, and a refusal tells who leads instead.
//!
//! Checked once, before anything connects. Which of several is tried next is [`super::rotation`]'s.

use std::fmt;
use std::time::Duration;

use edgraph_shared::failure::chain;
use edgraph_shared::secret::Secret;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// A host of the own network answers within milliseconds. One that is gone without a word must not use up the time
/// in which another coordinator takes over.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Both sides notice a vanished peer by pings.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// Longest address of a leader that is believed: it comes over the network.
const MAX_LEADER_LEN: usize = 256;

/// The coordinators of one deployment, and how they are spoken to.
#[derive(Debug, Clone, Default)]
pub struct Coordinators {
    /// `http://host:port` or `https://host:port`. One of them leads; the others say who does.
    pub addresses: Vec<String>,
    /// For https.
    pub tls: Tls,
    /// Says who this worker is.
    pub token: Option<Secret>,
}

impl Coordinators {
    /// Checks addresses, certificates and token without connecting.
    ///
    /// # Errors
    /// [`EndpointError`] says what is wrong.
    pub fn check(&self) -> Result<(), EndpointError> {
        Targets::new(self).map(drop)
    }
}

impl From<String> for Coordinators {
    /// One address, or several with commas between, without a token.
    fn from(addresses: String) -> Self {
        let addresses = addresses.split(',').map(|address| address.trim().to_owned()).collect();
        Self { addresses, ..Self::default() }
    }
}

/// Certificates as PEM texts.
#[derive(Clone, Default)]
pub struct Tls {
    /// Who vouches for the coordinators, instead of the system's list.
    pub ca: Option<Vec<u8>>,
    /// This worker's certificate and its private key.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Tls {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ca, identity } = self;
        f.debug_struct("Tls").field("ca", &ca.is_some()).field("identity", &identity.is_some()).finish()
    }
}

/// Why coordinators cannot be reached as configured.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// None is given.
    #[error("no coordinator is given: expected http://host:port or https://host:port")]
    Nobody,
    /// Not an address.
    #[error("`{address}` is not an address of a coordinator: expected http://host:port or https://host:port")]
    Address {
        /// As given.
        address: String,
    },
    /// Certificates for an address without TLS.
    #[error("certificates are given, but {address} is asked without TLS: expected https://")]
    PlainAddress {
        /// As given.
        address: String,
    },
    /// The certificates do not fit.
    #[error("the certificates cannot be used: {reason}")]
    Certificates {
        /// What is wrong with them.
        reason: String,
    },
    /// Not a token. The message does not show it.
    #[error("the token is not one: expected visible ASCII characters")]
    Token,
}

/// Why a leader that a coordinator named is not asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum BadLeader {
    /// Not an address.
    #[error("a coordinator named a leader by what is no address")]
    Address,
    /// It would be sent the token.
    #[error(
        "a coordinator named {address} as the leader, an address that nobody gave and no certificate proves: the token \
         is not sent there; give it with --coordinator too, or https:// addresses alone"
    )]
    Strange {
        /// As named.
        address: String,
    },
}

/// A coordinator that can be connected to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// For logs.
    pub(crate) address: String,
    pub(crate) endpoint: Endpoint,
}

impl Target {
    fn host(&self) -> Option<String> {
        self.endpoint.uri().host().map(str::to_ascii_lowercase)
    }
}

/// All that is needed to connect to any coordinator of the deployment.
#[derive(Debug)]
pub(crate) struct Targets {
    listed: Vec<Target>,
    tls: Option<ClientTlsConfig>,
    authorization: Option<MetadataValue<Ascii>>,
}

impl Targets {
    pub(crate) fn new(coordinators: &Coordinators) -> Result<Self, EndpointError> {
        let Coordinators { addresses, tls, token } = coordinators;
        let has_certificates = tls.ca.is_some() || tls.identity.is_some();
        let is_tls = |address: &String| address.starts_with("https://");
        if let Some(address) = addresses.iter().find(|address| has_certificates && !is_tls(address)) {
            return Err(EndpointError::PlainAddress { address: address.clone() });
        }
        check_pem(tls)?;
        let tls = addresses.iter().any(is_tls).then(|| client_tls(tls));
        let target = |address: &String| target(address, tls.as_ref());
        let listed = addresses.iter().map(target).collect::<Result<Vec<_>, _>>()?;
        if listed.is_empty() {
            return Err(EndpointError::Nobody);
        }
        let authorization = token.as_ref().map(authorization).transpose()?;
        Ok(Self { listed, tls, authorization })
    }

    /// The configured coordinators, never none.
    pub(crate) fn listed(&self) -> &[Target] {
        &self.listed
    }

    /// What every call carries to say who asks.
    pub(crate) fn authorization(&self) -> Option<&MetadataValue<Ascii>> {
        self.authorization.as_ref()
    }

    /// A leader by the address that another coordinator gave: `host:port` or a URL.
    ///
    /// # Errors
    /// [`BadLeader`] if it is no address, or the token would go where nobody has proven to be who was given.
    pub(crate) fn leader(&self, address: &str) -> Result<Target, BadLeader> {
        if address.len() > MAX_LEADER_LEN {
            return Err(BadLeader::Address);
        }
        // A worker that was told to use TLS does not go without because somebody says so.
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let leader =
            target(&format!("{scheme}://{rest}"), self.tls.as_ref()).map_err(|_| BadLeader::Address)?;
        // Anybody can stand where a standby was, and name any address. Where all that were given have certificates,
        // whoever names a leader has proven who it is, and the leader does; otherwise only the hosts that were given
        // are believed. The clients' twin of this rule is in `shared/client/src/channel.rs`.
        let is_proven = || self.listed.iter().all(|given| given.address.starts_with("https://"));
        let is_given = || self.listed.iter().any(|given| given.host() == leader.host());
        if self.authorization.is_some() && !is_proven() && !is_given() {
            return Err(BadLeader::Strange { address: leader.address });
        }
        Ok(leader)
    }
}

fn target(address: &str, tls: Option<&ClientTlsConfig>) -> Result<Target, EndpointError> {
    let wrong = || EndpointError::Address { address: address.to_owned() };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|_| wrong())?;
    let scheme = endpoint.uri().scheme_str();
    if !matches!(scheme, Some("http" | "https")) || endpoint.uri().host().is_none_or(str::is_empty) {
        return Err(wrong());
    }
    let endpoint = match tls.filter(|_| scheme == Some("https")) {
        Some(tls) => endpoint
            .tls_config(tls.clone())
            .map_err(|error| EndpointError::Certificates { reason: chain(&error) })?,
        None => endpoint,
    };
    let endpoint = endpoint
        .connect_timeout(CONNECT_WITHIN)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE)
        .keep_alive_while_idle(true)
        .tcp_nodelay(true);
    Ok(Target { address: address.to_owned(), endpoint })
}

/// A file without any certificate would be taken for an empty list, and every connection be refused later.
fn check_pem(tls: &Tls) -> Result<(), EndpointError> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    let has_certificate = |pem: &[u8]| pem.windows(BEGIN.len()).any(|part| part == BEGIN);
    let missing =
        |what: &str| EndpointError::Certificates { reason: format!("{what} has no certificate in PEM form") };
    if tls.ca.as_deref().is_some_and(|pem| !has_certificate(pem)) {
        return Err(missing("the authority's file"));
    }
    if tls.identity.as_ref().is_some_and(|(certificate, _)| !has_certificate(certificate)) {
        return Err(missing("the worker's certificate"));
    }
    Ok(())
}

fn client_tls(tls: &Tls) -> ClientTlsConfig {
    let config = match &tls.ca {
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    match &tls.identity {
        Some((certificate, key)) => config.identity(Identity::from_pem(certificate, key)),
        None => config,
    }
}

fn authorization(token: &Secret) -> Result<MetadataValue<Ascii>, EndpointError> {
    // What comes from a file ends with a line.
    let token = token.expose().trim();
    let is_visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = is_visible.then(|| format!("Bearer {token}").parse().ok()).flatten();
    let mut value: MetadataValue<Ascii> = value.ok_or(EndpointError::Token)?;
    // HTTP/2 keeps it out of its compression tables, and Debug does not show it.
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a coordinator answered that it does not lead, and whom it named.
pub(super) fn not_leading(status: &Status) -> Option<Option<String>> {
    if status.code() != Code::Unavailable {
        return None;
    }
    let info = status.get_details_error_info()?;
    let says_so = info.domain == "edgraph" && info.reason == "NOT_LEADER";
    says_so.then(|| info.metadata.get("leader").filter(|leader| !leader.is_empty()).cloned())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    fn check(addresses: &str, tls: Tls, token: Option<&str>) -> Result<Targets, String> {
        let token = token.map(|token| Secret::from(token.to_owned()));
        let coordinators = Coordinators { tls, token, ..Coordinators::from(addresses.to_owned()) };
        Targets::new(&coordinators).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_certificates_and_tokens_are_checked_before_anything_connects() {
        let none = Tls::default;
        let ca = || Tls { ca: Some(b"not a certificate".to_vec()), identity: None };
        type Case<'a> = (&'a str, Tls, Option<&'a str>, Result<usize, &'a str>);
        let cases: [Case<'_>; 12] = [
            ("http://127.0.0.1:50051", none(), None, Ok(1)),
            ("http://a:1, https://b:2", none(), Some("secret"), Ok(2)),
            ("https://[::1]:50051", none(), None, Ok(1)),
            ("", none(), None, Err("expected http://host:port")),
            ("http://a:1,", none(), None, Err("expected http://host:port")),
            ("a:1", none(), None, Err("`a:1`")),
            ("ftp://a:1", none(), None, Err("`ftp://a:1`")),
            ("/folder", none(), None, Err("`/folder`")),
            ("http://a:1", ca(), None, Err("expected https://")),
            ("https://a:1", ca(), None, Err("no certificate")),
            ("http://a:1", none(), Some(" "), Err("visible ASCII")),
            ("http://a:1", none(), Some("two words"), Err("visible ASCII")),
        ];
        for (addresses, tls, token, expected) in cases {
            match (check(addresses, tls, token), expected) {
                (Ok(targets), Ok(count)) => assert_eq!(targets.listed().len(), count, "{addresses}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{addresses}: {error}"),
                (outcome, _) => panic!("{addresses}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn a_leader_is_reached_as_safely_as_the_configured_ones() {
        let address = |targets: &Targets, leader: &str| targets.leader(leader).map(|target| target.address);
        let plain = check("http://a:1", Tls::default(), None).unwrap();
        assert_eq!(address(&plain, "b:2").as_deref(), Ok("http://b:2"));
        assert_eq!(address(&plain, "http://b:2").as_deref(), Ok("http://b:2"));
        assert_eq!(address(&plain, "not an address"), Err(BadLeader::Address));
        assert_eq!(address(&plain, &"x".repeat(MAX_LEADER_LEN + 1)), Err(BadLeader::Address));
        let safe = check("https://a:1", Tls::default(), Some("token")).unwrap();
        assert_eq!(address(&safe, "http://b:2").as_deref(), Ok("https://b:2"));
        let known = check("http://a:1,http://b:1", Tls::default(), Some("token")).unwrap();
        for given in ["a:7", "http://B:2", "http://b:1"] {
            assert!(known.leader(given).is_ok(), "{given}");
        }
        let mixed = check("http://a:1,https://b:1", Tls::default(), Some("token")).unwrap();
        assert!(matches!(address(&mixed, "c:1"), Err(BadLeader::Strange { .. })));
        for strange in ["c:1", "http://a.c:1", "http://a@c:1"] {
            let error = known.leader(strange).unwrap_err().to_string();
            assert!(error.contains("c:1") && error.contains("--coordinator"), "{error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let tls = Tls { ca: None, identity: Some((b"certificate".to_vec(), b"private".to_vec())) };
        let token = Some(Secret::from("hidden".to_owned()));
        let coordinators = Coordinators { addresses: vec!["https://a:1".to_owned()], tls, token };
        let shown = format!("{coordinators:?}");
        assert!(!shown.contains("hidden") && !shown.contains("private"), "{shown}");
        let bytes = format!("{:?}", b"private".to_vec());
        assert!(!shown.contains(&bytes), "{shown}");
    }

    #[test]
    fn a_refusal_names_the_leader() {
        let refusal = |reason: &str, leader: &[(&str, &str)]| {
            let metadata: HashMap<String, String> =
                leader.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let details = ErrorDetails::with_error_info(reason, "edgraph", metadata);
            Status::with_error_details(Code::Unavailable, "no", details)
        };
        let named = refusal("NOT_LEADER", &[("leader", "b:2")]);
        assert_eq!(not_leading(&named), Some(Some("b:2".to_owned())));
        assert_eq!(not_leading(&refusal("NOT_LEADER", &[])), Some(None));
        assert_eq!(not_leading(&refusal("STOPPING", &[("leader", "b:2")])), None);
        assert_eq!(not_leading(&Status::unavailable("no")), None);
    }
}
