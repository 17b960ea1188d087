//! What a document must look like, so that an error page or half a file is not taken for data.
//!
//! The SEC answers callers that are too fast with status 200 and a page, or with nothing. Only the ends of a document
//! are looked at; parsers do the rest.

use std::str;

/// The largest comment a zip's end record can have, with the record itself.
const MAX_ZIP_TAIL: usize = 65_535 + 22;
/// Error pages are short; a filing that quotes one is not.
const MAX_ERROR_PAGE: usize = 32 * 1024;
/// What the SEC's pages for callers that are too fast or unnamed say.
const THROTTLE_PAGES: [&str; 2] = ["Request Rate Threshold Exceeded", "Undeclared Automated Tool"];

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A JSON object.
    Json,
    /// A zip archive.
    Zip,
    /// An XML document that is not a page.
    Xml,
    /// A page.
    Html,
}

/// What is wrong with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Throttling in disguise.
    Disguise(String),
    /// The end is missing.
    Truncated(String),
}

impl Content {
    pub(super) fn check(self, body: &[u8]) -> Result<(), Defect> {
        let trimmed = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        if trimmed.is_empty() {
            return Err(Defect::Disguise("an empty body".into()));
        }
        if self != Self::Html && is_page(trimmed) {
            return Err(Defect::Disguise(format!("a page instead of {}", self.name())));
        }
        if self == Self::Html && is_throttle_page(trimmed) {
            return Err(Defect::Disguise("a page that asks to slow down".into()));
        }
        match self {
            Self::Zip if !body.starts_with(b"PK") => {
                Err(Defect::Disguise("something else than a zip".into()))
            }
            Self::Zip if !has_zip_end(body) => Err(self.truncated(body)),
            Self::Json if !trimmed.starts_with(b"{") => {
                Err(Defect::Disguise("something else than JSON".into()))
            }
            Self::Json if !trimmed.ends_with(b"}") => Err(self.truncated(body)),
            Self::Xml | Self::Html if is_ascii_text(trimmed) && !trimmed.ends_with(b">") => {
                Err(self.truncated(body))
            }
            _ => Ok(()),
        }
    }

    fn truncated(self, body: &[u8]) -> Defect {
        Defect::Truncated(format!("the end of the {} is missing after {} bytes", self.name(), body.len()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Zip => "zip",
            Self::Xml => "XML",
            Self::Html => "page",
        }
    }
}

/// Whether bytes look like a whole XML document: a file that a power cut tore does not.
pub(crate) fn is_whole_xml(body: &[u8]) -> bool {
    Content::Xml.check(body).is_ok()
}

fn is_page(body: &[u8]) -> bool {
    let start = &body[..body.len().min(64)];
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn is_throttle_page(body: &[u8]) -> bool {
    let text = if body.len() <= MAX_ERROR_PAGE { str::from_utf8(body).unwrap_or("") } else { "" };
    THROTTLE_PAGES.iter().any(|sentence| text.contains(sentence))
}

fn has_zip_end(body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(MAX_ZIP_TAIL)..];
    tail.windows(4).any(|window| window == b"PK\x05\x06")
}

/// UTF-16 has a zero in every other byte, and ends in one.
fn is_ascii_text(body: &[u8]) -> bool {
    !body.starts_with(b"\xff\xfe") && !body.starts_with(b"\xfe\xff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_pages_and_halves_are_told_from_data() {
        use Content::{Html, Json, Xml, Zip};
        let disguise = |cause: &str| Err(Defect::Disguise(cause.into()));
        let cut = |what: &str, bytes: usize| {
            Err(Defect::Truncated(format!("the end of the {what} is missing after {bytes} bytes")))
        };
        let cases: [(Content, &[u8], Result<(), Defect>); 15] = [
            (Json, b"{\"a\": 1}\n", Ok(())),
            (Json, b"", disguise("an empty body")),
            (Json, b"  \n", disguise("an empty body")),
            (Json, b"<!DOCTYPE html><p>slow down</p>", disguise("a page instead of JSON")),
            (Json, b"\xef\xbb\xbf<HTML>", disguise("a page instead of JSON")),
            (Json, b"{\"a\": [1, 2", cut("JSON", 11)),
            (Zip, b"PK\x03\x04....PK\x05\x06..................", Ok(())),
            (Zip, b"PK\x03\x04....", cut("zip", 8)),
            (Zip, b"{\"error\": 1}", disguise("something else than a zip")),
            (Xml, b"<?xml version='1.0'?><a/>", Ok(())),
            (Xml, b"<a><b></b", cut("XML", 9)),
            (Xml, b"<html><p/></html>", disguise("a page instead of XML")),
            (Xml, b"\xff\xfe<\0a\0/\0>\0", Ok(())),
            (Html, b"<html>10-K</html>", Ok(())),
            (
                Html,
                b"<html>Request Rate Threshold Exceeded</html>",
                disguise("a page that asks to slow down"),
            ),
        ];
        for (content, body, expected) in cases {
            assert_eq!(content.check(body), expected, "{content:?} {}", String::from_utf8_lossy(body));
        }
    }
}
