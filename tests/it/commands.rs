//! The commands against a coordinator: the real program as a child process, a server in this one.

use serde_json::{Value, json};

use crate::coordinator::{RunningEngine, Services};
use crate::program::{Finished, edgraph};

/// Runs the program beside the server, which answers on other threads.
async fn run<const N: usize>(services: &Services, args: [&str; N]) -> Finished {
    let args: Vec<String> = args
        .iter()
        .map(|arg| (*arg).to_owned())
        .chain(["--coordinator".to_owned(), services.url()])
        .collect();
    tokio::task::spawn_blocking(move || edgraph(args)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_is_started_shown_and_steered() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let start = ["start", "--ciks", "1,2", "--forms", "10-K", "--id", "nightly", "--format", "json"];
    let started = run(&services, start).await.ok().json();
    assert_eq!((&started["pipeline_id"], &started["state"]), (&json!("nightly"), &json!("running")));
    assert_eq!(started["params"]["universe"], json!({"ciks": ["1", "2"]}));
    assert_eq!(run(&services, start).await.ok().json()["create_time"], started["create_time"]);
    let other = run(&services, ["start", "--universe", "all", "--id", "nightly"]).await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("exists with other contents"), "{other:?}");

    let status = run(&services, ["status", "nightly"]).await.ok().stdout;
    assert!(status.starts_with("nightly: running, 0 of 0 so far (0 %)\n"), "{status}");
    assert!(status.contains("discover_companies"), "{status}");
    let listed = run(&services, ["list", "--format", "json"]).await.ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert!(run(&services, ["list"]).await.ok().stdout.ends_with("1 pipeline\n"));
    let ready = run(&services, ["items", "nightly", "--state", "ready", "--format", "json"]).await;
    assert_eq!(ready.ok().json()[0]["key"], "discover_companies/all");
    let dead = run(&services, ["items", "nightly", "--state", "dead", "--format", "json"]).await;
    assert_eq!(dead.ok().json(), json!([]));
    let one = ["items", "nightly", "--key", "discover_companies/all", "--format", "json"];
    assert_eq!(run(&services, one).await.ok().json()[0]["state"], "ready");

    for (command, said) in [
        ("pause", "nightly: running, 0 of 0 so far (0 %), paused\n"),
        ("resume", "nightly: running, 0 of 0 so far (0 %)\n"),
        ("retry", "nothing has failed\nnightly: running, 0 of 0 so far (0 %)\n"),
    ] {
        assert_eq!(run(&services, [command, "nightly"]).await.ok().stdout, said, "{command}");
    }
    assert!(run(&services, ["workers"]).await.ok().stdout.contains("0 workers, 0 slots; 1 items wait"));
    let workers = run(&services, ["workers", "--format", "json"]).await.ok().json();
    assert_eq!((&workers["workers"], &workers["scaling"]["ready_items"]), (&json!([]), &json!(1)));

    let early = run(&services, ["delete", "nightly"]).await;
    assert_eq!(early.code, Some(1), "{early:?}");
    assert!(early.stderr.contains("nightly` is running; cancel it before it is deleted"), "{early:?}");

    // Watched from before its end to its end, which is not a good one.
    let (watched, cancelled) = tokio::join!(
        run(&services, ["watch", "nightly", "--format", "json"]),
        run(&services, ["cancel", "nightly"])
    );
    cancelled.ok();
    assert_eq!(watched.code, Some(1), "{watched:?}");
    let last: Value = serde_json::from_str(watched.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["state"], "cancelled");
    let watched = run(&services, ["watch", "nightly"]).await;
    assert_eq!(watched.code, Some(1), "{watched:?}");

    let deleted = run(&services, ["delete", "nightly"]).await.ok().stdout;
    assert!(deleted.starts_with("deleted; it was nightly: cancelled"), "{deleted}");
    assert_eq!(run(&services, ["list", "--format", "json"]).await.ok().json(), json!([]));
    let again = run(&services, ["delete", "nightly"]).await;
    assert!(again.code == Some(1) && again.stderr.contains("there is no pipeline `nightly`"), "{again:?}");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_kind_can_be_started_with_a_spec_and_waited_for() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spec.json");
    // The deadline cancels it: nobody works here.
    let spec = json!({
        "roots": [{"kind": "a", "key": "a/1", "payload": {"x": 1}}],
        "counted_kind": "a",
        "deadline": "100ms",
    });
    std::fs::write(&path, spec.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let start = ["start", "--kind", "other", "--params", r#"{"y":2}"#, "--spec", path, "--wait"];
    let waited = run(&services, start).await;
    assert_eq!(waited.code, Some(1), "{waited:?}");
    assert!(waited.stdout.contains("cancelled, 0 of 1"), "{waited:?}");

    std::fs::write(path, r#"{"rots": []}"#).unwrap();
    let wrong = run(&services, ["start", "--kind", "other", "--spec", path]).await;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("unknown field `rots`"), "{wrong:?}");
    services.stop().await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_explained() {
    let engine = RunningEngine::start().await;
    let services = Services::leading(&engine).await;
    for (args, code, part) in [
        (&["status", "none"][..], 1, "there is no pipeline `none`; `edgraph list` names"),
        (&["status", "NONE"], 2, "`pipeline_id`"),
        (&["start"], 2, "which companies?"),
        (&["start", "--params", "[]"], 2, "--params is not a JSON object"),
        (&["start", "--params", "{}"], 2, "`params.universe`"),
        (&["start", "--params", "{}", "--ciks", "1"], 2, "cannot be used with"),
        (&["drain", "w"], 1, "there is no worker `w`"),
        (&["status", "p", "--tls-cert", "x"], 2, "--tls-key"),
    ] {
        let url = services.url();
        let args: Vec<String> =
            args.iter().copied().chain(["--coordinator", &url]).map(str::to_owned).collect();
        let shown = format!("{args:?}");
        let finished = tokio::task::spawn_blocking(move || edgraph(args)).await.unwrap();
        assert_eq!(finished.code, Some(code), "{shown}: {finished:?}");
        assert!(finished.stderr.contains(part), "{shown}: {finished:?}");
    }
    let url = services.url();
    services.stop().await;
    engine.stop().await;
    let nobody = tokio::task::spawn_blocking(move || edgraph(["list", "--coordinator", &url])).await.unwrap();
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert!(nobody.stderr.contains("no coordinator answers at http://127.0.0.1:"), "{nobody:?}");
    assert!(nobody.stderr.contains("edgraph serve"), "{nobody:?}");
}

#[test]
fn an_address_that_others_cannot_be_told_is_refused_without_one_that_they_can() {
    let given = ["serve", "--redis", "redis://127.0.0.1:1", "--store", "store", "--insecure", "--listen"];
    for listen in ["0.0.0.0:50051", "[::]:50051"] {
        let refused = edgraph(given.iter().copied().chain([listen]));
        assert_eq!(refused.code, Some(2), "{refused:?}");
        for word in ["--listen", listen, "--advertise"] {
            assert!(refused.stderr.contains(word), "{word}: {refused:?}");
        }
    }
}
