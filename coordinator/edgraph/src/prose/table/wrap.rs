//! Lines no longer than their column, where a table needs that.

use unicode_width::UnicodeWidthStr;

use super::super::flow::Line;

/// Breaks a line between words; one that a table made stays as it is. What is too long for any line has its own.
pub(super) fn wrapped(line: &Line, first: usize, rest: usize) -> Vec<String> {
    if line.is_laid_out || line.text.width() <= first {
        return vec![line.text.clone()];
    }
    let blanks = line.text.len() - line.text.trim_start().len();
    let mut lines = vec![line.text[..blanks].to_owned()];
    let mut width = blanks;
    for word in line.text.split_whitespace() {
        let room = if lines.len() == 1 { first } else { rest };
        let last = lines.last_mut().expect("there is one from the start");
        let is_empty = last.trim_start().is_empty();
        let needed = word.width() + usize::from(!is_empty);
        if is_empty || width + needed <= room {
            if !is_empty {
                last.push(' ');
            }
            last.push_str(word);
            width += needed;
        } else {
            width = word.width();
            lines.push(word.to_owned());
        }
    }
    lines
}
