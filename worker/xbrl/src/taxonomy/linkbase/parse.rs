//! Reads a linkbase, whether a document of its own or embedded in a schema.
//!
//! Elements are told apart by `xlink:type`, so custom links and arcs are read like the standard ones.

use super::labels::LinkLabels;
use super::{
    ArcUse, Bearer, ExtendedLink, LinkArc, LinkKind, Linkbase, Locator, Resource, RoleRef, resource,
};
use crate::Error;
use crate::name::ns;
use crate::reader::{Event, XmlElement};
use crate::taxonomy::href::{Hrefs, Purpose};
use crate::taxonomy::parsing::{Findings, Parsing, Strings};

/// Attributes of arcs, in no namespace, that have a field of their own or say nothing about the relationship.
const KNOWN_ARC_ATTRIBUTES: [&str; 6] = ["order", "priority", "use", "weight", "preferredLabel", "id"];
/// The same in the namespace of Dimensions.
const KNOWN_DIMENSION_ATTRIBUTES: [&str; 4] = ["targetRole", "usable", "closed", "contextElement"];

/// Reads to the end of the linkbase that was started last.
pub(crate) fn parse(parsing: &mut Parsing<'_>) -> Result<Linkbase, Error> {
    let mut linkbase = Linkbase::default();
    let mut labels = LinkLabels::default();
    loop {
        let link = match parsing.reader.read()? {
            Some(Event::Start(element)) => {
                parsing.hrefs.pass(&element);
                if element.is(ns::LINK, "roleRef") {
                    linkbase.role_refs.extend(role_ref(&element, "roleURI", &mut parsing.hrefs));
                    None
                } else if element.is(ns::LINK, "arcroleRef") {
                    linkbase.arcrole_refs.extend(role_ref(&element, "arcroleURI", &mut parsing.hrefs));
                    None
                } else if element.attribute_ns(ns::XLINK, "type") == Some("extended") {
                    Some(extended_link(&element, &mut parsing.strings, &mut parsing.findings))
                } else {
                    untyped(&element, &mut parsing.findings);
                    None
                }
            }
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) | None => return Ok(linkbase),
        };
        match link {
            Some(mut link) => {
                read_link(parsing, &mut labels, &mut link)?;
                linkbase.links.push(link);
            }
            None => parsing.reader.skip()?,
        }
    }
}

fn role_ref(element: &XmlElement<'_, '_>, uri: &str, hrefs: &mut Hrefs<'_>) -> Option<RoleRef> {
    let href = hrefs.discover(element, element.attribute_ns(ns::XLINK, "href")?, Purpose::RoleDeclarations);
    Some(RoleRef { uri: element.attribute(uri)?.trim().into(), href })
}

fn extended_link(
    element: &XmlElement<'_, '_>,
    strings: &mut Strings,
    findings: &mut Findings,
) -> ExtendedLink {
    let kind = match (element.namespace(), element.local()) {
        (ns::LINK, "presentationLink") => LinkKind::Presentation,
        (ns::LINK, "calculationLink") => LinkKind::Calculation,
        (ns::LINK, "definitionLink") => LinkKind::Definition,
        (ns::LINK, "labelLink") => LinkKind::Label,
        (ns::LINK, "referenceLink") => LinkKind::Reference,
        (ns::LINK, "footnoteLink") => LinkKind::Footnote,
        _ => LinkKind::Other,
    };
    let role = element.attribute_ns(ns::XLINK, "role").unwrap_or_default().trim();
    if role.is_empty() {
        findings.add(
            element.line(),
            "link-role-missing",
            format!("<{}> has no xlink:role", element.raw_name()),
        );
    }
    ExtendedLink {
        kind,
        name: element.name().clone(),
        role: strings.intern(role),
        locators: Vec::new(),
        resources: Vec::new(),
        arcs: Vec::new(),
        bearers: Vec::new(),
        unknown_labels: Vec::new(),
        line: element.line(),
    }
}

