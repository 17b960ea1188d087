//! What is said of valid variations and why, and what is not said of invalid ones and why not.

/// A valid variation of which something is said: its name, the code, and why it is right to say it.
pub(crate) const EXPLAINED: [(&str, &str, &str); 38] = [
    ("302-context V-01", "context-content-unknown", OTHER_CONTENT),
    ("302-context V-03", "context-content-unknown", OTHER_CONTENT),
    ("302-context V-07", "context-content-unknown", OTHER_CONTENT),
    ("302-context V-08", "context-content-unknown", OTHER_CONTENT),
    ("314-lax-validation-testcase V-01", "context-content-unknown", OTHER_CONTENT),
    ("314-lax-validation-testcase V-02", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-01", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-08", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-12", "calculation-inconsistent", OTHER_TYPES),
    ("330-s-equal-testcase V-12", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-13", "calculation-inconsistent", OTHER_TYPES),
    ("330-s-equal-testcase V-13", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-14", "context-content-unknown", OTHER_CONTENT),
    ("330-s-equal-testcase V-17", "calculation-inconsistent", OTHER_TYPES),
    ("330-s-equal-testcase V-17", "context-content-unknown", OTHER_CONTENT),
    ("395-inferNumericConsistency V-3", "number-invalid", DEFAULT_VALUE),
    ("395-inferNumericConsistency V-5", "calculation-inconsistent", DEFAULT_VALUE),
    ("395-inferNumericConsistency V-5", "context-content-unknown", OTHER_CONTENT),
    ("395-inferNumericConsistency V-7", "calculation-inconsistent", DEFAULT_VALUE),
    ("395-inferNumericConsistency V-7", "context-content-unknown", OTHER_CONTENT),
    ("203-TestCase-PrimaryItemDimensionallyInvalidError V-228", "context-content-unknown", OTHER_CONTENT),
    ("301-factlist-testcase V-06", "context-content-unknown", OTHER_CONTENT),
    ("301-idScope V-17", "duplicates-inconsistent", STATED_TWICE),
    ("320-CalculationBinding V-21", "calculation-rounding", BOUND_ONCE),
    ("320-CalculationBinding V-22", "duplicates-inconsistent", STATED_TWICE),
    ("322-XmlXbrlInteraction V-00", "accuracy-missing", DEFAULT_VALUE),
    ("322-XmlXbrlInteraction V-02", "accuracy-missing", DEFAULT_VALUE),
    ("322-XmlXbrlInteraction V-04", "accuracy-missing", DEFAULT_VALUE),
    ("322-XmlXbrlInteraction V-05", "accuracy-missing", DEFAULT_VALUE),
    ("331-equivalentRelationships-testcase V-10", "calculation-inconsistent", OTHER_TYPES),
    ("331-equivalentRelationships-testcase V-11", "calculation-inconsistent", OTHER_TYPES),
    ("331-equivalentRelationships-testcase V-13", "calculation-inconsistent", OTHER_TYPES),
    ("397-Testcase-SummationItem V-11", "duplicates-inconsistent", STATED_TWICE),
    ("397-Testcase-SummationItem V-12", "calculation-inconsistent", BOUND_ONCE),
    ("203-TestCase-PrimaryItemDimensionallyInvalidError V-04", "target-role-unresolved", DEAD_END),
    ("203-TestCase-PrimaryItemDimensionallyInvalidError V-225", "member-wrong-kind", ANY_ELEMENT),
    ("203-TestCase-PrimaryItemDimensionallyInvalidError V-226", "member-wrong-kind", ANY_ELEMENT),
    ("207-TestCase-ExplicitMemberUndefinedQNameError V-04", "member-wrong-kind", ANY_ELEMENT),
];

const OTHER_CONTENT: &str = "XBRL 2.1 allows any content in a segment or scenario, EDGAR dimensions alone (EFM 6.5.5): it \
    stays part of the context's identity, and is said to be unread";
const DEFAULT_VALUE: &str = "what is not written is a default in its schema, and defaults of XML Schema are not applied: it \
    is unknown here, and what depends on it is said";

const STATED_TWICE: &str = "the document states it twice and differently, which XBRL 2.1 allows; whoever asks for the value \
    gets two, and is told";
const BOUND_ONCE: &str = "XBRL 2.1 binds no item that is stated twice (5.2.5.2); inline documents state most of theirs twice, so \
    here statements that agree are one, as Calculations 1.1 has it";
const OTHER_TYPES: &str = "equal by a type of the filer's own schema, of an attribute or of what a scenario holds: such types are \
    not applied, and what is written differently differs";
const DEAD_END: &str =
    "Dimensions asks that the role be named, which it is; it leads nowhere, and that is said";
const ANY_ELEMENT: &str =
    "Dimensions asks for any declared element (2.2.1), EDGAR for an item of a domain (EFM 6.8.12)";

// Why an invalid variation may pass in silence.
const NO_SCHEMA_VALIDATION: &str =
    "invalid by XML Schema, which is not applied to any document: EDGAR has done so";
const NO_TAXONOMY_VALIDATION: &str = "a rule for who writes taxonomies: what is declared is taken as it stands, and \
    nothing depends on the rule";
const NO_NETWORK_VALIDATION: &str = "a rule for who writes linkbases: the relationships are kept as they stand, cycles \
    and all";
const NO_INSTANCE_VALIDATION: &str = "a rule that joins facts, contexts and concepts, beyond the parser: the facts are kept \
    as they stand";
const NO_CALCULATION: &str =
    "an inconsistency of calculations, beyond the parser: the facts are kept as they stand";
const NO_INFERENCE: &str =
    "essence-alias arcs infer no values here, nor are they checked (EFM 6.16 has none)";
const NO_DIMENSIONAL_VALIDATION: &str =
    "dimensional validity: members are kept as they stand, whatever hypercubes allow";
const NO_FOOTNOTE_VALIDATION: &str = "a rule for footnote links of instances, on which no fact depends";

/// What is said of other content whether it is valid or not is no notice of what is wrong with it.
pub(crate) const NO_NOTICE: &str = "context-content-unknown";

/// Test cases with invalid variations: which of these are noticed, and why the others are not, where there are others.
pub(crate) const INVALID: &[(&str, &[&str], &str)] = &[
    (
        "301-idScope",
        &["V-3", "V-4", "V-5", "V-8", "V-9", "V-10", "V-11", "V-12", "V-14", "V-15"],
        NO_FOOTNOTE_VALIDATION,
    ),
    ("302-context", &["V-10"], NO_INSTANCE_VALIDATION),
    ("303-periodType", &["V-03", "V-04", "V-05"], ""),
    ("304-unitOfMeasure", &[], NO_INSTANCE_VALIDATION),
    ("305-decimalPrecision", &["V-03", "V-04", "V-07"], NO_INSTANCE_VALIDATION),
    ("306-required", &[], NO_SCHEMA_VALIDATION),
    ("307-schemaRef", &["V-2"], NO_TAXONOMY_VALIDATION),
    ("308-ArcroleAndRoleRefs-testcase", &[], NO_FOOTNOTE_VALIDATION),
    ("314-lax-validation-testcase", &[], NO_SCHEMA_VALIDATION),
    (
        "320-CalculationBinding",
        &[
            "V-01", "V-02", "V-06", "V-07", "V-08", "V-11", "V-16", "V-17", "V-18", "V-19", "V-25", "V-32",
            "V-35",
        ],
        "",
    ),
    ("321-internationalization", &["V-00"], ""),
    ("322-XmlXbrlInteraction", &["V-01", "V-03"], ""),
    ("331-equivalentRelationships-testcase", &["V-01", "V-03", "V-06", "V-07", "V-08", "V-09", "V-12"], ""),
    ("330-s-equal-testcase", &["V-02", "V-03", "V-04", "V-05", "V-06", "V-07", "V-15"], NO_CALCULATION),
    ("392-inferEssenceAlias", &[], NO_INFERENCE),
    ("395-inferNumericConsistency", &["V-2", "V-4", "V-6", "V-8"], ""),
    (
        "397-Testcase-SummationItem",
        &["V-01", "V-04", "V-07", "V-09", "V-20", "V-21", "V-24", "V-25", "V-27", "V-29", "V-30"],
        NO_CALCULATION,
    ),
    ("201-linkref", &["V-01"], NO_NETWORK_VALIDATION),
    ("202-xlinkLocator", &["V-02", "V-03c", "V-08", "V-12"], NO_NETWORK_VALIDATION),
    ("204-arcCycles", &[], NO_NETWORK_VALIDATION),
    ("205-roleDeclared", &[], NO_TAXONOMY_VALIDATION),
    ("206-arcDeclared", &[], NO_NETWORK_VALIDATION),
    ("207-arcDeclaredCycles", &[], NO_NETWORK_VALIDATION),
    ("208-balance", &["V-10"], NO_NETWORK_VALIDATION),
    ("210-relationshipEquivalence", &["V-2"], ""),
    ("211-Testcase-sEqualUsedOn", &[], NO_TAXONOMY_VALIDATION),
    ("213-SummationItemArcEndpoints", &[], NO_NETWORK_VALIDATION),
    ("214-lax-validation-testcase", &[], NO_SCHEMA_VALIDATION),
    ("215-ArcroleAndRoleRefs-testcase", &[], NO_NETWORK_VALIDATION),
    ("220-NonStandardArcsAndTypes", &[], NO_NETWORK_VALIDATION),
    ("231-SyntacticallyEqualArcsThatAreNotEquivalentArcs", &["V-01"], ""),
    ("291-inferArcOverride", &["V-12"], NO_CALCULATION),
    ("292-Embeddedlinkbaseinthexsd", &[], NO_NETWORK_VALIDATION),
    ("preferredLabel", &[], NO_NETWORK_VALIDATION),
    ("102-item", &[], NO_TAXONOMY_VALIDATION),
    ("103-type", &[], NO_TAXONOMY_VALIDATION),
    ("104-tuple", &[], NO_TAXONOMY_VALIDATION),
    ("105-balance", &[], NO_TAXONOMY_VALIDATION),
    ("106-targetNamespace", &[], NO_TAXONOMY_VALIDATION),
    ("107-DTSWithLinkbaseInSchema", &[], NO_TAXONOMY_VALIDATION),
    ("114-lax-validation-testcase", &["V-05"], NO_SCHEMA_VALIDATION),
    ("115-ArcroleAndRoleRefs-testcase", &[], NO_NETWORK_VALIDATION),
    ("160-UsedOn", &[], NO_TAXONOMY_VALIDATION),
    ("161-Appinfo", &[], NO_TAXONOMY_VALIDATION),
    ("arc-duplication-testcase", &[], NO_NETWORK_VALIDATION),
    ("uniqueParticleAttribution-testcase", &[], NO_SCHEMA_VALIDATION),
    ("400-nestedElements", &["v01", "v02", "v03", "v04", "v05", "v06"], ""),
    ("001-TestCase-Taxonomy", &[], NO_SCHEMA_VALIDATION),
    ("101-TestCase-HypercubeElementIsNotAbstractError", &[], NO_TAXONOMY_VALIDATION),
    ("102-TestCase-HypercubeDimensionSourceError", &[], NO_NETWORK_VALIDATION),
    ("103-TestCase-HypercubeDimensionTargetError", &[], NO_NETWORK_VALIDATION),
    ("104-TestCase-HasHypercubeSourceError", &[], NO_NETWORK_VALIDATION),
    ("105-TestCase-HasHypercubeTargetError", &[], NO_NETWORK_VALIDATION),
    ("106-TestCase-HasHypercubeMissingContextElementAttributeError", &[], NO_NETWORK_VALIDATION),
    ("107-TestCase-TargetRoleNotResolvedError", &[], NO_NETWORK_VALIDATION),
    ("108-TestCase-DimensionElementIsNotAbstractError", &[], NO_TAXONOMY_VALIDATION),
    ("109-TestCase-TypedDomainRefError", &[], NO_TAXONOMY_VALIDATION),
    ("110-TestCase-TypedDimensionError", &[], NO_TAXONOMY_VALIDATION),
    ("111-TestCase-TypedDimensionURIError", &[], NO_TAXONOMY_VALIDATION),
    ("112-TestCase-DimensionDomainSourceError", &[], NO_NETWORK_VALIDATION),
    ("113-TestCase-DimensionDomainTargetError", &[], NO_NETWORK_VALIDATION),
    ("115-TestCase-PrimaryItemPolymorphismError", &[], NO_NETWORK_VALIDATION),
    ("116-TestCase-DomainMemberSourceError", &[], NO_NETWORK_VALIDATION),
    ("117-TestCase-DomainMemberTargetError", &[], NO_NETWORK_VALIDATION),
    ("122-TestCase-DimensionDefaultSourceError", &[], NO_NETWORK_VALIDATION),
    ("123-TestCase-DimensionDefaultTargetError", &[], NO_NETWORK_VALIDATION),
    ("124-TestCase-TooManyDefaultMembersError", &[], NO_NETWORK_VALIDATION),
    ("126-TestCase-DRSDirectedCycleError", &[], NO_NETWORK_VALIDATION),
    ("127-TestCase-OutOfDTSSchemaError", &[], NO_TAXONOMY_VALIDATION),
    ("202-TestCase-DefaultValueUsedInInstanceError", &["V-17"], ""),
    ("203-TestCase-PrimaryItemDimensionallyInvalidError", &["V-28", "V-29"], NO_DIMENSIONAL_VALIDATION),
    ("204-TestCase-RepeatedDimensionInInstanceError", &["V-02", "V-04", "V-05", "V-07", "V-08"], ""),
    ("205-TestCase-TypedMemberNotTypedDimensionError", &["V-01"], ""),
    ("206-TestCase-ExplicitMemberNotExplicitDimensionError", &["V-01"], ""),
    ("207-TestCase-ExplicitMemberUndefinedQNameError", &["V-01", "V-02", "V-03"], ""),
    ("208-TestCase-IllegalTypedDimensionContentError", &["V-03", "V-04", "V-05", "V-06"], ""),
    ("270-DefaultValueExamples", &[], NO_DIMENSIONAL_VALIDATION),
];
