//! What a document must look like, so that an error page or half a file is not taken for data.
//!
//! The SEC answers callers that are too fast with status 200 and a page, or with nothing. JSON is read to its end; of
//! the others only the ends are looked at, parsers and checksums do the rest.

use std::str;

use edgraph_shared::failure::shortened;
use serde::de::IgnoredAny;

/// Bytes of a zip's end record without its comment.
const ZIP_END: usize = 22;
/// The same with the largest comment.
const MAX_ZIP_TAIL: usize = 65_535 + ZIP_END;
/// Error pages are short; a filing that quotes one is not.
const MAX_ERROR_PAGE: usize = 32 * 1024;
/// S3's error documents have some 300 bytes; more of a refusal is not read.
pub(super) const MAX_REFUSAL: usize = 4 * 1024;
/// What S3 says in one when it tells no more.
const ACCESS_DENIED: &[u8] = b"<Code>AccessDenied</Code>";
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
    /// The same of a host with pages of its own, which are no sign of throttling where they do not say so.
    Taxonomy,
    /// A page.
    Html,
    /// Text that is not a page.
    Text,
    /// The same, every line of which has its end.
    Lines,
}

/// What is wrong with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Throttling in disguise.
    Disguise(String),
    /// The end is missing, or it is not what it begins as.
    Damage(String),
}

impl Content {
    pub(super) fn check(self, body: &[u8]) -> Result<(), Defect> {
        let trimmed = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        if trimmed.is_empty() {
            return Err(Defect::Disguise("an empty body".into()));
        }
        if matches!(self, Self::Html | Self::Taxonomy) && is_throttle_page(trimmed) {
            return Err(Defect::Disguise("a page that asks to slow down".into()));
        }
        if self != Self::Html && is_page(trimmed) {
            let cause = format!("a page instead of {}", self.name());
            return Err(if self == Self::Taxonomy { Defect::Damage(cause) } else { Defect::Disguise(cause) });
        }
        match self {
            Self::Zip if !body.starts_with(b"PK") => {
                Err(Defect::Disguise("something else than a zip".into()))
            }
            Self::Zip if !has_zip_end(body) => Err(self.truncated(body)),
            Self::Lines if !body.ends_with(b"\n") => Err(self.truncated(body)),
            Self::Json if !trimmed.starts_with(b"{") => {
                Err(Defect::Disguise("something else than JSON".into()))
            }
            Self::Json => match serde_json::from_slice::<IgnoredAny>(trimmed) {
                Ok(_) => Ok(()),
                Err(error) if error.is_eof() => Err(self.truncated(body)),
                Err(error) => Err(Defect::Damage(format!("damaged JSON: {}", json_reason(&error)))),
            },
            // Pages were written by people; only those that say they are XML end as XML does.
            Self::Xml | Self::Taxonomy | Self::Html if is_ascii_text(trimmed) => {
                let strict = self != Self::Html || trimmed.starts_with(b"<?xml");
                let whole = if strict { ends_its_root(trimmed) } else { trimmed.ends_with(b">") };
                if whole { Ok(()) } else { Err(self.truncated(body)) }
            }
            _ => Ok(()),
        }
    }

    fn truncated(self, body: &[u8]) -> Defect {
        Defect::Damage(format!("the end of the {} is missing after {} bytes", self.name(), body.len()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Zip => "zip",
            Self::Xml | Self::Taxonomy => "XML",
            Self::Html => "page",
            Self::Text | Self::Lines => "text",
        }
    }
}

/// Characters of a reason that another message goes on with: libraries quote the value that they did not expect.
const REASON_CHARS: usize = 200;

/// Why a text is no JSON of the shape that was expected; offsets into a file of one line tell nobody anything.
pub(crate) fn json_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    shortened(text.split(" at line ").next().unwrap_or_default(), REASON_CHARS)
}

/// Whether bytes look like a whole XML document: a file that a power cut tore does not.
pub(crate) fn is_whole_xml(body: &[u8]) -> bool {
    Content::Xml.check(body).is_ok()
}

/// Whether an inline document, which is XML though it looks like a page, has its end.
pub(crate) fn is_whole_inline(body: &[u8]) -> bool {
    let trimmed = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    !is_ascii_text(trimmed) || ends_its_root(trimmed)
}

/// Whether the body of a 403 says that there is no such document: EDGAR's archives lie in S3, which denies access to
/// what is not there to whoever may not list it. The SEC's own refusals are pages.
pub(super) fn is_absence(body: &[u8]) -> bool {
    let is_error = || find_root(body).is_some_and(|root| body[root..].starts_with(b"<Error>"));
    let is_denied = || body.windows(ACCESS_DENIED.len()).any(|part| part == ACCESS_DENIED);
    body.len() <= MAX_REFUSAL && is_error() && is_denied() && is_whole_xml(body)
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

/// Whether the end record is there with its comment, whose length stands in the record's last two bytes.
fn has_zip_end(body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(MAX_ZIP_TAIL)..];
    tail.windows(ZIP_END).enumerate().any(|(at, record)| {
        let comment = u16::from_le_bytes([record[ZIP_END - 2], record[ZIP_END - 1]]);
        record.starts_with(b"PK\x05\x06") && at + ZIP_END + usize::from(comment) <= tail.len()
    })
}

