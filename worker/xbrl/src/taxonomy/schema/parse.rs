//! Reads a schema: the global declarations and what annotations carry for XBRL, in one pass.
//!
//! What only validation needs (content models, most facets, attributes of types) is skipped: EDGAR has validated the
//! filing, and the standard schemas are fixed.

use std::sync::Arc;

use super::{
    ArcroleType, Balance, ElementDeclaration, Import, LinkbaseRef, PeriodType, RoleType, Schema,
    TypeDeclaration, WhiteSpace,
};
use crate::name::ns;
use crate::reader::{Event, Unprefixed, XmlElement};
use crate::taxonomy::href::{Hrefs, Purpose};
use crate::taxonomy::linkbase;
use crate::taxonomy::parsing::{Findings, Parsing};
use crate::{Error, QName};

/// A schema of which nothing is known but its root.
pub(crate) fn open(root: &XmlElement<'_, '_>) -> Schema {
    let prefixes = root
        .declarations()
        .filter(|(prefix, _)| !prefix.is_empty())
        .map(|(prefix, namespace)| (prefix.into(), namespace.clone()))
        .collect();
    let target_namespace = root.attribute("targetNamespace").unwrap_or_default().trim().into();
    Schema { target_namespace, prefixes, ..Schema::default() }
}

/// Reads the rest of the schema whose root was started last.
pub(crate) fn parse(parsing: &mut Parsing<'_>, schema: &mut Schema) -> Result<(), Error> {
    let mut position = 0;
    loop {
        let child = match parsing.reader.read()? {
            Some(Event::Start(mut element)) => {
                position += 1;
                parsing.hrefs.pass(&element);
                Child::of(&mut element, position, &mut parsing.hrefs, &mut parsing.findings)
            }
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) | None => break,
        };
        match child {
            Child::Element(mut declaration) => {
                let anonymous = derivation(parsing, declaration.name.clone())?;
                declaration.anonymous_type = Some(anonymous).filter(|made| made.base.is_some());
                schema.elements.push(declaration);
            }
            Child::Type(name) => {
                let declaration = derivation(parsing, name)?;
                schema.types.push(declaration);
            }
            Child::Import(import) => {
                schema.imports.push(import);
                parsing.reader.skip()?;
            }
            Child::Include(location) => {
                schema.includes.push(location);
                parsing.reader.skip()?;
            }
            Child::Annotation => annotation(parsing, schema)?,
            Child::Other => parsing.reader.skip()?,
        }
    }
    schema.index();
    Ok(())
}

/// A child of the root, as far as its start tag says.
enum Child {
    Element(ElementDeclaration),
    Type(Arc<str>),
    Import(Import),
    Include(Arc<str>),
    Annotation,
    Other,
}

impl Child {
    fn of(
        element: &mut XmlElement<'_, '_>,
        position: u32,
        hrefs: &mut Hrefs<'_>,
        findings: &mut Findings,
    ) -> Self {
        if element.namespace() != ns::XSD {
            return Child::Other;
        }
        let named = match element.local() {
            "element" | "complexType" | "simpleType" => element.attribute("name").map(str::trim),
            "import" => {
                let namespace = element.attribute("namespace").unwrap_or_default().trim().into();
                let written = element.attribute("schemaLocation");
                let location =
                    written.map(|written| hrefs.discover(element, written, Purpose::Content).document);
                return Child::Import(Import { namespace, location });
            }
            "include" | "redefine" => {
                let Some(written) = element.attribute("schemaLocation") else { return Child::Other };
                return Child::Include(hrefs.discover(element, written, Purpose::Content).document);
            }
            "annotation" => return Child::Annotation,
            _ => return Child::Other,
        };
        let Some(name) = named.filter(|name| !name.is_empty()) else {
            let message = format!("global <{}> has no name", element.raw_name());
            findings.add(element.line(), "declaration-unnamed", message);
            return Child::Other;
        };
        let name = name.into();
        match element.local() {
            "element" => Child::Element(declaration(element, name, position, hrefs, findings)),
            _ => Child::Type(name),
        }
    }
}

