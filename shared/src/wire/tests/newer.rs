//! Peers that are newer than this build: raw messages with what it does not know.

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};

use super::stream::{coordinator_message_from, said_by_worker};
use super::*;
use crate::wire::Side;
use crate::wire::work::lease_to;

/// A field of a later version.
const LATER: u32 = 900;

/// Bytes in the field of this number.
fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    encode_key(number, WireType::LengthDelimited, &mut field);
    encode_varint(bytes.len() as u64, &mut field);
    field.extend(bytes);
    field
}

/// The message with a field more, as a newer peer sends it.
fn with_more(message: &impl prost::Message) -> Vec<u8> {
    [message.encode_to_vec(), field(LATER, b"later")].concat()
}

fn said(bytes: &[u8]) -> Result<Said, WireError> {
    said_by_worker(v1::WorkRequest::decode(bytes).unwrap())
}

fn heard(bytes: &[u8]) -> Result<Option<CoordinatorMessage>, WireError> {
    coordinator_message_from(v1::WorkResponse::decode(bytes).unwrap())
}

fn family() -> String {
    "esma.europa.eu".to_owned()
}

#[test]
fn messages_and_hosts_of_a_newer_worker_are_no_error() {
    assert_eq!(said(&field(LATER, b"")), Ok(Said::Unknown));
    let demand = v1::RequestDemand { family: family(), asked: 1, answered: 0 };
    assert_eq!(said(&field(9, &demand.encode_to_vec())), Ok(Said::Unknown));
    let throttled = v1::Throttled { family: family(), ..Default::default() };
    assert_eq!(said(&field(10, &throttled.encode_to_vec())), Ok(Said::Unknown));

    let hello = v1::Hello { worker_id: "w".into(), incarnation: "i".into(), ..Default::default() };
    let hello = [field(1, &with_more(&hello)), field(LATER, b"later")].concat();
    let Ok(Said::Messages(messages)) = said(&hello) else { panic!("a Hello with more fields is a Hello") };
    assert!(matches!(&messages[..], [WorkerMessage::Hello(hello)] if hello.worker.as_str() == "w"));

    let release = v1::Release { leases: vec![lease_to(&lease())], reason: 99 };
    let Ok(Said::Messages(messages)) = said(&field(7, &with_more(&release))) else { panic!("a Release") };
    assert_eq!(
        messages,
        [WorkerMessage::Release { leases: vec![lease()], reason: ReleaseReason::Preempted }]
    );
}

#[test]
fn messages_and_hosts_of_a_newer_coordinator_are_no_error() {
    assert_eq!(heard(&field(LATER, b"")), Ok(None));
    let tokens = v1::RequestTokens { family: family(), count: 1, ..Default::default() };
    assert_eq!(heard(&field(8, &tokens.encode_to_vec())), Ok(None));
    let paused = v1::HostPaused { family: family(), ..Default::default() };
    assert_eq!(heard(&field(10, &paused.encode_to_vec())), Ok(None));

    let lease_ref = || Some(lease_to(&lease()));
    let settled = v1::Settled { settlements: vec![v1::Settlement { lease: lease_ref(), answer: 99 }] };
    let answer = Settlement { lease: lease(), answer: SettleAnswer::Unknown };
    assert_eq!(heard(&field(5, &with_more(&settled))), Ok(Some(CoordinatorMessage::Settled(vec![answer]))));
    let cancel = v1::CancelItem { lease: lease_ref(), reason: 99 };
    let stops = CoordinatorMessage::CancelItem { lease: lease(), reason: CancelReason::LeaseLost };
    assert_eq!(heard(&field(6, &with_more(&cancel))), Ok(Some(stops)));
}

#[test]
fn a_peer_that_understands_only_later_versions_is_told_whom_to_update() {
    let protocol = Some(v1::Protocol { version: 9, lowest: 8 });
    let hello = v1::Hello { protocol, ..Default::default() };
    let Err(WireError::Protocol(mismatch)) = said(&field(1, &hello.encode_to_vec())) else {
        panic!("welcome")
    };
    assert_eq!(mismatch.older, Side::Coordinator);
    let welcome = v1::Welcome { protocol, ..Default::default() };
    let heard = heard(&field(1, &welcome.encode_to_vec()));
    let Err(WireError::Protocol(mismatch)) = heard else { panic!("{heard:?}") };
    assert_eq!(mismatch.older, Side::Worker);
    assert!(mismatch.to_string().ends_with("update the worker"), "{mismatch}");
}
