"""Files and graph of a real run, as tables."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import edgraph

from .conftest import PROGRAM, SAMPLES


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on the sample filings."""
    if shutil.which(PROGRAM) is None:
        pytest.skip("wants the program in EDGRAPH_PROGRAM")
    folder = tmp_path_factory.mktemp("run") / "data"
    command = [PROGRAM, "run", "--edgar", SAMPLES.as_uri(), "--taxonomies", str(SAMPLES / "taxonomies")]
    command += ["--universe", "all", "--amendments", "--out", str(folder), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "without Kuzu" in done.stderr:
        pytest.skip("the program was built without a graph")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_a_statement_has_exact_numbers_and_days(data: Path) -> None:
    rows = edgraph.statement("LKSP", "income", graph=data / "graph")
    revenues = next(row for row in rows if row["concept"] == "gaap:Revenues")
    assert (revenues["value"], revenues["period_end"]) == (Decimal(104905000), date(2025, 3, 31))
    assert revenues["accession"] == "0009900001-25-000024" and revenues["fact_id"]
    with pytest.raises(edgraph.EdgraphError, match="NOBODY"):
        edgraph.statement("NOBODY", graph=data / "graph")
    with pytest.raises(ValueError, match="annual, quarterly or ttm"):
        edgraph.series("LKSP", "revenue", length="daily", graph=data / "graph")


def test_rows_become_tables(data: Path) -> None:
    rows = edgraph.series(["LKSP", "QUIL"], "gaap:Assets", graph=data / "graph")
    assert any(row["value"] == Decimal(408625000) for row in rows)
    polars = pytest.importorskip("polars")
    assert rows.polars().filter(polars.col("value") == "408625000").height == 1
    pytest.importorskip("pyarrow")
    assert rows.arrow().num_rows == len(rows)
    pytest.importorskip("pandas")
    assert len(rows.pandas()) == len(rows)


def test_facts_are_read_from_a_run_or_a_store(data: Path) -> None:
    pytest.importorskip("deltalake")
    assert edgraph.facts(data).polars().height == edgraph.facts(str(data / "store")).polars().height == 519
    with pytest.raises(FileNotFoundError, match="give the --out of the run"):
        edgraph.facts(data.parent / "elsewhere")
    assert edgraph.facts("s3://bucket/prefix/").address == "s3://bucket/prefix/flat/facts"
