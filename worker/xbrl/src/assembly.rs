//! What classic and inline documents share: an [`Instance`] in the making, with contexts and units by id.
//!
//! References are looked up once everything is read: a fact may come before its context.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::footnote::Footnotes;
use crate::model::{Instance, Source};
use crate::name::ns;
use crate::reader::{XmlElement, XmlReader};
use crate::{Diagnostic, Error, context, unit};

/// An instance half read.
pub(crate) struct Assembly {
    pub(crate) instance: Instance,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) footnotes: Footnotes,
    contexts: HashMap<Arc<str>, Option<usize>>,
    units: HashMap<Arc<str>, usize>,
    references: HashSet<Arc<str>>,
}

impl Assembly {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            instance: Instance { source, ..Instance::default() },
            diagnostics: Vec::new(),
            footnotes: Footnotes::default(),
            contexts: HashMap::new(),
            units: HashMap::new(),
            references: HashSet::new(),
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
        self.diagnostics.sort_by_key(|diagnostic| (order.get(&diagnostic.file).copied(), diagnostic.line));
        (self.instance, self.diagnostics)
    }
}
