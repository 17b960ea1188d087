//! A concept with everything its declaration leaves to other documents: prefix, base type, substitution group.

use std::sync::Arc;

use super::catalog::Catalog;
use super::schema::{Balance, ElementDeclaration, PeriodType, TypeDeclaration, WhiteSpace};
use crate::QName;
use crate::name::ns;

/// Steps in a chain of types or substitution groups. Standard taxonomies take up to four; a cycle takes all.
const MAX_CHAIN: usize = 32;

/// A declared element of the DTS.
#[derive(Clone, Debug)]
pub struct Concept<'a> {
    /// The name.
    pub name: QName,
    /// The conventional prefix of its namespace.
    pub prefix: Option<&'a Arc<str>>,
    /// The declaration, for everything it says by itself.
    pub declaration: &'a ElementDeclaration,
    /// The type.
    pub item_type: ItemType,
    /// What it substitutes for in the end; `None` for elements that are no concepts, and when the chain of groups
    /// leaves the DTS.
    pub substitution: Option<Substitution>,
    /// The URL of the schema that declares it.
    pub url: &'a Arc<str>,
    /// Whether that schema is the filing's own.
    pub is_own: bool,
}

impl Concept<'_> {
    /// Whether it is measured at a moment or over time.
    pub fn period_type(&self) -> Option<PeriodType> {
        self.declaration.period_type
    }

    /// On which side of the books it stands.
    pub fn balance(&self) -> Option<Balance> {
        self.declaration.balance
    }

    /// `prefix:local`, the local name alone when no prefix is known.
    pub fn prefixed_name(&self) -> String {
        match self.prefix {
            Some(prefix) => format!("{prefix}:{}", self.name.local),
            None => self.name.local.to_string(),
        }
    }
}

/// The head of a substitution group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Substitution {
    /// `xbrli:item`.
    Item,
    /// `xbrli:tuple`.
    Tuple,
    /// `xbrldt:dimensionItem`: an axis.
    Dimension,
    /// `xbrldt:hypercubeItem`: a table.
    Hypercube,
}

/// A concept's type, its chain of derivations walked as far as the DTS goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemType {
    /// The type the element declares; `None` for an anonymous one.
    pub name: Option<QName>,
    /// The XBRL item type at the end of the chain, such as `xbrli:monetaryItemType`, and what it means; `None` when
    /// the chain ends elsewhere or leaves the DTS.
    pub base: Option<(QName, BaseType)>,
    /// Whether the chain was walked to its end. Without that, `None` below means "not known".
    pub is_complete: bool,
    /// The nearest word on white space on the chain.
    white_space: Option<WhiteSpace>,
    /// How its facts name elements, where they do.
    pub extensible: Option<ExtensibleEnumeration>,
    is_text_block: bool,
    is_domain: bool,
    is_enumeration: bool,
    /// Whether it is of the types registry's that have no language (`noLangStringItemType`, `noLangTokenItemType`).
    has_no_language: bool,
}

impl ItemType {
    /// Whether facts of it are numbers.
    pub fn is_numeric(&self) -> Option<bool> {
        self.known(self.base.as_ref().is_some_and(|(_, base)| base.is_numeric()))
    }

    /// Whether facts of it are whole numbers by type.
    pub fn is_integer(&self) -> Option<bool> {
        self.is(BaseType::Integer)
    }

    /// Whether facts of it are amounts of money.
    pub fn is_monetary(&self) -> Option<bool> {
        self.is(BaseType::Monetary)
    }

    /// Whether facts of it are numbers of shares.
    pub fn is_shares(&self) -> Option<bool> {
        self.is(BaseType::Shares)
    }

    /// Whether facts of it are fractions, with numerator and denominator.
    pub fn is_fraction(&self) -> Option<bool> {
        self.is(BaseType::Fraction)
    }

