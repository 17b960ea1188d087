//! What attributes and inline styles say about how an element is shown. Filings have no style sheets.

use scraper::node::Element;

/// Where a cell's text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Align {
    /// Nothing is said.
    #[default]
    Unsaid,
    Left,
    Center,
    Right,
}

/// How an element takes part in the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Display {
    /// Not at all.
    None,
    /// As part of a line.
    Inline,
    /// On lines of its own.
    Block,
    /// On lines of its own, with room above and below.
    Paragraph,
}

/// The space above a block from which on it is a paragraph, in points.
const PARAGRAPH_MARGIN: f32 = 4.0;
/// The space within a line from which on it is one between words, in points.
const LETTER_GAP: f32 = 2.0;
/// A font's size, and the per cent of a page's width, in points; about.
const EM: f32 = 10.0;
const PER_CENT: f32 = 5.0;

const HIDDEN: &[&str] = &[
    "audio", "canvas", "datalist", "head", "iframe", "noembed", "noframes", "noscript", "object", "script",
    "style", "template", "title", "video",
];
const PARAGRAPHS: &[&str] =
    &["blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"];
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hgroup",
    "hr",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "section",
    "summary",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
];

/// The value of a property in an element's style: the last one counts.
pub(super) fn property<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    let declared = element.attr("style")?.split(';').rev().filter_map(|pair| pair.split_once(':'));
    let (_, value) = declared.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
    Some(value.split('!').next().unwrap_or_default().trim())
}

/// Whether a property has a value, such as `display` `none`.
pub(super) fn says(element: &Element, name: &str, value: &str) -> bool {
    property(element, name).is_some_and(|said| said.eq_ignore_ascii_case(value))
}

/// How an element takes part in the flow.
pub(super) fn display(element: &Element) -> Display {
    let name = element.name();
    let is = |names: &[&str]| names.contains(&name);
    let own = if is(HIDDEN) || element.attr("hidden").is_some() {
        Display::None
    } else if is(PARAGRAPHS) {
        Display::Paragraph
    } else if is(BLOCKS) {
        Display::Block
    } else {
        Display::Inline
    };
    let said = property(element, "display").map(str::to_ascii_lowercase);
    match said.as_deref() {
        Some("none") => Display::None,
        Some(said) if said.starts_with("inline") && name != "table" && own != Display::None => {
            Display::Inline
        }
        Some("block" | "flex" | "grid" | "table" | "list-item") if own == Display::Inline => Display::Block,
        _ if own == Display::Block && has_margin(element) => Display::Paragraph,
        _ => own,
    }
}

fn has_margin(element: &Element) -> bool {
    ["top", "bottom"].iter().any(|side| length_of(element, "margin", side) >= PARAGRAPH_MARGIN)
}

/// Whether an element in a line stands apart from what is before it, by more than letters do.
pub(super) fn is_apart(element: &Element) -> bool {
    length_of(element, "padding", "left") + length_of(element, "margin", "left") >= LETTER_GAP
}

/// How far to the right an element's first line begins, in points.
pub(super) fn indent(element: &Element) -> f32 {
    let own = length_of(element, "padding", "left") + length_of(element, "margin", "left");
    own + property(element, "text-indent").and_then(points).unwrap_or(0.0)
}

/// A length of one side of the box, by its own property or the one for all sides.
fn length_of(element: &Element, kind: &str, side: &str) -> f32 {
    let own = property(element, &format!("{kind}-{side}")).and_then(points);
    let of_all = || {
        let sides: Vec<&str> = property(element, kind)?.split_whitespace().collect();
        let (right, bottom) = (sides.get(1).or(sides.first()), sides.get(2).or(sides.first()));
        points(match side {
            "top" => sides.first()?,
            "bottom" => bottom?,
            _ => sides.get(3).or(right)?,
        })
    };
    own.or_else(of_all).unwrap_or(0.0)
}

fn points(length: &str) -> Option<f32> {
    let length = length.trim().to_ascii_lowercase();
    let unit = length.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    let number: f32 = length[..length.len() - unit.len()].parse().ok()?;
    let scale = match unit {
        "px" | "" => 0.75,
        "em" | "rem" => EM,
        "ex" => EM / 2.0,
        "in" => 72.0,
        "cm" => 28.35,
        "mm" => 2.835,
        "pc" => 12.0,
        "%" => PER_CENT,
        _ => 1.0,
    };
    Some(number * scale)
}

/// Where an element says its text stands.
pub(super) fn align(element: &Element) -> Align {
    let said = property(element, "text-align").or_else(|| element.attr("align")).unwrap_or_default();
    match said.to_ascii_lowercase().as_str() {
        "left" | "start" | "justify" => Align::Left,
        "center" | "middle" => Align::Center,
        "right" | "end" => Align::Right,
        _ if matches!(element.name(), "center" | "th") => Align::Center,
        _ => Align::Unsaid,
    }
}

/// Whether a line is drawn along a side of an element, `top` or `bottom`.
pub(super) fn has_border(element: &Element, side: &str) -> bool {
    let is_drawn = |border: &str| {
        let border = border.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| border.contains(word));
        let width = border.split_whitespace().find_map(points);
        says(&["solid", "double"]) && !says(&["#fff", "white", "transparent"]) && width != Some(0.0)
    };
    let own = property(element, &format!("border-{side}"));
    own.or_else(|| property(element, "border")).is_some_and(is_drawn)
}

/// Whether a rule can be seen: white ones, and those without a width, make room.
pub(super) fn is_seen_rule(element: &Element) -> bool {
    let is_white = |color: &str| matches!(color.to_ascii_lowercase().as_str(), "#ffffff" | "#fff" | "white");
    let color = property(element, "color").or_else(|| element.attr("color"));
    element.name() == "hr" && !color.is_some_and(is_white) && element.attr("width") != Some("0")
}

/// Whether text stands above the line, as a reference to a footnote does.
pub(super) fn is_raised(element: &Element) -> bool {
    element.name() == "sup" || says(element, "vertical-align", "super")
}
