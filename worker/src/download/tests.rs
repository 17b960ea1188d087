use std::time::Duration;

use edgraph_shared::failure::FailureClass;
use reqwest::header::HeaderValue;

use super::*;
use crate::tests::scripted::{Scripted, not_found, ok, reply};

const LIMIT: u64 = 1_000;
/// S3's answer for what is not there.
const ABSENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                      <Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

fn agent(contact: bool) -> Agent {
    Agent { value: HeaderValue::from_static("Name mail@example.com"), contact }
}

fn downloader(server: &Scripted, turnstile: Turnstile) -> Downloader {
    let url = Url::parse(&server.url).unwrap();
    Downloader::new(agent(true), Hosts::of([&url]), turnstile, Timeouts::default())
}

fn url(server: &Scripted, path: &str) -> Url {
    Url::parse(&server.url).unwrap().join(path).unwrap()
}

#[tokio::test]
async fn answers_become_classes() {
    enum Class {
        Permanent,
        Transient,
        Unavailable,
        Throttled(Option<u64>),
    }
    use Class::*;
    let cases = [
        (reply("404 Not Found", "", ""), Permanent, "not found"),
        (reply("410 Gone", "", ""), Permanent, "not found"),
        (reply("400 Bad Request", "", ""), Permanent, "unexpected status 400"),
        (reply("500 Internal Server Error", "", ""), Transient, "answered 500"),
        (reply("502 Bad Gateway", "", ""), Unavailable, "does not answer: answered 502"),
        (reply("429 Too Many Requests", "retry-after: 7\r\n", ""), Throttled(Some(7)), "answered 429"),
        (
            reply("403 Forbidden", "retry-after: 86400\r\n", ""),
            Throttled(Some(30)),
            "answered 403 Forbidden; no request for 900s",
        ),
        (
            reply("403 Forbidden", "", "<html>Request Rate Threshold Exceeded</html>"),
            Throttled(None),
            "answered 403",
        ),
        (reply("403 Forbidden", "", ABSENT), Permanent, "not found"),
        (
            reply("403 Forbidden", "", ABSENT.replace("Access Denied", &"x".repeat(5_000))),
            Throttled(None),
            "answered 403",
        ),
        (reply("503 Service Unavailable", "", ""), Throttled(None), "answered 503"),
        (ok("<!DOCTYPE html><html/>"), Throttled(None), "a page instead of JSON"),
        (ok(""), Throttled(None), "an empty body"),
        (ok("{\"a\": 1"), Transient, "the end of the JSON is missing"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"a\"".to_vec(),
            Transient,
            "breaks off after 4 bytes",
        ),
        (ok("x".repeat(1_001)), Permanent, "larger than the limit of 1000 bytes"),
        (b"HTTP/1.0 200 OK\r\n\r\n".iter().copied().chain([b'x'; 1_001]).collect(), Permanent, "larger than"),
        (b"".to_vec(), Transient, ""),
        (reply("302 Found", "", ""), Transient, "without a usable location"),
    ];
    for (answer, class, part) in cases {
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(40)]).into_owned();
        let server = Scripted::start(move |_, _| answer.clone()).await;
        let downloader = downloader(&server, Turnstile::new(Rate::Off));
        let error = downloader.attempt(&url(&server, "/a"), Content::Json, LIMIT).await.unwrap_err();
        let failure = error.failure();
        let fits = match (&class, &failure.class) {
            (Permanent, FailureClass::Permanent) | (Transient, FailureClass::Transient) => true,
            (Unavailable, FailureClass::Unavailable { dependency }) => {
                server.url.ends_with(dependency.as_str())
            }
            (Throttled(seconds), FailureClass::Throttled { retry_after }) => {
                seconds.is_none_or(|seconds| *retry_after == Duration::from_secs(seconds))
            }
            _ => false,
        };
        assert!(fits, "{shown}: {failure:?}");
        assert!(failure.message.contains(part) && failure.message.contains("/a"), "{shown}: {failure:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_unavailable() {
    let server = Scripted::start(|_, _| ok("{}")).await;
    let (target, downloader) = (url(&server, "/a"), downloader(&server, Turnstile::new(Rate::Off)));
    let dependency = hosts::authority(&target);
    server.stop().await;
    let failure = downloader.attempt(&target, Content::Json, LIMIT).await.unwrap_err().failure();
    assert_eq!(failure.class, FailureClass::Unavailable { dependency });
}

