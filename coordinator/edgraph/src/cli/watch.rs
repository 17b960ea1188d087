//! `edgraph watch`: a line of progress until the pipeline ends, and an exit code that says how it ended.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use edgraph_client::{Client, Error, Watch, v1};
use edgraph_shared::console::{self, Reader};
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::print::{print, print_next};
use super::remote::RemoteArgs;
use super::{CommandError, OutputFormat, damage, describe, json};

/// How long a coordinator that was there may be away: machines are mended within the hour, and who waits can end it.
const AWAY_FOR: Duration = Duration::from_secs(3_600);

/// The time between two plain lines: a log is read afterwards, line by line.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct WatchArgs {
    /// The pipeline.
    #[arg(value_name = "ID")]
    pipeline: String,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// What is done about a pipeline that waits for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenHeld {
    /// Go on: somebody else decides.
    Watch,
    /// End: nobody who waits for the end can decide.
    End,
}

pub(super) async fn execute(args: WatchArgs, shutdown: CancellationToken) -> Result<ExitCode, CommandError> {
    let client = args.remote.connect().await?;
    follow(&client, &args.pipeline, args.remote.format, WhenHeld::Watch, shutdown).await
}

/// Shows every status until the pipeline ends. As JSON, one object a line.
pub(super) async fn follow(
    client: &Client,
    pipeline: &str,
    format: OutputFormat,
    when_held: WhenHeld,
    shutdown: CancellationToken,
) -> Result<ExitCode, CommandError> {
    let mut line = Line::new();
    let mut statuses = client.watch(pipeline);
    let mut last: Option<v1::Pipeline> = None;
    loop {
        let told = next(&mut statuses, last.is_some(), &line);
        let next = shutdown.run_until_cancelled(told).await;
        let Some(next) = next else {
            line.finish();
            return Err(CommandError::failure("interrupted; the pipeline goes on"));
        };
        let Some(status) = next? else { break };
        match format {
            OutputFormat::Text => line.show(&status, last.as_ref()),
            OutputFormat::Json => {
                // There is nobody to tell how it ends, and so no success either.
                if print_next(json::pipeline(&status))? == Reader::Gone {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        let is_held = status.state() == v1::PipelineState::Held;
        last = Some(status);
        if is_held && when_held == WhenHeld::End {
            break;
        }
    }
    line.finish();
    let status = last.unwrap_or_default();
    if format == OutputFormat::Text {
        print(describe::pipeline(&status))?;
        // Said beside the end, which is what is waited for: without an answer the end stands alone.
        let damage = damage::of_pipeline(client, &status).await.unwrap_or_default();
        print(format_args!("{}{}", describe::damage(&damage), decision(&status)))?;
    }
    Ok(exit_code(&status))
}

/// The next status. A coordinator that was there is waited for.
async fn next(statuses: &mut Watch, was_there: bool, line: &Line) -> Result<Option<v1::Pipeline>, Error> {
    let began = Instant::now();
    let mut is_said = false;
    loop {
        match statuses.next().await {
            Err(error) if was_there && error.is_retryable() && began.elapsed() < AWAY_FOR => {
                if !std::mem::replace(&mut is_said, true) {
                    line.say(&format!("the coordinator is away and waited for: {error}"));
                }
            }
            told => return told,
        }
    }
}

/// 0 when everything succeeded, 1 otherwise.
fn exit_code(status: &v1::Pipeline) -> ExitCode {
    let is_whole = status.state() == v1::PipelineState::Completed && !describe::has_dead(status);
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a held pipeline waits for.
fn decision(status: &v1::Pipeline) -> String {
    if status.state() != v1::PipelineState::Held {
        return String::new();
    }
    let id = &status.pipeline_id;
    format!("go on without them:   edgraph resume {id}\ngive up:              edgraph cancel {id}\n")
}

/// Progress on standard error: one line that moves on a terminal, plain lines elsewhere.
enum Line {
    Moving(ProgressBar),
    Plain { said: Option<Instant> },
}

impl Line {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() || console::is_quiet() {
            return Self::Plain { said: None };
        }
        let style = ProgressStyle::with_template("[{bar:32}] {msg}").expect("the template is valid");
        Self::Moving(ProgressBar::new(100).with_style(style.progress_chars("=> ")))
    }

    fn show(&mut self, status: &v1::Pipeline, last: Option<&v1::Pipeline>) {
        let has_turned = last.is_none_or(|last| last.state != status.state || last.paused != status.paused);
        match self {
            Self::Moving(bar) => {
                bar.set_position(status.progress_percent.into());
                bar.set_message(describe::progress(status));
            }
            Self::Plain { said } => {
                if has_turned || said.is_none_or(|said| said.elapsed() >= LINE_INTERVAL) {
                    console::remark(describe::progress(status));
                    *said = Some(Instant::now());
                }
            }
        }
        if has_turned && status.state() == v1::PipelineState::Held {
            let text = format!("{}{}", describe::failures(status), decision(status));
            self.say(text.trim_end());
        }
    }

    fn say(&self, text: &str) {
        match self {
            Self::Moving(bar) => bar.println(text),
            Self::Plain { .. } => console::remark(text),
        }
    }

    fn finish(&self) {
        if let Self::Moving(bar) = self {
            bar.abandon();
        }
    }
}
