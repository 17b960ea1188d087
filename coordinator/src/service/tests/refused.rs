//! Work that breaks a rule: the item is refused, and the worker's stream goes on.

use std::sync::atomic::{AtomicU32, Ordering};

use edgraph_shared::model::{MAX_PAYLOAD_LEN, MAX_RESULT_LEN};

use super::*;

#[tokio::test]
async fn an_item_that_breaks_a_rule_is_dead_at_once_and_the_others_go_on() {
    let coordinator = Coordinator::start().await;
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let finds = handler("find", move |job| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let long = WorkItem::new("work", "work/long".parse().unwrap(), "x".repeat(MAX_PAYLOAD_LEN + 1));
            if job.key.as_str() == "find/2" {
                job.children.add(vec![long]).await?;
            }
            job.children.add(vec![item("work", "work/1"), item("work", "work/2")]).await?;
            Ok("{}".into())
        }
    });
    let works = handler("work", |job| async move {
        match job.key.as_str() {
            "work/1" => Ok("1".repeat(MAX_RESULT_LEN + 1)),
            _ => Ok("{}".into()),
        }
    });
    let worker = coordinator.worker("w", vec![finds, works, loads()]);
    let mut spec = spec();
    spec.roots.push(item("find", "find/2"));
    let id = coordinator.run(spec).await;
    let status = coordinator.until_finished(&id).await;
    assert_eq!((status.tasks.succeeded, status.tasks.dead), (1, 1));
    let reasons: Vec<&str> = status.failures.iter().map(|failure| failure.reason.as_str()).collect();
    assert!(reasons[0].contains("65537 bytes, at most 65536"), "{reasons:?}");
    assert!(reasons[1].contains("4097 bytes, at most 4096"), "{reasons:?}");
    assert_eq!(tries.load(Ordering::Relaxed), 2, "each root once");
    worker.stop().await;
    coordinator.stop().await;
}