/// Reads to the end of the extended link that was started last.
fn read_link<'d>(
    parsing: &mut Parsing<'d>,
    labels: &mut LinkLabels<'d>,
    link: &mut ExtendedLink,
) -> Result<(), Error> {
    loop {
        let resource = match parsing.reader.read()? {
            Some(Event::Start(mut element)) => {
                parsing.hrefs.pass(&element);
                let (strings, findings) = (&mut parsing.strings, &mut parsing.findings);
                let value = |local: &str| element.borrowed_ns(ns::XLINK, local).unwrap_or_default();
                match element.attribute_ns(ns::XLINK, "type") {
                    Some("locator") => {
                        if let Some(href) = element.borrowed_ns(ns::XLINK, "href") {
                            let place = parsing.hrefs.place(&element, href);
                            labels.bear(value("label"), Bearer::Locator(count(&link.locators)));
                            link.locators.push(Locator { place, line: element.line() });
                        } else {
                            let message = "locator has no xlink:href".to_owned();
                            findings.add(element.line(), "href-missing", message);
                        }
                        None
                    }
                    Some("arc") => {
                        labels.join(value("from"), value("to"));
                        link.arcs.push(arc(&mut element, strings, findings));
                        None
                    }
                    Some("resource") => {
                        labels.bear(value("label"), Bearer::Resource(count(&link.resources)));
                        Some(start_resource(&element, strings))
                    }
                    _ => {
                        untyped(&element, findings);
                        None
                    }
                }
            }
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) | None => {
                labels.settle(link);
                return Ok(());
            }
        };
        match resource {
            Some(mut resource) => {
                resource::read_content(parsing, &mut resource)?;
                link.resources.push(resource);
            }
            None => parsing.reader.skip()?,
        }
    }
}

/// Says what is left out for want of an `xlink:type`; all but documentation has one (XBRL 2.1 section 3.5.3).
fn untyped(element: &XmlElement<'_, '_>, findings: &mut Findings) {
    if element.attribute_ns(ns::XLINK, "type").is_none() && !element.is(ns::LINK, "documentation") {
        let message = format!("<{}> has no xlink:type and is left out", element.raw_name());
        findings.add(element.line(), "xlink-type-missing", message);
    }
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("bounded by the size of the document")
}

fn start_resource(element: &XmlElement<'_, '_>, strings: &mut Strings) -> Resource {
    Resource {
        name: element.name().clone(),
        role: strings.intern(element.attribute_ns(ns::XLINK, "role").unwrap_or_default().trim()),
        language: element.language(),
        id: element.attribute("id").map(|id| id.trim().into()),
        text: "".into(),
        parts: Vec::new(),
        line: element.line(),
    }
}

fn arc(element: &mut XmlElement<'_, '_>, strings: &mut Strings, findings: &mut Findings) -> LinkArc {
    let arcrole = element.attribute_ns(ns::XLINK, "arcrole").unwrap_or_default().trim();
    if arcrole.is_empty() {
        findings.add(
            element.line(),
            "arcrole-missing",
            format!("<{}> has no xlink:arcrole", element.raw_name()),
        );
    }
    let mut attribute = |value: Option<&str>| value.map(|value| strings.intern(value.trim()));
    let line = element.line();
    let mut number = |name: &str| {
        let value = element.attribute(name)?.trim();
        let parsed = value.parse::<f64>().ok().filter(|number| number.is_finite());
        if parsed.is_none() {
            findings.add(line, "arc-number", format!("{name} {value:?} of an arc is not a decimal"));
        }
        parsed
    };
    let flag = |local: &str| match element.attribute_ns(ns::XBRLDT, local).map(str::trim) {
        Some("true" | "1") => Some(true),
        Some("false" | "0") => Some(false),
        _ => None,
    };
    let mut arc = LinkArc {
        name: element.name().clone(),
        arcrole: attribute(Some(arcrole)).unwrap_or_default(),
        // What the labels stand for is known when the link ends.
        from: 0..0,
        to: 0..0,
        order: number("order").unwrap_or(1.0),
        priority: number("priority").map_or(0, |priority| priority as i64),
        usage: match element.attribute("use").map(str::trim) {
            Some("prohibited") => ArcUse::Prohibited,
            _ => ArcUse::Optional,
        },
        weight: number("weight"),
        preferred_label: attribute(element.attribute("preferredLabel")),
        target_role: attribute(element.attribute_ns(ns::XBRLDT, "targetRole")),
        usable: flag("usable"),
        closed: flag("closed"),
        context_element: attribute(element.attribute_ns(ns::XBRLDT, "contextElement")),
        other: Vec::new(),
        line,
    };
    read_other_attributes(element, &mut arc, strings);
    arc
}

fn read_other_attributes(element: &mut XmlElement<'_, '_>, arc: &mut LinkArc, strings: &mut Strings) {
    for index in 0..element.attributes().len() {
        let raw_name = element.attributes()[index].raw_name;
        if KNOWN_ARC_ATTRIBUTES.contains(&raw_name)
            || matches!(element.attribute_namespace(index), ns::XLINK | ns::XML | ns::XSI)
        {
            continue;
        }
        let Some(name) = element.attribute_name(index) else { continue };
        let is_known = &*name.namespace == ns::XBRLDT && KNOWN_DIMENSION_ATTRIBUTES.contains(&&*name.local);
        if !is_known {
            let value = strings.intern(element.attributes()[index].value.trim());
            arc.other.push((name, value));
        }
    }
    arc.other.sort();
}
