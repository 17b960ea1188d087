//! `edgraph reconcile`.

use std::process::ExitCode;

use clap::Args;
use edgraph_client::v1::{RestoreOutcome, RestoredPipeline};
use serde_json::{Value, json};

use super::print::{print, print_line};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, describe};

#[derive(Debug, Args)]
pub(super) struct ReconcileArgs {
    #[command(flatten)]
    remote: RemoteArgs,
}

pub(super) async fn execute(args: ReconcileArgs) -> Result<ExitCode, CommandError> {
    let pipelines = args.remote.connect().await?.restore_pipelines().all().await?;
    match args.remote.format {
        OutputFormat::Text if pipelines.is_empty() => {
            print_line("the store has no record of a finished pipeline")?;
        }
        OutputFormat::Text => print(described(&pipelines))?,
        OutputFormat::Json => {
            let pipelines = pipelines.iter().map(|pipeline| {
                let (id, outcome) = (&pipeline.pipeline_id, outcome(pipeline));
                json!({"pipeline_id": id, "outcome": outcome, "reason": pipeline.reason})
            });
            print_line(json!({"pipelines": pipelines.collect::<Value>()}))?;
        }
    }
    let is_refused = pipelines.iter().any(|pipeline| pipeline.outcome() == RestoreOutcome::Refused);
    Ok(ExitCode::from(u8::from(is_refused)))
}

fn outcome(pipeline: &RestoredPipeline) -> String {
    describe::word(pipeline.outcome().as_str_name(), "RESTORE_OUTCOME_")
}

/// What became of all, and why of those that are refused.
fn described(pipelines: &[RestoredPipeline]) -> String {
    let mut rows = describe::table(&["pipeline", "outcome"]);
    for pipeline in pipelines {
        rows.add_row([pipeline.pipeline_id.clone(), outcome(pipeline)]);
    }
    let mut text = format!("{rows}\n{}\n", describe::counted(pipelines.len(), "pipeline"));
    for refused in pipelines.iter().filter(|pipeline| !pipeline.reason.is_empty()) {
        text.push_str(&format!("{}: {}\n", refused.pipeline_id, refused.reason));
    }
    text
}