    /// Whether facts of it are blocks of escaped XHTML (`textBlockItemType` of any registry).
    pub fn is_text_block(&self) -> Option<bool> {
        self.known(self.is_text_block)
    }

    /// Whether it is the type of domains and their members (`domainItemType` of any registry).
    pub fn is_domain(&self) -> Option<bool> {
        self.known(self.is_domain)
    }

    /// Whether values come from a list, in the schema or as an extensible enumeration.
    pub fn is_enumeration(&self) -> Option<bool> {
        self.known(self.is_enumeration)
    }

    /// What becomes of white space in its values; `None` when the type is not known to its end.
    pub fn white_space(&self) -> Option<WhiteSpace> {
        let built_in = || match &*self.base.as_ref()?.0.local {
            "stringItemType" => Some(WhiteSpace::Preserve),
            "normalizedStringItemType" => Some(WhiteSpace::Replace),
            _ => Some(WhiteSpace::Collapse),
        };
        self.white_space.or_else(built_in)
    }

    /// Whether facts of it are text, which is in a language: derived from string, but not from the types of names and
    /// codes (Open Information Model 1.0, "text fact").
    pub fn is_text(&self) -> Option<bool> {
        let (name, base) = self.base.as_ref()?;
        let is_code = matches!(&*name.local, "languageItemType" | "NameItemType" | "NCNameItemType");
        Some(*base == BaseType::String && !is_code && !self.has_no_language)
    }

    fn is(&self, wanted: BaseType) -> Option<bool> {
        self.known(self.base.as_ref().is_some_and(|(_, base)| *base == wanted))
    }

    /// Adds what one type of the chain says; those before it are nearer to the element.
    fn learn(&mut self, declaration: &TypeDeclaration) {
        self.is_enumeration |= declaration.has_enumeration;
        self.white_space = self.white_space.or(declaration.white_space);
    }

    /// A yes is a yes wherever on the chain it was found; a no needs the whole chain.
    fn known(&self, answer: bool) -> Option<bool> {
        (answer || self.is_complete).then_some(answer)
    }
}

/// The types whose facts name elements of the taxonomy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtensibleEnumeration {
    /// One name with a prefix (Extensible Enumerations 1.0).
    QName,
    /// One name as `{namespace}#{local}` (Extensible Enumerations 2.0).
    Name,
    /// Any number of such names, separated by blanks (Extensible Enumerations 2.0).
    Names,
}

impl ExtensibleEnumeration {
    fn of(namespace: &str, local: &str) -> Option<Self> {
        match (namespace, local) {
            (ns::ENUM_1_0, "enumerationItemType") => Some(Self::QName),
            (ns::ENUM_2_0, "enumerationItemType") => Some(Self::Name),
            (ns::ENUM_2_0, "enumerationSetItemType") => Some(Self::Names),
            _ => None,
        }
    }
}

/// The item types of XBRL 2.1 section 5.1.1.3, those of one meaning together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum BaseType {
    Monetary,
    Shares,
    Pure,
    Fraction,
    Decimal,
    Float,
    Double,
    /// `integerItemType` and everything XML Schema derives from integer.
    Integer,
    Boolean,
    /// `stringItemType`, normalized strings, tokens, names.
    String,
    Uri,
    QName,
    /// Dates, times and parts of dates.
    Date,
    Duration,
    Binary,
}

