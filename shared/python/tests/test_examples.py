"""Every snippet of the README, and the examples, as they are written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .conftest import Coordinator, filing_worker, python
from .test_answers import data  # noqa: F401  # pyright: ignore[reportUnusedImport]

PACKAGE = Path(__file__).resolve().parents[1]


def test_the_snippets_of_the_readme(
    coordinator: Coordinator,
    data: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("deltalake")
    monkeypatch.setenv("EDGRAPH_COORDINATOR", coordinator.url)
    monkeypatch.chdir(data.parent)
    filing_worker(coordinator)
    snippets = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    assert len(snippets) >= 4
    names: dict[str, object] = {}
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec", flags=0x2000), names)  # noqa: S102


def test_the_first_analysis(data: Path) -> None:  # noqa: F811
    pytest.importorskip("deltalake")
    program = python(str(PACKAGE / "examples" / "first_analysis.py"), str(data))
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert "Larkspur" in done.stdout and "408625000" in done.stdout.replace(",", "")