/// Whether the last tag closes the first element, comments aside: a document that was cut between two tags looks well
/// otherwise.
fn ends_its_root(body: &[u8]) -> bool {
    let Some(root) = find_root(body) else { return false };
    let rest = &body[root + 1..];
    let name_end = rest.iter().position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte));
    let name = &rest[..name_end.unwrap_or(rest.len())];
    let end = without_trailing_comments(body);
    if end.ends_with(b"/>") {
        return end.iter().rposition(|byte| *byte == b'<') == Some(root);
    }
    let Some(end) = end.strip_suffix(b">").map(<[u8]>::trim_ascii_end) else { return false };
    end.strip_suffix(name).is_some_and(|before| before.ends_with(b"</"))
}

/// Where the first element begins, after declaration, comments and document type.
fn find_root(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += body[at..].iter().position(|byte| *byte == b'<')?;
        let rest = &body[at..];
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            // A document type with declarations of its own ends after their bracket.
            [b'<', b'!', ..] => {
                let close = rest.iter().position(|byte| *byte == b'>')?;
                if rest[..close].contains(&b'[') { b"]>" } else { b">" }
            }
            _ => return Some(at),
        };
        at += rest.windows(end.len()).position(|window| window == end)? + end.len();
    }
}

fn without_trailing_comments(mut body: &[u8]) -> &[u8] {
    loop {
        let start: &[u8] = match body {
            [.., b'-', b'-', b'>'] => b"<!--",
            [.., b'?', b'>'] => b"<?",
            _ => return body,
        };
        match body.windows(start.len()).rposition(|window| window == start) {
            Some(at) if at > 0 => body = body[..at].trim_ascii_end(),
            _ => return body,
        }
    }
}

/// UTF-16 has a zero in every other byte, and ends in one.
fn is_ascii_text(body: &[u8]) -> bool {
    !body.starts_with(b"\xff\xfe") && !body.starts_with(b"\xfe\xff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_a_refusal() {
        let document = |code: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>Access Denied</Message>\
                 <RequestId>0123456789ABCDEF</RequestId><HostId>x/y+z=</HostId></Error>"
            )
        };
        let denied = document("AccessDenied");
        let page = format!("<html><body>Undeclared Automated Tool {denied}</body></html>");
        let long = denied.replace("Access Denied", &"x".repeat(MAX_REFUSAL));
        for (body, expected) in [
            (denied.as_str(), true),
            (denied.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "").as_str(), true),
            (document("SlowDown").as_str(), false),
            (document("RequestTimeTooSkewed").as_str(), false),
            (&denied[..denied.len() - 1], false),
            (page.as_str(), false),
            (long.as_str(), false),
            ("<Other><Code>AccessDenied</Code></Other>", false),
            ("<Code>AccessDenied</Code>", false),
            ("<!DOCTYPE html><p>Request Rate Threshold Exceeded</p>", false),
            ("AccessDenied", false),
            ("", false),
        ] {
            assert_eq!(is_absence(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn error_pages_and_halves_are_told_from_data() {
        use Content::{Html, Json, Xml, Zip};
        let disguise = |cause: &str| Err(Defect::Disguise(cause.into()));
        let cut = |what: &str, bytes: usize| {
            Err(Defect::Damage(format!("the end of the {what} is missing after {bytes} bytes")))
        };
        let cases: [(Content, &[u8], Result<(), Defect>); 31] = [
            (Json, b"{\"a\": 1}\n", Ok(())),
            (Json, b"", disguise("an empty body")),
            (Json, b"  \n", disguise("an empty body")),
            (Json, b"<!DOCTYPE html><p>slow down</p>", disguise("a page instead of JSON")),
            (Json, b"\xef\xbb\xbf<HTML>", disguise("a page instead of JSON")),
            (Json, b"{\"a\": [1, 2", cut("JSON", 11)),
            (Json, b"{\"a\": {\"b\": 1}", cut("JSON", 14)),
            (Json, b"{\"a\": 1}{\"b\"", Err(Defect::Damage("damaged JSON: trailing characters".into()))),
            (Zip, b"PK\x03\x04....PK\x05\x06................\0\0", Ok(())),
            (Zip, b"PK\x03\x04....PK\x05\x06................\x02\0ok", Ok(())),
            (Zip, b"PK\x03\x04....PK\x05\x06................\x02\0o", cut("zip", 31)),
            (Zip, b"PK\x03\x04....PK\x05\x06............", cut("zip", 24)),
            (Zip, b"PK\x03\x04....", cut("zip", 8)),
            (Zip, b"{\"error\": 1}", disguise("something else than a zip")),
            (Xml, b"<?xml version='1.0'?><a/>", Ok(())),
            (Xml, b"<a><b></b", cut("XML", 9)),
            (Xml, b"<a><b></b>", cut("XML", 10)),
            (Xml, b"<a><b/>", cut("XML", 7)),
            (Xml, b"<x:a b='/'>1</x:a >\n<!-- end --><?end?>", Ok(())),
            (Xml, b"<!-- <b> --><!DOCTYPE a><a\n/>", Ok(())),
            (Xml, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a></a>", Ok(())),
            (Xml, b"<!-- nothing -->", cut("XML", 16)),
            (Xml, b"<aa></a>", cut("XML", 8)),
            (Xml, b"<html><p/></html>", disguise("a page instead of XML")),
            (Xml, b"\xff\xfe<\0a\0/\0>\0", Ok(())),
            (Html, b"<html>10-K</html>", Ok(())),
            (Html, b"<p>10-K<br>", Ok(())),
            (Html, b"<p>10-K", cut("page", 7)),
            (Html, b"<?xml version='1.0'?><html><p>10-K</p></html>", Ok(())),
            (Html, b"<?xml version='1.0'?><html><p>10-K</p>", cut("page", 38)),
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
