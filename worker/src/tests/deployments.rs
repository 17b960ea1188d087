//! What the files in `deploy/` say of workers, held against what workers are.

use std::path::Path;
use std::time::Duration;

use clap::CommandFactory;

use crate::config::Cli;
use edgraph_runtime::{LAST_WORDS, RELEASE_WITHIN};

/// Each file, and what its platform calls the time between SIGTERM and SIGKILL.
const FILES: [(&str, &str); 2] =
    [("systemd/edgraph-worker.service", "TimeoutStopSec"), ("kubernetes/worker.yaml", "GracePeriodSeconds")];
/// What a spot machine has from its notice on.
const NOTICE: Duration = Duration::from_secs(120);

fn read(file: &str) -> String {
    // Tests run in the folder of their package.
    let path = Path::new("../deploy").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first number after a name outside comments, as a time; one without a unit is in seconds.
fn time(text: &str, name: &str) -> Duration {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let settings = lines.collect::<Vec<_>>().join("\n");
    let (_, after) = settings.split_once(name).unwrap_or_else(|| panic!("{name} is not set"));
    let value = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    let value: String = value.chars().take_while(char::is_ascii_alphanumeric).collect();
    let value = if value.ends_with('s') { value } else { format!("{value}s") };
    humantime::parse_duration(&value).unwrap_or_else(|error| panic!("{name} {value}: {error}"))
}

#[test]
fn every_setting_that_is_named_exists() {
    let command = Cli::command();
    let known: Vec<&str> =
        command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).collect();
    for (file, _) in FILES {
        let text = read(file);
        let is_word = |c: char| c.is_ascii_uppercase() || c == '_';
        let named: Vec<&str> =
            text.split(|c: char| !is_word(c)).filter(|word| word.starts_with("EDGRAPH_")).collect();
        assert!(named.contains(&"EDGRAPH_DRAIN") && named.contains(&"EDGRAPH_SPOT"), "{file}: {named:?}");
        let unknown: Vec<_> = named.iter().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}, which workers do not know");
    }
}

#[test]
fn whoever_stops_a_worker_waits_until_it_has_given_everything_back() {
    for (file, grace) in FILES {
        let text = read(file);
        let (needed, grace) =
            (time(&text, "EDGRAPH_DRAIN") + RELEASE_WITHIN + LAST_WORDS, time(&text, grace));
        assert!(needed < grace, "{file}: it needs {needed:?} and has {grace:?}");
        assert!(grace < NOTICE, "{file}: the machine is gone before {grace:?}");
    }
}
