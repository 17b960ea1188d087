//! Characters that the rules read alike, however they are printed.

/// The value of a decimal digit: ASCII, full-width or Devanagari.
pub(super) fn digit(character: char) -> Option<char> {
    let value = match character {
        '0'..='9' => return Some(character),
        '０'..='９' => u32::from(character) - u32::from('０'),
        '०'..='९' => u32::from(character) - u32::from('०'),
        _ => return None,
    };
    char::from_digit(value, 10)
}

/// Whether `character` is a hyphen or dash as the registries list them.
pub(super) fn is_hyphen(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58a}' | '\u{5be}' | '\u{2010}'..='\u{2015}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}