impl BaseType {
    /// By the local name of a type in the namespace of instances.
    fn of(local: &str) -> Option<Self> {
        Some(match local.strip_suffix("ItemType")? {
            "monetary" => BaseType::Monetary,
            "shares" => BaseType::Shares,
            "pure" => BaseType::Pure,
            "fraction" => BaseType::Fraction,
            "decimal" => BaseType::Decimal,
            "float" => BaseType::Float,
            "double" => BaseType::Double,
            "integer" | "nonPositiveInteger" | "negativeInteger" | "nonNegativeInteger"
            | "positiveInteger" | "long" | "int" | "short" | "byte" | "unsignedLong" | "unsignedInt"
            | "unsignedShort" | "unsignedByte" => BaseType::Integer,
            "boolean" => BaseType::Boolean,
            "string" | "normalizedString" | "token" | "language" | "Name" | "NCName" => BaseType::String,
            "anyURI" => BaseType::Uri,
            "QName" => BaseType::QName,
            "dateTime" | "date" | "time" | "gYearMonth" | "gYear" | "gMonthDay" | "gDay" | "gMonth" => {
                BaseType::Date
            }
            "duration" => BaseType::Duration,
            "hexBinary" | "base64Binary" => BaseType::Binary,
            _ => return None,
        })
    }

    /// Whether a fact of this type has a unit.
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            BaseType::Monetary
                | BaseType::Shares
                | BaseType::Pure
                | BaseType::Fraction
                | BaseType::Decimal
                | BaseType::Float
                | BaseType::Double
                | BaseType::Integer
        )
    }
}

/// The concept named `name`, when the DTS declares it.
pub(crate) fn resolve<'a>(catalog: &'a Catalog, name: &QName) -> Option<Concept<'a>> {
    let (document, declaration) = catalog.element(name)?;
    let loaded = &catalog.documents[document];
    // The declaration's own strings, so that all concepts share them.
    let name = QName { namespace: catalog.namespace(document).clone(), local: declaration.name.clone() };
    Some(Concept {
        prefix: catalog.prefix(&name.namespace),
        name,
        declaration,
        item_type: item_type(catalog, document, declaration),
        substitution: substitution(catalog, document, declaration),
        url: &loaded.url,
        is_own: loaded.is_own,
    })
}

fn item_type(catalog: &Catalog, mut document: usize, declaration: &ElementDeclaration) -> ItemType {
    let mut found = ItemType { name: declaration.type_name.clone(), ..ItemType::default() };
    let mut next = declaration.type_name.clone();
    if let (None, Some(anonymous)) = (&next, &declaration.anonymous_type) {
        found.learn(anonymous);
        next = anonymous.base.clone();
    }
    for _ in 0..MAX_CHAIN {
        let Some(name) = next else {
            found.is_complete = true;
            break;
        };
        found.extensible = found.extensible.or(ExtensibleEnumeration::of(&name.namespace, &name.local));
        match &*name.local {
            "textBlockItemType" => found.is_text_block = true,
            "domainItemType" => found.is_domain = true,
            "enumerationItemType" | "enumerationSetItemType" => found.is_enumeration = true,
            "noLangStringItemType" | "noLangTokenItemType" => found.has_no_language = true,
            _ => {}
        }
        if &*name.namespace == ns::XSD {
            found.is_complete = true;
            break;
        }
        if &*name.namespace == ns::XBRLI
            && let Some(base) = BaseType::of(&name.local)
        {
            found.base = Some((name, base));
            found.is_complete = true;
            break;
        }
        let Some((home, declaration)) = catalog.type_declaration(document, &name) else { break };
        found.learn(declaration);
        next = declaration.base.clone();
        document = home;
    }
    found
}

fn substitution(
    catalog: &Catalog,
    mut document: usize,
    declaration: &ElementDeclaration,
) -> Option<Substitution> {
    let mut declaration = declaration;
    for _ in 0..MAX_CHAIN {
        let group = declaration.substitution_group.as_ref()?;
        match (&*group.namespace, &*group.local) {
            (ns::XBRLI, "item") => return Some(Substitution::Item),
            (ns::XBRLI, "tuple") => return Some(Substitution::Tuple),
            (ns::XBRLDT, "dimensionItem") => return Some(Substitution::Dimension),
            (ns::XBRLDT, "hypercubeItem") => return Some(Substitution::Hypercube),
            _ => (document, declaration) = catalog.element_from(document, group)?,
        }
    }
    None
}
