//! What `edgraph-worker` is told on its command line and in its environment, checked once.
//!
//! [`ConnectionArgs`] are those of every process that takes leases. Nothing is opened here but certificate files; what
//! comes out has no errors left that a look at the command line would have found.

mod sources;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser};
use edgraph_shared::ids::{Incarnation, Namespace, WorkerId};
use edgraph_shared::model::Home;
use edgraph_shared::secret::Secret;
use edgraph_shared::storage::{self, Address};
use url::Url;

use crate::edgar::{self, EdgarConfig};
use crate::kinds::sec_xbrl::processor::ProcessorVersion;
use crate::runtime::{Coordinators, EndpointError, Tls, WorkerConfig};
use crate::spot::{self, METADATA_URL, SpotConfig};
use crate::taxonomy_store::TaxonomyConfig;

pub use sources::SourceArgs;

/// Most items at one time: more than any machine processes, and few enough for one message to carry.
const MAX_SLOTS: u32 = edgraph_shared::model::MAX_FREE_SLOTS;
/// Characters of the host's name in a worker's default name.
const MAX_HOST_CHARS: usize = 64;
/// Random characters in a worker's default name: enough for the workers of one host.
const RANDOM_CHARS: usize = 6;

/// Takes work from an edgraph coordinator: finds companies and filings, turns filings into Parquet.
///
/// Exit codes: 0 stopped after giving back what it held, 1 failed, 2 the command line is wrong or the coordinator
/// refuses this worker for what it says, 75 every slot is held by work that does not stop, 130 stopped at once by a
/// second signal.
#[derive(Debug, Parser)]
#[command(name = "edgraph-worker", version)]
pub struct Cli {
    /// What is logged to standard error, such as `info` or `warn,edgraph_worker=debug`.
    #[arg(long, env = "EDGRAPH_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// All else.
    #[command(flatten)]
    pub worker: WorkerArgs,
}

/// What a worker is told, whichever program it runs in.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// Items at one time; as many as there are cores by default.
    #[arg(long, env = "EDGRAPH_SLOTS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SLOTS)))]
    slots: Option<u32>,

    #[command(flatten)]
    sources: SourceArgs,

    /// Whether to watch for notices that this spot machine is taken away: on EC2 where its metadata service answers,
    /// the same for interruptions alone, on EC2 in any case, or not.
    #[arg(long, env = "EDGRAPH_SPOT", value_enum, default_value_t, value_name = "WHERE")]
    spot: spot::Mode,
    /// Where EC2's metadata service is, for tests.
    #[arg(long, hide = true, default_value = METADATA_URL, value_parser = plain_http, value_name = "URL")]
    metadata_url: Url,
}

/// How a process that takes leases reaches coordinators and store, and how it stops.
#[derive(Debug, Clone, Args)]
pub struct ConnectionArgs {
    /// Where the coordinators are, http://host:port or https://host:port; any of them says which one leads.
    #[arg(long, env = "EDGRAPH_COORDINATOR", required = true, value_delimiter = ',', value_name = "URL")]
    coordinator: Vec<String>,
    /// The store that coordinator and workers share: s3://bucket/prefix or a directory.
    #[arg(long, env = "EDGRAPH_STORE", value_name = "URL|DIR")]
    store: String,
    /// This process's name, which no other living one may have; made of the host's by default.
    #[arg(long, env = "EDGRAPH_WORKER_ID", value_name = "NAME")]
    worker_id: Option<WorkerId>,
    /// The coordinator's namespace; any when absent.
    #[arg(long, env = "EDGRAPH_NAMESPACE", value_name = "NAME")]
    namespace: Option<Namespace>,
    /// How long running items may go on after SIGTERM before they are given back, such as 30s.
    #[arg(long, env = "EDGRAPH_DRAIN", default_value = "0s", value_parser = humantime::parse_duration, value_name = "TIME")]
    drain: Duration,
    /// How long work that was cancelled has to stop by itself.
    #[arg(long, env = "EDGRAPH_CANCEL_GRACE", default_value = "5s", value_parser = humantime::parse_duration, value_name = "TIME")]
    cancel_grace: Duration,
    /// The bearer token that coordinators ask for; better in the environment, where other users do not see it.
    #[arg(long, env = "EDGRAPH_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<Secret>,
    /// Who vouches for the coordinators, PEM; the system's list by default.
    #[arg(long, env = "EDGRAPH_TLS_CA", value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// This worker's certificate, PEM, where coordinators ask for one.
    #[arg(long, env = "EDGRAPH_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of that certificate, PEM.
    #[arg(long, env = "EDGRAPH_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Where temporary files go, in a directory of their own; the system's place by default.
    #[arg(long, env = "EDGRAPH_SCRATCH", value_name = "DIR")]
    scratch: Option<PathBuf>,
}

