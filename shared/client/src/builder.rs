//! Making a client: what can be set before connecting, and connecting.

use std::fmt;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::channel::{Channels, Settings};
use crate::{Client, Error};

/// How long one attempt to connect may take: a host that does not answer by then is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call is repeated: a takeover takes some 7 s, a restart of the store a little more.
const RETRY_FOR: Duration = Duration::from_secs(30);

impl Client {
    /// Everything that can be set before connecting.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Connects to a coordinator, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    /// [`Error::Address`] if the address is none, [`Error::Connect`] if nobody answers.
    pub async fn connect(address: &str) -> Result<Self, Error> {
        Self::builder().endpoint(address).connect().await
    }
}

/// Makes a [`Client`].
///
/// ```no_run
/// # use edgraph_client::{Client, Error};
/// # async fn example(authority: Vec<u8>, certificate: Vec<u8>, key: Vec<u8>) -> Result<Client, Error> {
/// Client::builder()
///     .endpoints(["https://edgraph-1:50051", "https://edgraph-2:50051"])
///     .token("secret")
///     .tls_ca_pem(authority)
///     .client_identity(certificate, key)
///     .connect()
///     .await
/// # }
/// ```
#[derive(Clone)]
pub struct Builder {
    endpoints: Vec<String>,
    token: Option<String>,
    authority: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
    connect_timeout: Duration,
    retry_for: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            token: None,
            authority: None,
            identity: None,
            connect_timeout: CONNECT_TIMEOUT,
            retry_for: RETRY_FOR,
        }
    }
}

impl Builder {
    /// Adds a coordinator's address, `http://host:port` or `https://host:port`.
    #[must_use]
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoints.push(address.into());
        self
    }

    /// Adds addresses of one fleet: one leads, the others stand by; the client finds the leader.
    #[must_use]
    pub fn endpoints(mut self, addresses: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.endpoints.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// The bearer token. It goes to the hosts of the endpoints, and where all of these are `https://`, also to a leader
    /// that they name: any other is [`Error::StrangeLeader`].
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The authority that signed the coordinators' certificates, PEM. The system's authorities when absent.
    #[must_use]
    pub fn tls_ca_pem(mut self, authority: impl Into<Vec<u8>>) -> Self {
        self.authority = Some(authority.into());
        self
    }

    /// The client's own certificate chain and private key, PEM, for coordinators that ask for one.
    #[must_use]
    pub fn client_identity(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.identity = Some((certificate.into(), key.into()));
        self
    }

    /// How long one attempt to connect may take; 5 s unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a call that is safe to repeat is repeated while no coordinator leads or answers; 30 s unless set.
    #[must_use]
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.retry_for = time;
        self
    }

    /// The client, connected with the first use.
    ///
    /// # Errors
    /// [`Error::Address`] for an address that is none, and [`Error::Setting`] for a token or certificate that
    /// cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let setting = |what, reason: String| Error::Setting { what, reason };
        let token = self.token.as_deref().map(bearer).transpose()?;
        let mut tls = ClientTlsConfig::new().timeout(self.connect_timeout);
        tls = match &self.authority {
            Some(authority) => {
                if !is_pem(authority) {
                    return Err(setting("certificate authority", "not a PEM certificate".to_owned()));
                }
                tls.ca_certificate(Certificate::from_pem(authority))
            }
            None => tls.with_enabled_roots(),
        };
        if let Some((certificate, key)) = &self.identity {
            if !is_pem(certificate) || !is_pem(key) {
                return Err(setting("client certificate", "certificate and key must be PEM".to_owned()));
            }
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let settings =
            Settings { token, tls, connect_timeout: self.connect_timeout, retry_for: self.retry_for };
        Ok(Client { channels: Channels::new(self.endpoints, settings)?.into() })
    }

    /// The client, once one of the coordinators answers. Each is tried once.
    ///
    /// # Errors
    /// As [`Builder::build`], and [`Error::Connect`] if none answers.
    pub async fn connect(self) -> Result<Client, Error> {
        let client = self.build()?;
        client.channels.connect_any().await?;
        Ok(client)
    }
}

fn bearer(token: &str) -> Result<MetadataValue<Ascii>, Error> {
    // The message must not repeat the token.
    let invalid = |_| Error::Setting { what: "token", reason: "not printable ASCII".to_owned() };
    let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(invalid)?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither token nor key.
        f.debug_struct("Builder").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}
