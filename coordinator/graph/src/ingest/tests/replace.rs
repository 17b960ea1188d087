//! Replacing a filing: afterwards the graph is as if the old rows had never been there.

use super::*;
use crate::query::{self, Question};

/// Runs a test with rows taken out of the graph, and with the graph built anew.
fn either_way(test: impl Fn(&Kit)) {
    for percent in [100, 10] {
        let mut kit = Kit::new();
        kit.limits.replaced_percent = percent;
        test(&kit);
    }
}

/// Rows that were taken out of a graph since it was built.
fn removed(kit: &Kit) -> u64 {
    let statement = "MATCH (g:`_Graph`) RETURN g.removed_rows";
    let table = query::run(&Question::new(kit.graph("graph"), statement)).unwrap();
    table.rows[0][0].as_text().unwrap().parse().unwrap()
}

#[test]
fn a_replaced_filing_leaves_nothing_behind() {
    either_way(leaves_nothing_behind);
}

fn leaves_nothing_behind(kit: &Kit) {
    let kept = Filing::new(1, &["Assets", "Cash"]);
    let old = Filing::new(2, &["Assets", "OnlyThere", "AlsoOnlyThere"]);
    kit.load("graph", &[kept.clone(), old.clone()]);
    let new = old.again(&["Assets", "New"]);
    let replaced = kit.load("graph", &[kept.clone(), new.clone()]);
    assert_eq!(
        (removed(kit) > 0, replaced.copied.is_some()),
        (kit.limits.replaced_percent == 100, removed(kit) > 0)
    );
    assert_eq!((replaced.added, replaced.replaced, replaced.unchanged), (0, 1, 1));
    let sum = kit.sum("graph");
    assert_eq!(sum, kit.fresh(&[kept, new]));
    assert_eq!((sum["Element"].rows, sum["Label"].rows), (3, 3), "what only the old rows reached is gone");
}

#[test]
fn when_the_winner_goes_the_next_one_wins() {
    either_way(the_next_one_wins);
}

fn the_next_one_wins(kit: &Kit) {
    let mut unresolved = Filing::new(4, &["Cash"]);
    unresolved.unresolved = vec!["Assets"];
    let others = [Filing::new(1, &["Assets"]), Filing::new(3, &["Assets", "Debt"]), unresolved];
    let winner = Filing::new(5, &["Assets", "Cash", "Debt"]);
    let mut all = others.to_vec();
    all.push(winner.clone());
    kit.load("graph", &all);
    let new = winner.again(&["Equity"]);
    kit.load("graph", std::slice::from_ref(&new));
    all.pop();
    all.push(new);
    assert_eq!(kit.sum("graph"), kit.fresh(&all));
    let statement = "MATCH (e:Element {name: 'Assets'}) RETURN e.accession";
    let table = query::run(&Question::new(kit.graph("graph"), statement)).unwrap();
    assert_eq!(
        table.rows[0][0],
        cell::Cell::Text(others[1].accession()),
        "resolved before newer, then newest"
    );
}

#[test]
fn replacing_the_only_company_of_an_entity_keeps_it_resolved() {
    either_way(stays_resolved);
}

fn stays_resolved(kit: &Kit) {
    let mut old = Filing::new(1, &["Assets"]);
    old.companies = vec![1, 2];
    kit.load("graph", &[old.clone(), Filing { owner: 3, companies: vec![3], ..Filing::new(2, &["Cash"]) }]);
    let before = kit.sum("graph")["Entity"].clone();
    let mut new = old.again(&["Assets"]);
    new.companies = vec![2];
    kit.load("graph", &[new]);
    let after = kit.sum("graph");
    assert_eq!(after["Entity"], before);
    assert_eq!(after["ENTITY_HAS_REPORT"].rows, 3);
}

