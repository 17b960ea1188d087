//! `edgraph serve`: arguments to a configuration, the address printed once it is bound.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use edgraph_coordinator::engine::{MAX_SEC_RATE, Recorder, RequestRules, Timing};
use edgraph_coordinator::service::{Queries, ServeConfig, TlsFiles};
use edgraph_coordinator::tracker::LockTiming;
use edgraph_graph::ingest::{BatchLimits, Memory};
use edgraph_shared::console;
use edgraph_shared::ids::Namespace;
use edgraph_shared::secret::Secret;
use edgraph_worker::download::{Agent, Rate};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::answer;
use super::remote::read;
use crate::answers::OwnGraph;
use crate::nightly::{At, Nightly};
use crate::serve::{self, Config};

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where the coordinator listens; port 0 takes a free one and prints it.
    #[arg(long, env = "EDGRAPH_LISTEN", default_value = "127.0.0.1:50051", value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// Also serve a page, the API as JSON at /api/v1, and /metrics over HTTP there; not encrypted, so on loopback or behind a proxy.
    #[arg(long, env = "EDGRAPH_HTTP", value_name = "HOST:PORT")]
    http: Option<SocketAddr>,
    /// The address that standbys name to clients and workers, where it is not the one listened at; needed with a
    /// --listen of every address, such as 0.0.0.0.
    #[arg(long, env = "EDGRAPH_ADVERTISE", value_name = "URL")]
    advertise: Option<String>,
    /// The tracker, redis:// or rediss://, with user and password where it needs them.
    #[arg(long, env = "EDGRAPH_REDIS", value_name = "URL", hide_env_values = true)]
    redis: Secret,
    /// The authority that signed the certificate of a rediss:// tracker, PEM; the system's authorities when absent,
    /// or those in the file that SSL_CERT_FILE names.
    #[arg(long, env = "EDGRAPH_REDIS_CA", value_name = "FILE")]
    redis_ca: Option<PathBuf>,
    /// A name for this fleet, where several share a Redis; its keys then begin with `edgraph-NAME:`.
    #[arg(long, env = "EDGRAPH_NAMESPACE", value_name = "NAME")]
    namespace: Option<Namespace>,
    /// The store, s3://bucket/prefix or a folder that the workers see too.
    #[arg(long, env = "EDGRAPH_STORE", value_name = "URL|DIR")]
    store: String,
    /// Ingest in this process, into the graph of this folder; otherwise `edgraph ingester` does.
    #[arg(long, env = "EDGRAPH_GRAPH", value_name = "DIR")]
    graph: Option<PathBuf>,
    /// Memory that an ingestion in this process may take, such as 3GiB.
    #[arg(long, env = "EDGRAPH_INGEST_MEMORY", default_value_t, value_name = "SIZE")]
    ingest_memory: Memory,
    /// Where files being ingested lie for a while; beside the graph when absent.
    #[arg(long, env = "EDGRAPH_SCRATCH", value_name = "DIR")]
    scratch: Option<PathBuf>,

    /// When files that nothing reads any more are removed from the store, every day, in UTC, or `off`: a pipeline
    /// `gc-DATE`. By default when EDGAR has closed.
    #[arg(long, env = "EDGRAPH_GC_AT", default_value = "03:00", value_name = "HH:MM|off")]
    gc_at: At,
    /// What is younger, or was part of a table less long ago, stays: readers and work under way may need it.
    #[arg(long, env = "EDGRAPH_GC_GRACE", default_value = "24h", value_parser = humantime::parse_duration, value_name = "TIME")]
    gc_grace: Duration,

    /// EDGAR requests per second of the whole fleet, or `off` for a mirror of your own. The SEC's own hosts are never
    /// asked more than 9.5 times a second.
    #[arg(long, env = "EDGRAPH_EDGAR_RATE", default_value = "8", value_name = "N|off")]
    edgar_rate: Rate,
    /// Who asks, as the SEC requires: "Name mail@example.com"; handed to the workers.
    #[arg(long, env = "EDGRAPH_USER_AGENT", value_name = "TEXT")]
    user_agent: Option<String>,

    /// A lease lives this long without a heartbeat.
    #[arg(long, env = "EDGRAPH_LEASE_TTL", default_value = "15s", value_parser = humantime::parse_duration, value_name = "TIME")]
    lease_ttl: Duration,
    /// A standby takes over when the leader was silent for this long.
    #[arg(long, env = "EDGRAPH_LOCK_TTL", default_value = "5s", value_parser = humantime::parse_duration, value_name = "TIME")]
    lock_ttl: Duration,
    /// Finished pipelines are forgotten after this.
    #[arg(long, env = "EDGRAPH_RETENTION", default_value = "7d", value_parser = humantime::parse_duration, value_name = "TIME")]
    retention: Duration,

    /// Bearer tokens, one `role token` a line; roles are viewer, client, worker and admin, and `worker:NAME` or
    /// `worker:PREFIX*` binds a worker's to names.
    #[arg(long, env = "EDGRAPH_TOKENS", value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// The server's certificate chain, PEM.
    #[arg(long, env = "EDGRAPH_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The server's private key, PEM.
    #[arg(long, env = "EDGRAPH_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Clients and workers must have certificates of this authority, PEM.
    #[arg(long, env = "EDGRAPH_TLS_CLIENT_CA", requires = "tls_cert", value_name = "FILE")]
    tls_client_ca: Option<PathBuf>,
    /// Listen beyond loopback without tokens: everybody who reaches the port may do everything.
    #[arg(long, env = "EDGRAPH_INSECURE")]
    insecure: bool,
}

