//! A market's worth of small files made into large ones.
//!
//! `cargo bench --profile dev -p edgraph-tests --bench compaction -- [--filings N] [--companies N] [--kept DIR]`. Filings
//! (real ones where they are at hand) are processed once, and the flat facts of each lie there under so many names, filed
//! over one year, published as one round. Then every month is compacted and what nothing reads any more is removed.

#[path = "ingest_throughput/arguments.rs"]
mod arguments;
#[path = "ingest_throughput/cost.rs"]
mod cost;
#[path = "ingest_throughput/store.rs"]
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use arguments::Arguments;
use bytes::Bytes;
use edgraph_graph::gc::{self, Grace};
use edgraph_graph::publish::{self, Compaction, PART_BYTES, Publication};
use edgraph_shared::ids::AccessionNumber;
use edgraph_shared::kinds::sec_xbrl::{Accepted, FilingProcessed};
use edgraph_shared::manifest::{Manifest, sha256_hex};
use edgraph_shared::schema::{self, Table};
use edgraph_shared::storage::{LocalStore, SharedStore, Store, layout};
use futures::FutureExt;
use futures::stream::{self, StreamExt, TryStreamExt};
use tokio::runtime::Handle;

/// Filings of the market in three years.
const FILINGS: usize = 20_000;
/// Companies whose filings stand for all.
const COMPANIES: usize = 4;
const CONCURRENT_PUTS: usize = 16;
const EVER: &str = "2100-01";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Arguments::of_process();
    let (filings, companies) = (args.number("--filings", FILINGS)?, args.number("--companies", COMPANIES)?);
    let scratch = tempfile::tempdir()?;
    let kept = args.text("--kept").map_or_else(|| scratch.path().join("kept"), PathBuf::from);
    let models = store::filled(&kept, companies).await?;
    let source = LocalStore::open(kept.join("store"))?;
    let market = scratch.path().join("market");
    let target: SharedStore = Arc::new(LocalStore::open(&market)?);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let facts = schema::table("flat/facts").context("the schema has flat facts")?;
        let accepted = runtime.block_on(clone(&source, &target, facts, &models, filings))?;
        let (publication, _) = cost::timed(|| Ok(runtime.block_on(publish(&target, &accepted))?))?;
        println!("{filings} filings published in {publication}");
        let before = runtime.block_on(files(&target, facts))?;
        let (compaction, done) = cost::timed(|| runtime.block_on(compact(&target)))?;
        let megabytes = done.1 as f64 / 1e6;
        println!(
            "compacted in {compaction}: {} rows, {megabytes:.0} MB, {} of memory at most",
            done.0,
            cost::peak_memory()?
        );
        let grace = Grace { time: Duration::ZERO, now: SystemTime::now() };
        let (removal, gone) = cost::timed(|| Ok(runtime.block_on(gc::collect(&target, grace))?))?;
        println!("{} files of {} bytes removed in {removal}", gone.files, gone.bytes);
        for (year, files) in runtime.block_on(files(&target, facts))? {
            println!("{year}: {} files, {files} now", before[&year]);
        }
        count(&market.join(facts.folder()));
        Ok(())
    })
    .await?
}

/// Writes the flat facts of filings under new names, with manifests that name them alone.
async fn clone(
    source: &LocalStore,
    target: &SharedStore,
    table: &'static Table,
    models: &[Accepted],
    filings: usize,
) -> anyhow::Result<Vec<Accepted>> {
    let mut read = Vec::new();
    for model in models {
        let accession: AccessionNumber = model.key.as_str().rsplit('/').next().context("a key")?.parse()?;
        let manifest = source.get(&layout::manifest(&accession, &model.result.input_key)).await?;
        let manifest: Manifest = serde_json::from_slice(&manifest)?;
        let file = manifest.files.iter().find(|file| file.table == table.name).context("it has facts")?;
        let bytes = source.get(&file.key.parse()?).await?;
        read.push((model.clone(), manifest, bytes));
    }
    let made = (0..filings).map(|number| one(target, table, &read[number % read.len()], number));
    stream::iter(made).buffered(CONCURRENT_PUTS).try_collect().await
}

