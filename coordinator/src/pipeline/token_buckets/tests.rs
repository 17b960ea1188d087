use super::*;

const SEC: HostFamily = HostFamily::Sec;
const A: SessionId = SessionId(1);
const B: SessionId = SessionId(2);

fn at(ms: u64) -> Millis {
    Millis(ms)
}

fn requests(per_second: Option<f64>) -> TokenBuckets {
    let mut requests = TokenBuckets::new(RequestRules { per_second, ..RequestRules::default() });
    requests.prove(Millis::NEVER, None);
    requests
}

fn throttled(retry_after: Option<u64>) -> Throttled {
    Throttled { family: SEC, cause: "answered 403".into(), retry_after: retry_after.map(Duration::from_secs) }
}

/// When tokens are lent, by a leader that looks at the clock at these times.
fn lent(requests: &mut TokenBuckets, looks: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut lent = Vec::new();
    for now in looks {
        for (_, tokens) in requests.lend(at(now)) {
            lent.extend((0..tokens.count).map(|_| now));
        }
    }
    lent
}

#[test]
fn no_second_sees_more_than_the_limit_however_late_tokens_are_used() {
    for rate in [0.5, 2.0, 5.0, 8.0, 9.0, 9.5] {
        for tick in [1, 20, 77, 130, 400] {
            let mut requests = requests(Some(rate));
            requests.demand(A, SEC, 10_000, 0, at(0));
            let lent = lent(&mut requests, (0..60_000).step_by(tick));
            let validity = u64::try_from(timing(rate).0.as_millis()).unwrap();
            let most = lent
                .iter()
                .map(|from| lent.iter().filter(|at| (*from..=from + 1_000 + validity).contains(*at)).count());
            let most = most.max().unwrap();
            assert!(most <= 10, "{most} at {rate}/s, looking every {tick} ms");
            if tick == 20 {
                let expected = rate * 60.0;
                assert!(
                    (lent.len() as f64 - expected).abs() <= 1.0 + expected / 100.0,
                    "{} at {rate}/s",
                    lent.len()
                );
            }
        }
    }
}

#[test]
fn nothing_is_saved_up_and_workers_take_turns() {
    let mut requests = requests(Some(8.0));
    requests.demand(A, SEC, 1, 0, at(60_000));
    assert_eq!(requests.lend(at(60_000)).len(), 1);
    requests.demand(A, SEC, 1, 0, at(60_500));
    assert_eq!(requests.lend(at(60_500)), [], "a total said twice asks for nothing");
    requests.demand(A, SEC, 3, 0, at(61_000));
    requests.demand(B, SEC, 2, 0, at(61_010));
    let turns: Vec<(SessionId, u64, u64)> = [61_010, 61_120, 61_135, 61_260, 61_385]
        .iter()
        .flat_map(|now| requests.lend(at(*now)))
        .map(|(session, tokens)| (session, tokens.asked, u64::try_from(tokens.waited.as_millis()).unwrap()))
        .collect();
    assert_eq!(turns, [(B, 2, 0), (A, 3, 135), (B, 2, 250), (A, 3, 385)]);
    requests.demand(B, SEC, 5, 0, at(62_000));
    requests.forget(B);
    assert_eq!(requests.lend(at(63_000)), []);
}

#[test]
fn only_a_proven_leader_lends_and_not_before_its_predecessor_is_done() {
    let mut requests = TokenBuckets::new(RequestRules::default());
    requests.demand(A, SEC, 100, 0, at(0));
    assert_eq!(requests.lend(at(10)), []);
    requests.prove(at(4_000), None);
    requests.take_over(Vec::new(), at(1_000), at(10));
    let lent = lent(&mut requests, (0..10_000).step_by(20));
    assert_eq!((lent.first(), lent.last()), (Some(&1_000), Some(&3_900)));
}

#[test]
fn what_is_asked_while_nothing_may_be_lent_is_lent_afterwards() {
    let mut requests = requests(Some(8.0));
    requests.take_over(Vec::new(), at(1_000), at(0));
    requests.demand(A, SEC, 1, 0, at(0));
    assert_eq!(lent(&mut requests, (0..5_000).step_by(20)), [1_000]);
}

#[test]
fn a_mirror_without_limit_needs_no_tokens_and_the_sec_is_never_without() {
    let terms = requests(None).terms();
    let rate = |family| terms.iter().find(|terms| terms.family == family).unwrap().per_second;
    assert_eq!((rate(HostFamily::Mirror), rate(SEC)), (None, Some(DEFAULT_RATE)));
    let terms = requests(Some(100.0)).terms();
    assert_eq!(
        terms.iter().map(|terms| terms.per_second).collect::<Vec<_>>(),
        [Some(DEFAULT_RATE), Some(100.0)]
    );
}

