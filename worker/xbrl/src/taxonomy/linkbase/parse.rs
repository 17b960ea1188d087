//! Reads a linkbase, whether a document of its own or embedded in a schema.
//!
//! Elements are told apart by `xlink:type`, so custom links and arcs are read like the standard ones.

use super::labels::LinkLabels;
use super::{Bearer, ExtendedLink, LinkKind, Linkbase, Locator, Resource, RoleRef, arc, resource};
use crate::Error;
use crate::name::ns;
use crate::reader::{Event, XmlElement};
use crate::taxonomy::href::{Hrefs, Purpose};
use crate::taxonomy::parsing::{Findings, Parsing, Strings};

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
                        link.arcs.push(arc::read(&mut element, labels, strings, findings));
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
