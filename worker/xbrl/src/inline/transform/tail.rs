//! What may follow the last part of a printed date.

/// What may follow the last part, besides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inline) enum Tail {
    Nothing,
    /// That many ASCII letters at most: `5th`.
    Letters(usize),
    /// That many characters other than digits at most: the rest of a name, or `2020 г.`
    Others(usize),
    /// A full stop.
    Stop,
}

impl Tail {
    /// Anything but digits.
    pub(super) const ANY: Tail = Tail::Others(usize::MAX);

    pub(super) fn allows(self, text: &str) -> bool {
        match self {
            Tail::Nothing => text.is_empty(),
            Tail::Letters(most) => text.len() <= most && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Tail::Others(most) => text.chars().count() <= most,
            Tail::Stop => matches!(text, "" | "."),
        }
    }
}
