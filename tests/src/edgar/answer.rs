//! From a request to a reply: EDGAR's rules, then the file, then the fault. No sockets, no clock.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::base::Base;
use super::fault::Fault;

/// The file a path of this base stands for, if the base serves such paths at all.
pub(super) fn file_of(base: Base, directory: &Path, path: &str) -> Option<PathBuf> {
    let path = path.split('?').next().unwrap_or_default();
    if !base.serves(path) {
        return None;
    }
    let relative = Path::new(path.strip_prefix('/')?);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    plain.then(|| directory.join(relative))
}

/// Whether a `User-Agent` says whom to write to.
pub(super) fn names_a_contact(user_agent: Option<&str>) -> bool {
    user_agent.is_some_and(|agent| agent.contains('@'))
}

pub(super) fn file(path: &Path, data: Bytes) -> Response {
    ([(header::CONTENT_TYPE, content_type(path))], data).into_response()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "application/json",
        Some("zip") => "application/zip",
        Some("htm" | "html") => "text/html",
        Some("xml" | "xsd") => "text/xml",
        _ => "application/octet-stream",
    }
}

pub(super) fn not_found() -> Response {
    page(StatusCode::NOT_FOUND, "Not Found", "There is no such document here.")
}

pub(super) fn undeclared() -> Response {
    let text = "Your Request Originates from an Undeclared Automated Tool. \
                Declare your traffic with a User-Agent that names a contact.";
    page(StatusCode::FORBIDDEN, "SEC.gov | Undeclared Automated Tool", text)
}

pub(super) fn banned() -> Response {
    let text = "Request Rate Threshold Exceeded. Further requests are refused.";
    page(StatusCode::FORBIDDEN, "SEC.gov | Request Rate Threshold Exceeded", text)
}

pub(super) fn method_not_allowed() -> Response {
    page(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", "Only GET and HEAD are served.")
}

/// What a fault makes of the right answer. Delays and what happens to the connection are the caller's.
pub(super) fn spoilt(fault: &Fault, right: Response, data: &Bytes) -> Response {
    match fault {
        Fault::Delay(_) | Fault::CutBody { .. } | Fault::Reset => right,
        Fault::Status { code, retry_after } => refusal(*code, *retry_after),
        Fault::AccessDenied => access_denied(),
        Fault::Redirect { to } => {
            let to = HeaderValue::from_str(to).expect("a scripted address is a valid header");
            (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
        }
        Fault::Html => page(StatusCode::OK, "SEC.gov", "Please wait while your request is being verified."),
        Fault::Empty => with_body(&right, Bytes::new()),
        Fault::ShortLength { missing } => {
            with_body(&right, data.slice(..data.len().saturating_sub(*missing)))
        }
        Fault::BadGzip => {
            let mut response =
                with_body(&right, Bytes::from_static(b"\x1f\x8b\x08 and then nothing of the kind"));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
    }
}

fn refusal(code: u16, retry_after: Option<Duration>) -> Response {
    let status = StatusCode::from_u16(code).expect("a scripted status is a valid one");
    let mut response = page(status, "SEC.gov", "The request cannot be served now.");
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    response
}

fn access_denied() -> Response {
    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                    <Message>Access Denied</Message><RequestId>0123456789ABCDEF</RequestId><HostId>x</HostId></Error>";
    (StatusCode::FORBIDDEN, [(header::CONTENT_TYPE, "application/xml")], document).into_response()
}

fn with_body(right: &Response, data: Bytes) -> Response {
    let headers: HeaderMap = right.headers().clone();
    let mut response = (right.status(), Body::from(data)).into_response();
    response.headers_mut().extend(headers);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

fn page(status: StatusCode, title: &str, text: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    (status, [(header::CONTENT_TYPE, "text/html")], html).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_serves_its_own_paths_only_and_never_leaves_its_directory() {
        let directory = Path::new("/mirror");
        for (base, path, served) in [
            (Base::Archives, "/Archives/edgar/data/1/2/a.zip", true),
            (Base::Archives, "/files/company_tickers.json", true),
            (Base::Archives, "/submissions/CIK0000000001.json", false),
            (Base::Data, "/submissions/CIK0000000001.json?x=1", true),
            (Base::Data, "/api/xbrl/companyfacts/CIK0000000001.json", true),
            (Base::Data, "/Archives/edgar/data/1/2/a.zip", false),
            (Base::Both, "/Archives/edgar/data/1/2/a.zip", true),
            (Base::Both, "/submissions/CIK0000000001.json", true),
            (Base::Both, "/taxonomy.example.org/types/types.xsd", false),
            (Base::Taxonomies, "/taxonomy.example.org/types/types.xsd", true),
            (Base::Archives, "/files/../../etc/passwd", false),
            (Base::Taxonomies, "//etc/passwd", false),
        ] {
            let file = file_of(base, directory, path);
            assert_eq!(file.is_some(), served, "{base:?} {path}");
            assert!(file.is_none_or(|file| file.starts_with(directory)));
        }
    }
}
