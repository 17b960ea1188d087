#!/usr/bin/env python3
"""Reads the tables of a store with other people's readers, and compares them with the manifests.

Usage: check.py STORE        (a folder, such as data/store)
Needs: pip install deltalake polars duckdb pyarrow       and, where there is a Java, pyspark

deltalake reads a table's log through delta-kernel, the protocol's reference in Rust; Polars scans what that names with
its own Parquet reader. DuckDB, pyarrow and Spark are given what README gives them: a glob, which is right wherever
nothing superseded is left (after `edgraph run`, or `edgraph gc`). Each must find the rows of every filing's current
manifest, once, and all of them the same numbers.
"""

import glob
import importlib.util
import json
import os
import shutil
import sys

import duckdb
import polars
import pyarrow.dataset
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


def spark():
    """A Spark of one thread, if there is one to be had."""
    if not shutil.which("java") or not importlib.util.find_spec("pyspark"):
        print("without Spark: pyspark or a Java is missing")
        return None
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def answers(folder, session):
    """What each reader finds: its name, the rows, and the sum of the numbers, if there are any."""
    parquet = os.path.join(folder, "year=*", "month=*", "*.parquet")
    table = DeltaTable(folder)
    arrow = table.to_pyarrow_table()
    has_numbers = "numeric_value" in arrow.column_names
    total = "sum(numeric_value)" if has_numbers else "NULL"

    def summed(frame):
        return frame["numeric_value"].sum() if has_numbers else None

    yield "deltalake", arrow.num_rows, summed(polars.from_arrow(arrow))
    scanned = polars.scan_delta(folder).collect()
    yield "Polars", len(scanned), summed(scanned)
    if not arrow.num_rows:
        return
    yield "DuckDB", *duckdb.sql(f"SELECT count(*), {total} FROM '{parquet}'").fetchall()[0]
    dataset = pyarrow.dataset.dataset(sorted(glob.glob(parquet)), format="parquet").to_table()
    yield "pyarrow", dataset.num_rows, summed(polars.from_arrow(dataset))
    if session:
        frame = session.read.option("basePath", folder).parquet(parquet)
        yield "Spark", *frame.selectExpr("count(*)", total).first()


def differ(one, other):
    """Whether two sums are other than by the order of their addition."""
    if one is None or other is None:
        return one is not other
    return abs(one - other) > 1e-9 * max(abs(one), abs(other), 1)


def check(name, folder, manifests, session):
    """What is wrong with a table, line by line."""
    rows = sum(
        file["rows"]
        for manifest in manifests
        for file in manifest["files"]
        if file["key"].startswith(name + "/year=")
    )
    first = None
    for reader, found, total in answers(folder, session):
        if found != rows:
            yield f"{reader} finds {found} rows, the manifests have {rows}"
        if first and differ(total, first[1]):
            yield f"{reader}'s numbers come to {total}, {first[0]}'s to {first[1]}"
        first = first or (reader, total)
    scanned = polars.scan_delta(folder).collect()
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
    session = spark()
    tables, faults = 0, 0
    for name, folder in folders(store):
        tables += 1
        for fault in check(name, folder, manifests, session):
            faults += 1
            print(f"{name}: {fault}")
    print(f"{len(manifests)} filings, {tables} tables, {faults} faults")
    sys.exit(faults > 0 or tables == 0)


if __name__ == "__main__":
    main()
