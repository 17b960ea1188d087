//! Workers that are not taken in, and what they leave untouched.

use super::*;

fn arrive(core: &mut Core, session: u64, incarnation: &str, now: Millis) -> Step {
    let hello = hello("w1", incarnation, 2, 9);
    core.step(Command::Connected { session: SessionId(session), hello }, now, 2)
}

fn refusal(step: &Step) -> Option<(&str, Option<Duration>)> {
    step.messages.iter().find_map(|(_, message)| match message {
        CoordinatorMessage::Refused { reason, try_for } => Some((reason.as_str(), *try_for)),
        _ => None,
    })
}

fn held(core: &Core) -> usize {
    core.fleet().workers().map(|(_, worker)| worker.held().len()).sum()
}

#[test]
fn a_second_process_under_a_living_workers_name_is_refused_and_costs_nothing() {
    let ttl = Timing::default().lease_ttl;
    let mut core = core_with(&["a"], 4, None);
    assert_eq!(grants(arrive(&mut core, 1, "first", NOW)).len(), 2);
    for session in 2..9 {
        let step = arrive(&mut core, session, "second", NOW);
        let (reason, try_for) = refusal(&step).expect("it is refused");
        assert!(reason.contains("`w1`") && reason.contains("--worker-id"), "{reason}");
        assert_eq!(try_for, Some(ttl * 2));
        assert_eq!((step.ended.as_slice(), step.changes.len()), (&[SessionId(session)][..], 0));
        assert!(matches!(step.news.as_slice(), [News::Refused { .. }]), "{:?}", step.news);
        assert_eq!(step.messages.len(), 1);
        core.step(Command::Disconnected(SessionId(session)), NOW, 3);
    }
    assert_eq!(held(&core), 2);
    // The first one is heard as before, also on a stream of its own that is newer.
    assert_eq!(refusal(&arrive(&mut core, 9, "first", NOW)), None);
}

#[test]
fn a_process_that_was_started_again_is_taken_in_at_once_or_after_a_ttl() {
    let ttl = Timing::default().lease_ttl;
    let mut core = core_with(&["a"], 4, None);
    arrive(&mut core, 1, "first", NOW);
    core.step(Command::Disconnected(SessionId(1)), NOW, 3);
    // It holds leases, but its stream is closed: its successor is here.
    assert_eq!(grants(arrive(&mut core, 2, "second", NOW)).len(), 2);
    // The stream of the second is open for ever, as after a power cut.
    let mut now = NOW;
    for _ in 0..3 {
        now = now.plus(ttl / 4);
        core.step(Command::Tick, now, 4);
        assert!(refusal(&arrive(&mut core, 3, "third", now)).is_some());
    }
    now = now.plus(ttl / 4);
    let step = arrive(&mut core, 4, "third", now);
    assert_eq!((refusal(&step), step.ended.as_slice()), (None, &[SessionId(2)][..]));
}

#[test]
fn a_leader_that_was_away_believes_no_second_process_for_it() {
    let ttl = Timing::default().lease_ttl;
    let mut core = core_with(&["a"], 4, None);
    arrive(&mut core, 1, "first", NOW);
    let later = NOW.plus(ttl * 3);
    assert!(refusal(&arrive(&mut core, 2, "second", later)).is_some(), "the first one may wait to be heard");
    assert_eq!(held(&core), 2);
}

#[test]
fn a_worker_of_another_store_or_namespace_is_refused_for_good_and_by_name() {
    let home = |store: &str, namespace: &str| Home {
        store: (!store.is_empty()).then(|| store.parse().unwrap()),
        namespace: (!namespace.is_empty()).then(|| namespace.parse().unwrap()),
        graph: None,
    };
    for (ours, theirs, words) in [
        (home("s-1", ""), home("s-1", ""), &[][..]),
        (home("s-1", ""), home("s-2", ""), &["`w1`", "s-1", "s-2", "--store"]),
        // Who does not know its store is believed: older versions, and coordinators without one.
        (home("s-1", ""), home("", ""), &[]),
        (home("", ""), home("s-2", ""), &[]),
        (home("", "prod"), home("", ""), &[]),
        (home("", "prod"), home("", "prod"), &[]),
        (home("", "prod"), home("", "staging"), &["`staging`", "prod", "--namespace"]),
        (home("", ""), home("", "staging"), &["`staging`", "the default one", "--namespace"]),
    ] {
        let mut core = core_with(&["a"], 4, None);
        core.settle_at(ours.clone());
        let hello = Hello { home: theirs.clone(), ..hello("w1", "i", 2, 9) };
        let step = core.step(Command::Connected { session: SessionId(1), hello }, NOW, 2);
        match refusal(&step) {
            None => {
                assert!(words.is_empty(), "{ours:?} took {theirs:?}");
                let homes = step.messages.iter().filter_map(|(_, message)| match message {
                    CoordinatorMessage::Welcome(welcome) => Some(&welcome.home),
                    _ => None,
                });
                assert_eq!(homes.collect::<Vec<_>>(), [&ours]);
            }
            Some((reason, try_for)) => {
                assert!(!words.is_empty() && words.iter().all(|word| reason.contains(word)), "{reason}");
                assert_eq!((try_for, grants(step).len()), (None, 0));
            }
        }
    }
}
