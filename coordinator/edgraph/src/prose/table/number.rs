//! Numbers as filings write them, and their parts in cells of their own.

use super::super::flow::Line;
use super::cell::Cell;

/// Where a number's own text ends and what hangs behind its last digit begins, such as `)` and `%`; `None` for words.
pub(super) fn end(text: &str) -> Option<usize> {
    let rest = text.trim_start_matches(is_lead);
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
    let tail = rest.trim_start_matches(is_digit);
    let core = &rest[..rest.len() - tail.len()];
    // A dash is a zero; it was taken for a sign.
    let is_dash = core.is_empty() && text.contains(['—', '–', '-', '−']);
    let has_digit = core.contains(|c: char| c.is_ascii_digit());
    let is_number = (has_digit || is_dash) && is_tail(tail);
    let end = text.len() - tail.len();
    is_number.then(|| text[..end].trim_end().len())
}

/// The same for any text that stands in a column of numbers.
pub(super) fn end_in_column(text: &str) -> usize {
    let body = text.trim_end_matches([')', '%', ' ']);
    let ends_in_digit = body.ends_with(|c: char| c.is_ascii_digit());
    end(text).unwrap_or(if ends_in_digit { body.len() } else { text.len() })
}

/// Whether a text is a year, which is a heading more often than an amount.
pub(super) fn is_year(text: &str) -> bool {
    text.len() == 4
        && (text.starts_with("19") || text.starts_with("20"))
        && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a cell has nothing but numbers.
pub(super) fn is_number(cell: &Cell) -> bool {
    cell.lines.iter().all(|line| line.text.is_empty() || end(&line.text).is_some())
}

/// Joins the parts of numbers that stand in cells of their own, and notes to what they are on, and takes out the blanks
/// within numbers.
pub(super) fn joined(cells: Vec<Cell>) -> Vec<Cell> {
    let mut joined: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells {
        let text = cell.only_line().unwrap_or_default();
        let Some(before) = joined.last_mut() else {
            joined.push(cell);
            continue;
        };
        let of_before = before.only_line().unwrap_or_default();
        let is_next = cell.columns.start <= before.columns.end + 1;
        if is_opening(of_before) && end(text).is_some() {
            let whole = [of_before, text].concat();
            before.columns.end = cell.columns.end;
            (before.align, before.lines) = (cell.align, vec![Line { text: whole, is_laid_out: false }]);
        } else if is_closing(text) && end(of_before).is_some() {
            // Where it stands is no part of the column: a note to the heading may have it to itself.
            before.lines[0].text.push_str(text);
        } else if is_note(text) && is_next && !before.lines.is_empty() {
            let last = before.lines.len() - 1;
            before.lines[last].text.extend([" ", text]);
        } else {
            joined.push(cell);
        }
    }
    joined.iter_mut().for_each(tidy);
    joined
}

fn tidy(cell: &mut Cell) {
    for line in &mut cell.lines {
        if let Some(end) = end(&line.text) {
            let (number, tail) = line.text.split_at(end);
            let note = tail.trim_start().strip_prefix('(').map(|note| format!(" ({note}"));
            let tail = note.unwrap_or_else(|| tail.replace(' ', ""));
            line.text = number.replace(' ', "") + &tail;
        }
    }
}

/// What may stand before the first digit.
fn is_lead(c: char) -> bool {
    is_currency(c) || matches!(c, '(' | ' ' | '-' | '−' | '–' | '—' | '+')
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₩' | '₪')
}

fn is_opening(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_currency(c) || matches!(c, '(' | ' '))
        || text
            .strip_suffix('$')
            .is_some_and(|country| country.len() < 4 && country.chars().all(|c| c.is_ascii_uppercase()))
}

fn is_closing(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, ')' | '%' | ' '))
}

/// The mark of a footnote that is no number.
fn is_note(text: &str) -> bool {
    let letter = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let is_letter = letter.is_some_and(|letter| letter.len() < 4 && letter.chars().all(char::is_alphabetic));
    is_letter && !letter.unwrap_or_default().is_empty()
        || !text.is_empty() && text.chars().all(|c| "*†‡".contains(c))
}

/// What may stand behind the last digit: the end of a bracket, a per cent sign, the mark of a footnote.
fn is_tail(text: &str) -> bool {
    let is_mark = |c: char| matches!(c, ')' | '%' | ' ' | '*' | '†' | '‡' | '⁰'..='⁹' | '¹' | '²' | '³');
    let rest = text.trim_start_matches(is_mark);
    let note = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    rest.is_empty() || note.is_some_and(|note| note.len() < 4 && note.chars().all(|c| c.is_alphanumeric()))
}
