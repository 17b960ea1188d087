//! A look at a filing as it lies on a disk: counts, diagnostics, and every fact occurrence.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use edgraph_shared::failure::Failure;
use edgraph_shared::storage::{self, LocalStore};
use edgraph_worker::edgar::{ConfigError, Edgar, EdgarConfig};
use edgraph_worker::filing::{self, Candidate, SourceKind, archive};
use edgraph_worker::report::{self, Report};
use edgraph_worker::rows;
use edgraph_worker::taxonomy_store::{TaxonomyConfig, TaxonomyStore};
use edgraph_xbrl::decimal;
use edgraph_xbrl::model::{FactValue, Member};
use edgraph_xbrl::sniff::{Kind, sniff};
use serde::Serialize;
use serde_json::Value as Json;
use tempfile::TempDir;

/// Extensions of the files that XBRL is in.
const EXTENSIONS: [&str; 5] = ["htm", "html", "xhtml", "xml", "xsd"];

/// Why a path cannot be inspected.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The path cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is none of those that hold facts.
    #[error(
        "{} is neither an XBRL instance nor an inline document; give a filing's folder, instance, inline document or -xbrl.zip",
        .0.display()
    )]
    NotXbrl(PathBuf),
    /// The zip is damaged or hostile.
    #[error("{}: {source}", path.display())]
    Archive {
        /// The zip.
        path: PathBuf,
        /// What is wrong with it.
        source: archive::Error,
    },
    /// The filing cannot be read as XBRL.
    #[error("{}: {source}", path.display())]
    Filing {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        source: Failure,
    },
    /// The source of taxonomies is configured wrongly.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no temporary folder.
    #[error("cannot make a temporary folder: {0}; set TMPDIR to a writable one")]
    Scratch(io::Error),
    /// The temporary folder cannot be used.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// What there is in one filing. Counts of arcs, labels and roles are of the filing's own linkbases, as written.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "each field is the count its name says")]
pub struct Inspection {
    /// The path as given.
    pub path: String,
    /// The document the facts were read from.
    pub document: String,
    /// `inline` or `instance`.
    pub source: &'static str,
    /// Fact occurrences: tagged items.
    pub facts: usize,
    /// Distinct statements, as the graph holds them.
    pub fact_rows: usize,
    pub numeric_facts: usize,
    pub nil_facts: usize,
    pub contexts: usize,
    pub units: usize,
    pub explicit_dimensions: usize,
    pub typed_dimensions: usize,
    pub presentation_arcs: usize,
    pub calculation_arcs: usize,
    pub definition_arcs: usize,
    pub labels: usize,
    pub roles: usize,
    /// Documents of the DTS that are not at hand.
    pub missing: Vec<String>,
    /// What is wrong in the data; of one code no more than the first hundred.
    pub diagnostics: Vec<Finding>,
    /// How many there are of each code.
    pub diagnostic_counts: BTreeMap<&'static str, u64>,
}

/// One diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// A stable code.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where none is known.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// One fact occurrence.
#[derive(Clone, Debug, Serialize)]
pub struct Occurrence {
    /// The id attribute.
    pub id: Option<String>,
    /// The concept, `{prefix}:{name}`.
    pub concept: String,
    /// Canonical decimal text, or text; null when nil.
    pub value: Option<String>,
    /// The nearest double.
    pub numeric_value: Option<f64>,
    /// As written.
    pub decimals: Option<String>,
    /// The unit with conventional prefixes.
    pub unit: Option<String>,
    /// The entity's identifier.
    pub entity: Option<String>,
    /// A day, `start/end`, or `Forever`.
    pub period: Option<String>,
    /// From axis to member or typed value.
    pub dimensions: BTreeMap<String, Json>,
    /// xml:lang.
    pub language: Option<String>,
    /// Whether it is nil.
    pub nil: bool,
}

/// Inspects filings with the taxonomies at hand; asks no host.
pub struct Inspector {
    taxonomies: TaxonomyStore,
    /// The empty store that the taxonomies are not in; removed with the inspector.
    _folder: TempDir,
}

impl Inspector {
    /// An inspector that looks for standard schemas in `sources`, directories with `{host}/{path}` below them.
    ///
    /// # Errors
    /// If a source is none, or there is no temporary folder.
    pub fn new(sources: Vec<String>) -> Result<Self, InspectError> {
        let folder = tempfile::tempdir().map_err(InspectError::Scratch)?;
        let store = Arc::new(LocalStore::open(folder.path())?);
        let edgar = Edgar::new(EdgarConfig::at(folder.path().display().to_string()))?;
        let config = TaxonomyConfig { sources, offline: true, ..TaxonomyConfig::default() };
        Ok(Self { taxonomies: TaxonomyStore::new(&config, store, &edgar)?, _folder: folder })
    }

    /// Inspects a filing's folder, instance, inline document or zip.
    ///
    /// # Errors
    /// [`InspectError`] if it holds no facts at all; what is wrong inside is part of the result.
    pub async fn inspect(&self, path: &Path) -> Result<(Inspection, Vec<Occurrence>), InspectError> {
        let (files, candidates) = open(path)?;
        let folder = path.file_stem().map_or_else(|| "filing".into(), |stem| stem.to_string_lossy());
        // The name is a segment of a URL, so it may hold no character that means something there.
        let folder: String =
            folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let report = report::read(&folder, &files, &candidates, "", &self.taxonomies).await;
        let report = report.map_err(|source| InspectError::Filing { path: path.to_owned(), source })?;
        Ok((inspection(path, &report), occurrences(&report)))
    }
}

