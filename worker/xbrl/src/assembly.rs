//! What classic and inline documents share: an [`Instance`] in the making, with contexts and units by id.
//!
//! References are looked up once everything is read: a fact may come before its context.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::diagnostic::Diagnostics;
use crate::footnote::Footnotes;
use crate::model::{Context, Instance, Member, Source};
use crate::name::ns;
use crate::reader::{MAX_CANONICAL_BYTES, XmlElement, XmlReader};
use crate::{Diagnostic, Error, context, unit};

/// Facts of one report, and elements of Inline XBRL that hold text. The largest reports have some 30,000; each costs more
/// memory than the shortest tags that can say it.
pub(crate) const MAX_FACTS: usize = 1_000_000;

/// Contexts of one report, and its units.
const MAX_CONTEXTS: usize = 1_000_000;

/// An instance half read.
pub(crate) struct Assembly {
    pub(crate) instance: Instance,
    pub(crate) diagnostics: Diagnostics,
    pub(crate) footnotes: Footnotes,
    contexts: HashMap<Arc<str>, Option<usize>>,
    units: HashMap<Arc<str>, usize>,
    references: HashSet<Arc<str>>,
    /// Bytes of what contexts hold as canonical text, in which a short prefix becomes a long namespace.
    canonical_bytes: usize,
}

impl Assembly {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            instance: Instance { source, ..Instance::default() },
            diagnostics: Diagnostics::default(),
            footnotes: Footnotes::default(),
            contexts: HashMap::new(),
            units: HashMap::new(),
            references: HashSet::new(),
            canonical_bytes: 0,
        }
    }

    /// Adds a file and returns its index.
    pub(crate) fn add_file(&mut self, reader: &XmlReader<'_>) -> usize {
        self.instance.files.push(reader.file().clone());
        self.instance.files.len() - 1
    }

    /// Takes the prefixes declared on a root; the first binding of a prefix stays.
    pub(crate) fn add_prefixes(&mut self, root: &XmlElement<'_, '_>) {
        for (prefix, namespace) in root.declarations() {
            if !self.instance.prefixes.iter().any(|(known, _)| &**known == prefix) {
                self.instance.prefixes.push((Arc::from(prefix), namespace.clone()));
            }
        }
    }

    /// Takes a `link:schemaRef` or `link:linkbaseRef`.
    pub(crate) fn add_reference(&mut self, element: &XmlElement<'_, '_>, file: usize) {
        let Some(href) = element.attribute_ns(ns::XLINK, "href") else {
            let message = format!("<{}> has no xlink:href", element.raw_name());
            self.report("reference-missing", file, element.line(), message);
            return;
        };
        let href = element.absolute(href);
        if !self.references.insert(href.clone()) {
            return;
        }
        let references = match element.local() {
            "schemaRef" => &mut self.instance.schema_refs,
            _ => &mut self.instance.linkbase_refs,
        };
        references.push(href);
    }

    /// Reads the `xbrli:context` that was started last and had this `id`.
    pub(crate) fn read_context(
        &mut self,
        reader: &mut XmlReader<'_>,
        id: Option<Arc<str>>,
        file: usize,
    ) -> Result<(), Error> {
        let line = reader.line();
        let id = id.unwrap_or_else(|| reader.intern(""));
        let context = context::read(reader, id.clone(), file, &mut self.diagnostics)?;
        if self.instance.contexts.len() >= MAX_CONTEXTS {
            return Err(reader.limit("number of contexts", MAX_CONTEXTS));
        }
        self.canonical_bytes += context.as_ref().map_or(0, canonical_bytes);
        if self.canonical_bytes > MAX_CANONICAL_BYTES {
            return Err(reader.limit("content of contexts in bytes", MAX_CANONICAL_BYTES));
        }
        if self.contexts.contains_key(&id) {
            self.report(
                "context-duplicate",
                file,
                line,
                format!("context {id:?} is there twice; the first counts"),
            );
        } else {
            self.contexts.insert(id, context.is_some().then_some(self.instance.contexts.len()));
        }
        self.instance.contexts.extend(context);
        Ok(())
    }

    /// Reads the `xbrli:unit` that was started last and had this `id`.
    pub(crate) fn read_unit(
        &mut self,
        reader: &mut XmlReader<'_>,
        id: Option<Arc<str>>,
        file: usize,
    ) -> Result<(), Error> {
        let line = reader.line();
        let id = id.unwrap_or_else(|| reader.intern(""));
        let unit = unit::read(reader, id.clone(), &mut self.diagnostics)?;
        if self.instance.units.len() >= MAX_CONTEXTS {
            return Err(reader.limit("number of units", MAX_CONTEXTS));
        }
        if self.units.contains_key(&id) {
            self.report(
                "unit-duplicate",
                file,
                line,
                format!("unit {id:?} is there twice; the first counts"),
            );
        } else {
            self.units.insert(id, self.instance.units.len());
        }
        self.instance.units.push(unit);
        Ok(())
    }

    /// The context with this id. A broken one counts as found: it was reported where it stands.
    pub(crate) fn context(&self, id: &str) -> Option<Option<usize>> {
        self.contexts.get(id).copied()
    }

    /// The unit with this id.
    pub(crate) fn unit(&self, id: &str) -> Option<usize> {
        self.units.get(id).copied()
    }

    /// Counts a fact of a target that is not read.
    pub(crate) fn count_of_target(&mut self, target: Arc<str>) {
        *self.instance.other_targets.entry(target).or_default() += 1;
    }

    /// Adds a diagnostic about a place in a file.
    pub(crate) fn report(&mut self, code: &'static str, file: usize, line: u32, message: String) {
        self.diagnostics.push(Diagnostic::new(code, &self.instance.files[file], line, message));
    }

    /// The instance, and what was wrong with it in the order of the files and lines.
    pub(crate) fn finish(mut self) -> (Instance, Vec<Diagnostic>) {
        self.footnotes.resolve(&mut self.instance, &mut self.diagnostics);
        let order: HashMap<Arc<str>, usize> =
            self.instance.files.iter().enumerate().rev().map(|(index, file)| (file.clone(), index)).collect();
        let mut diagnostics = self.diagnostics.finish();
        diagnostics.sort_by_key(|diagnostic| (order.get(&diagnostic.file).copied(), diagnostic.line));
        (self.instance, diagnostics)
    }
}

/// Bytes of what a context holds as text of its own.
fn canonical_bytes(context: &Context) -> usize {
    let typed = context.dimensions.iter().map(|dimension| match &dimension.member {
        Member::Typed { value, .. } => value.len(),
        Member::Explicit(_) => 0,
    });
    typed.sum::<usize>() + context.other.as_ref().map_or(0, |other| other.len())
}
