//! Relationship tables, as files have them. Every row names the filing it belongs to.

use super::column::{Column, double, int32, string};
use super::table::{Table, TableKind};

const FROM: Column = string("from", "Identifier of the source node.");
const TO: Column = string("to", "Identifier of the target node.");
const OWNER: Column = string("accession", "The filing the row belongs to.");

/// Properties are text where they say no other type.
macro_rules! relationship {
    (
        $name:literal, $from:literal -> $to:literal, $doc:literal
        $(, $property:literal: $($column_type:ident)? $property_doc:literal)*
    ) => {
        Table {
            name: $name,
            kind: TableKind::Relationship { from: $from, to: $to },
            doc: $doc,
            columns: &[FROM, TO, $(property!($property, $property_doc $(, $column_type)?),)* OWNER],
        }
    };
}

macro_rules! property {
    ($name:literal, $doc:literal) => {
        string($name, $doc)
    };
    ($name:literal, $doc:literal, $column_type:ident) => {
        $column_type($name, $doc)
    };
}

pub(super) const TABLES: &[Table] = &[
    relationship!("ELEMENT_HAS_LABEL", "Element" -> "Label", "The concept's label as this filing has it.",
        "label_context": "`Label: {role}`."),
    relationship!("ELEMENT_HAS_REFERENCE", "Element" -> "Reference", "A reference of the concept.",
        "reference_context": "`Reference: {role}`."),
    relationship!("TAXONOMY_HAS_LABEL", "Taxonomy" -> "Label", "A label that the filer's own taxonomy contains.",
        "label_context": "`Taxonomy label: {role}`."),
    relationship!("TAXONOMY_HAS_REFERENCE", "Taxonomy" -> "Reference", "A reference that the filer's own taxonomy contains.",
        "reference_context": "`Taxonomy reference: {role}`."),
    relationship!("ENTITY_HAS_REPORT", "Entity" -> "Report", "Who filed.",
        "filing_context": "`Filing: {form}`.",
        "role": "filer for the entity of the facts, co-registrant for others the filing is listed under."),
    relationship!("REPORT_HAS_FACT", "Report" -> "Fact", "A fact of the filing.",
        "fact_context": "`Fact: {concept}`."),
    relationship!("FACT_HAS_ELEMENT", "Fact" -> "Element", "What the fact is of."),
    relationship!("FACT_HAS_ENTITY", "Fact" -> "Entity", "Who the fact is about.",
        "entity_context": "`Entity: {identifier}`.",
        "role": "context for the entity of the fact's context; legal-entity for the other company that the fact's member of LegalEntityAxis is, as the cover page says."),
    relationship!("FACT_HAS_PERIOD", "Fact" -> "Period", "When the fact holds.",
        "period_context": "`Period: {date}` or `Period: {start}/{end}`."),
    relationship!("FACT_HAS_UNIT", "Fact" -> "Unit", "What the fact is measured in.",
        "unit_context": "`Unit: {measure}`."),
    relationship!("STRUCTURE_HAS_TAXONOMY", "Structure" -> "Taxonomy", "The taxonomy that declares the role.",
        "taxonomy_context": "`Taxonomy: {namespace}`."),
    relationship!("FACT_HAS_DIMENSION", "Fact" -> "FactDimension", "An axis and member of the fact's context."),
    relationship!("FACT_DIMENSION_AXIS_ELEMENT", "FactDimension" -> "Element", "The axis."),
    relationship!("FACT_DIMENSION_MEMBER_ELEMENT", "FactDimension" -> "Element", "The explicit member."),
    relationship!("FACT_SET_CONTAINS_FACT", "FactSet" -> "Fact", "A fact of the set."),
    relationship!("REPORT_HAS_FACT_SET", "Report" -> "FactSet", "The filing's facts as a set.",
        "fact_set_context": "`Report facts for {form}`."),
    relationship!("REPORT_USES_TAXONOMY", "Report" -> "Taxonomy", "A namespace the filing's concepts come from.",
        "taxonomy_context": "`Taxonomy: {namespace}`."),
    relationship!("STRUCTURE_HAS_ASSOCIATION", "Structure" -> "Association", "An arc of the network.",
        "association_context": "`Association: {arcrole}`."),
    relationship!("ASSOCIATION_HAS_FROM_ELEMENT", "Association" -> "Element", "The arc's source, the parent."),
    relationship!("ASSOCIATION_HAS_TO_ELEMENT", "Association" -> "Element", "The arc's target, the child."),
    relationship!("FACT_HAS_FOOTNOTE", "Fact" -> "Footnote", "A note on the fact.",
        "arcrole": "What the note is to the fact: the arcrole.",
        "order_value": double "The order among the fact's notes, 1 where the filing does not say."),
    relationship!("FACT_HAS_VALUE_ELEMENT", "Fact" -> "Element", "An element that the fact's value names: an extensible enumeration.",
        "order_value": int32 "Its place in the value, from 1."),
];
