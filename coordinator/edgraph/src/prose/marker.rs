//! What stands before the items of a list.

use scraper::node::Element;

use super::style;

/// A list under way.
pub(super) struct List<'a> {
    style: Option<&'a str>,
    next: i64,
}

impl<'a> List<'a> {
    /// The list that an element is, if it is one.
    pub(super) fn of(element: &'a Element) -> Option<Self> {
        let said =
            style::property(element, "list-style-type").or_else(|| style::property(element, "list-style"));
        let said = said.and_then(|style| style.split_whitespace().next()).or_else(|| element.attr("type"));
        let default = match element.name() {
            "ol" => Some("decimal"),
            "ul" | "menu" | "dir" => None,
            _ => return None,
        };
        let next = element.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
        Some(Self { style: said.or(default), next })
    }

    /// What stands before the next item; nothing, or the mark and a blank.
    pub(super) fn mark(&mut self, item: &Element) -> String {
        let number = item.attr("value").and_then(|value| value.trim().parse().ok()).unwrap_or(self.next);
        self.next = number.saturating_add(1);
        let numbered = match self.style {
            Some("none") => return String::new(),
            Some("decimal" | "1") => Some(number.to_string()),
            Some("lower-alpha" | "lower-latin" | "a") => letters(number),
            Some("upper-alpha" | "upper-latin" | "A") => letters(number).map(|text| text.to_uppercase()),
            Some("lower-roman" | "i") => roman(number),
            Some("upper-roman" | "I") => roman(number).map(|text| text.to_uppercase()),
            _ => return "• ".to_owned(),
        };
        format!("{}. ", numbered.unwrap_or_else(|| number.to_string()))
    }
}

/// a to z, aa to zz, and so on.
fn letters(number: i64) -> Option<String> {
    let mut rest = u64::try_from(number).ok().filter(|number| *number > 0)?;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'a' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    Some(letters.iter().rev().collect())
}

fn roman(number: i64) -> Option<String> {
    const DIGITS: [(i64, &str); 13] = [
        (1_000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut rest = Some(number).filter(|number| (1..4_000).contains(number))?;
    let mut roman = String::new();
    for (value, digit) in DIGITS {
        while rest >= value {
            roman.push_str(digit);
            rest -= value;
        }
    }
    Some(roman)
}