fn declaration(
    element: &mut XmlElement<'_, '_>,
    name: Arc<str>,
    position: u32,
    hrefs: &mut Hrefs<'_>,
    findings: &mut Findings,
) -> ElementDeclaration {
    let period_type = match element.attribute_ns(ns::XBRLI, "periodType").map(str::trim) {
        Some("instant") => Some(PeriodType::Instant),
        Some("duration") => Some(PeriodType::Duration),
        Some(other) => {
            findings.add(
                element.line(),
                "period-type-unknown",
                format!("{name} has the period type {other:?}"),
            );
            None
        }
        None => None,
    };
    let balance = match element.attribute_ns(ns::XBRLI, "balance").map(str::trim) {
        Some("debit") => Some(Balance::Debit),
        Some("credit") => Some(Balance::Credit),
        Some(other) => {
            findings.add(element.line(), "balance-unknown", format!("{name} has the balance {other:?}"));
            None
        }
        None => None,
    };
    let typed_domain = element.attribute_ns(ns::XBRLDT, "typedDomainRef");
    let typed_domain = typed_domain.map(|written| hrefs.resolve(element, written));
    let mut resolved = |attribute: &str| {
        let name_or_nothing = element.resolve_attribute(attribute, Unprefixed::DefaultNamespace)?;
        if name_or_nothing.is_none() {
            findings.add(
                element.line(),
                "name-unresolved",
                format!("{attribute} of {name} is no declared name"),
            );
        }
        name_or_nothing
    };
    let type_name = resolved("type");
    let substitution_group = resolved("substitutionGroup");
    ElementDeclaration {
        id: element.attribute("id").map(|id| id.trim().into()),
        name,
        type_name,
        anonymous_type: None,
        substitution_group,
        is_abstract: is_true(element.attribute("abstract")),
        is_nillable: is_true(element.attribute("nillable")),
        period_type,
        balance,
        typed_domain,
        position,
        line: element.line(),
    }
}

fn is_true(value: Option<&str>) -> bool {
    matches!(value.map(str::trim), Some("true" | "1"))
}

/// Reads to the end of the type, or element with an anonymous type, that was started last. The outermost restriction
/// or extension comes first in the document; those of nested elements, attributes, lists and unions say nothing
/// about the type itself.
fn derivation(parsing: &mut Parsing<'_>, name: Arc<str>) -> Result<TypeDeclaration, Error> {
    let mut found = TypeDeclaration { name, ..TypeDeclaration::default() };
    let mut open = 0;
    loop {
        let is_entered = match parsing.reader.read()? {
            Some(Event::Start(mut element)) => match (element.namespace() == ns::XSD, element.local()) {
                (true, "restriction" | "extension") => {
                    let base = element.resolve_attribute("base", Unprefixed::DefaultNamespace).flatten();
                    found.base = found.base.or(base);
                    true
                }
                (true, "enumeration") => {
                    found.has_enumeration = true;
                    false
                }
                (true, "whiteSpace") => {
                    found.white_space = element.attribute("value").and_then(white_space);
                    false
                }
                (true, "complexType" | "simpleType" | "simpleContent" | "complexContent") => true,
                _ => false,
            },
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) if open > 0 => {
                open -= 1;
                continue;
            }
            Some(Event::End(_)) | None => return Ok(found),
        };
        if is_entered {
            open += 1;
        } else {
            parsing.reader.skip()?;
        }
    }
}

fn white_space(value: &str) -> Option<WhiteSpace> {
    Some(match value.trim() {
        "preserve" => WhiteSpace::Preserve,
        "replace" => WhiteSpace::Replace,
        "collapse" => WhiteSpace::Collapse,
        _ => return None,
    })
}

