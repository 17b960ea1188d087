//! `edgraph doctor`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use edgraph_shared::ids::Namespace;
use edgraph_shared::secret::Secret;
use edgraph_worker::edgar::EdgarConfig;

use super::print::{print_line, print_with};
use super::remote::read;
use super::{CommandError, OutputFormat, answer};
use crate::doctor::{self, Exam, Finding, Health};

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// The tracker of a fleet, redis:// or rediss://; not looked at when absent.
    #[arg(long, env = "EDGRAPH_REDIS", value_name = "URL", hide_env_values = true)]
    redis: Option<Secret>,
    /// The authority that signed the tracker's certificate, PEM.
    #[arg(long, env = "EDGRAPH_REDIS_CA", value_name = "FILE")]
    redis_ca: Option<PathBuf>,
    /// The fleet's namespace there.
    #[arg(long, env = "EDGRAPH_NAMESPACE", value_name = "NAME")]
    namespace: Option<Namespace>,
    /// The store, s3://bucket/prefix or a folder.
    #[arg(long, env = "EDGRAPH_STORE", default_value = "data/store", value_name = "URL|DIR")]
    store: String,
    /// The graph's folder.
    #[arg(long, env = "EDGRAPH_GRAPH", default_value = "data/graph", value_name = "DIR")]
    graph: PathBuf,
    /// Where EDGAR is: an http(s) mirror or a file:// directory in EDGAR's layout; the SEC itself when absent.
    #[arg(long, env = "EDGRAPH_EDGAR", value_name = "URL")]
    edgar: Option<String>,
    /// Who asks, as the SEC requires: "Name mail@example.com".
    #[arg(long, env = "EDGRAPH_USER_AGENT", value_name = "TEXT")]
    user_agent: Option<String>,
    /// Where standard schemas lie: folders or addresses.
    #[arg(long, env = "EDGRAPH_TAXONOMIES", value_delimiter = ',', value_name = "DIR|URL")]
    taxonomies: Vec<String>,
    /// Ask neither EDGAR nor hosts of schemas.
    #[arg(long, env = "EDGRAPH_OFFLINE")]
    offline: bool,
    /// Where temporary files go; the system's place by default.
    #[arg(long, env = "EDGRAPH_SCRATCH", value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// A line for each finding, for people; or a list of objects for programs.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

/// Exit code 1 where something is wrong.
pub(super) async fn execute(args: DoctorArgs, program: &Path) -> Result<ExitCode, CommandError> {
    let authority = args.redis_ca.map(|file| read(&file)).transpose()?;
    let defaults = EdgarConfig::default();
    let edgar = EdgarConfig {
        archives: args.edgar.clone().unwrap_or(defaults.archives),
        data: args.edgar.unwrap_or(defaults.data),
        user_agent: args.user_agent,
        rate: defaults.rate,
        timeouts: defaults.timeouts,
    };
    let findings = doctor::examine(Exam {
        tracker: args.redis.map(|url| (url, authority, args.namespace)),
        store: Some(args.store),
        edgar: (!args.offline).then_some(edgar),
        taxonomies: args.taxonomies,
        offline: args.offline,
        graph: Some((args.graph, answer::asker(program))),
        scratch: args.scratch.unwrap_or_else(tempfile::env::temp_dir),
    })
    .await;
    match args.format {
        OutputFormat::Text => {
            print_with(|out| findings.iter().try_for_each(|finding| writeln!(out, "{}", line(finding))))?;
        }
        OutputFormat::Json => print_line(serde_json::json!(findings))?,
    }
    let is_well = findings.iter().all(|finding| finding.health != Health::Wrong);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(finding: &Finding) -> String {
    let health = match finding.health {
        Health::Well => "ok",
        Health::Warning => "warning",
        Health::Wrong => "WRONG",
    };
    format!("{health:8} {:11} {}", finding.part, finding.says)
}
