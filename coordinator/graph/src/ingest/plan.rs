//! The plan: what a list of filings means for a graph with these markers. Pure.
//!
//! Filings are ordered newest first, so that the rows that win merges mostly come before those that lose; the graph
//! is the same in every order.

use std::collections::{BTreeMap, BTreeSet};

use edgraph_shared::ids::{AccessionNumber, Cik};

use super::listed::Listed;
use super::memory::Memory;

/// How much an ingestion does at once.
#[derive(Clone, Copy, Debug)]
pub struct BatchLimits {
    /// What it may take of memory.
    pub memory: Memory,
    /// Rows of all tables in one transaction: a commit writes much of what is there again, whatever it adds, and the
    /// batch's shared rows are merged in memory.
    pub rows: u64,
    /// Filings in one transaction: each has up to 33 files in the scratch folder.
    pub filings: usize,
    /// When more of a graph's rows were replaced since it was built, in percent, it is built anew: what is deleted
    /// leaves gaps, and deleting costs more than loading.
    pub replaced_percent: u64,
}

impl BatchLimits {
    /// As large as memory allows.
    pub fn within(memory: Memory) -> Self {
        Self { memory, rows: memory.rows(), filings: 5_000, replaced_percent: 10 }
    }

    /// Whether a graph of so many rows is better built anew than rid of so many.
    pub(super) fn is_built_anew(&self, rows: u64, removed: u64) -> bool {
        u128::from(removed) * 100 > u128::from(rows) * u128::from(self.replaced_percent)
    }
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self::within(Memory::default())
    }
}

/// A filing that is in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// What its rows were made from.
    pub input_key: String,
    /// The filer.
    pub owner: Cik,
    /// The form.
    pub form: String,
    /// When EDGAR accepted it.
    pub accepted_at: String,
    /// Every company it is known to be listed under, found by discovery; the filer need not be one.
    pub companies: BTreeSet<Cik>,
    /// Fact occurrences.
    pub occurrences: u64,
    /// Rows by table, co-registrants' included.
    pub rows: BTreeMap<String, u64>,
}

/// What is in a graph.
pub(super) type Markers = BTreeMap<AccessionNumber, Marker>;

/// A filing to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The filing.
    pub accession: AccessionNumber,
    /// Which manifest.
    pub input_key: String,
    /// The hash of that manifest's bytes; of what is in the graph already it is not kept.
    pub manifest_sha256: Option<String>,
    /// Rows in all its tables.
    pub rows: u64,
    /// Every company it is known to be listed under.
    pub companies: BTreeSet<Cik>,
    /// Whether older rows of it are in the graph.
    pub replaces: bool,
}

/// What there is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Filings to load, newest first.
    pub load: Vec<Candidate>,
    /// Filings in the graph that are listed under further companies now.
    pub extend: BTreeMap<AccessionNumber, BTreeSet<Cik>>,
    /// Filings in the graph as accepted, extended or not.
    pub unchanged: u64,
    /// Companies of those, whose data may be newer now.
    pub refresh: BTreeSet<Cik>,
}

impl Plan {
    /// The accessions whose old rows must go.
    pub(super) fn replaced(&self) -> BTreeSet<AccessionNumber> {
        self.load.iter().filter(|filing| filing.replaces).map(|filing| filing.accession).collect()
    }

    /// Every company whose snapshot is needed.
    pub(super) fn companies(&self) -> BTreeSet<Cik> {
        let loaded = self.load.iter().flat_map(|filing| &filing.companies);
        loaded.chain(self.extend.values().flatten()).chain(&self.refresh).copied().collect()
    }

    /// Filings to load into a new graph that shall hold what the old one has, too.
    pub(super) fn load_anew(&self, markers: &Markers) -> Vec<Candidate> {
        let loaded: BTreeSet<AccessionNumber> = self.load.iter().map(|filing| filing.accession).collect();
        let kept = markers.iter().filter(|(accession, _)| !loaded.contains(accession));
        let kept = kept.map(|(accession, marker)| Candidate {
            accession: *accession,
            input_key: marker.input_key.clone(),
            manifest_sha256: None,
            rows: marker.rows.values().sum(),
            companies: self
                .extend
                .get(accession)
                .into_iter()
                .flatten()
                .chain(&marker.companies)
                .copied()
                .collect(),
            replaces: false,
        });
        let mut all: Vec<Candidate> = self.load.iter().cloned().chain(kept).collect();
        all.sort_by_key(newest_first);
        all
    }
}

/// Filings in batches.
pub(super) fn batches(filings: &[Candidate], limits: BatchLimits) -> Vec<Vec<Candidate>> {
    let mut batches: Vec<Vec<Candidate>> = Vec::new();
    let mut rows = 0;
    for filing in filings {
        let full = |batch: &Vec<Candidate>| batch.len() >= limits.filings || rows + filing.rows > limits.rows;
        if batches.last().is_none_or(full) {
            batches.push(Vec::new());
            rows = 0;
        }
        rows += filing.rows;
        batches.last_mut().expect("one was just made").push(filing.clone());
    }
    batches
}

