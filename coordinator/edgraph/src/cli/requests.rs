//! `edgraph resume-requests`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::print::print_line;
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat};

#[derive(Debug, Args)]
pub(super) struct ResumeRequestsArgs {
    /// Whose pause ends: sec.gov or mirror; all by default.
    #[arg(value_name = "HOSTS", default_value = "", hide_default_value = true)]
    family: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn resume(args: ResumeRequestsArgs) -> Result<ExitCode, CommandError> {
    let lifted = args.remote.connect().await?.resume_requests(&args.family).await?;
    let left = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    match args.remote.format {
        OutputFormat::Text if lifted.is_empty() => print_line("no host has asked to slow down")?,
        OutputFormat::Text => {
            for pause in &lifted {
                let rest = left(pause.remaining.map_or(0, |rest| rest.seconds));
                let (rest, family, cause) = (humantime::format_duration(rest), &pause.family, &pause.cause);
                print_line(format_args!(
                    "requests to {family} go on, {rest} before time; it was paused for: {cause}"
                ))?;
            }
        }
        OutputFormat::Json => {
            let pause = |pause: &edgraph_client::v1::LiftedPause| {
                let rest = pause.remaining.map_or(0, |rest| rest.seconds);
                json!({"family": pause.family, "remaining_seconds": rest, "cause": pause.cause})
            };
            let lifted: Value = lifted.iter().map(pause).collect();
            print_line(json!({"lifted": lifted}))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
