//! How the services are served: with which certificate, to whom.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edgraph_shared::secret::Secret;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::{Queries, Role, Tokens, TokensError};
use crate::engine::Recorder;

/// A connection that has not finished its TLS handshake by then is dropped: it costs memory and promises nothing.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the server's TLS material lies, PEM files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// When given, peers must show a certificate of this authority.
    pub client_ca: Option<PathBuf>,
}

/// TLS material in memory, PEM.
#[derive(Clone)]
pub struct Tls {
    /// The certificate chain, the server's own first.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
    /// When given, peers must show a certificate of this authority.
    pub client_ca: Option<Vec<u8>>,
}

impl Tls {
    fn read(files: &TlsFiles) -> Result<Self, ConfigError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| ConfigError::Tls { path: path.to_owned(), source })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
        })
    }

    pub(super) fn to_server(&self) -> ServerTlsConfig {
        let config = ServerTlsConfig::new()
            .identity(Identity::from_pem(&self.certificate, &self.key))
            .timeout(HANDSHAKE_TIMEOUT);
        match &self.client_ca {
            Some(authority) => config.client_ca_root(Certificate::from_pem(authority)),
            None => config,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("client_ca", &self.client_ca.is_some()).finish_non_exhaustive()
    }
}

/// Why the services cannot be served like this.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A certificate or key cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tokens are wrong.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// Everybody who reaches the address could do everything.
    #[error(
        "{address} can be reached from other machines and nothing keeps strangers out; give --tokens FILE or \
         --tls-client-ca FILE, or --insecure to let everybody in"
    )]
    Exposed {
        /// Where the services would listen.
        address: SocketAddr,
    },
    /// Certificates are to keep strangers out, and nobody shows any there.
    #[error(
        "{address} is not encrypted, so that the certificates of --tls-client-ca keep nobody out there; give --tokens FILE, \
         or --insecure to let everybody in"
    )]
    Uncertified {
        /// Where the services would listen.
        address: SocketAddr,
    },
}

/// How the services are served. The default is for loopback: no TLS, everybody is let in.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Without it, connections are not encrypted.
    pub tls: Option<Tls>,
    /// Who is let in. With a client CA and no tokens, whoever has a certificate may do everything.
    pub tokens: Tokens,
    /// Listen beyond loopback though everybody is let in.
    pub insecure: bool,
    /// What answers queries; without it there are none.
    pub graph: Option<Queries>,
    /// Connections at one time; as many as the process has descriptors for when absent.
    pub max_connections: Option<usize>,
    /// What `/metrics` tells beside the JSON; without it there is no such address.
    pub recorder: Option<Recorder>,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            tls: None,
            tokens: Tokens::open(),
            insecure: false,
            graph: None,
            max_connections: None,
            recorder: None,
        }
    }
}

impl ServeConfig {
    /// For workers of this process alone: a random token, which nobody else is told, and what asks for it.
    pub fn for_own_workers() -> (Self, Secret) {
        let token = uuid::Uuid::new_v4().to_string();
        let tokens = Tokens::fixed([(Role::Worker, token.as_str())]).expect("a token of one word");
        (Self { tokens, ..Self::default() }, token.into())
    }

    /// Reads certificates, keys and tokens. The tokens file is read again whenever it changes; certificates are
    /// not.
    ///
    /// # Errors
    /// [`ConfigError`] if a file cannot be read or the tokens break a rule.
    pub fn read(tls: Option<TlsFiles>, tokens: Option<PathBuf>, insecure: bool) -> Result<Self, ConfigError> {
        Ok(Self {
            tls: tls.as_ref().map(Tls::read).transpose()?,
            tokens: tokens.as_deref().map_or(Ok(Tokens::open()), Tokens::read)?,
            insecure,
            ..Self::default()
        })
    }

    /// Whether it is safe to listen there.
    ///
    /// # Errors
    /// [`ConfigError::Exposed`] if strangers could come in and nobody said that they may.
    pub fn check(&self, address: SocketAddr) -> Result<(), ConfigError> {
        let asks = !self.tokens.is_open() || self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        if asks || self.insecure || address.ip().is_loopback() {
            return Ok(());
        }
        Err(ConfigError::Exposed { address })
    }

    /// The same of a listener without TLS: certificates keep nobody out there, and on loopback every user of the machine
    /// would come in by it past those that the other listener asks for.
    ///
    /// # Errors
    /// [`ConfigError::Uncertified`], and as [`ServeConfig::check`].
    pub fn check_unencrypted(&self, address: SocketAddr) -> Result<(), ConfigError> {
        let relies_on_certificates = self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        if self.tokens.is_open() && relies_on_certificates && !self.insecure {
            return Err(ConfigError::Uncertified { address });
        }
        self.check(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Role;

    #[test]
    fn nobody_listens_to_strangers_by_accident() {
        let tls = |client_ca| Tls { certificate: Vec::new(), key: b"secret".into(), client_ca };
        let tokens = Tokens::fixed([(Role::Admin, "a")]).unwrap();
        let open = ServeConfig::default;
        for (config, is_safe) in [
            (open(), false),
            (ServeConfig { insecure: true, ..open() }, true),
            (ServeConfig { tokens, ..open() }, true),
            (ServeConfig { tls: Some(tls(None)), ..open() }, false),
            (ServeConfig { tls: Some(tls(Some(Vec::new()))), ..open() }, true),
        ] {
            assert!(!format!("{config:?}").contains("115"), "no key in {config:?}");
            for address in ["127.0.0.1:1", "[::1]:1"] {
                assert!(config.check(address.parse().unwrap()).is_ok());
            }
            for address in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1"] {
                assert_eq!(config.check(address.parse().unwrap()).is_ok(), is_safe, "{config:?}");
            }
            // Without encryption a certificate is nobody's, on loopback too.
            let relies = config.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
            let unencrypted = |address: &str| config.check_unencrypted(address.parse().unwrap()).is_ok();
            assert_eq!(unencrypted("127.0.0.1:1"), !relies, "{config:?}");
            assert_eq!(unencrypted("0.0.0.0:1"), is_safe && !relies, "{config:?}");
        }
    }
}
