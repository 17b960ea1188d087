//! Tables that only place text: a bullet in one cell and its paragraph in the next, or all of a page in one.

use unicode_width::UnicodeWidthStr;

use super::super::flow::Line;
use super::cell::{Cell, Row};

/// Further lines stand no further to the right, however long the mark is.
const MAX_HANGING: usize = 8;

/// Whether no row has more than one text, and before it nothing but marks.
pub(super) fn is_mere_layout(rows: &[Row]) -> bool {
    let is_mark = |cell: &Cell| cell.only_line().is_some_and(is_marker);
    let is_text = |row: &Row| match &*row.cells {
        [before @ .., last] => before.iter().all(is_mark) && (before.is_empty() || !is_mark(last)),
        [] => true,
    };
    rows.iter().all(is_text)
}

/// Bullets, dashes, and numbers or letters of items with their full stop or brackets.
fn is_marker(text: &str) -> bool {
    let number = text.trim_matches(['(', ')', '.', '[', ']']);
    let is_item = number.len() < 5 && number.len() < text.len() && number.chars().all(char::is_alphanumeric);
    let is_reference = text.len() < 3 && text.chars().all(char::is_alphanumeric);
    let is_bullet = |c: char| {
        matches!(c, 'o' | '⁰'..='⁹' | '¹' | '²' | '³') || !(c.is_alphanumeric() || "$€£¥%".contains(c))
    };
    is_item || is_reference || text.chars().count() < 4 && text.chars().all(is_bullet)
}

/// The cells of each row one after the other; further lines of a text stand below its first.
pub(super) fn lines(rows: Vec<Row>) -> Vec<Line> {
    rows.into_iter().flat_map(|row| of_row(row.cells)).collect()
}

fn of_row(mut cells: Vec<Cell>) -> Vec<Line> {
    let Some(mut last) = cells.pop() else { return Vec::new() };
    let before: Vec<Line> = cells.into_iter().flat_map(|cell| cell.lines).collect();
    let marks = before.iter().map(|line| line.text.trim()).filter(|mark| !mark.is_empty());
    let first: String = marks.flat_map(|mark| [mark, " "]).collect();
    let blanks = " ".repeat(first.width().min(MAX_HANGING));
    for (number, line) in last.lines.iter_mut().enumerate().filter(|(_, line)| !line.text.is_empty()) {
        line.text.insert_str(0, if number == 0 { &first } else { &blanks });
    }
    last.lines
}