/// Compares a list, which names no filing twice, with what is in the graph.
pub(super) fn plan(listed: &[Listed], markers: &Markers) -> Plan {
    let mut plan = Plan::default();
    for line in listed {
        let marker = markers.get(&line.accession);
        let mut companies = line.companies.clone();
        if let Some(marker) = marker.filter(|marker| marker.input_key == line.input_key) {
            plan.unchanged += 1;
            let known = |cik: &Cik| marker.companies.contains(cik);
            let (old, new): (BTreeSet<Cik>, BTreeSet<Cik>) = companies.into_iter().partition(known);
            plan.refresh.extend(old);
            if !new.is_empty() {
                plan.extend.insert(line.accession, new);
            }
            continue;
        }
        // A company that an earlier list named for this filing still counts.
        companies.extend(marker.iter().flat_map(|marker| &marker.companies));
        plan.load.push(Candidate {
            accession: line.accession,
            input_key: line.input_key.clone(),
            manifest_sha256: line.manifest_sha256.clone(),
            rows: line.rows,
            companies,
            replaces: marker.is_some(),
        });
    }
    plan.load.sort_by_key(newest_first);
    plan
}

fn newest_first(filing: &Candidate) -> (std::cmp::Reverse<u32>, AccessionNumber) {
    (std::cmp::Reverse(year(&filing.accession)), filing.accession)
}

/// The year in an accession number, whose two digits began in 1993.
fn year(accession: &AccessionNumber) -> u32 {
    let digits: u32 = accession.as_str()[11..13].parse().expect("an accession number has digits there");
    if digits >= 93 { 1900 + digits } else { 2000 + digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(accession: &str, input_key: &str, rows: u64, companies: &[u64]) -> Listed {
        Listed {
            accession: accession.parse().unwrap(),
            input_key: input_key.into(),
            manifest_sha256: Some(String::new()),
            rows,
            companies: companies.iter().copied().map(cik).collect(),
        }
    }

    fn marker(input_key: &str, companies: &[u64]) -> Marker {
        Marker {
            input_key: input_key.into(),
            owner: cik(1),
            form: String::new(),
            accepted_at: String::new(),
            companies: companies.iter().copied().map(cik).collect(),
            occurrences: 0,
            rows: BTreeMap::new(),
        }
    }

    fn cik(number: u64) -> Cik {
        Cik::new(number).unwrap()
    }

    const OLD: &str = "0000000001-99-000001";
    const MIDDLE: &str = "0000000001-23-000001";
    const NEW: &str = "0000000001-24-000001";

    #[test]
    fn a_filing_is_skipped_added_or_replaced_by_its_marker() {
        let markers = Markers::from([
            (OLD.parse().unwrap(), marker("k", &[1])),
            (MIDDLE.parse().unwrap(), marker("before", &[1, 7])),
        ]);
        let list = [listed(OLD, "k", 9, &[1]), listed(MIDDLE, "k", 9, &[1]), listed(NEW, "k", 9, &[1])];
        let plan = plan(&list, &markers);
        let load: Vec<_> =
            plan.load.iter().map(|filing| (filing.accession.as_str(), filing.replaces)).collect();
        assert_eq!(load, [(NEW, false), (MIDDLE, true)]);
        assert_eq!((plan.unchanged, plan.extend.len()), (1, 0));
        assert_eq!(plan.load[1].companies, BTreeSet::from([cik(1), cik(7)]));
        assert_eq!(plan.refresh, BTreeSet::from([cik(1)]));
        assert_eq!(plan.replaced(), BTreeSet::from([MIDDLE.parse().unwrap()]));
    }

    #[test]
    fn a_filing_found_under_a_further_company_is_extended() {
        let markers = Markers::from([(OLD.parse().unwrap(), marker("k", &[1, 2]))]);
        let extended = plan(&[listed(OLD, "k", 9, &[1, 2, 3])], &markers);
        assert_eq!(extended.extend, BTreeMap::from([(OLD.parse().unwrap(), BTreeSet::from([cik(3)]))]));
        assert!(extended.load.is_empty());
        let fewer = plan(&[listed(OLD, "k", 9, &[2])], &markers);
        assert!(fewer.extend.is_empty(), "what is known stays");
    }

    #[test]
    fn batches_end_at_rows_or_filings_and_a_large_filing_stands_alone() {
        let list: Vec<_> = [5, 5, 5, 50, 1, 1, 1, 1]
            .iter()
            .enumerate()
            .map(|(number, rows)| listed(&format!("0000000001-24-{number:06}"), "k", *rows, &[1]))
            .collect();
        let plan = plan(&list, &Markers::new());
        let limits = BatchLimits { rows: 10, filings: 3, ..BatchLimits::default() };
        let sizes: Vec<_> = batches(&plan.load, limits).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1, 3, 1]);
    }

    #[test]
    fn a_new_graph_gets_what_the_old_one_has_under_all_its_companies() {
        let markers = Markers::from([
            (OLD.parse().unwrap(), marker("k", &[1])),
            (MIDDLE.parse().unwrap(), marker("before", &[1])),
        ]);
        let list = [listed(OLD, "k", 9, &[1, 2]), listed(MIDDLE, "k", 9, &[1]), listed(NEW, "k", 9, &[1])];
        let anew = plan(&list, &markers).load_anew(&markers);
        let names: Vec<_> =
            anew.iter().map(|filing| (filing.accession.as_str(), &*filing.input_key)).collect();
        assert_eq!(names, [(NEW, "k"), (MIDDLE, "k"), (OLD, "k")]);
        assert_eq!(anew[2].companies, BTreeSet::from([cik(1), cik(2)]));
    }

    #[test]
    fn more_than_a_tenth_replaced_is_built_anew() {
        let limits = BatchLimits::default();
        assert!(!limits.is_built_anew(1_000, 100));
        assert!(limits.is_built_anew(1_000, 101));
        assert!(!limits.is_built_anew(0, 0));
    }
}
