#!/usr/bin/env python3
"""Reads the tables of a store with other people's readers, and compares them with the manifests.

Usage: check.py STORE        (a folder, such as data/store)
Needs: pip install deltalake polars duckdb pyarrow

deltalake reads a table's log through delta-kernel, the protocol's reference in Rust; Polars scans it with its own
Parquet reader, DuckDB what Arrow reads. A table must have the rows of every filing's current manifest, once, and
partitions of the filing's date.
"""

import glob
import json
import os
import sys

import duckdb
import polars
from deltalake import DeltaTable


def current_manifests(store):
    """The manifest of every filing that its pointer names."""
    for pointer in sorted(glob.glob(os.path.join(store, "manifests", "*", "current"))):
        with open(pointer) as file:
            input_key = file.read().strip()
        with open(os.path.join(os.path.dirname(pointer), input_key + ".json")) as file:
            yield json.load(file)


def folders(store):
    """Every folder that is a table, by its name from the store on."""
    for log in sorted(glob.glob(os.path.join(store, "**", "_delta_log"), recursive=True)):
        folder = os.path.dirname(log)
        yield os.path.relpath(folder, store), folder


def expected(store, name, manifests):
    """What current manifests say is in a table: rows, counted in the files one by one, and the files."""
    paths = [
        os.path.join(store, file["key"])
        for manifest in manifests
        for file in manifest["files"]
        if file["key"].startswith(name + "/year=")
    ]
    counts = [polars.scan_parquet(path, hive_partitioning=False).select(polars.len()).collect() for path in paths]
    return sum(count.item() for count in counts), paths


def numeric_sum(frame):
    """The sum of a table's numbers, if it has any."""
    return frame["numeric_value"].sum() if "numeric_value" in frame.columns else None


def check(store, name, folder, manifests):
    """What is wrong with a table, line by line."""
    rows, paths = expected(store, name, manifests)
    table = DeltaTable(folder)
    scanned = polars.scan_delta(folder).collect()
    arrow = table.to_pyarrow_dataset()
    counted = duckdb.sql("SELECT count(*) FROM arrow").fetchall()[0][0]
    loaded = table.to_pyarrow_table()
    for reader, found in [("Polars", len(scanned)), ("DuckDB", counted), ("deltalake", loaded.num_rows)]:
        if found != rows:
            yield f"{reader} finds {found} rows, the manifests have {rows}"
    files = {os.path.realpath(path.removeprefix("file://")) for path in table.file_uris()}
    if files != {os.path.realpath(path) for path in paths}:
        yield "its files are not those of the manifests"
    if paths:
        plain = polars.read_parquet(paths, hive_partitioning=False)
        if numeric_sum(plain) != numeric_sum(scanned):
            yield f"its numbers come to {numeric_sum(scanned)}, those of the files to {numeric_sum(plain)}"
        if plain.columns + ["year", "month"] != scanned.columns:
            yield f"its columns are {scanned.columns}"
        dates = {m["accession"]: m["metadata"]["filing_date"] for m in manifests}
        if "accession" in scanned.columns and not name.startswith("graph/nodes"):
            for accession, year, month in scanned.select("accession", "year", "month").unique().iter_rows():
                if dates.get(accession, "")[:7] != f"{year}-{month:02}":
                    yield f"{accession} is in {year}-{month:02}"
    if name in ("flat/facts", "graph/nodes/Fact") and scanned[:, 0].n_unique() != len(scanned):
        yield "a fact is there twice"


def main():
    """Checks all tables, and fails if one is not as it should be."""
    (store,) = sys.argv[1:]
    manifests = list(current_manifests(store))
    tables, faults = 0, 0
    for name, folder in folders(store):
        tables += 1
        for fault in check(store, name, folder, manifests):
            faults += 1
            print(f"{name}: {fault}")
    print(f"{len(manifests)} filings, {tables} tables, {faults} faults")
    sys.exit(faults > 0 or tables == 0)


if __name__ == "__main__":
    main()