/// An `edgraph-worker`, ready to be built.
#[derive(Debug)]
pub struct Config {
    /// What every process that takes leases has.
    pub connection: Connected,
    /// How EDGAR is reached.
    pub edgar: EdgarConfig,
    /// Where taxonomies come from.
    pub taxonomies: TaxonomyConfig,
    /// Whose output is current.
    pub processor: ProcessorVersion,
    /// Whether somebody may take the machine away.
    pub spot: SpotConfig,
}

/// [`ConnectionArgs`], checked.
#[derive(Debug)]
pub struct Connected {
    /// The runtime's part.
    pub worker: WorkerConfig,
    /// Where the store is.
    pub store: String,
    /// Below it lies the directory for temporary files.
    pub scratch: PathBuf,
}

/// What is wrong with a command line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Coordinators, certificates or token.
    #[error("{flags}: {source}")]
    Coordinators {
        /// To look at.
        flags: &'static str,
        /// What is wrong.
        source: EndpointError,
    },
    /// A file that cannot be read.
    #[error("{flag} {}: {source}", path.display())]
    File {
        /// That named it.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not the address of a store.
    #[error("--store: {0}")]
    Store(storage::Error),
    /// EDGAR or a source of taxonomies.
    #[error(transparent)]
    Edgar(#[from] edgar::ConfigError),
}

impl WorkerArgs {
    /// Checks everything that can be checked without opening anything.
    ///
    /// # Errors
    /// [`ConfigError`] names the flag.
    pub fn validate(self) -> Result<Config, ConfigError> {
        let cores = || {
            std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
        };
        let slots = NonZeroU32::new(self.slots.unwrap_or_else(cores)).unwrap_or(NonZeroU32::MIN);
        Ok(Config {
            connection: self.connection.validate(slots)?,
            edgar: self.sources.edgar(),
            taxonomies: self.sources.taxonomies(),
            processor: self.sources.processor(),
            spot: SpotConfig::new(self.spot, self.metadata_url),
        })
    }
}

impl ConnectionArgs {
    /// Checks everything, and reads the certificates.
    ///
    /// # Errors
    /// [`ConfigError`] names the flag.
    pub fn validate(self, slots: NonZeroU32) -> Result<Connected, ConfigError> {
        self.store.parse::<Address>().map_err(ConfigError::Store)?;
        let identity = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        let identity = identity.map(|(certificate, key)| {
            Ok::<_, ConfigError>((read("--tls-cert", certificate)?, read("--tls-key", key)?))
        });
        let tls = Tls {
            ca: self.tls_ca.as_deref().map(|path| read("--tls-ca", path)).transpose()?,
            identity: identity.transpose()?,
        };
        let coordinators = Coordinators { addresses: self.coordinator, tls, token: self.token };
        coordinators.check().map_err(|source| {
            let flags = match source {
                EndpointError::Nobody
                | EndpointError::Address { .. }
                | EndpointError::PlainAddress { .. } => "--coordinator",
                EndpointError::Certificates { .. } => "--tls-ca, --tls-cert, --tls-key",
                EndpointError::Token => "--token",
            };
            ConfigError::Coordinators { flags, source }
        })?;
        Ok(Connected {
            worker: WorkerConfig {
                coordinators,
                worker: self.worker_id.unwrap_or_else(default_name),
                slots,
                drain: self.drain,
                cancel_grace: self.cancel_grace,
                // The store's id is read when it is opened.
                home: Home { namespace: self.namespace, ..Home::default() },
                desk: Default::default(),
            },
            store: self.store,
            scratch: self.scratch.unwrap_or_else(tempfile::env::temp_dir),
        })
    }
}

fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::File { flag, path: path.to_owned(), source })
}

/// A metadata service is reached without TLS, and nothing that has TLS is one.
fn plain_http(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error: url::ParseError| error.to_string())?;
    if url.scheme() == "http" { Ok(url) } else { Err("it must begin with http://".to_owned()) }
}

