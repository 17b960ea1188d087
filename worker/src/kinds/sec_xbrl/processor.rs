//! Which processor makes the output: its version stands in every input key, so another one processes filings again.
//!
//! It names the release, the version of the output and the schema. Whoever changes what files hold raises
//! [`OUTPUT_VERSION`], or stores would keep the old files as current; a test holds the bytes of the sample filings to it.
//! A build of somebody's own says so by a tag, or its output would pass for that of the released one. Pure.

use std::fmt;
use std::str::FromStr;

use edgraph_shared::schema;

/// The version of the output: raised by whatever changes the bytes of a file and not the schema, which speaks for itself.
pub const OUTPUT_VERSION: u32 = 1;

/// Digits of the schema's hash: enough that two schemas never share them.
const SCHEMA_DIGITS: usize = 12;

/// Enough for a branch and a commit; it stands in every manifest.
const MAX_TAG_CHARS: usize = 40;

/// The version that stands in input keys, manifests and reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorVersion(String);

impl ProcessorVersion {
    /// The version of this build, with a tag behind a `+` where there is one.
    pub fn tagged(tag: Option<&ProcessorTag>) -> Self {
        let (release, schema) = (env!("CARGO_PKG_VERSION"), schema::digest());
        let tag = tag.map(|tag| format!("+{tag}")).unwrap_or_default();
        let schema = &schema[..SCHEMA_DIGITS];
        Self(format!("edgraph {release}, output {OUTPUT_VERSION}, schema {schema}{tag}"))
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
    fn the_version_names_the_output_and_the_schema() {
        let (version, schema) = (ProcessorVersion::default(), schema::digest());
        let expected = format!(", output {OUTPUT_VERSION}, schema {}", &schema[..SCHEMA_DIGITS]);
        assert!(version.as_str().ends_with(&expected), "{version:?}");
    }

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
