//! The page for people with a browser: the files of the folder `page`, as they are. It knows nothing of the coordinator that
//! `/api/v1` does not say, and loads nothing from elsewhere.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the page may do: its own files and addresses, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
/// Tokens and names in addresses are nobody else's.
const REFERRER: (HeaderName, HeaderValue) =
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Its files, by their paths below `/page/`.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("page/", $name)))),*];
    };
}

files![
    "index.html",
    "icon.svg",
    "style.css",
    "app.js",
    "route.js",
    "api.js",
    "asking.js",
    "words.js",
    "parts.js",
    "plot.js",
    "pipelines.js",
    "pipeline.js",
    "sweep.js",
    "failures.js",
    "items.js",
    "item.js",
    "workers.js",
    "statement.js",
    "series.js",
    "find.js",
    "query.js",
    "vendor/htm-preact.js",
];

/// A file of the page, if there is one at this address.
pub(super) fn file(method: &Method, path: &str) -> Option<Response> {
    let name = if path == "/" { "index.html" } else { path.strip_prefix("/page/")? };
    let (_, text) = FILES.iter().find(|(known, _)| *known == name)?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "it can only be read\n").into_response());
    }
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        REFERRER,
    ];
    Some((headers, Body::from(*text)).into_response())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn listed(folder: &Path, within: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{within}{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() { listed(&path, &format!("{name}/"), found) } else { found.push(name) }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served_and_names_only_others_that_are() {
        let (mut there, mut served) = (Vec::new(), Vec::new());
        listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/page"), "", &mut there);
        for (name, text) in FILES {
            served.push((*name).to_owned());
            let of_others = text.split('"').filter_map(|word| word.strip_prefix("./"));
            for other in of_others.chain(text.split('"').filter_map(|word| word.strip_prefix("/page/"))) {
                assert!(FILES.iter().any(|(known, _)| *known == other), "{name} names {other}");
            }
        }
        there.sort();
        served.sort();
        assert_eq!(there, served);
    }

    #[test]
    fn files_have_their_type_and_may_do_little() {
        for (path, kind) in
            [("/", "text/html"), ("/page/app.js", "text/javascript"), ("/page/icon.svg", "image/svg+xml")]
        {
            let response = file(&Method::GET, path).unwrap();
            let header = |name| response.headers().get(name).unwrap().to_str().unwrap();
            assert!(header("content-type").starts_with(kind), "{path}");
            assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        }
        for path in ["/page/", "/page/../page.rs", "/page/nothing.js", "/app.js", "/api/v1/pipelines"] {
            assert!(file(&Method::GET, path).is_none(), "{path}");
        }
        assert_eq!(file(&Method::POST, "/").unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