/// The host's name and a random part: two workers of one host do not get into each other's way.
fn default_name() -> WorkerId {
    let host = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|file| std::fs::read_to_string(file).ok());
    let host: String = host
        .unwrap_or_default()
        .trim()
        .chars()
        .filter(|c| c.is_ascii_graphic())
        .take(MAX_HOST_CHARS)
        .collect();
    let host = if host.is_empty() { "worker" } else { &host };
    let random = Incarnation::random();
    let random: String = random.as_str().chars().take(RANDOM_CHARS).collect();
    format!("{host}-{random}").parse().expect("short and printable")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: [&str; 5] =
        ["edgraph-worker", "--coordinator", "http://127.0.0.1:50051", "--store", "store"];
    const MIRROR: [&str; 2] = ["--edgar", "http://127.0.0.1:1"];

    /// What a command line gives; the environment of the test may say the rest.
    fn given(more: &[&str]) -> Result<Config, String> {
        let arguments = NEEDED.iter().chain(more);
        let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string())?;
        cli.worker.validate().map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_command_line_names_the_flag_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "not a certificate").unwrap();
        let file = file.to_str().unwrap();
        let cases: [(&[&str], &[&str]); 12] = [
            (&["--coordinator", "127.0.0.1:50051"], &["--coordinator", "http://host:port"]),
            (&["--store", "ftp://host"], &["--store", "ftp"]),
            (&["--slots", "0"], &["--slots"]),
            (&["--drain", "30"], &["--drain"]),
            (&["--token", "two words"], &["--token", "visible ASCII"]),
            (&["--tls-ca", file], &["--coordinator", "https://"]),
            (&["--tls-ca", "/nowhere/ca.pem"], &["--tls-ca", "/nowhere/ca.pem"]),
            (&["--tls-cert", file], &["--tls-key"]),
            (&["--worker-id", ""], &["--worker-id"]),
            (&["--namespace", "Prod"], &["--namespace", "`Prod`", "a-z"]),
            (&["--spot", "gcp"], &["--spot", "ec2", "interruption"]),
            (&["--metadata-url", "https://127.0.0.1"], &["--metadata-url", "http://"]),
        ];
        for (more, words) in cases {
            // The last of two counts for what may be given once only.
            let needed = |flag: &&&str| !more.contains(*flag);
            let base: Vec<&str> =
                NEEDED[1..].chunks(2).filter(|pair| needed(&&pair[0])).flatten().copied().collect();
            let arguments = [&NEEDED[..1], &base, more].concat();
            let error = match Cli::try_parse_from(&arguments) {
                Ok(cli) => cli.worker.validate().expect_err(&format!("{arguments:?}")).to_string(),
                Err(error) => error.to_string(),
            };
            for word in words {
                assert!(error.contains(word), "{arguments:?}: {error}");
            }
            assert!(!error.contains("two words"), "{error}");
        }
    }

    #[test]
    fn what_is_not_said_has_sensible_values() {
        let config = given(&MIRROR).unwrap();
        let worker = &config.connection.worker;
        assert!(worker.slots.get() >= 1);
        assert_eq!((worker.drain, worker.cancel_grace), (Duration::ZERO, Duration::from_secs(5)));
        assert_eq!((config.edgar.archives.as_str(), config.edgar.data.as_str()), (MIRROR[1], MIRROR[1]));
        // EDGRAPH_SPOT of the test's environment may say otherwise.
        let spot = given(&["--spot", "auto"]).unwrap().spot;
        assert_eq!((spot.mode, spot.metadata.as_str()), (spot::Mode::default(), METADATA_URL));
        let other = given(&MIRROR).unwrap();
        assert_ne!(worker.worker, other.connection.worker.worker, "names are unique");
    }

    #[test]
    fn everything_can_be_said() {
        let config = given(&[
            "--coordinator",
            "http://b:2",
            "--worker-id",
            "w",
            "--slots",
            "3",
            "--drain",
            "2m",
            "--cancel-grace",
            "1s",
            "--token",
            "secret",
            "--scratch",
            "/tmp/x",
            "--user-agent",
            "Name mail@example.com",
            "--taxonomies",
            "a,b",
            "--offline",
        ])
        .unwrap();
        let worker = &config.connection.worker;
        assert_eq!(worker.coordinators.addresses, ["http://127.0.0.1:50051", "http://b:2"]);
        assert_eq!((worker.worker.as_str(), worker.slots.get(), worker.drain.as_secs()), ("w", 3, 120));
        assert_eq!(config.edgar.archives, "https://www.sec.gov");
        assert_eq!(config.taxonomies.sources, ["a", "b"]);
        assert!(!format!("{config:?}").contains("secret"));
    }
}
