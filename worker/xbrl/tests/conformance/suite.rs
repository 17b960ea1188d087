//! A conformance suite: its variations, and what this crate makes of the documents of one.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgraph_xbrl::model::Instance;
use edgraph_xbrl::taxonomy::{self, Document, Dts, Loader};
use edgraph_xbrl::{Diagnostic, checks, enumeration, instance, value};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Stands for the suite's folder in URLs.
const BASE: &str = "http://suite.example/";

/// The folder of all suites, if they are at hand.
pub(crate) fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("EDGRAPH_CORPUS")
        .map_or_else(|| PathBuf::from("../../../shared/edgar"), PathBuf::from);
    if corpus.join("conformance").exists() {
        return Some(corpus);
    }
    println!("skipped: no conformance suites in {}", corpus.display());
    None
}

/// One variation of a test case.
pub(crate) struct Variation {
    /// File name of the test case and the variation's id, such as `398-Testcase-Nillable V-01`.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_valid: bool,
    /// The documents that a processor is to begin with, by path from the suite's folder.
    instances: Vec<String>,
    taxonomies: Vec<String>,
}

/// What became of a variation.
pub(crate) struct Outcome {
    pub(crate) instances: Vec<Instance>,
    pub(crate) dts: Dts,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Documents that are no XBRL at all, by the reader's word.
    pub(crate) refused: Vec<String>,
    /// Elements with a contextRef in the instances, counted without this crate.
    pub(crate) items: usize,
    /// Dimension members in the instances, counted in the same way.
    pub(crate) members: usize,
}

/// A suite on the disk, its taxonomy documents parsed once.
pub(crate) struct Suite {
    folder: PathBuf,
    standards: PathBuf,
    parsed: HashMap<String, Parsed>,
}

/// A document with what is wrong in it, or why there is none.
type Parsed = Result<(Arc<Document>, Vec<Diagnostic>), String>;

impl Suite {
    pub(crate) fn new(corpus: &Path, name: &str) -> Self {
        let folder = corpus.join("conformance").join(name);
        Self { folder, standards: corpus.join("taxonomies"), parsed: HashMap::new() }
    }

    /// All variations of the suite whose index is this file, in its order.
    pub(crate) fn variations(&self, index: &str) -> Vec<Variation> {
        let mut found = Vec::new();
        for_each_element(&fs::read(self.folder.join(index)).unwrap(), |element, _| {
            if element.local_name().as_ref() == "testcase" {
                let uri = attribute(element, "uri").unwrap();
                // One of the index of Dimensions is absent.
                if let Ok(bytes) = fs::read(self.folder.join(&uri)) {
                    found.extend(variations(&uri, &bytes));
                }
            }
        });
        found
    }

    /// Reads the documents of a variation and all that they lead to.
    pub(crate) fn read(&mut self, variation: &Variation) -> Outcome {
        let mut entry_points: Vec<Arc<str>> =
            variation.taxonomies.iter().map(|path| format!("{BASE}{path}").into()).collect();
        let (mut instances, mut diagnostics, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let (mut items, mut members) = (0, 0);
        for path in &variation.instances {
            let bytes = fs::read(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            for_each_element(&bytes, |element, _| {
                items += usize::from(attribute(element, "contextRef").is_some());
                let name = element.local_name();
                members += usize::from(["explicitMember", "typedMember"].contains(&name.as_ref()));
            });
            match instance::parse(&format!("{BASE}{path}"), &bytes) {
                Ok((instance, found)) => {
                    entry_points.extend(instance.schema_refs.iter().chain(&instance.linkbase_refs).cloned());
                    diagnostics.extend(found);
                    instances.push(instance);
                }
                Err(error) => refused.push(error.to_string()),
            }
        }
        let mut loader = Loader::new(entry_points);
        loop {
            let needed = loader.needed();
            for url in &needed {
                match self.document(url) {
                    Ok((document, found)) => {
                        diagnostics.extend(found.iter().cloned());
                        loader.feed(url, document.clone());
                    }
                    Err(reason) => {
                        refused.push(reason.clone());
                        loader.missing(url);
                    }
                }
            }
            if needed.is_empty() {
                break;
            }
        }
        let dts = loader.finish(|url| url.starts_with(BASE));
        diagnostics.extend(dts.diagnostics().iter().cloned());
        for instance in &mut instances {
            value::by_type(instance, &dts);
            diagnostics.extend(enumeration::read(instance, &dts).1);
            diagnostics.extend(checks::check(instance, &dts).kept().iter().cloned());
        }
        Outcome { instances, dts, diagnostics, refused, items, members }
    }

    fn document(&mut self, url: &str) -> &Parsed {
        if !self.parsed.contains_key(url) {
            let path = match url.strip_prefix(BASE) {
                Some(path) => self.folder.join(path),
                None => self.standards.join(url.split_once("://").map_or(url, |(_, path)| path)),
            };
            let parsed = fs::read(path).map_err(|_| format!("{url}: nobody has it")).and_then(|bytes| {
                let (document, diagnostics) =
                    taxonomy::parse(url, &bytes).map_err(|error| error.to_string())?;
                Ok((Arc::new(document), diagnostics))
            });
            self.parsed.insert(url.to_owned(), parsed);
        }
        &self.parsed[url]
    }
}

impl Outcome {
    /// What was said of the documents, one word each: codes of diagnostics, `refused` for documents that could not be
    /// read or found. Sorted, none twice.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<_> = self.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        codes.extend(self.refused.iter().map(|_| "refused"));
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    pub(crate) fn facts(&self) -> usize {
        self.instances.iter().map(|instance| instance.facts.len()).sum()
    }
}

/// The variations in a test case's file, whose path is relative to the suite.
fn variations(path: &str, bytes: &[u8]) -> Vec<Variation> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let case = file.trim_end_matches(".xml");
    let mut found: Vec<Variation> = Vec::new();
    for_each_element(bytes, |element, text| {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if name == "variation" {
            let id = attribute(element, "id").unwrap_or_default();
            found.push(Variation {
                name: format!("{case} {id}"),
                description: String::new(),
                is_valid: true,
                instances: Vec::new(),
                taxonomies: Vec::new(),
            });
        }
        let Some(variation) = found.last_mut() else { return };
        match name {
            "description" => text.clone_into(&mut variation.description),
            // XBRL 2.1 says what is expected, Dimensions names the error.
            "result" => variation.is_valid &= attribute(element, "expected").as_deref() != Some("invalid"),
            "error" => variation.is_valid = false,
            "instance" | "xsd" | "linkbase"
                if attribute(element, "readMeFirst").as_deref() == Some("true") =>
            {
                let documents =
                    if name == "instance" { &mut variation.instances } else { &mut variation.taxonomies };
                documents.push(below(folder, text));
            }
            _ => {}
        }
    });
    found
}

/// A relative path, seen from a folder.
fn below(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Gives every element to `each`, with the text that follows its start tag at once.
fn for_each_element(bytes: &[u8], mut each: impl FnMut(&BytesStart<'_>, &str)) {
    let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut pending: Option<BytesStart<'static>> = None;
    loop {
        let event = reader.read_event().unwrap_or(Event::Eof);
        if let Some(element) = pending.take() {
            let text = match &event {
                Event::Text(text) => text.trim().to_owned(),
                _ => String::new(),
            };
            each(&element, &text);
        }
        match event {
            Event::Start(element) => pending = Some(element.into_owned()),
            Event::Eof => return,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(found.value.into_owned())
}
