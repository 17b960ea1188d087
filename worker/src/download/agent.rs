//! Who asks, as the `User-Agent` header says it. Pure.

use reqwest::header::HeaderValue;
use url::Url;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Agent {
    /// The header.
    pub value: HeaderValue,
    /// Whether it names somebody to write to: without one, a 403 is about that.
    pub contact: bool,
}

impl Agent {
    /// Reads a text for people; `None` if it cannot be a header.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let value = HeaderValue::from_str(text).ok().filter(|_| !text.is_empty())?;
        Some(Self { value, contact: names_contact(text) })
    }
}

/// Whether a text has an e-mail address or a URL, as the SEC requires.
pub fn names_contact(agent: &str) -> bool {
    agent.split(|c: char| c.is_whitespace() || "()<>,;".contains(c)).any(|word| {
        let word = word.trim_start_matches(['+', ':']);
        let mail = word.trim_start_matches("mailto:").split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        });
        let web =
            Url::parse(word).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        mail || web
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_addresses_or_urls() {
        let cases = [
            ("Name mail@example.com", true),
            ("Tool/1.0 (mail@example.com)", true),
            ("Tool/1.0 (+https://example.com/contact)", true),
            ("Name <mail@example.com>", true),
            ("Tool/1.0", false),
            ("Name mail@", false),
            ("@example.com", false),
            ("mail at example.com", false),
        ];
        for (agent, expected) in cases {
            assert_eq!(Agent::parse(agent).map(|agent| agent.contact), Some(expected), "{agent:?}");
        }
    }

    #[test]
    fn what_is_no_header_names_nobody() {
        for text in ["", " ", "Name\nmail@example.com", "Na\u{ef}ve mail@example.com\u{0}"] {
            assert!(Agent::parse(text).is_none(), "{text:?}");
        }
    }
}