#[test]
fn replacing_everything_begins_anew_under_the_same_id() {
    let kit = Kit::new();
    let filings = [Filing::new(1, &["Assets"]), Filing::new(2, &["Cash"])];
    kit.load("graph", &filings);
    let id = || {
        let statement = "MATCH (g:`_Graph`) RETURN g.graph_id";
        query::run(&Question::new(kit.graph("graph"), statement)).unwrap().rows
    };
    let before = id();
    let anew: Vec<Filing> = filings.iter().map(|filing| filing.again(&["Debt"])).collect();
    assert_eq!(kit.load("graph", &anew).replaced, 2);
    assert_eq!((kit.sum("graph"), id()), (kit.fresh(&anew), before));
}

#[test]
fn once_much_was_replaced_the_graph_is_built_anew_with_all_that_it_has() {
    let mut kit = Kit::new();
    kit.limits.replaced_percent = 30;
    let mut filings: Vec<Filing> = (1..=4).map(|number| Filing::new(number, &["Assets", "Cash"])).collect();
    kit.load("graph", &filings);
    for round in 0..3 {
        filings[round] = filings[round].again(&["Assets", "Debt"]);
        // The others are not in the list.
        let done = kit.load("graph", &filings[round..=round]);
        assert_eq!((done.replaced, done.copied.is_some()), (1, round != 1), "round {round}");
        assert_eq!(removed(&kit) > 0, round != 1, "round {round}");
        assert_eq!(kit.sum("graph"), kit.fresh(&filings), "round {round}");
    }
}

#[test]
fn what_nothing_leads_to_goes_too() {
    let mut kit = Kit::new();
    kit.limits.replaced_percent = 100;
    let (kept, old) = (Filing::new(1, &["Assets"]), Filing::new(2, &["Assets", "Cash"]));
    kit.load("graph", &[kept.clone(), Filing { astray: true, ..old.clone() }]);
    let new = old.again(&["Debt"]);
    kit.load("graph", std::slice::from_ref(&new));
    assert_eq!(kit.sum("graph"), kit.fresh(&[kept, new]));
}

#[test]
fn a_filing_whose_new_rows_are_refused_keeps_its_old_ones() {
    either_way(keeps_its_old_rows);
}

fn keeps_its_old_rows(kit: &Kit) {
    let kept = Filing::new(1, &["Assets"]);
    let old = Filing::new(2, &["Assets", "Cash"]);
    kit.load("graph", &[kept.clone(), old.clone()]);
    let mut bad = old.again(&["Assets"]);
    bad.mislabelled = Some("Assets");
    let fine = Filing::new(3, &["Debt"]);
    let result = kit.load("graph", &[kept.clone(), bad.clone(), fine.clone()]);
    assert_eq!((result.added, result.replaced), (1, 0));
    assert_eq!(result.rejected.keys().collect::<Vec<_>>(), [&bad.accession()]);
    assert_eq!(kit.sum("graph"), kit.fresh(&[kept, old, fine]));
}

#[test]
fn a_graph_has_the_id_of_its_folder_from_before_its_first_row_and_older_graphs_keep_theirs() {
    let kit = Kit::new();
    let folder = GraphFolder::open(&kit.graph("graph")).unwrap();
    let offered = id_of(&folder).unwrap();
    drop(folder);
    kit.load("graph", &[Filing::new(1, &["Assets"])]);
    let statement = "MATCH (g:`_Graph`) RETURN g.graph_id";
    let rows = query::run(&Question::new(kit.graph("graph"), statement)).unwrap().rows;
    assert!(format!("{rows:?}").contains(offered.as_str()), "{rows:?}");
    // As older versions left it: the database alone knows.
    std::fs::remove_file(kit.graph("graph").join("graph.id")).unwrap();
    assert_eq!(id_of(&GraphFolder::open(&kit.graph("graph")).unwrap()).unwrap(), offered);
    std::fs::write(kit.graph("graph").join("graph.id"), "No Id").unwrap();
    let error = id_of(&GraphFolder::open(&kit.graph("graph")).unwrap()).unwrap_err().to_string();
    assert!(error.contains("graph.id") && error.contains("No Id"), "{error}");
}