impl ServeArgs {
    fn config(self) -> Result<Config, CommandError> {
        /// Shorter leases would be lost to a garbage-collecting network, longer ones hide dead workers for minutes.
        const LEASE_TTL: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(600));
        const LOCK_TTL: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(60));
        within("--lease-ttl", self.lease_ttl, LEASE_TTL)?;
        within("--lock-ttl", self.lock_ttl, LOCK_TTL)?;
        if self.listen.ip().is_unspecified() && self.advertise.is_none() {
            return Err(CommandError::usage(format!(
                "--listen {} is every address of this machine, and none that others can be told; give the one at which \
                 they reach it with --advertise URL",
                self.listen
            )));
        }
        let tls = self.tls_cert.zip(self.tls_key).map(|(certificate, key)| TlsFiles {
            certificate,
            key,
            client_ca: self.tls_client_ca,
        });
        let beside_graph = self.graph.as_ref().map(|graph| graph.with_extension("scratch"));
        Ok(Config {
            listen: self.listen,
            http: self.http,
            advertise: self.advertise,
            redis: self.redis,
            redis_authority: self.redis_ca.map(|file| read(&file)).transpose()?,
            namespace: self.namespace,
            store: self.store,
            ending: serve::Ending {
                scratch: self.scratch.or(beside_graph).unwrap_or_default(),
                graph: self.graph,
                batch: BatchLimits::within(self.ingest_memory),
            },
            nightly: Nightly { at: self.gc_at, grace: self.gc_grace },
            timing: Timing { retention: self.retention, ..Timing::with_ttl(self.lease_ttl) },
            lock: LockTiming::with_ttl(self.lock_ttl),
            requests: RequestRules { per_second: rate(self.edgar_rate), user_agent: agent(self.user_agent)? },
            service: ServeConfig::read(tls, self.tokens, self.insecure).map_err(CommandError::usage)?,
        })
    }
}

fn within(flag: &str, value: Duration, (least, most): (Duration, Duration)) -> Result<(), CommandError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(CommandError::usage(format!("{flag} {value:?}: give between {least:?} and {most:?}")))
}

/// Who asks, as given; said aloud where the SEC would not be asked in that name.
fn agent(given: Option<String>) -> Result<String, CommandError> {
    let Some(text) = given else { return Ok(String::new()) };
    let agent = Agent::parse(&text).ok_or_else(|| {
        CommandError::usage(format!(
            "--user-agent `{text}` cannot be a header: expected printable ASCII such as \"Name mail@example.com\""
        ))
    })?;
    if !agent.contact {
        tracing::warn!(
            user_agent = text,
            "the User-Agent names no contact: sec.gov is not asked in it; give \"Name mail@example.com\""
        );
    }
    Ok(text)
}

/// The rate for mirrors. The SEC's own hosts are asked more slowly where it is too much for them, and that is said.
fn rate(given: Rate) -> Option<f64> {
    let rate = given.per_second();
    if rate.is_none_or(|rate| rate > MAX_SEC_RATE) {
        tracing::warn!(
            edgar_rate = %given, of_sec = %Rate::default(),
            "this rate is for a mirror of yours only: hosts of the SEC are asked no faster than they allow"
        );
    }
    rate
}

pub(super) async fn execute(
    args: ServeArgs,
    program: &Path,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let mut config = args.config()?;
    let own = |graph: &PathBuf| OwnGraph { graph: graph.clone(), asker: answer::asker(program) };
    if config.http.is_some() {
        let recorder = Recorder::install().map_err(CommandError::failure)?;
        tokio::spawn(recorder.clone().keep());
        config.service.recorder = Some(recorder);
    }
    config.service.graph = config.ending.graph.as_ref().map(own).map(Queries::new);
    // Whoever does not read it finds the address in the configuration.
    let announce = |address: &str, json: Option<&str>| {
        let _ = console::output(|out| {
            writeln!(out, "listening on {address}")?;
            json.map_or(Ok(()), |address| writeln!(out, "the page is at {address}, JSON at {address}/api/v1"))
        });
    };
    serve::run(config, announce, shutdown).await.map_err(|error| match error.is_usage() {
        true => CommandError::usage(error),
        false => CommandError::failure(error),
    })?;
    Ok(ExitCode::SUCCESS)
}
