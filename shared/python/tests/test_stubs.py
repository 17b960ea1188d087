"""The stubs are those of proto/."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

from .conftest import python

PACKAGE = Path(__file__).resolve().parents[1]


def test_the_stubs_are_those_of_the_protos(tmp_path: Path) -> None:
    if importlib.util.find_spec("grpc_tools") is None:
        pytest.skip("wants grpcio-tools")
    subprocess.run(python(str(PACKAGE / "generate.py"), str(tmp_path)), check=True, stdout=subprocess.DEVNULL)
    made = sorted((tmp_path / "edgraph" / "v1").glob("*_pb2.py*"))
    assert len(made) > 10
    for stub in made:
        checked_in = PACKAGE / "src" / "edgraph" / "v1" / stub.name
        assert stub.read_text() == checked_in.read_text(), f"run generate.py: {stub.name} is out of date"
