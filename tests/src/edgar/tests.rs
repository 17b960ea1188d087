//! The server against a client that is nothing but a socket: what is on the wire is what is checked.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;
use crate::eventually::eventually_blocking;

const DOCUMENT: &str = "/files/company_tickers.json";
const BODY: &str = "{\"0\": \"a body of some length\"}\n";
const CONTACT: &str = "edgraph tests tests@example.org";

fn mirror() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in [("files/company_tickers.json", BODY), ("submissions/CIK0000000001.json", "{}")] {
        let file = directory.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    directory
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

fn get(server: &EdgarServer, path: &str) -> io::Result<Reply> {
    get_as(server, path, CONTACT)
}

fn get_as(server: &EdgarServer, path: &str, agent: &str) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: edgar\r\nUser-Agent: {agent}\r\nConnection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head[9..12].parse().map_err(io::Error::other)?;
    Ok(Reply { status, head, body: bytes[end + 4..].to_vec() })
}

#[test]
fn two_bases_serve_their_own_paths_and_count_together() {
    let mirror = mirror();
    let archives = EdgarServer::builder(&mirror).base(Base::Archives).start().unwrap();
    let data = EdgarServer::builder(&mirror).base(Base::Data).counting_with(&archives).start().unwrap();
    let submissions = "/submissions/CIK0000000001.json";

    assert_eq!(get(&archives, DOCUMENT).unwrap().body, BODY.as_bytes());
    assert_eq!(get(&data, submissions).unwrap().status, 200);
    assert_eq!(get(&archives, submissions).unwrap().status, 404);
    assert_eq!(get(&data, DOCUMENT).unwrap().status, 404);

    let seen: Vec<_> = archives.requests().into_iter().map(|r| (r.base, r.path, r.status)).collect();
    assert_eq!(
        seen,
        [
            (Base::Archives, DOCUMENT.to_owned(), Some(200)),
            (Base::Data, submissions.to_owned(), Some(200)),
            (Base::Archives, submissions.to_owned(), Some(404)),
            (Base::Data, DOCUMENT.to_owned(), Some(404)),
        ]
    );
    assert_eq!(archives.requests()[0].user_agent.as_deref(), Some(CONTACT));
    assert_eq!(archives.requests().len(), data.requests().len());
}

#[test]
fn a_client_without_a_contact_is_told_so_in_html() {
    let mirror = mirror();
    let server = EdgarServer::builder(&mirror).start().unwrap();
    let reply = get_as(&server, DOCUMENT, "curl/8").unwrap();
    assert_eq!(reply.status, 403);
    assert!(String::from_utf8(reply.body).unwrap().contains("Undeclared Automated Tool"));

    let taxonomies = EdgarServer::taxonomies(&mirror).start().unwrap();
    assert_eq!(get_as(&taxonomies, DOCUMENT, "curl/8").unwrap().status, 200);
}

#[test]
fn too_many_requests_in_a_second_ban_for_good() {
    let mirror = mirror();
    let server = EdgarServer::builder(&mirror).ban_above(3).start().unwrap();
    let statuses: Vec<_> = (0..5).map(|_| get(&server, DOCUMENT).unwrap().status).collect();
    assert_eq!(statuses, [200, 200, 200, 403, 403]);
    assert!(server.banned());
    assert_eq!(server.max_per_second(), 5);
}

