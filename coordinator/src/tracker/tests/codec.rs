//! What is decoded equals what was encoded.

use std::sync::Arc;

use edgraph_shared::model::{ClientItems, FinishSpec, ItemState};

use super::samples::{Sample, closings, history, states};
use crate::pipeline::item::{Item, ItemIx, State};
use crate::pipeline::{Deed, Millis, Selection, Sweep};
use crate::tracker::Content;
use crate::tracker::codec::{encode_fixed, encode_head, encode_spec, encode_state, head_from, item_from};

fn through_text(ix: ItemIx, item: &Item) -> (ItemIx, Item) {
    item_from(item.key.clone(), &encode_fixed(ix, item), &encode_state(item)).unwrap()
}

#[test]
fn every_state_with_every_history() {
    for state in states() {
        for (n, closed) in closings().into_iter().enumerate() {
            let item = Item { state: state.clone(), closed, ..history(n) };
            let mut expected = item.clone();
            if let State::Leased(lease) = &mut expected.state {
                lease.deadline = Millis::ZERO;
            }
            assert_eq!(through_text(ItemIx(9), &item), (ItemIx(9), expected));
        }
    }
}

#[test]
fn a_state_that_says_little_is_short() {
    let item = Item { unavailable_since: None, last_failure: None, ..history(0) };
    assert_eq!(String::from_utf8(encode_state(&item)).unwrap(), r#"{"is":{"ready":{}}}"#);
}

#[test]
fn what_a_newer_version_adds_is_ignored_and_what_an_older_one_lacks_has_its_default() {
    let key: edgraph_shared::ids::ItemKey = "a/1".parse().unwrap();
    let fixed = br#"{"ix":3,"kind":1,"payload":"{}","color":"red"}"#;
    let (ix, item) = item_from(key, fixed, br#"{"is":{"ready":{"mood":1}},"taste":"sweet"}"#).unwrap();
    assert_eq!((ix, item.priority, item.failures, item.parents.len()), (ItemIx(3), 0, 0, 0));
    assert_eq!(item.state, State::Ready { not_before: Millis::ZERO });
}

#[test]
fn a_record_that_needs_a_newer_reader_is_refused_and_one_that_does_not_is_read() {
    let key: edgraph_shared::ids::ItemKey = "a/1".parse().unwrap();
    let state = br#"{"reader":1,"since":"0.2.0","is":{"ready":{}}}"#;
    let fixed = br#"{"ix":3,"kind":1,"payload":"{\"reader\":7}"}"#;
    assert!(item_from(key.clone(), fixed, state).is_ok());
    let state = br#"{"reader":5,"is":{"asleep":{}}}"#;
    let error = item_from(key, fixed, state).unwrap_err();
    assert!(error.is_newer() && error.to_string().starts_with("an item's state needs edgraph "), "{error}");
}

#[test]
fn rounds_that_end_with_several_items_are_not_for_builds_that_know_one() {
    let mut sample = Sample::new("p", 3);
    let Content::Created(mut saved) = sample.created().content else { unreachable!() };
    let step = |kind: &str| FinishSpec { kind: kind.into(), payload: "{}".into() };
    for kinds in [&[][..], &["load"], &["list", "load"]] {
        Arc::make_mut(&mut saved.head.spec).finish = kinds.iter().copied().map(step).collect();
        let spec = encode_spec(&saved.head);
        assert_eq!(spec.starts_with(br#"{"reader":2,"since":"0.3.0","#), kinds.len() > 1, "{kinds:?}");
        let head = encode_head(&saved.head);
        assert_eq!(head_from(saved.head.id.clone(), &spec, &head, saved.head.items).unwrap(), saved.head);
    }
}

#[test]
fn a_retry_of_some_is_not_for_builds_that_would_retry_all() {
    let mut sample = Sample::new("p", 3);
    let Content::Created(mut saved) = sample.created().content else { unreachable!() };
    let some = Selection { reason: Some("no schema".into()), ..Selection::of(ItemState::Dead) };
    for (only, needs_newer) in [(Selection::of(ItemState::Dead), false), (some, true)] {
        saved.head.sweeps = vec![Sweep { deed: Deed::Revive, next: ItemIx(2), only }];
        let (spec, head) = (encode_spec(&saved.head), encode_head(&saved.head));
        assert_eq!(head.starts_with(br#"{"reader":3,"since":"0.3.0","#), needs_newer);
        assert_eq!(head_from(saved.head.id.clone(), &spec, &head, saved.head.items).unwrap(), saved.head);
    }
}

#[test]
fn what_is_done_to_many_items_is_not_for_builds_that_would_leave_it_undone() {
    let mut sample = Sample::new("p", 3);
    let Content::Created(mut saved) = sample.created().content else { unreachable!() };
    let only = Selection {
        state: Some(ItemState::Leased),
        kind: Some("work".into()),
        worker: Some("w-1".into()),
        retrying: true,
        reason: Some("no schema".into()),
    };
    let sweep = |deed, only: &Selection| Sweep { deed, next: ItemIx(2), only: only.clone() };
    let revive = sweep(Deed::Revive, &Selection::of(ItemState::Dead));
    let (cancel, advance) = (sweep(Deed::Cancel, &only), sweep(Deed::Advance, &Selection::default()));
    for (sweeps, needs_newer) in [
        (vec![], false),
        (vec![revive.clone()], false),
        (vec![cancel.clone()], true),
        (vec![cancel.clone(), revive.clone()], true),
        (vec![revive.clone(), advance, revive, cancel], true),
    ] {
        saved.head.sweeps = sweeps;
        let (spec, head) = (encode_spec(&saved.head), encode_head(&saved.head));
        assert_eq!(head.starts_with(br#"{"reader":4,"since":"0.3.0","#), needs_newer);
        assert_eq!(head_from(saved.head.id.clone(), &spec, &head, saved.head.items).unwrap(), saved.head);
    }
}

#[test]
fn items_of_clients_are_not_for_builds_that_would_lease_them() {
    let mut sample = Sample::new("p", 3);
    let Content::Created(mut saved) = sample.created().content else { unreachable!() };
    Arc::make_mut(&mut saved.head.spec).client_items = Some(ClientItems { expected: 7 });
    saved.head.ended_by = "request".into();
    let (spec, head) = (encode_spec(&saved.head), encode_head(&saved.head));
    assert!(spec.starts_with(br#"{"reader":4,"since":"0.3.0","#));
    assert_eq!(head_from(saved.head.id.clone(), &spec, &head, saved.head.items).unwrap(), saved.head);
}

#[test]
fn what_is_no_item_says_what_it_is() {
    let error = item_from("a/1".parse().unwrap(), br#"{"ix":3,"kind":1,"payload":"{}"}"#, b"").unwrap_err();
    assert!(error.to_string().starts_with("an item's state: "), "{error}");
}

#[test]
fn a_head_with_its_spec() {
    let mut sample = Sample::new("p", 3);
    for part in [sample.created(), sample.changed(1)] {
        let (Content::Created(saved) | Content::Saved(saved)) = part.content else { unreachable!() };
        let read = head_from(
            saved.head.id.clone(),
            &encode_spec(&saved.head),
            &encode_head(&saved.head),
            saved.head.items,
        );
        assert_eq!(read.unwrap(), saved.head);
    }
}
