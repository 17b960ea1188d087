//! Labels and references of concepts: the networks whose relationships lead to resources, read for what they say.

use std::sync::Arc;

use super::dts::Dts;
use super::endpoint::Endpoint;
use super::linkbase::{LinkArc, Resource};
use super::network::Relationship;
use crate::QName;

/// Concept to label (XBRL 2.1 section 5.2.2.3).
pub const CONCEPT_LABEL: &str = "http://www.xbrl.org/2003/arcrole/concept-label";
/// Element to generic label (Generic Labels 1.0).
pub const ELEMENT_LABEL: &str = "http://xbrl.org/arcrole/2008/element-label";
/// Concept to reference (XBRL 2.1 section 5.2.3.3).
pub const CONCEPT_REFERENCE: &str = "http://www.xbrl.org/2003/arcrole/concept-reference";
/// Element to generic reference (Generic References 1.0).
pub const ELEMENT_REFERENCE: &str = "http://xbrl.org/arcrole/2008/element-reference";

/// A label in effect.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The concept it names.
    pub concept: &'a QName,
    /// What kind of label it is; empty when the resource has no role.
    pub role: &'a Arc<str>,
    /// `xml:lang`.
    pub language: Option<&'a Arc<str>>,
    /// The text.
    pub text: &'a Arc<str>,
    /// The arc that joins the two.
    pub arc: &'a LinkArc,
    /// Whether the filing's own documents say so.
    pub is_own: bool,
}

/// A reference in effect.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The concept it explains.
    pub concept: &'a QName,
    /// What kind of reference it is; empty when the resource has no role.
    pub role: &'a Arc<str>,
    /// Its parts in document order.
    pub parts: &'a [(QName, Arc<str>)],
    /// The arc that joins the two.
    pub arc: &'a LinkArc,
    /// Whether the filing's own documents say so.
    pub is_own: bool,
}

impl Dts {
    /// Labels in effect, network by network, by order.
    pub fn labels(&self) -> impl Iterator<Item = Label<'_>> {
        self.resources([CONCEPT_LABEL, ELEMENT_LABEL]).map(|(concept, resource, relationship)| Label {
            concept,
            role: &resource.role,
            language: resource.language.as_ref(),
            text: &resource.text,
            arc: relationship.arc,
            is_own: relationship.document.is_own,
        })
    }

    /// References in effect, network by network, by order.
    pub fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        self.resources([CONCEPT_REFERENCE, ELEMENT_REFERENCE]).map(|(concept, resource, relationship)| {
            Reference {
                concept,
                role: &resource.role,
                parts: &resource.parts,
                arc: relationship.arc,
                is_own: relationship.document.is_own,
            }
        })
    }

    /// The relationships of these arcroles that lead from a concept to a resource.
    fn resources(
        &self,
        arcroles: [&'static str; 2],
    ) -> impl Iterator<Item = (&QName, &Resource, Relationship<'_>)> {
        self.networks()
            .filter(move |network| arcroles.contains(&&**network.arcrole()))
            .flat_map(|network| network.relationships())
            .filter_map(move |relationship| match (relationship.from.endpoint, relationship.to.endpoint) {
                (Endpoint::Concept(concept), Endpoint::Resource(resource)) => {
                    Some((&concept.name, self.resource(*resource), relationship))
                }
                _ => None,
            })
    }
}
