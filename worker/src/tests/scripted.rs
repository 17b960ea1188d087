//! A scripted HTTP server for tests: one closure answers, every request is logged.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// The head in lower case.
    pub(crate) head: String,
}

/// Listens until dropped.
pub(crate) struct Scripted {
    pub(crate) url: String,
    log: Arc<Mutex<Vec<Request>>>,
    listening: JoinHandle<()>,
}

impl Scripted {
    /// Starts a server. `answer` gets the path and how many requests came before, and gives the whole reply.
    pub(crate) async fn start(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (answer, requests) = (Arc::new(answer), log.clone());
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), requests.clone()));
            }
        });
        Self { url, log, listening }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }

    /// Stops listening; connections to the address are refused from now on.
    pub(crate) async fn stop(mut self) {
        self.listening.abort();
        let _ = (&mut self.listening).await;
    }

    /// The last name of every path asked for.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |request: Request| request.path.rsplit('/').next().unwrap_or_default().to_owned();
        self.requests().into_iter().map(name).collect()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&str, usize) -> Vec<u8>>,
    log: Arc<Mutex<Vec<Request>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let reply = {
        let mut log = log.lock().unwrap();
        let reply = answer(&path, log.len());
        log.push(Request { path, head: head.to_lowercase() });
        reply
    };
    // A client that has seen enough closes first.
    let _ = stream.write_all(&reply).await;
    let _ = stream.shutdown().await;
}

/// A whole reply: status with reason, header lines, body.
pub(crate) fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// The document.
pub(crate) fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    reply("200 OK", "", body)
}

/// No such document.
pub(crate) fn not_found() -> Vec<u8> {
    reply("404 Not Found", "", "<html>gone</html>")
}
