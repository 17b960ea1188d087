//! Attributes, and a quick way to find those of tags written as nearly all are: `name="value"`, blanks between them,
//! nothing to resolve or normalise.
//!
//! Any other tag is left to the library, which can also say what is wrong with it.

use std::borrow::Cow;

use memchr::memchr;

use super::limits::MAX_ATTRIBUTES;
use crate::Error;

/// An attribute as written; namespace declarations are not among them.
pub(crate) struct Attribute<'a> {
    /// The name with its prefix.
    pub(crate) raw_name: &'a str,
    /// Where the local part begins.
    local: usize,
    /// The value, normalised.
    pub(crate) value: Cow<'a, str>,
}

impl<'a> Attribute<'a> {
    pub(super) fn new(raw_name: &'a str, value: Cow<'a, str>) -> Self {
        Self { raw_name, local: raw_name.find(':').map_or(0, |colon| colon + 1), value }
    }

    /// The prefix, if the name has one.
    #[inline]
    pub(super) fn prefix(&self) -> Option<&'a str> {
        (self.local > 1).then(|| &self.raw_name[..self.local - 1])
    }

    /// The name without its prefix.
    #[inline]
    pub(super) fn local(&self) -> &'a str {
        &self.raw_name[self.prefix().map_or(0, |prefix| prefix.len() + 1)..]
    }

    /// The value, white space around it trimmed.
    pub(crate) fn trimmed(&self) -> &str {
        self.value.trim()
    }

    /// The same, borrowed from the document where it stands there as it is.
    pub(crate) fn borrowed(&self) -> Cow<'a, str> {
        match &self.value {
            Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
            Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
        }
    }

    /// The prefix of a name whose local part is `local`.
    #[inline]
    pub(super) fn prefix_of(&self, local: &str) -> Option<&'a str> {
        self.prefix().filter(|_| &self.raw_name[self.local..] == local)
    }
}

/// An attribute of any tag, its name and its normalised value; or what is wrong with it.
pub(super) type AttributeRead<'a> = Result<(&'a str, Cow<'a, str>), String>;

/// Reads the attributes of any tag, namespace declarations included, and hands them on one by one until that fails. The
/// number is the length of the element's name, with which the tag begins.
pub(super) type ReadAttributes =
    for<'a> fn(&'a str, usize, &mut dyn FnMut(AttributeRead<'a>) -> Result<(), Error>) -> Result<(), Error>;

/// Adds the attributes in a tag, namespace declarations included; `written` is what follows the element's name in the
/// tag. Returns `false` when the tag is not of the ordinary kind; then what was added means nothing.
pub(super) fn split<'a>(written: &'a str, attributes: &mut Vec<Attribute<'a>>) -> bool {
    let bytes = written.as_bytes();
    // The loop does not stop early, so that the compiler can make it look at many bytes at a time.
    let odd = |byte: u8| u8::from(byte == b'&') | u8::from(byte < b' ');
    if bytes.iter().fold(0, |found, byte| found | odd(*byte)) != 0 {
        return false;
    }
    let mut at = 0;
    loop {
        let blanks = bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        at += blanks;
        if at == bytes.len() {
            return true;
        }
        if attributes.len() > MAX_ATTRIBUTES {
            return false;
        }
        let Some(name) = name(&bytes[at..]).filter(|_| blanks > 0) else { return false };
        let opening = at + name.length + 1;
        let Some(quote @ (b'"' | b'\'')) = bytes.get(opening) else { return false };
        let Some(length) = memchr(*quote, &bytes[opening + 1..]) else { return false };
        let value = &written[opening + 1..opening + 1 + length];
        let raw_name = &written[at..at + name.length];
        attributes.push(Attribute { raw_name, local: name.local, value: Cow::Borrowed(value) });
        at = opening + length + 2;
    }
}

/// What is known of an attribute's name once its end is found.
struct NameBounds {
    length: usize,
    /// Where the local part begins.
    local: usize,
}

/// The name up to the equals sign that follows it at once.
fn name(bytes: &[u8]) -> Option<NameBounds> {
    let (mut at, mut local) = (0, 0);
    loop {
        at += bytes[at..].iter().position(|byte| ENDS_NAME[usize::from(*byte)])?;
        match bytes[at] {
            b'=' if at > 0 => return Some(NameBounds { length: at, local }),
            b':' => local = if local == 0 { at + 1 } else { local },
            _ => return None,
        }
        at += 1;
    }
}

/// For each byte whether it ends a name or its prefix. The table answers with one look-up for each byte of each
/// attribute's name, and there are some dozen of those in a name.
const ENDS_NAME: [bool; 256] = {
    let mut ends = [false; 256];
    let bytes = b"=: \"'";
    let mut at = 0;
    while at < bytes.len() {
        ends[bytes[at] as usize] = true;
        at += 1;
    }
    ends
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: Option<&[(&str, usize, &str)]>) {
        let mut attributes = Vec::new();
        let is_split = split(written, &mut attributes);
        let found: Vec<_> = attributes.iter().map(|a| (a.raw_name, a.local, &*a.value)).collect();
        assert_eq!(is_split.then_some(found.as_slice()), expected, "{written:?}");
    }

    #[test]
    fn ordinary_tags_are_split() {
        check("", Some(&[]));
        check(" ", Some(&[]));
        check(" a=\"1\"  b:c='2 \" > x' ", Some(&[("a", 0, "1"), ("b:c", 2, "2 \" > x")]));
        check(" a:b:c=\"é\"", Some(&[("a:b:c", 2, "é")]));
        check(" a=\"\"", Some(&[("a", 0, "")]));
    }

    #[test]
    fn odd_tags_are_not() {
        for written in [
            " a=\"&lt;\"",
            " a=\"1\n2\"",
            "\na=\"1\"",
            " a = \"1\"",
            " a= \"1\"",
            " a=\"1\"b=\"2\"",
            " a=1",
            " a=\"1",
            " a",
            " =\"1\"",
            " a\"b=\"1\"",
        ] {
            check(written, None);
        }
    }
}
