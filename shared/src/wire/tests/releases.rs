//! Messages as releases sent them: this build reads them as they were meant.
//!
//! The files of earlier releases stay as they are. A release adds its own: its name here, and one run with
//! `UPDATE_EXPECT=1`, which writes files that are missing.

use std::fs;
use std::path::PathBuf;

use prost::Message as _;

use super::stream::{coordinator_message_from, coordinator_message_to, said_by_worker, worker_message_to};
use super::*;

const RELEASES: [&str; 1] = ["0.2.0"];

/// The messages of workers and of coordinators, as bytes in lines of hexadecimal digits.
fn kept(release: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/releases").join(release);
    let file = folder.join("messages.txt");
    if !file.exists() && std::env::var_os("UPDATE_EXPECT").is_some() {
        let workers = worker_messages().into_iter().map(|message| worker_message_to(message).encode_to_vec());
        let coordinators = coordinator_messages().into_iter();
        let coordinators = coordinators.map(|message| coordinator_message_to(message).encode_to_vec());
        let lines = workers.chain(coordinators).map(|bytes| format!("{}\n", hex::encode(bytes)));
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, lines.collect::<String>()).unwrap();
    }
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().map(|line| hex::decode(line).unwrap()).collect()
}

#[test]
fn what_a_release_said_reads_as_it_was_meant() {
    for release in RELEASES {
        let kept = kept(release);
        let (workers, coordinators) = (worker_messages(), coordinator_messages());
        assert_eq!(kept.len(), workers.len() + coordinators.len(), "{release}");
        let (by_workers, by_coordinators) = kept.split_at(workers.len());
        for (bytes, message) in by_workers.iter().zip(workers) {
            let said = said_by_worker(v1::WorkRequest::decode(&bytes[..]).unwrap());
            assert_eq!(said, Ok(Said::Messages(vec![message])), "{release}");
        }
        for (bytes, message) in by_coordinators.iter().zip(coordinators) {
            let heard = coordinator_message_from(v1::WorkResponse::decode(&bytes[..]).unwrap());
            assert_eq!(heard, Ok(Some(message)), "{release}");
        }
    }
}
