//! How commands reach a coordinator: the flags they share, and its errors as theirs.

use std::path::{Path, PathBuf};

use clap::Args;
use edgraph_client::{Client, Error};
use edgraph_shared::secret::Secret;

use super::{CommandError, OutputFormat};

#[derive(Debug, Args)]
pub(super) struct RemoteArgs {
    /// The coordinators of one fleet; the one that leads is found.
    #[arg(
        long,
        env = "EDGRAPH_COORDINATOR",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:50051",
        value_name = "URL"
    )]
    coordinator: Vec<String>,
    /// The bearer token, where the coordinator wants one.
    #[arg(long, env = "EDGRAPH_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<Secret>,
    /// The authority that signed the coordinator's certificate, PEM; the system's authorities when absent.
    #[arg(long, env = "EDGRAPH_TLS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// The client's own certificate, PEM, where the coordinator wants one.
    #[arg(long, env = "EDGRAPH_CLIENT_CERT", requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of that certificate, PEM.
    #[arg(long, env = "EDGRAPH_CLIENT_KEY", requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,
}

impl RemoteArgs {
    /// A client of the first coordinator that answers.
    pub(super) async fn connect(&self) -> Result<Client, CommandError> {
        let mut builder = Client::builder().endpoints(self.coordinator.iter().map(|address| address.trim()));
        if let Some(token) = &self.token {
            builder = builder.token(token.expose());
        }
        if let Some(authority) = &self.tls_ca {
            builder = builder.tls_ca_pem(read(authority)?);
        }
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            builder = builder.client_identity(read(certificate)?, read(key)?);
        }
        builder.connect().await.map_err(CommandError::from)
    }
}

/// Reads a file that a flag names.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(path)
        .map_err(|error| CommandError::usage(format!("cannot read {}: {error}", path.display())))
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        match error {
            Error::Connect { address, reason } => Self::failure(format!(
                "no coordinator answers at {address} ({reason}); start one with `edgraph dev` or `edgraph serve`, or give --coordinator"
            )),
            Error::StrangeLeader { .. } => {
                Self::failure(format!("{error} (--coordinator takes several, with commas)"))
            }
            Error::NotFound(refusal) => Self::failure(match refusal.reason.as_str() {
                "PIPELINE_NOT_FOUND" => format!("{refusal}; `edgraph list` names those that there are"),
                "ITEM_NOT_FOUND" => format!("{refusal}; `edgraph items ID` names those that there are"),
                "WORKER_NOT_FOUND" => format!("{refusal}; `edgraph workers` names those that there are"),
                _ => refusal.to_string(),
            }),
            Error::Unauthenticated(_) => Self::failure(format!("{error}; give a token with --token")),
            Error::Address { .. } => Self::usage(format!("--coordinator: {error}")),
            Error::Setting { .. } | Error::Invalid(_) => Self::usage(error),
            other => Self::failure(other),
        }
    }
}
