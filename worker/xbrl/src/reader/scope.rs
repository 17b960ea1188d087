//! What the open elements declare: namespaces, language, base; and the strings shared by one reader.
//!
//! Only elements that declare something have a frame, so an ordinary element costs one look at the top frame.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::href::absolute;
use crate::QName;
use crate::name::ns;

/// Slots for recent names.
const RECENT: usize = 64;

/// What an unprefixed name in a text or attribute value means; each specification says so for each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unprefixed {
    /// A name in the default namespace, as `xs:QName` has it.
    DefaultNamespace,
    /// A name in no namespace.
    NoNamespace,
}

/// The declarations in scope.
pub(super) struct Scope<'a> {
    bindings: Vec<Binding<'a>>,
    frames: Vec<Frame>,
    /// Numbers every set of bindings that was ever in scope.
    next_generation: u32,
    /// Elements' names, with the generation of bindings each was resolved under.
    names: Vec<(u32, QName)>,
    /// Names as written, to their numbers.
    numbers: HashMap<&'a str, usize>,
    /// The same for the names seen last, without hashing: a document's elements are mostly a few names.
    recent: [(&'a str, usize); RECENT],
    strings: HashSet<Arc<str>>,
}

struct Binding<'a> {
    prefix: &'a str,
    namespace: Arc<str>,
}

struct Frame {
    depth: usize,
    /// Bindings before this frame's own.
    bindings: usize,
    generation: u32,
    language: Option<Arc<str>>,
    base: Arc<str>,
}

impl<'a> Scope<'a> {
    /// The number of the empty name.
    pub(super) const NAMELESS: usize = 0;

    /// The scope outside the root, with `base` to resolve references by.
    pub(super) fn new(base: Arc<str>) -> Self {
        let frame = Frame { depth: 0, bindings: 1, generation: 0, language: None, base };
        let nothing: Arc<str> = Arc::from("");
        Self {
            bindings: vec![Binding { prefix: "xml", namespace: Arc::from(ns::XML) }],
            frames: vec![frame],
            next_generation: 1,
            names: vec![(0, QName { namespace: nothing.clone(), local: nothing.clone() })],
            numbers: HashMap::new(),
            recent: [("", Self::NAMELESS); RECENT],
            strings: HashSet::from_iter([nothing]),
        }
    }

    /// How many bindings there are.
    pub(super) fn namespaces(&self) -> usize {
        self.bindings.len()
    }

    /// Binds `prefix` from the element at `depth` inwards.
    pub(super) fn declare(&mut self, depth: usize, prefix: &'a str, namespace: &str) {
        let namespace = self.intern(namespace.trim());
        let generation = self.next_generation;
        self.next_generation += 1;
        self.frame(depth).generation = generation;
        self.bindings.push(Binding { prefix, namespace });
    }

    /// Sets the language from the element at `depth` inwards; an empty one takes it back.
    pub(super) fn set_language(&mut self, depth: usize, language: &str) {
        let language = language.trim();
        let language = (!language.is_empty()).then(|| self.intern(language));
        self.frame(depth).language = language;
    }

    /// Sets the base from the element at `depth` inwards, itself relative to the base so far. `false` when it would be
    /// longer than `limit`: then nothing is set.
    pub(super) fn set_base(&mut self, depth: usize, base: &str, limit: usize) -> bool {
        let base = absolute(self.base(), base);
        let is_short = base.len() <= limit;
        if is_short {
            self.frame(depth).base = base;
        }
        is_short
    }

    /// Forgets what the element at `depth` declared.
    pub(super) fn leave(&mut self, depth: usize) {
        if depth > 0 && self.top().depth == depth {
            let frame = self.frames.pop().expect("the frame just looked at");
            self.bindings.truncate(frame.bindings);
        }
    }

    pub(super) fn language(&self) -> Option<Arc<str>> {
        self.top().language.clone()
    }

    pub(super) fn base(&self) -> &str {
        &self.top().base
    }

    /// The namespace bound to `prefix`; the default namespace has prefix "".
    pub(super) fn namespace(&self, prefix: &str) -> Option<&Arc<str>> {
        self.bindings.iter().rev().find(|binding| binding.prefix == prefix).map(|binding| &binding.namespace)
    }

    /// What the element at `depth` declared.
    pub(super) fn declarations(&self, depth: usize) -> impl Iterator<Item = (&'a str, &Arc<str>)> {
        let top = self.top();
        let from = if top.depth == depth { top.bindings } else { self.bindings.len() };
        self.bindings[from..].iter().map(|binding| (binding.prefix, &binding.namespace))
    }

    pub(super) fn intern(&mut self, text: &str) -> Arc<str> {
        if let Some(found) = self.strings.get(text) {
            return found.clone();
        }
        let shared: Arc<str> = Arc::from(text);
        self.strings.insert(shared.clone());
        shared
    }

    /// The number of an element's name.
    pub(super) fn element_name(&mut self, raw: &'a str) -> usize {
        let bytes = raw.as_bytes();
        let slot = match bytes {
            [first, .., last] => (bytes.len() ^ usize::from(*first) ^ (usize::from(*last) << 2)) % RECENT,
            _ => bytes.len(),
        };
        let generation = self.top().generation;
        let (recent, number) = self.recent[slot];
        if recent == raw && self.names[number].0 == generation {
            return number;
        }
        let number = self.number(raw, generation);
        self.recent[slot] = (raw, number);
        number
    }

    fn number(&mut self, raw: &'a str, generation: u32) -> usize {
        let known = self.numbers.get(raw).copied();
        if let Some(number) = known
            && self.names[number].0 == generation
        {
            return number;
        }
        let name = self
            .resolve(raw, Unprefixed::DefaultNamespace)
            .unwrap_or_else(|| QName { namespace: self.intern(""), local: self.intern(raw) });
        match known {
            Some(number) => {
                self.names[number] = (generation, name);
                number
            }
            None => {
                self.names.push((generation, name));
                self.numbers.insert(raw, self.names.len() - 1);
                self.names.len() - 1
            }
        }
    }

    /// The name with this number.
    pub(super) fn name(&self, number: usize) -> &QName {
        &self.names[number].1
    }

    /// A name in text, without white space around it.
    pub(super) fn resolve(&mut self, text: &str, unprefixed: Unprefixed) -> Option<QName> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        if local.is_empty() || local.contains([':', ' ', '\t', '\n', '\r']) {
            return None;
        }
        let bound = match (prefix, unprefixed) {
            ("", Unprefixed::NoNamespace) => None,
            _ => self.namespace(prefix).cloned(),
        };
        let namespace = match bound {
            Some(namespace) => namespace,
            None if text.contains(':') => return None,
            None => self.intern(""),
        };
        Some(QName { namespace, local: self.intern(local) })
    }

    fn top(&self) -> &Frame {
        self.frames.last().expect("the outermost frame is never left")
    }

    /// The frame of the element at `depth`, made when it is the first thing that element declares.
    fn frame(&mut self, depth: usize) -> &mut Frame {
        let top = self.top();
        if top.depth != depth {
            let frame = Frame {
                depth,
                bindings: self.bindings.len(),
                generation: top.generation,
                language: top.language.clone(),
                base: top.base.clone(),
            };
            self.frames.push(frame);
        }
        self.frames.last_mut().expect("the outermost frame is never left")
    }
}
