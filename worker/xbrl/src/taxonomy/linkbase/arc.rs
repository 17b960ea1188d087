//! Reads an arc. Its attributes are taken in one pass: arcs are half of the elements of a linkbase, and none has less
//! than five.

use super::labels::LinkLabels;
use super::{ArcUse, LinkArc};
use crate::name::ns;
use crate::reader::{Attribute, XmlElement};
use crate::taxonomy::parsing::{Findings, Strings};

/// The attributes of an arc as written; of two of one name the first.
#[derive(Default)]
struct Written<'e, 'd> {
    arcrole: Option<&'e Attribute<'d>>,
    from: Option<&'e Attribute<'d>>,
    to: Option<&'e Attribute<'d>>,
    order: Option<&'e Attribute<'d>>,
    priority: Option<&'e Attribute<'d>>,
    usage: Option<&'e Attribute<'d>>,
    weight: Option<&'e Attribute<'d>>,
    preferred_label: Option<&'e Attribute<'d>>,
    target_role: Option<&'e Attribute<'d>>,
    usable: Option<&'e Attribute<'d>>,
    closed: Option<&'e Attribute<'d>>,
    context_element: Option<&'e Attribute<'d>>,
    /// The places of all others that say something about the relationship.
    other: Vec<usize>,
}

impl<'e, 'd> Written<'e, 'd> {
    fn of(element: &'e XmlElement<'_, 'd>) -> Self {
        let mut written = Self::default();
        for (place, (namespace, local, attribute)) in element.named_attributes().enumerate() {
            let known = match (namespace, local) {
                ("", "order") => &mut written.order,
                ("", "priority") => &mut written.priority,
                ("", "use") => &mut written.usage,
                ("", "weight") => &mut written.weight,
                ("", "preferredLabel") => &mut written.preferred_label,
                (ns::XLINK, "arcrole") => &mut written.arcrole,
                (ns::XLINK, "from") => &mut written.from,
                (ns::XLINK, "to") => &mut written.to,
                ("", "id") | (ns::XLINK | ns::XML | ns::XSI, _) => continue,
                (ns::XBRLDT, "targetRole") => &mut written.target_role,
                (ns::XBRLDT, "usable") => &mut written.usable,
                (ns::XBRLDT, "closed") => &mut written.closed,
                (ns::XBRLDT, "contextElement") => &mut written.context_element,
                _ => {
                    written.other.push(place);
                    continue;
                }
            };
            known.get_or_insert(attribute);
        }
        written
    }
}

/// Reads the arc that was started last, and tells `labels` which it joins.
pub(super) fn read<'d>(
    element: &mut XmlElement<'_, 'd>,
    labels: &mut LinkLabels<'d>,
    strings: &mut Strings,
    findings: &mut Findings,
) -> LinkArc {
    let written = Written::of(element);
    let line = element.line();
    let label = |attribute: Option<&Attribute<'d>>| attribute.map(Attribute::borrowed).unwrap_or_default();
    labels.join(label(written.from), label(written.to));
    let arcrole = written.arcrole.map_or("", Attribute::trimmed);
    if arcrole.is_empty() {
        findings.add(line, "arcrole-missing", format!("<{}> has no xlink:arcrole", element.raw_name()));
    }
    let mut number = |attribute: Option<&Attribute<'d>>| {
        let (name, value) = attribute.map(|attribute| (attribute.raw_name, attribute.trimmed()))?;
        let parsed = value.parse::<f64>().ok().filter(|number| number.is_finite());
        if parsed.is_none() {
            findings.add(line, "arc-number", format!("{name} {value:?} of an arc is not a decimal"));
        }
        parsed
    };
    let flag = |attribute: Option<&Attribute<'d>>| match attribute.map(Attribute::trimmed) {
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        _ => None,
    };
    let mut text = |attribute: Option<&Attribute<'d>>| Some(strings.intern(attribute?.trimmed()));
    let mut arc = LinkArc {
        name: element.name().clone(),
        // What the labels stand for is known when the link ends.
        from: 0..0,
        to: 0..0,
        order: number(written.order).unwrap_or(1.0),
        priority: number(written.priority).map_or(0, |priority| priority as i64),
        usage: match written.usage.map(Attribute::trimmed) {
            Some("prohibited") => ArcUse::Prohibited,
            _ => ArcUse::Optional,
        },
        weight: number(written.weight),
        preferred_label: text(written.preferred_label),
        target_role: text(written.target_role),
        usable: flag(written.usable),
        closed: flag(written.closed),
        context_element: text(written.context_element),
        arcrole: strings.intern(arcrole),
        other: Vec::new(),
        line,
    };
    let other = written.other;
    for place in other {
        let Some(name) = element.attribute_name(place) else { continue };
        arc.other.push((name, strings.intern(element.attributes()[place].trimmed())));
    }
    arc.other.sort();
    arc
}