#[test]
fn faults_strike_the_request_they_were_meant_for() {
    let mirror = mirror();
    let wait = Some(Duration::from_secs(7));
    let server = EdgarServer::builder(&mirror)
        .fault("tickers", When::Nth(2), Fault::Status { code: 503, retry_after: wait })
        .start()
        .unwrap();
    server.inject("tickers", When::Nth(3), Fault::Html);
    server.inject("tickers", When::Nth(4), Fault::Empty);
    server.inject("tickers", When::Nth(5), Fault::BadGzip);
    server.inject("tickers", When::Nth(6), Fault::ShortLength { missing: 5 });
    server.inject("tickers", When::Nth(7), Fault::AccessDenied);
    server.inject("tickers", When::Nth(9), Fault::Redirect { to: "file:///etc/passwd".to_owned() });

    let replies: Vec<_> = (0..9).map(|_| get(&server, DOCUMENT).unwrap()).collect();
    assert_eq!(
        replies.iter().map(|r| r.status).collect::<Vec<_>>(),
        [200, 503, 200, 200, 200, 200, 403, 200, 302]
    );
    assert!(replies[1].head.contains("retry-after: 7"));
    assert!(replies[2].head.contains("text/html") && replies[2].body.starts_with(b"<!DOCTYPE html>"));
    assert!(replies[3].body.is_empty() && replies[3].head.contains("application/json"));
    assert!(replies[4].head.contains("content-encoding: gzip"));
    assert_eq!(replies[5].body, &BODY.as_bytes()[..BODY.len() - 5]);
    assert!(replies[5].head.contains(&format!("content-length: {}", BODY.len() - 5)));
    assert!(replies[6].head.contains("application/xml") && replies[6].body.ends_with(b"</Error>"));
    assert_eq!(replies[7].body, BODY.as_bytes());
    assert!(replies[8].head.contains("location: file:///etc/passwd"));
    assert_eq!(server.faults_met(), 7);
    assert_eq!(server.requests()[1].fault, Some(Fault::Status { code: 503, retry_after: wait }));
}

#[test]
fn a_fault_is_held_back_until_it_is_let_go() {
    let mirror = mirror();
    let refusal = Fault::Status { code: 403, retry_after: None };
    let server = EdgarServer::builder(&mirror).fault(DOCUMENT, When::First(1), refusal).start().unwrap();
    server.hold_faults(true);
    std::thread::scope(|scope| {
        let refused = scope.spawn(|| get(&server, DOCUMENT).unwrap().status);
        eventually_blocking("the request", Duration::from_secs(10), || {
            (server.faults_met() == 1).then_some(())
        });
        assert_eq!(get(&server, DOCUMENT).unwrap().status, 200, "others are answered");
        assert_eq!(server.requests()[0].status, None);
        server.hold_faults(false);
        assert_eq!(refused.join().unwrap(), 403);
    });
}

#[test]
fn a_body_is_cut_and_a_connection_reset() {
    let mirror = mirror();
    let server = EdgarServer::builder(&mirror).start().unwrap();
    server.inject(DOCUMENT, When::Nth(1), Fault::CutBody { keep: 4 });
    server.inject(DOCUMENT, When::Nth(2), Fault::Reset);
    server.inject(DOCUMENT, When::Nth(3), Fault::CutBody { keep: 0 });

    let cut = get(&server, DOCUMENT).unwrap();
    assert_eq!(cut.body, &BODY.as_bytes()[..4]);
    assert!(cut.head.contains(&format!("content-length: {}", BODY.len())));

    let error = get(&server, DOCUMENT).err().expect("the connection is reset");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(server.requests()[1].status, None);

    assert_eq!(get(&server, DOCUMENT).unwrap().body, b"");
    assert_eq!(get(&server, DOCUMENT).unwrap().body, BODY.as_bytes());
}

#[test]
fn a_delay_is_a_delay() {
    let mirror = mirror();
    let delay = Duration::from_millis(50);
    let server =
        EdgarServer::builder(&mirror).fault("", When::First(1), Fault::Delay(delay)).start().unwrap();
    let started = Instant::now();
    assert_eq!(get(&server, DOCUMENT).unwrap().body, BODY.as_bytes());
    assert!(started.elapsed() >= delay);
}

#[test]
fn stopped_is_gone_and_its_port_can_be_taken_again() {
    let mirror = mirror();
    let mut server = EdgarServer::builder(&mirror).start().unwrap();
    let address = server.address();
    let mut idle = TcpStream::connect(address).unwrap();
    idle.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    server.stop();
    server.stop();
    assert!(TcpStream::connect(address).is_err());
    assert!(matches!(idle.read(&mut [0; 1]), Ok(0) | Err(_)), "open connections are closed");
    drop(idle);

    let again = EdgarServer::builder(&mirror).bind(address).start().unwrap();
    assert_eq!(get(&again, DOCUMENT).unwrap().status, 200);
}
