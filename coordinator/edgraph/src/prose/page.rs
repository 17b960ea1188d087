//! A tree to lines: the walk over its elements.

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{Html, Node};

use super::flow::{Flow, Gap};
use super::marker::List;
use super::style::{self, Align, Display};
use super::table::{self, Cell, Grid, Row};

/// Points to a blank of indentation.
const BLANK: f32 = 5.0;
/// Blanks of an indentation at most.
const MAX_INDENT: f32 = 24.0;
/// Elements that are asked where a cell's text stands: the cell, and what it begins with.
const MAX_WRAPPERS: usize = 4;

/// What elements hand down to the text in them.
#[derive(Clone, Copy, Default)]
struct Manner {
    is_preserved: bool,
    is_upper_case: bool,
    is_raised: bool,
    is_invisible: bool,
    is_in_item: bool,
}

/// The text of a tree.
pub(super) fn text(tree: &Html) -> String {
    let mut flow = Flow::default();
    children(tree.tree.root(), Manner::default(), &mut flow);
    let lines = flow.finish();
    lines.iter().map(|line| &*line.text).collect::<Vec<_>>().join("\n")
}

fn children(parent: NodeRef<'_, Node>, manner: Manner, flow: &mut Flow) {
    let mut list = parent.value().as_element().and_then(List::of);
    for child in parent.children() {
        match child.value() {
            Node::Text(text) => say(text, manner, flow),
            Node::Element(item) if item.name() == "li" && style::display(item) != Display::None => {
                let mark = list.as_mut().map(|list| list.mark(item)).unwrap_or_default();
                flow.open_item(&mark);
                element(child, item, manner, flow);
                flow.close_item(&mark);
            }
            Node::Element(inner) => element(child, inner, manner, flow),
            _ => {}
        }
    }
}

fn say(text: &str, manner: Manner, flow: &mut Flow) {
    if manner.is_invisible {
        return;
    }
    let is_number = || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if manner.is_raised && flow.ends_in_word() && is_number() {
        // As an ordinary digit it would make another number, or another name, of what is before it.
        flow.text(&text.chars().map(raised).collect::<String>(), false);
    } else if manner.is_upper_case {
        flow.text(&text.to_uppercase(), manner.is_preserved);
    } else {
        flow.text(text, manner.is_preserved);
    }
}

fn raised(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or_default()).unwrap_or(digit),
    }
}

fn element(node: NodeRef<'_, Node>, element: &Element, manner: Manner, flow: &mut Flow) {
    let gap = match style::display(element) {
        Display::None => return,
        Display::Inline => Gap::None,
        Display::Block => Gap::Line,
        Display::Paragraph if manner.is_in_item && List::of(element).is_some() => Gap::Line,
        Display::Paragraph => Gap::Blank,
    };
    let manner = within(element, manner);
    if gap != Gap::None {
        flow.part(gap);
    } else if style::is_apart(element) {
        flow.space();
    }
    match element.name() {
        "br" => flow.line_break(),
        "table" => table(node, manner, flow),
        _ => children(node, manner, flow),
    }
    if gap != Gap::None {
        flow.part(gap);
    }
}

fn within(element: &Element, mut manner: Manner) -> Manner {
    if let Some(said) = style::property(element, "white-space") {
        manner.is_preserved = said.to_ascii_lowercase().starts_with("pre");
    } else if element.name() == "pre" {
        manner.is_preserved = true;
    }
    if let Some(said) = style::property(element, "text-transform") {
        manner.is_upper_case = said.eq_ignore_ascii_case("uppercase");
    }
    if let Some(said) = style::property(element, "visibility") {
        manner.is_invisible = ["hidden", "collapse"].iter().any(|hidden| said.eq_ignore_ascii_case(hidden));
    }
    manner.is_in_item |= element.name() == "li";
    manner.is_raised |= style::is_raised(element);
    manner
}

/// Whatever is in a table besides rows, such as its caption, is text before it.
fn table(node: NodeRef<'_, Node>, manner: Manner, flow: &mut Flow) {
    let mut reading = Reading { manner, grid: Grid::default(), rows: Vec::new() };
    for child in node.children() {
        match child.value() {
            // A part that is hidden is no rows, but an element like any other that is hidden.
            Node::Element(inner)
                if matches!(inner.name(), "thead" | "tbody" | "tfoot")
                    && style::display(inner) != Display::None =>
            {
                child.children().for_each(|row| reading.row(row));
            }
            Node::Element(inner) if inner.name() == "tr" => reading.row(child),
            Node::Element(inner) => element(child, inner, manner, flow),
            Node::Text(text) => say(text, manner, flow),
            _ => {}
        }
    }
    flow.laid_out(table::lines(reading.rows));
}

/// A table under way.
struct Reading {
    manner: Manner,
    grid: Grid,
    rows: Vec<Row>,
}

impl Reading {
    fn row(&mut self, node: NodeRef<'_, Node>) {
        let Some(element) = node.value().as_element().filter(|row| style::display(row) != Display::None)
        else {
            return;
        };
        let manner = within(element, self.manner);
        let mut row = Row::default();
        for cell in node.children() {
            let Some(of_cell) =
                cell.value().as_element().filter(|cell| style::display(cell) != Display::None)
            else {
                continue;
            };
            let span = |name| of_cell.attr(name).and_then(|span| span.trim().parse().ok()).unwrap_or(1);
            let columns = self.grid.place(span("colspan"), span("rowspan"));
            let mut flow = Flow::default();
            children(cell, within(of_cell, manner), &mut flow);
            let lines = flow.finish();
            if style::has_border(of_cell, "top") || style::has_border(element, "top") {
                row.rules_above.push(columns.clone());
            }
            let draws_itself = lines.is_empty() && has_rule(cell);
            if draws_itself || style::has_border(of_cell, "bottom") || style::has_border(element, "bottom") {
                row.rules_below.push(columns.clone());
            }
            if !lines.is_empty() {
                let (align, indent) = stance(cell, of_cell, style::align(element));
                row.cells.push(Cell { lines, columns, align, indent, ..Cell::default() });
            }
        }
        self.grid.end_row();
        self.rows.push(row);
    }
}

/// Where the text of a cell stands: as the cell says, or what it begins with, or its row.
fn stance(cell: NodeRef<'_, Node>, element: &Element, of_row: Align) -> (Align, usize) {
    let mut align = style::align(element);
    let mut indent = style::indent(element);
    let mut node = cell;
    for _ in 1..MAX_WRAPPERS {
        let is_blank =
            |node: &NodeRef<'_, Node>| node.value().as_text().is_some_and(|text| text.trim().is_empty());
        let Some(first) = node.children().find(|child| !is_blank(child)) else { break };
        let Some(wrapper) = first.value().as_element().filter(|wrapper| wrapper.name() != "table") else {
            break;
        };
        if align == Align::Unsaid || style::align(wrapper) != Align::Unsaid {
            align = style::align(wrapper);
        }
        indent += style::indent(wrapper);
        node = first;
    }
    let align = if align == Align::Unsaid { of_row } else { align };
    (align, (indent / BLANK).clamp(0.0, MAX_INDENT).round() as usize)
}

/// Whether an empty cell is there for the line that it draws.
fn has_rule(cell: NodeRef<'_, Node>) -> bool {
    cell.descendants().take(8).any(|node| node.value().as_element().is_some_and(style::is_seen_rule))
}