/// What an annotation holds for XBRL.
enum Note {
    Role(RoleType),
    Arcrole(ArcroleType),
    Linkbase,
    Nothing,
}

/// Reads to the end of the annotation that was started last.
fn annotation(parsing: &mut Parsing<'_>, schema: &mut Schema) -> Result<(), Error> {
    let mut open = 0;
    loop {
        let note = match parsing.reader.read()? {
            Some(Event::Start(element)) => {
                parsing.hrefs.pass(&element);
                if element.is(ns::LINK, "linkbaseRef") {
                    linkbase_ref(&element, &mut parsing.hrefs, &mut parsing.findings, schema);
                }
                note(&element)
            }
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) if open > 0 => {
                open -= 1;
                continue;
            }
            Some(Event::End(_)) | None => return Ok(()),
        };
        match note {
            Note::Role(mut role) => {
                (role.definition, role.used_on) = role_body(parsing)?;
                schema.role_types.push(role);
            }
            Note::Arcrole(mut arcrole) => {
                (arcrole.definition, arcrole.used_on) = role_body(parsing)?;
                schema.arcrole_types.push(arcrole);
            }
            Note::Linkbase => schema.linkbases.push(linkbase::parse(parsing)?),
            Note::Nothing => open += 1,
        }
    }
}

fn note(element: &XmlElement<'_, '_>) -> Note {
    if element.namespace() != ns::LINK {
        return Note::Nothing;
    }
    let attribute = |name: &str| element.attribute(name).map(|value| Arc::from(value.trim()));
    let (id, line) = (attribute("id"), element.line());
    match element.local() {
        "roleType" => Note::Role(RoleType {
            uri: attribute("roleURI").unwrap_or_default(),
            id,
            line,
            ..RoleType::default()
        }),
        "arcroleType" => Note::Arcrole(ArcroleType {
            uri: attribute("arcroleURI").unwrap_or_default(),
            id,
            cycles_allowed: attribute("cyclesAllowed"),
            line,
            ..ArcroleType::default()
        }),
        "linkbase" => Note::Linkbase,
        _ => Note::Nothing,
    }
}

fn linkbase_ref(
    element: &XmlElement<'_, '_>,
    hrefs: &mut Hrefs<'_>,
    findings: &mut Findings,
    schema: &mut Schema,
) {
    match element.attribute_ns(ns::XLINK, "href") {
        Some(written) => {
            let role = element.attribute_ns(ns::XLINK, "role").map(|role| role.trim().into());
            schema
                .linkbase_refs
                .push(LinkbaseRef { role, href: hrefs.discover(element, written, Purpose::Content) });
        }
        None => findings.add(element.line(), "href-missing", "linkbaseRef has no xlink:href".to_owned()),
    }
}

/// Definition and usedOn of the roleType or arcroleType that was started last.
fn role_body(parsing: &mut Parsing<'_>) -> Result<(Option<Arc<str>>, Vec<QName>), Error> {
    let (mut definition, mut used_on) = (None, Vec::new());
    loop {
        let (is_definition, is_used_on) = match parsing.reader.read()? {
            Some(Event::Start(element)) => {
                (element.is(ns::LINK, "definition"), element.is(ns::LINK, "usedOn"))
            }
            Some(Event::Text(_)) => continue,
            Some(Event::End(_)) | None => return Ok((definition, used_on)),
        };
        if !is_definition && !is_used_on {
            parsing.reader.skip()?;
            continue;
        }
        let text = parsing.trimmed_text()?;
        if is_definition {
            definition = text;
        } else if let Some(text) = text {
            match parsing.reader.resolve(&text, Unprefixed::DefaultNamespace) {
                Some(name) => used_on.push(name),
                None => {
                    let message = format!("usedOn {text:?} is no declared name");
                    parsing.findings.add(parsing.reader.line(), "name-unresolved", message);
                }
            }
        }
    }
}