#[tokio::test]
async fn what_is_not_there_pauses_nobody_whoever_asks() {
    let server = Scripted::start(|path, _| match path {
        "/there" => ok("{}"),
        _ => reply("403 Forbidden", "", ABSENT),
    })
    .await;
    let target = url(&server, "/absent");
    for contact in [true, false] {
        let turnstile = Turnstile::new(Rate::Off);
        let downloader =
            Downloader::new(agent(contact), Hosts::of([&target]), turnstile, Timeouts::default());
        let error = downloader.get(&target, Content::Json, LIMIT).await.unwrap_err();
        assert_eq!(error, Error::NotFound { url: target.to_string() });
        let start = std::time::Instant::now();
        assert_eq!(downloader.get(&url(&server, "/there"), Content::Json, LIMIT).await.unwrap(), "{}");
        assert!(start.elapsed() < Duration::from_secs(1), "the turnstile was closed: {:?}", start.elapsed());
    }
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn without_a_contact_a_refusal_says_what_to_do_and_is_not_repeated() {
    let server = Scripted::start(|_, _| reply("403 Forbidden", "", "")).await;
    let target = url(&server, "/a");
    let hosts = Hosts::of([&target]);
    let downloader = Downloader::new(agent(false), hosts, Turnstile::new(Rate::Off), Timeouts::default());
    let failure = downloader.get(&target, Content::Json, LIMIT).await.unwrap_err().failure();
    assert_eq!(failure.class, FailureClass::Permanent);
    assert!(failure.message.contains("--user-agent \"Name mail@example.com\""), "{failure}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_a_retry_mends_is_retried_and_every_request_passes_the_turnstile() {
    let server = Scripted::start(|_, before| match before {
        0 => reply("500 Internal Server Error", "", ""),
        1 => ok("<html>slow down</html>"),
        _ => ok("{\"a\": 1}"),
    })
    .await;
    let downloader = downloader(&server, Turnstile::new(Rate::PerSecond(20.0)));
    let start = std::time::Instant::now();
    let body = downloader.get(&url(&server, "/a"), Content::Json, LIMIT).await.unwrap();
    assert_eq!(&body[..], b"{\"a\": 1}");
    assert_eq!(server.requests().len(), 3);
    assert!(
        start.elapsed() >= Duration::from_secs(1),
        "the pause after throttling was {:?}",
        start.elapsed()
    );
    assert!(server.requests()[0].head.contains("user-agent: name mail@example.com\r\n"));
}

#[tokio::test]
async fn a_missing_document_is_asked_for_once() {
    let server = Scripted::start(|_, _| not_found()).await;
    let downloader = downloader(&server, Turnstile::new(Rate::Off));
    let error = downloader.get(&url(&server, "/a"), Content::Json, LIMIT).await.unwrap_err();
    assert_eq!(error, Error::NotFound { url: format!("{}/a", server.url) });
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn redirects_are_followed_within_the_hosts_and_take_turns() {
    let other = Scripted::start(|_, _| ok("{}")).await;
    let away = format!("location: {}/b\r\n", other.url);
    let server = Scripted::start(move |path, _| match path {
        "/near" => reply("301 Moved Permanently", "location: /b\r\n", ""),
        "/away" => reply("302 Found", &away, ""),
        "/file" => reply("302 Found", "location: file:///etc/passwd\r\n", ""),
        "/loop" => reply("302 Found", "location: /loop\r\n", ""),
        _ => ok("{}"),
    })
    .await;
    let turnstile = Turnstile::new(Rate::PerSecond(50.0));
    let downloader = downloader(&server, turnstile);
    let get = async |path| downloader.get(&url(&server, path), Content::Json, LIMIT).await;
    let start = std::time::Instant::now();
    assert_eq!(get("/near").await.unwrap(), "{}");
    assert!(
        start.elapsed() >= Duration::from_millis(19),
        "the second hop did not wait: {:?}",
        start.elapsed()
    );
    assert!(get("/away").await.unwrap_err().to_string().contains("not among those allowed"));
    assert!(get("/file").await.unwrap_err().to_string().contains("redirected to file:///etc/passwd"));
    assert!(get("/loop").await.unwrap_err().to_string().contains("too many redirects"));
    assert!(other.requests().is_empty());
    assert_eq!(server.requests().len(), 2 + 1 + 1 + 1 + MAX_REDIRECTS);
}

#[tokio::test]
async fn downloaders_of_one_turnstile_share_its_rate() {
    let server = Scripted::start(|_, _| ok("{}")).await;
    let turnstile = Turnstile::new(Rate::PerSecond(40.0));
    let downloaders = [downloader(&server, turnstile.clone()), downloader(&server, turnstile)];
    let target = url(&server, "/a");
    let start = std::time::Instant::now();
    let gets = (0..9).map(|n: usize| downloaders[n % 2].get(&target, Content::Json, LIMIT));
    for outcome in futures::future::join_all(gets).await {
        assert_eq!(outcome.unwrap(), "{}");
    }
    assert!(start.elapsed() >= Duration::from_millis(8 * 25 - 1), "{:?}", start.elapsed());
}

/// A gzip member: deflate as the zip library makes it, between gzip's own head and tail.
fn gzip(data: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(data).unwrap();
    let mut archive = zip::ZipArchive::new(writer.finish().unwrap()).unwrap();
    let mut entry = archive.by_index_raw(0).unwrap();
    let mut out = b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec();
    entry.read_to_end(&mut out).unwrap();
    out.extend(entry.crc32().to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out
}

#[tokio::test]
async fn the_limit_holds_for_what_a_body_unpacks_to() {
    let packed = |body: &[u8]| reply("200 OK", "content-encoding: gzip\r\n", gzip(body));
    let (small, bomb) = (packed(b"{\"a\": 1}"), packed(&vec![b' '; 10_000_000]));
    let torn = {
        let whole = gzip(b"{\"a\": 1}");
        reply("200 OK", "content-encoding: gzip\r\n", &whole[..whole.len() - 9])
    };
    assert!(bomb.len() < 20_000);
    let server = Scripted::start(move |path, _| match path {
        "/small" => small.clone(),
        "/torn" => torn.clone(),
        "/wrong" => reply("200 OK", "content-encoding: gzip\r\n", "{\"a\": 1}"),
        _ => bomb.clone(),
    })
    .await;
    let downloader = downloader(&server, Turnstile::new(Rate::Off));
    let get = async |path| downloader.attempt(&url(&server, path), Content::Json, LIMIT).await;
    assert_eq!(get("/small").await.unwrap(), "{\"a\": 1}");
    assert_eq!(
        get("/bomb").await,
        Err(Error::TooLarge { url: format!("{}/bomb", server.url), limit: LIMIT })
    );
    for path in ["/torn", "/wrong"] {
        let failure = get(path).await.unwrap_err().failure();
        assert_eq!(failure.class, FailureClass::Transient, "{failure}");
        assert!(failure.message.contains("breaks off after"), "{failure}");
    }
}

#[tokio::test]
async fn gzip_that_is_left_on_a_body_is_undone() {
    let body = b"{\"a\": 1}";
    let header = "content-encoding: gzip\r\n";
    let twice = gzip(&gzip(body));
    let bomb = gzip(&gzip(&vec![b' '; 10_000_000]));
    let cut = twice[..twice.len() - 9].to_vec();
    let zip = gzip(&[&b"PK\x05\x06"[..], &[0; 18]].concat());
    let server = Scripted::start(move |path, _| match path {
        "/twice" => reply("200 OK", header, &twice),
        "/unsaid" => ok(gzip(body)),
        "/unsaid-twice" => ok(&twice),
        "/zip" => ok(&zip),
        "/page" => ok(gzip(b"<!DOCTYPE html>")),
        "/cut" => ok(&cut),
        _ => ok(&bomb),
    })
    .await;
    let downloader = downloader(&server, Turnstile::new(Rate::Off));
    let get = async |path, content| downloader.attempt(&url(&server, path), content, LIMIT).await;
    for path in ["/twice", "/unsaid", "/unsaid-twice"] {
        assert_eq!(get(path, Content::Json).await.unwrap(), &body[..], "{path}");
    }
    assert_eq!(get("/zip", Content::Zip).await.unwrap().len(), 22);
    let too_large = Error::TooLarge { url: format!("{}/bomb", server.url), limit: LIMIT };
    assert_eq!(get("/bomb", Content::Json).await, Err(too_large));
    let failure = get("/cut", Content::Json).await.unwrap_err().failure();
    assert_eq!(failure.class, FailureClass::Transient);
    assert!(failure.message.contains("/cut: damaged gzip"), "{failure}");
    // A page in disguise is one still.
    assert!(matches!(get("/page", Content::Json).await, Err(Error::Throttled { .. })));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    std::fs::write(&path, gzip(&gzip(body))).unwrap();
    assert_eq!(location::read_file(&path, Content::Json, LIMIT).await.unwrap(), &body[..]);
}

#[tokio::test]
async fn every_part_of_an_exchange_has_its_time() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    // One answer that never begins, one that stops, one that never ends.
    let serving = tokio::spawn(async move {
        for nth in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let head = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{";
                // An answer before the request would be an error of another kind.
                let _ = stream.read(&mut [0; 1_024]).await.unwrap();
                if nth > 0 {
                    stream.write_all(head).await.unwrap();
                }
                while nth == 2 && stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                std::future::pending::<()>().await;
            });
        }
    });
    let ms = Duration::from_millis;
    let slow = Duration::from_secs(60);
    let cases = [
        (Timeouts { connect: slow, idle: ms(200), total: slow }, "/a: no answer in time"),
        (
            Timeouts { connect: slow, idle: ms(200), total: slow },
            "/a: breaks off after 1 bytes: no answer in time",
        ),
        (Timeouts { connect: slow, idle: slow, total: ms(300) }, "bytes: no answer in time"),
    ];
    for (timeouts, part) in cases {
        let downloader =
            Downloader::new(agent(true), Hosts::of([&base]), Turnstile::new(Rate::Off), timeouts);
        let target = base.join("a").unwrap();
        let failure = downloader.attempt(&target, Content::Json, LIMIT).await.unwrap_err().failure();
        assert_eq!(failure.class, FailureClass::Transient, "{failure}");
        assert!(failure.message.contains(part), "{failure}");
    }
    serving.abort();
}

#[test]
fn hosts_say_how_long_in_seconds_or_by_a_date() {
    let now: DateTime<Utc> = "2026-01-05T12:00:00Z".parse().unwrap();
    for (text, seconds) in [
        ("120", Some(120)),
        ("Mon, 05 Jan 2026 12:02:00 GMT", Some(120)),
        ("Mon, 05 Jan 2026 11:59:00 GMT", None),
        ("0", None),
        ("-1", None),
        ("99999999999999999999999", None),
        ("soon", None),
    ] {
        assert_eq!(wait_of(text, now), seconds.map(Duration::from_secs), "{text:?}");
    }
}
