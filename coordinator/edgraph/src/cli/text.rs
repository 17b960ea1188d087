//! `edgraph text`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use edgraph_shared::console;
use edgraph_shared::ids::AccessionNumber;
use serde_json::{Value, json};

use super::place::StoreArgs;
use super::print::{print_line, print_with};
use super::{CommandError, OutputFormat};
use crate::text::{self, Text};

#[derive(Debug, Args)]
pub(super) struct TextArgs {
    /// The filing.
    accession: AccessionNumber,
    /// The concept, with or without its prefix; or a part of its name that no other text has, such as revenuerecognition.
    concept: String,
    #[command(flatten)]
    store: StoreArgs,
    /// The value as filed, with its markup.
    #[arg(long, conflicts_with = "format")]
    html: bool,
    /// Plain text; or a JSON array of facts, each with its `value` as filed and its `text`.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

pub(super) async fn execute(args: TextArgs) -> Result<ExitCode, CommandError> {
    let store = args.store.read().await?;
    let texts = text::text(&store, args.accession, &args.concept).await;
    store.close();
    let texts = texts.map_err(CommandError::failure)?;
    match args.format {
        OutputFormat::Json => print_line(texts.iter().map(object).collect::<Value>())?,
        OutputFormat::Text if args.html => print_with(|out| write_raw(out, &texts))?,
        OutputFormat::Text => print_with(|out| write_plain(out, &texts))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn object(text: &Text) -> Value {
    let mut object = json!(text);
    object["text"] = text.value.as_ref().map(|_| text.plain()).into();
    object
}

/// One value is printed alone; above each of several stands which it is.
fn write_plain(out: &mut dyn Write, texts: &[Text]) -> io::Result<()> {
    for (number, text) in texts.iter().enumerate() {
        if texts.len() > 1 {
            let gap = if number == 0 { "" } else { "\n" };
            writeln!(out, "{gap}==> {} <==", text.which())?;
        }
        writeln!(out, "{}", if text.value.is_none() { "nil".to_owned() } else { text.plain() })?;
    }
    Ok(())
}

/// What is written is what was filed and nothing else; which of several it is, is said beside it.
fn write_raw(out: &mut dyn Write, texts: &[Text]) -> io::Result<()> {
    for text in texts {
        if texts.len() > 1 {
            console::remark(text.which());
        }
        writeln!(out, "{}", text.value.as_deref().unwrap_or_default())?;
    }
    Ok(())
}