async fn one(
    target: &SharedStore,
    table: &'static Table,
    (model, manifest, bytes): &(Accepted, Manifest, Bytes),
    number: usize,
) -> anyhow::Result<Accepted> {
    let mut manifest = manifest.clone();
    manifest.accession = format!("{:010}-24-{:06}", 1 + number / 40, number % 40 + 1).parse()?;
    manifest.input_key = sha256_hex(format!("{} {number}", manifest.input_key).as_bytes());
    manifest.metadata.accession = manifest.accession;
    manifest.metadata.filing_date = format!("2024-{:02}-01", number % 12 + 1);
    let date = &manifest.metadata.filing_date;
    let key = layout::table_file(&table.folder(), date, &manifest.accession, &manifest.input_key);
    manifest.files.retain(|file| file.table == table.name);
    manifest.files[0].key = key.to_string();
    target.put(&key, bytes.clone()).await?;
    let text = serde_json::to_vec(&manifest)?;
    let mut accepted = model.clone();
    accepted.key = format!("process_filing/{}", manifest.accession).parse()?;
    accepted.result.input_key = manifest.input_key.clone();
    accepted.result.manifest_sha256 = sha256_hex(&text);
    accepted.result.tables = FilingProcessed::tables_of(&manifest);
    target.put(&layout::manifest(&manifest.accession, &manifest.input_key), text.into()).await?;
    let pointer = manifest.input_key.clone().into();
    target.put(&layout::current_manifest(&manifest.accession), pointer).await?;
    Ok(accepted)
}

async fn publish(store: &SharedStore, accepted: &[Accepted]) -> Result<(), edgraph_graph::Error> {
    let publication = Publication {
        store: store.clone(),
        pipeline: "market".to_owned(),
        round: 1,
        permit: Arc::new(|| std::future::ready(Ok(())).boxed()),
        progress: Default::default(),
    };
    publish::run(&publication, accepted).await.map(drop)
}

/// Compacts every month; gives rows and bytes.
async fn compact(store: &SharedStore) -> anyhow::Result<(u64, u64)> {
    let permit = Arc::new(|| std::future::ready(Ok(())).boxed());
    let compaction = Compaction { store: store.clone(), part_bytes: PART_BYTES, permit };
    let (mut rows, mut bytes) = (0, 0);
    for (table, month) in compaction.due(EVER.parse()?).await? {
        let done = compaction.run(table, month).await?;
        ensure!(done.left.is_empty(), "{done:?}");
        rows += done.rows;
        bytes += done.bytes;
    }
    Ok((rows, bytes))
}

/// How many files of a table each year has.
async fn files(store: &SharedStore, table: &Table) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut years = BTreeMap::new();
    for object in store.list(&table.folder().parse()?).await? {
        let year = object.key.as_str().split('/').find(|part| part.starts_with("year="));
        if let Some(year) = year {
            *years.entry(year.to_owned()).or_default() += 1;
        }
    }
    Ok(years)
}

/// Counts the facts as a reader does, where there is one.
fn count(folder: &std::path::Path) {
    let script = "import sys, time, duckdb\n\
        glob = sys.argv[1] + '/year=*/month=*/*.parquet'\n\
        for condition in ['true', 'true', \"concept LIKE '%:Assets'\"]:\n    \
            began = time.time()\n    \
            rows = duckdb.sql(f\"SELECT count(*) FROM '{glob}' WHERE {condition}\").fetchall()[0][0]\n    \
            print(f'DuckDB counts {rows} facts where {condition} in {time.time() - began:.2f} s')";
    let ran = Command::new("python3").args(["-c", script]).arg(folder).status();
    if !ran.is_ok_and(|status| status.success()) {
        println!("not counted: python3 with the package duckdb is not there");
    }
}
