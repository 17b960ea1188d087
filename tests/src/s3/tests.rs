//! The server against a client that is nothing but a socket. What needs a signature is in `tests/it/store`.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;

/// Sends an unsigned request and returns the whole answer.
fn ask(server: &S3Server, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.socket_address())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "{request} HTTP/1.1\r\nHost: s3\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn nobody_is_served_without_a_signature() {
    let server = S3Server::start().unwrap();
    for request in ["GET /edgraph-test?list-type=2", "PUT /edgraph-test/a", "DELETE /edgraph-test/a"] {
        let answer = ask(&server, request).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("AccessDenied"), "{answer}");
    }
    assert_eq!(server.objects(), Vec::<String>::new());
    let log = server.requests();
    let seen: Vec<_> = log.iter().map(|r| (r.method.as_str(), r.key.as_str(), r.status)).collect();
    assert_eq!(seen, [("GET", "", Some(403)), ("PUT", "a", Some(403)), ("DELETE", "a", Some(403))]);
    assert_eq!(log[0].query, "list-type=2");
}

#[test]
fn faults_strike_the_next_requests_in_their_order() {
    let server = S3Server::start().unwrap();
    server.slow_down(1);
    server.reset(1);
    server.lose_replies(1);
    let answer = ask(&server, "GET /edgraph-test/a").unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("<Code>SlowDown</Code>"), "{answer}");
    for _ in ["reset", "lost reply"] {
        let error = ask(&server, "GET /edgraph-test/a").expect_err("the connection is reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
    assert!(ask(&server, "GET /edgraph-test/a").unwrap().starts_with("HTTP/1.1 403"));
    let met: Vec<_> = server.requests().into_iter().map(|request| request.fault).collect();
    assert_eq!(met, [Some(Fault::SlowDown), Some(Fault::Reset), Some(Fault::LostReply), None]);
    assert_eq!(server.faults_met(), 3);
}

#[test]
fn credentials_are_expired_until_they_are_renewed() {
    let server = S3Server::start().unwrap();
    server.expire_credentials();
    for _ in 0..2 {
        assert!(ask(&server, "GET /edgraph-test/a").unwrap().contains("<Code>ExpiredToken</Code>"));
    }
    server.renew_credentials();
    assert!(ask(&server, "GET /edgraph-test/a").unwrap().contains("AccessDenied"));
}

#[test]
fn a_delay_lasts_until_another_is_set() {
    let server = S3Server::start().unwrap();
    let delay = Duration::from_millis(50);
    server.delay(delay);
    for _ in 0..2 {
        let started = Instant::now();
        ask(&server, "GET /edgraph-test/a").unwrap();
        assert!(started.elapsed() >= delay);
    }
    server.delay(Duration::ZERO);
    assert!(ask(&server, "GET /edgraph-test/a").unwrap().starts_with("HTTP/1.1 403"));
}

#[test]
fn down_refuses_connections_and_up_is_the_same_address() {
    let server = S3Server::start().unwrap();
    let address = server.socket_address();
    for _ in 0..3 {
        let mut idle = TcpStream::connect(address).unwrap();
        idle.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        server.down();
        server.down();
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert!(matches!(idle.read(&mut [0; 1]), Ok(0) | Err(_)), "open connections are closed");
        server.up();
        server.up();
        assert!(ask(&server, "GET /edgraph-test/a").unwrap().starts_with("HTTP/1.1 403"));
    }
    assert_eq!(server.socket_address(), address);
}

#[test]
fn a_server_can_start_where_another_stood() {
    let first = S3Server::start().unwrap();
    let address = first.socket_address();
    first.down();
    drop(first);
    let second = S3Server::start_at(address).unwrap();
    assert!(ask(&second, "GET /edgraph-test/a").unwrap().starts_with("HTTP/1.1 403"));
}
