"""The program `edgraph`: where it is, and what it answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from .errors import EdgraphError


def find() -> str:
    """The program: EDGRAPH_PROGRAM, or that of the same wheel, or one on the path. Raises FileNotFoundError."""
    named = os.environ.get("EDGRAPH_PROGRAM")
    beside = Path(sysconfig.get_path("scripts")) / "edgraph"
    found = named or (str(beside) if beside.is_file() else shutil.which("edgraph"))
    if found is None:
        raise FileNotFoundError("there is no program `edgraph`: install the wheel, or name it in EDGRAPH_PROGRAM")
    return found


def ask(arguments: list[str]) -> list[dict[str, Any]]:
    """Rows of a command with ``--format json``. Raises EdgraphError with what it says on failure."""
    command = [find(), *arguments, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EdgraphError(done.stderr.strip().removeprefix("error: ") or f"`{' '.join(command)}` failed")
    return json.loads(done.stdout)
