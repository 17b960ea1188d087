//! What is wrong with one filing costs that filing; what is wrong with the world costs the attempt.

use super::*;

#[test]
fn a_filing_that_contradicts_another_is_rejected_with_both_rows() {
    let kit = Kit::new();
    let good = Filing::new(2, &["Assets", "Cash"]);
    let mut bad = Filing::new(1, &["Assets"]);
    bad.mislabelled = Some("Assets");
    for name in ["at once", "one after the other"] {
        if name != "at once" {
            kit.load(name, std::slice::from_ref(&good));
        }
        let result = kit.load(name, &[bad.clone(), good.clone()]);
        let reason = &result.rejected[&bad.accession()];
        assert!(reason.contains("\"something else\"") && reason.contains("value: \"Assets\""), "{reason}");
        assert_eq!(kit.sum(name), kit.fresh(std::slice::from_ref(&good)), "{name}");
    }
    let again = kit.load("at once", &[bad.clone(), good]);
    assert_eq!((again.unchanged, again.nodes, again.rejected.len()), (1, 0, 1));
}

#[test]
fn a_filing_whose_rows_cannot_be_joined_is_found_among_many() {
    const NOWHERE: &str = "00000000-0000-5000-8000-000000000000";
    let spoiled = [
        (NOWHERE, Some(NOWHERE), None),
        ("nowhere", Some("nowhere"), None),
        ("identifier a fact is no UUID", None, Some("a fact")),
    ];
    for (said, dangling, misnamed) in spoiled {
        let mut kit = Kit::new();
        let mut filings: Vec<Filing> = (1..=7).map(|number| Filing::new(number, &["Assets"])).collect();
        filings[4] = Filing { dangling, misnamed, ..filings[4].clone() };
        kit.limits = BatchLimits { rows: u64::MAX, filings: 3, ..BatchLimits::default() };
        let result = kit.load("graph", &filings);
        assert_eq!(result.added, 6);
        let bad = filings.remove(4);
        assert!(result.rejected[&bad.accession()].contains(said), "{:?}", result.rejected);
        assert_eq!(kit.sum("graph"), kit.fresh(&filings));
    }
}

#[test]
fn a_manifest_that_counts_wrongly_is_refused() {
    let kit = Kit::new();
    let first = Filing::new(1, &["Assets"]);
    kit.load("graph", std::slice::from_ref(&first));
    let before = kit.sum("graph");
    for table in ["Fact", "FACT_HAS_ELEMENT"] {
        let second = Filing::new(2, &["Assets"]);
        let tampered = kit.accept_with(&second, |manifest| {
            manifest.files.iter_mut().find(|file| file.table == table).unwrap().rows += 1;
        });
        let done = kit.ingest("graph", &[tampered]).unwrap();
        let reason = &done.rejected[&second.accession()];
        assert!(reason.contains(table) && reason.contains("it has 1 rows instead of 2"), "{reason}");
        assert_eq!(kit.sum("graph"), before);
    }
}

#[test]
fn a_graph_that_lacks_a_row_does_not_reconcile() {
    let kit = Kit::new();
    let filings: Vec<Filing> = (1..=20).map(|number| Filing::new(number, &["Assets"])).collect();
    kit.load("graph", &filings);
    let path = kit.graph("graph").join("graph");
    let touched: Vec<_> = filings.iter().map(|filing| filing.accession().parse().unwrap()).collect();
    let reconciled = |touched: &[edgraph_shared::ids::AccessionNumber]| {
        let database = kuzu::Database::open(&path, database::Mode::Read).unwrap();
        let session = database.session().unwrap();
        let markers = state::markers(&session).unwrap();
        let rows = shared::tables().map(|table| (table.name, state::count(&session, table).unwrap()));
        let rows = rows.collect();
        reconcile::reconcile(&session, &markers, &rows, &touched.iter().copied().collect())
    };
    let run = |statement: &str| {
        let memory = memory::Memory::default().database();
        let database = kuzu::Database::open(&path, database::Mode::Write { memory }).unwrap();
        database.session().unwrap().run(statement).unwrap();
    };
    reconciled(&touched).unwrap();
    reconciled(&touched[..1]).unwrap();
    let of = format!("MATCH (f:Fact {{accession: '{}'}})-[r:FACT_HAS_UNIT]->(:Unit)", touched[0]);
    run(&format!("{of} DELETE r"));
    for (touched, scope) in
        [(&touched[..], "of filing"), (&touched[..1], "of filing"), (&touched[1..2], "in all")]
    {
        let error = reconciled(touched).unwrap_err().to_string();
        assert!(error.contains("FACT_HAS_UNIT") && error.contains(scope), "{error}");
    }
}

#[test]
fn a_graph_of_another_schema_is_refused_naming_both_versions() {
    let kit = Kit::new();
    let folder = kit.graph("graph");
    std::fs::create_dir_all(&folder).unwrap();
    {
        let mode = database::Mode::Write { memory: memory::Memory::default().database() };
        let database = kuzu::Database::open(&folder.join("graph"), mode).unwrap();
        let session = database.session().unwrap();
        session
            .run("CREATE NODE TABLE `_Graph`(graph_id STRING, schema_version STRING, PRIMARY KEY(graph_id))")
            .unwrap();
        session.run("CREATE (:`_Graph` {graph_id: 'g', schema_version: 'older'})").unwrap();
    }
    let error = kit.ingest("graph", &[kit.accept(&Filing::new(1, &["Assets"]))]).unwrap_err().to_string();
    assert!(error.contains("older") && error.contains(&ddl::schema_version()), "{error}");
}
