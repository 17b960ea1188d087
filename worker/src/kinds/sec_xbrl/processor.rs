//! Which processor makes the output: its version stands in every input key, so another one processes filings again.
//!
//! A build of somebody's own says so by a tag, or its output would pass for that of the released one. Pure.

use std::fmt;
use std::str::FromStr;

/// Enough for a branch and a commit; it stands in every manifest.
const MAX_TAG_CHARS: usize = 40;

/// The version that stands in input keys, manifests and reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorVersion(String);

impl ProcessorVersion {
    /// The version of this build, with a tag behind a `+` where there is one.
    pub fn tagged(tag: Option<&ProcessorTag>) -> Self {
        let base = concat!("edgraph ", env!("CARGO_PKG_VERSION"));
        Self(tag.map_or_else(|| base.to_owned(), |tag| format!("{base}+{tag}")))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProcessorVersion {
    fn default() -> Self {
        Self::tagged(None)
    }
}

/// What a build of somebody's own adds to the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorTag(String);

impl fmt::Display for ProcessorTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tag: expected 1 to {MAX_TAG_CHARS} letters, digits, `.`, `-` or `_`")]
pub struct BadTag(String);

impl FromStr for ProcessorTag {
    type Err = BadTag;

    fn from_str(text: &str) -> Result<Self, BadTag> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if text.is_empty() || text.len() > MAX_TAG_CHARS || !text.chars().all(allowed) {
            return Err(BadTag(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_behind_the_version() {
        let plain = ProcessorVersion::default();
        assert!(plain.as_str().starts_with("edgraph ") && !plain.as_str().contains('+'), "{plain:?}");
        let tag: ProcessorTag = "fix-123.a_b".parse().unwrap();
        assert_eq!(ProcessorVersion::tagged(Some(&tag)).0, format!("{}+fix-123.a_b", plain.0));
        for wrong in ["", "two words", "a+b", "grün", "a/b", &"x".repeat(MAX_TAG_CHARS + 1)] {
            let error = wrong.parse::<ProcessorTag>().unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("expected"), "{error}");
        }
    }
}
