//! Pages of other sites in a browser on this machine are nobody who may ask: they can reach what listens on loopback, and
//! without tokens everybody who reaches it may do everything.

use axum::http::{HeaderMap, Method, StatusCode, Uri, header};

use super::refusal::Refusal;

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callers {
    /// Whoever reaches the listener: what a page says of itself is all there is to go by.
    Anybody,
    /// Who has a token, which no page of another site has; or everybody, aloud.
    Known,
}

/// Refuses what only a page of another site would send.
pub(super) fn keep_out(request: &axum::extract::Request, callers: Callers) -> Result<(), Refusal> {
    let (method, headers) = (request.method(), request.headers());
    let host = text(headers, header::HOST).or_else(|| request.uri().authority().map(|host| host.as_str()));
    if let Some(origin) = text(headers, header::ORIGIN)
        && origin.split_once("://").map(|(_, of)| of) != host
    {
        return Err(forbidden(&format!("pages of {origin} may not ask here")));
    }
    // A name that a stranger points at this machine brings his page's requests here as its own.
    if callers == Callers::Anybody && !host.is_none_or(is_address) {
        return Err(forbidden(
            "ask by an IP address or as localhost; names are for coordinators with --tokens",
        ));
    }
    // What a form of another page cannot send.
    let is_plain =
        text(headers, header::CONTENT_TYPE).is_none_or(|content| !content.starts_with("application/json"));
    let has_body = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if *method != Method::GET && is_plain && (has_body || *method == Method::POST) {
        let says = "give the content-type application/json";
        return Err(Refusal::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_ARGUMENT", says));
    }
    Ok(())
}

fn is_address(host: &str) -> bool {
    let name = host.parse::<Uri>().ok().and_then(|uri| Some(uri.host()?.to_owned()));
    let name = name.unwrap_or_default();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn forbidden(says: &str) -> Refusal {
    Refusal::of(StatusCode::FORBIDDEN, "PERMISSION_DENIED", says)
}