/// Files by name.
type Files = Vec<(String, Bytes)>;

/// The files of a filing and which of them may hold the facts.
fn open(path: &Path) -> Result<(Files, Vec<Candidate>), InspectError> {
    let read = |source| InspectError::Read { path: path.to_owned(), source };
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    if fs::metadata(path).map_err(read)?.is_dir() {
        let files = files_in(path).map_err(read)?;
        let candidates = filing::candidates(&files, "");
        return Ok((files, candidates));
    }
    if path.extension().is_some_and(|extension| extension == "zip") {
        let bytes = fs::read(path).map_err(read)?;
        let files = archive::unpack(&bytes)
            .map_err(|source| InspectError::Archive { path: path.to_owned(), source })?;
        let candidates = filing::candidates(&files, "");
        return Ok((files, candidates));
    }
    let bytes = Bytes::from(fs::read(path).map_err(read)?);
    let kind = match sniff(&bytes) {
        Kind::Inline => SourceKind::Inline,
        Kind::Instance => SourceKind::Instance,
        _ => return Err(InspectError::NotXbrl(path.to_owned())),
    };
    // Its schema and linkbases lie beside it.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = files_in(folder).map_err(read)?;
    let only = Candidate::single(kind, name.clone());
    if !files.iter().any(|(known, _)| *known == name) {
        files.push((name, bytes));
    }
    Ok((files, vec![only]))
}

fn files_in(folder: &Path) -> io::Result<Files> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        if path.is_file() && extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, fs::read(&path)?.into()));
        }
    }
    files.sort();
    Ok(files)
}

fn inspection(path: &Path, report: &Report) -> Inspection {
    let (instance, source) = (&report.instance, &report.source);
    let counts = report.dts.own_counts();
    let members =
        || instance.contexts.iter().flat_map(|context| &context.dimensions).map(|axis| &axis.member);
    let mut diagnostics = report.diagnostics.clone();
    diagnostics.extend(rows::contradictions(instance, source.document()));
    let findings = diagnostics.kept().iter().map(|diagnostic| Finding {
        code: diagnostic.code,
        file: diagnostic.file.rsplit('/').next().unwrap_or_default().to_owned(),
        line: diagnostic.line,
        message: diagnostic.message.clone(),
    });
    Inspection {
        path: path.display().to_string(),
        document: source.document().to_owned(),
        source: source.kind.as_str(),
        facts: instance.facts.len(),
        fact_rows: rows::count_fact_rows(instance),
        numeric_facts: instance.facts.iter().filter(|fact| fact.is_numeric).count(),
        nil_facts: instance.facts.iter().filter(|fact| fact.value == FactValue::Nil).count(),
        contexts: instance.contexts.len(),
        units: instance.units.len(),
        explicit_dimensions: members().filter(|member| matches!(member, Member::Explicit(_))).count(),
        typed_dimensions: members().filter(|member| matches!(member, Member::Typed { .. })).count(),
        presentation_arcs: counts.presentation_arcs,
        calculation_arcs: counts.calculation_arcs,
        definition_arcs: counts.definition_arcs,
        labels: counts.labels,
        roles: counts.roles,
        missing: report.missing.iter().map(|missing| missing.url.clone()).collect(),
        diagnostics: findings.collect(),
        diagnostic_counts: diagnostics.counts().clone(),
    }
}

fn occurrences(report: &Report) -> Vec<Occurrence> {
    let names = rows::Names::new(&report.dts, &report.instance.prefixes);
    let instance = &report.instance;
    let shown = instance.facts.iter().map(|fact| {
        let context = fact.context.map(|index| &instance.contexts[index]);
        let member = |member: &Member| match member {
            Member::Explicit(member) => names.prefixed(member).into(),
            Member::Typed { is_nil: true, .. } => Json::Null,
            Member::Typed { value, .. } => (&**value).into(),
        };
        let dimensions = context.map(|context| context.dimensions.as_slice()).unwrap_or_default();
        Occurrence {
            id: fact.id.as_deref().map(str::to_owned),
            concept: names.prefixed(&fact.concept),
            value: (fact.value != FactValue::Nil).then(|| fact.value.as_str().to_owned()),
            numeric_value: match &fact.value {
                FactValue::Number(number) => Some(decimal::to_f64(number)),
                FactValue::Nil | FactValue::Text(_) => None,
            },
            decimals: fact.decimals.as_deref().map(str::to_owned),
            unit: fact.unit.map(|index| rows::unit_measure(&instance.units[index])),
            entity: context.map(|context| context.entity.identifier.to_string()),
            period: context.map(|context| rows::period_text(&context.period)),
            dimensions: dimensions.iter().map(|d| (names.prefixed(&d.axis), member(&d.member))).collect(),
            language: fact.language.as_deref().map(str::to_owned),
            nil: fact.value == FactValue::Nil,
        }
    });
    shown.collect()
}
