use super::*;
use std::pin::pin;

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

/// Lets everything that waits do its next step.
async fn settle() {
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_waits_asks_once_and_takes_turns() {
    let desk = desk();
    let passes: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn({
                let desk = desk.clone();
                async move { desk.pass(SEC).await }
            })
        })
        .collect();
    settle().await;
    assert_eq!(desk.messages(), [demand(3)]);
    assert_eq!(desk.messages(), []);
    desk.lent(token(3, 0));
    settle().await;
    assert_eq!(passes.iter().map(|pass| pass.is_finished()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(desk.messages(), [], "two are owed still");
}

#[tokio::test]
async fn a_token_that_was_held_up_anywhere_is_asked_for_again() {
    let desk = desk();
    let pass = tokio::spawn({
        let desk = desk.clone();
        async move { desk.pass(SEC).await }
    });
    settle().await;
    assert_eq!(desk.messages(), [demand(1)]);
    // The leader lent it at once; since then 151 ms have passed somewhere on the way.
    tokio::time::sleep(Duration::from_millis(151)).await;
    desk.lent(token(1, 0));
    settle().await;
    assert!(!pass.is_finished());
    assert_eq!(desk.messages(), [demand(2)]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    desk.lent(token(2, 299));
    settle().await;
    assert!(pass.await.unwrap().is_ok());
}

#[tokio::test]
async fn another_stream_is_asked_anew_and_old_tokens_count_for_nothing() {
    let desk = desk();
    let pass = tokio::spawn({
        let desk = desk.clone();
        async move { desk.pass(SEC).await }
    });
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
async fn a_pause_is_reported_until_the_fleet_has_heard_of_it() {
    let desk = desk();
    desk.throttled(SEC, "answered 403".into(), Some(Duration::from_secs(20)));
    let report =
        Throttled { family: SEC, cause: "answered 403".into(), retry_after: Some(Duration::from_secs(20)) };
    assert_eq!(desk.messages(), [WorkerMessage::Throttled(report.clone())]);
    assert_eq!(desk.messages(), []);
    desk.closed();
    desk.opened(vec![terms(Some(8.0))], String::new());
    assert_eq!(desk.messages(), [WorkerMessage::Throttled(report)]);
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_millis(200), cause: String::new() });
    desk.closed();
    desk.opened(vec![terms(Some(8.0))], String::new());
    assert_eq!(desk.messages(), []);
    let mut pass = pin!(desk.pass(SEC));
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut pass).await.is_err());
    assert_eq!(desk.messages(), []);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut pass).await.is_err());
    assert_eq!(desk.messages(), [demand(1)], "asked when the pause is over");
}

#[tokio::test]
async fn a_long_pause_ends_the_waiting() {
    let desk = desk();
    let pass = tokio::spawn({
        let desk = desk.clone();
        async move { desk.pass(SEC).await }
    });
    settle().await;
    desk.paused(&HostPause { family: SEC, remaining: Duration::from_secs(600), cause: String::new() });
    assert!(pass.await.unwrap().is_err_and(|rest| rest > Duration::from_secs(599)));
}