#[test]
fn a_pause_is_everybodys_once_it_is_kept_and_outlives_its_leader() {
    let mut first = requests(Some(8.0));
    first.demand(A, SEC, 100, 0, at(0));
    let kept = first.throttled(&throttled(Some(60)), at(1_000)).unwrap();
    assert_eq!((kept.until, kept.strikes), (at(61_000), 1));
    assert_eq!(first.lend(at(2_000)), [], "at once, kept or not");
    assert_eq!(first.pause(SEC, at(2_000)), None);
    let heard = first.kept(&kept, at(2_000)).unwrap();
    assert_eq!(heard.remaining, Duration::from_secs(59));
    assert_eq!(first.budgets(at(2_000))[0].paused, Some((61_000, "answered 403".into())));

    let mut next = requests(Some(8.0));
    next.take_over(vec![kept], at(0), at(30_000));
    next.demand(A, SEC, 1, 0, at(30_000));
    assert_eq!(lent(&mut next, (30_000..70_000).step_by(20)), [61_000]);
    let wrong = KeptPause { family: SEC, until: Millis::NEVER, strikes: 1, cause: String::new() };
    next.take_over(vec![wrong], at(0), at(70_000));
    assert_eq!(next.pause(SEC, at(70_000)).unwrap().remaining, MAX_HOST_PAUSE);
}

#[test]
fn pauses_double_with_every_offence_until_a_good_answer() {
    let mut requests = requests(Some(8.0));
    let mut pause =
        |asked, now| requests.throttled(&throttled(asked), at(now)).map(|kept| kept.until.0 - now);
    assert_eq!(pause(None, 0), Some(1_000));
    assert_eq!(pause(None, 10), None, "it was on its way already");
    assert_eq!(pause(None, 2_000), Some(2_000));
    assert_eq!(pause(None, 5_000), Some(4_000));
    assert_eq!(pause(Some(60), 6_000), Some(60_000), "a longer wish counts while paused");
    assert_eq!(pause(Some(1), 7_000), None);
    assert_eq!(pause(None, 70_000), Some(8_000));
    requests.demand(A, SEC, 1, 1, at(71_000));
    assert_eq!(requests.throttled(&throttled(None), at(80_000)).unwrap().strikes, 5, "an answer from before");
    requests.demand(A, SEC, 1, 1, at(100_000));
    assert_eq!(requests.throttled(&throttled(None), at(100_001)).unwrap().strikes, 1);
}

#[test]
fn to_ask_for_no_time_is_to_say_nothing() {
    let mut requests = requests(Some(8.0));
    let kept = requests.throttled(&throttled(Some(0)), at(1_000)).unwrap();
    assert_eq!(kept.until, at(2_000), "the first pause, as where nothing was said");
}

#[test]
fn a_mistaken_total_spoils_nothing() {
    let mut requests = requests(Some(8.0));
    requests.demand(A, SEC, u64::MAX, 0, at(0));
    requests.demand(B, SEC, u64::MAX, 0, at(0));
    assert_eq!(requests.budgets(at(0))[0].waiting, 2 * MAX_OWED);
}

#[test]
fn a_mirror_that_takes_nearly_as_much_as_the_sec_has_tokens_that_last() {
    for rate in [9.6, 9.99, 10.0, 50.0] {
        assert_eq!(timing(rate), (MAX_VALIDITY, MAX_SLACK), "{rate}");
    }
    assert!(timing(9.5).0 < MAX_VALIDITY);
}

#[test]
fn a_pause_is_lifted_once_that_is_kept_and_begins_anew_with_the_next_refusal() {
    let mut requests = requests(Some(8.0));
    let first = requests.throttled(&throttled(Some(600)), at(0)).unwrap();
    assert!(requests.kept(&first, at(0)).is_some());
    assert_eq!(requests.lift(HostFamily::Mirror, "admin", at(500)), None);
    let (lifted, ended) = requests.lift(SEC, "admin at 10.0.0.1:5", at(1_000)).unwrap();
    assert_eq!((ended.remaining, ended.cause.as_str()), (Duration::from_secs(599), "answered 403"));
    assert_eq!((lifted.until, lifted.cause.as_str()), (at(1_000), "lifted by admin at 10.0.0.1:5"));
    assert!(
        lifted.is_lifted() && requests.pause(SEC, at(1_000)).is_some(),
        "a takeover would not know of it yet"
    );
    let told = requests.kept(&lifted, at(1_001)).unwrap();
    assert_eq!((told.remaining, requests.pause(SEC, at(1_001))), (Duration::ZERO, None));
    assert_eq!(requests.lift(SEC, "admin", at(1_002)), None, "nothing is paused");

    let again = requests.throttled(&throttled(None), at(2_000)).unwrap();
    assert_eq!((again.until, again.strikes), (at(3_000), 1), "earlier strikes are forgiven");
    // What a host asks for while the end is on its way to the tracker is heard.
    let (lifted, _) = requests.lift(SEC, "admin", at(2_100)).unwrap();
    let longer = requests.throttled(&throttled(Some(60)), at(2_200)).unwrap();
    assert_eq!(requests.kept(&lifted, at(2_300)), None);
    assert!(requests.kept(&longer, at(2_300)).is_some());

    // The clock of who lifted it was ahead of this one: it is over all the same.
    let mut successor = TokenBuckets::new(RequestRules::default());
    successor.take_over(vec![KeptPause { until: at(99_000), ..lifted }], at(0), at(3_000));
    assert_eq!(successor.pause(SEC, at(3_000)), None);
}
