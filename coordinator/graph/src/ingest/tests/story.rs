//! Adding, adding again, order, companies, leftovers, cancelling.

use super::*;

#[test]
fn filings_are_added_once_and_the_second_time_nothing_is_written() {
    let kit = Kit::new();
    let filings = [Filing::new(1, &["Assets", "Cash"]), Filing::new(2, &["Assets"])];
    let first = kit.load("graph", &filings);
    assert_eq!((first.added, first.replaced, first.unchanged), (2, 0, 0));
    let sum = kit.sum("graph");
    let rows = |table: &str| sum[table].rows;
    assert_eq!(
        (rows("Report"), rows("Fact"), rows("Element"), rows("Label"), rows("Period")),
        (2, 3, 2, 2, 1)
    );
    assert_eq!((rows("FACT_HAS_ELEMENT"), rows("ELEMENT_HAS_LABEL"), rows("Entity")), (3, 3, 1));
    assert_eq!(first.nodes, schema_rows(&sum, true));
    assert_eq!(first.relationships, schema_rows(&sum, false));
    assert_eq!(first.copied, None, "nothing was there");
    assert_eq!(kit.listing("graph"), ["graph", "graph.id", "lock"]);

    let before = std::fs::metadata(kit.graph("graph").join("graph")).unwrap().modified().unwrap();
    let again = kit.load("graph", &filings);
    assert_eq!((again.unchanged, again.added, again.nodes, again.relationships), (2, 0, 0, 0));
    assert_eq!(std::fs::metadata(kit.graph("graph").join("graph")).unwrap().modified().unwrap(), before);
}

fn schema_rows(sum: &std::collections::BTreeMap<&str, TableSum>, nodes: bool) -> u64 {
    let of_kind = |name: &&str| edgraph_shared::schema::table(name).unwrap().is_node() == nodes;
    sum.iter().filter(|(name, _)| of_kind(name)).map(|(_, sum)| sum.rows).sum()
}

/// A shuffle that needs no random numbers: multiplication modulo a prime reaches every position once.
fn shuffled<T: Clone>(items: &[T], seed: usize) -> Vec<T> {
    let prime = 19;
    let order = (1..prime).map(|position| position * seed % prime - 1);
    order.filter(|index| *index < items.len()).map(|index| items[index].clone()).collect()
}

#[test]
fn every_order_and_batch_size_gives_the_same_graph() {
    let mut kit = Kit::new();
    let concepts = ["Assets", "Cash", "Debt", "Equity", "Goodwill", "Inventory"];
    let filings: Vec<Filing> = (0..18)
        .map(|number| {
            let mut filing = Filing::new(number, &[]);
            let at = |offset: u32| concepts[((number * 5 + offset) % 6) as usize];
            filing.concepts = vec![at(0), at(1), at(3)];
            filing.unresolved = vec![at(2)];
            filing
        })
        .collect();
    let expected = kit.fresh(&filings);
    for (seed, (batch, run)) in [(2, 18), (3, 4), (1, 5), (18, 17)].into_iter().enumerate() {
        kit.limits = BatchLimits { rows: u64::MAX, filings: batch, ..BatchLimits::default() };
        let name = format!("graph {seed}");
        for part in shuffled(&filings, seed + 2).chunks(run) {
            kit.load(&name, part);
        }
        assert_eq!(kit.sum(&name), expected, "seed {seed}, batches of {batch}, runs of {run}");
    }
}

#[test]
fn companies_of_a_combined_filing_become_co_registrants_whenever_they_are_found() {
    let kit = Kit::new();
    let mut both = Filing::new(1, &["Assets"]);
    both.companies = vec![1, 2];
    let expected = kit.fresh(&[both.clone()]);
    assert_eq!((expected["Entity"].rows, expected["ENTITY_HAS_REPORT"].rows), (2, 2));
    for companies in [[1], [2]] {
        let name = format!("graph {}", companies[0]);
        let accepted = |companies: &[u64]| {
            let mut accepted = kit.accept(&both);
            accepted.parents =
                companies.iter().map(|cik| format!("discover_filings/{cik:010}").parse().unwrap()).collect();
            accepted
        };
        kit.ingest(&name, &[accepted(&companies)]).unwrap();
        let extended = kit.ingest(&name, &[accepted(&[1, 2])]).unwrap();
        assert_eq!((extended.added, extended.unchanged), (0, 1));
        assert_eq!(kit.sum(&name), expected, "first found under {companies:?}");
        assert_eq!(kit.ingest(&name, &[accepted(&[2])]).unwrap().nodes, 0);
    }
}

#[test]
fn a_newer_snapshot_updates_its_company_and_an_older_one_does_not() {
    let kit = Kit::new();
    let filing = Filing::new(1, &["Assets"]);
    kit.load("graph", std::slice::from_ref(&filing));
    kit.snapshot(1, 2025);
    assert_eq!(kit.load("graph", std::slice::from_ref(&filing)).nodes, 1);
    let newest = kit.sum("graph");
    assert_eq!(newest, kit.fresh(std::slice::from_ref(&filing)));
    kit.snapshot(1, 2020);
    assert_eq!(kit.load("graph", &[filing]).nodes, 0);
    assert_eq!(kit.sum("graph"), newest);
}

#[test]
fn what_a_killed_load_left_is_removed() {
    let kit = Kit::new();
    kit.load("graph", &[Filing::new(1, &["Assets"])]);
    let folder = kit.graph("graph");
    for name in ["graph.next", "graph.next.wal", "graph.next.shadow", "graph.wal"] {
        std::fs::write(folder.join(name), "left by a kill").unwrap();
    }
    assert!(matches!(checksum(&folder), Err(Error::Stray { .. })));
    let both = [Filing::new(1, &["Assets"]), Filing::new(2, &["Cash"])];
    let added = kit.load("graph", &both);
    assert_eq!(added.added, 1);
    assert!(added.copied.unwrap().bytes > 0, "what was there was copied");
    assert_eq!(kit.sum("graph"), kit.fresh(&both));
    assert_eq!(kit.listing("graph"), ["graph", "graph.id", "lock"]);
}

#[test]
fn cancelling_or_losing_the_lease_leaves_the_graph_as_it_was() {
    let mut kit = Kit::new();
    let first = Filing::new(1, &["Assets"]);
    kit.load("graph", std::slice::from_ref(&first));
    let before = kit.sum("graph");
    let accepted = [kit.accept(&first), kit.accept(&Filing::new(2, &["Cash"]))];
    kit.lease = Err("granted to another worker".into());
    assert!(matches!(kit.ingest("graph", &accepted), Err(Error::LeaseLost { .. })));
    kit.lease = Ok(());
    kit.cancel.cancel();
    assert!(matches!(kit.ingest("graph", &accepted), Err(Error::Cancelled)));
    assert_eq!(
        (kit.sum("graph"), kit.listing("graph")),
        (before, vec!["graph".into(), "graph.id".into(), "lock".into()])
    );
}
