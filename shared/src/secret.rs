//! What is never shown: neither in logs nor in errors, nor where somebody formats a configuration.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A text such as a token, or a URL with a password in it. Its Debug form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whoever needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A URL for messages: without what stands before its host.
pub fn without_credentials(url: &str) -> Cow<'_, str> {
    let begins = url.find("://").map_or(0, |scheme| scheme + 3);
    match url.rfind('@') {
        Some(at) if begins <= at => format!("{}***{}", &url[..begins], &url[at..]).into(),
        _ => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let secret: Secret = "hidden".parse().unwrap();
        assert_eq!((format!("{secret:?}").as_str(), secret.expose()), ("[redacted]", "hidden"));
        for (url, shown) in [
            ("redis://me:hidden@host:1/2", "redis://***@host:1/2"),
            ("http://me:hid@den@host", "http://***@host"),
            ("me:hidden@host", "***@host"),
            ("http://host/path", "http://host/path"),
            ("a@b://c", "a@b://c"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }
}
