use std::pin::pin;

use tokio::task::JoinHandle;

use super::*;

const SEC: HostFamily = HostFamily::Sec;

fn desk() -> Desk {
    let desk = Desk::default();
    desk.opened(vec![terms(Some(8.0))], String::new());
    desk
}

fn terms(per_second: Option<f64>) -> RequestTerms {
    RequestTerms { family: SEC, per_second, validity: Duration::from_millis(150) }
}

fn demand(asked: u64) -> WorkerMessage {
    WorkerMessage::RequestDemand { family: SEC, asked, answered: 0 }
}

fn token(asked: u64, waited_ms: u64) -> RequestTokens {
    RequestTokens { family: SEC, count: 1, asked, waited: Duration::from_millis(waited_ms) }
}

/// What the leader waited before it lent: so long that the token is young however slow this machine is.
const LONG_WAIT_MS: u64 = 60_000;

/// What is left of a wish that was just told.
fn is_rest_of(throttled: &Throttled, asked: Duration) -> bool {
    throttled.retry_after.is_some_and(|rest| rest <= asked && rest > asked - Duration::from_secs(10))
}

/// Somebody who waits for a turn.
fn waiting(desk: &Desk) -> JoinHandle<Result<Instant, Duration>> {
    let desk = desk.clone();
    tokio::spawn(async move { desk.pass(SEC).await })
}

/// Lets everything that waits do its next step.
async fn settle() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_waits_asks_once_and_takes_turns() {
    let desk = desk();
    let passes: Vec<_> = (0..3).map(|_| waiting(&desk)).collect();
    settle().await;
    assert_eq!(desk.messages(), [demand(3)]);
    assert_eq!(desk.messages(), []);
    desk.lent(token(3, LONG_WAIT_MS));
    settle().await;
    assert_eq!(passes.iter().map(|pass| pass.is_finished()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(desk.messages(), [], "two are owed still");
}

#[tokio::test]
async fn a_token_that_was_held_up_anywhere_is_asked_for_again() {
    let desk = desk();
    let pass = waiting(&desk);
    settle().await;
    assert_eq!(desk.messages(), [demand(1)]);
    // The leader lent it at once; since then 151 ms have passed somewhere on the way.
    tokio::time::sleep(Duration::from_millis(151)).await;
    desk.lent(token(1, 0));
    settle().await;
    assert!(!pass.is_finished());
    assert_eq!(desk.messages(), [demand(2)]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    desk.lent(token(2, LONG_WAIT_MS));
    settle().await;
    assert!(pass.await.unwrap().is_ok());
}

#[tokio::test]
async fn another_stream_is_asked_anew_and_old_tokens_count_for_nothing() {
    let desk = desk();
    let pass = waiting(&desk);
    settle().await;
    assert_eq!(desk.messages(), [demand(1)]);
    desk.closed();
    desk.lent(token(1, 0));
    settle().await;
    assert!(!pass.is_finished());
    desk.opened(vec![terms(None)], String::new());
    settle().await;
    assert!(pass.await.unwrap().is_ok(), "no limit, no tokens");
}

#[tokio::test]
async fn a_pause_is_told_until_the_fleet_has_heard_of_it() {
    let desk = desk();
    desk.throttled(SEC, "answered 403".into(), Some(Duration::from_secs(20)));
    let told = |desk: &Desk| match &desk.messages()[..] {
        [WorkerMessage::Throttled(throttled)] => {
            throttled.cause == "answered 403" && is_rest_of(throttled, Duration::from_secs(20))
        }
        _ => false,
    };
    assert!(told(&desk));
    assert_eq!(desk.messages(), []);
    desk.closed();
    desk.opened(vec![terms(Some(8.0))], String::new());
    assert!(told(&desk));
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_secs(2), cause: String::new() });
    desk.closed();
    desk.opened(vec![terms(Some(8.0))], String::new());
    assert_eq!(desk.messages(), []);
    let mut pass = pin!(desk.pass(SEC));
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut pass).await.is_err());
    assert_eq!(desk.messages(), []);
    assert!(tokio::time::timeout(Duration::from_secs(3), &mut pass).await.is_err());
    assert_eq!(desk.messages(), [demand(1)], "asked when the pause is over");
}

#[tokio::test]
async fn a_slow_down_says_what_is_left_of_it_and_is_dropped_when_it_is_over() {
    let desk = desk();
    desk.throttled(SEC, "answered 429".into(), Some(Duration::from_millis(500)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    match &desk.messages()[..] {
        [WorkerMessage::Throttled(throttled)] => {
            assert!(throttled.retry_after.unwrap() <= Duration::from_millis(400), "{throttled:?}");
        }
        // A machine this slow has seen the pause end.
        messages => assert_eq!(messages, []),
    }
    desk.closed();
    tokio::time::sleep(Duration::from_millis(500)).await;
    desk.opened(vec![terms(Some(8.0))], String::new());
    assert_eq!(desk.messages(), []);
}

#[tokio::test]
async fn a_shorter_pause_of_the_fleet_does_not_hide_what_only_this_worker_was_told() {
    let desk = desk();
    desk.throttled(SEC, "answered 403".into(), Some(Duration::from_secs(600)));
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_secs(1), cause: String::new() });
    assert!(desk.pass(SEC).await.is_err_and(|rest| rest > Duration::from_secs(599)));
    assert!(matches!(&desk.messages()[..], [WorkerMessage::Throttled(_)]));
}

#[tokio::test]
async fn the_first_good_answer_after_a_pause_is_told_where_no_tokens_are_asked_for() {
    let desk = Desk::default();
    desk.opened(vec![terms(None)], String::new());
    desk.answered(SEC);
    desk.throttled(SEC, "answered 503".into(), Some(Duration::from_secs(60)));
    assert!(
        matches!(&desk.messages()[..], [WorkerMessage::Throttled(_)]),
        "what was answered before counts no more"
    );
    desk.changed().await;
    desk.answered(SEC);
    desk.changed().await;
    assert_eq!(desk.messages(), [WorkerMessage::RequestDemand { family: SEC, asked: 0, answered: 1 }]);
}

#[tokio::test]
async fn a_long_pause_ends_the_waiting() {
    let desk = desk();
    let pass = waiting(&desk);
    settle().await;
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_secs(600), cause: String::new() });
    assert!(pass.await.unwrap().is_err_and(|rest| rest > Duration::from_secs(599)));
}

#[tokio::test]
async fn a_pause_that_is_lifted_ends_at_once() {
    let desk = desk();
    desk.throttled(SEC, "answered 403".into(), Some(Duration::from_secs(20)));
    assert_eq!(desk.messages().len(), 1);
    let pass = waiting(&desk);
    settle().await;
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_secs(25), cause: String::new() });
    settle().await;
    assert_eq!((desk.messages().len(), desk.paused_until().is_some()), (0, true));
    desk.paused(&HostPause { family: SEC, remaining: Duration::ZERO, cause: "lifted".into() });
    settle().await;
    assert_eq!((desk.messages(), desk.paused_until()), (vec![demand(1)], None));
    desk.lent(token(1, LONG_WAIT_MS));
    assert!(pass.await.unwrap().is_ok());
}
