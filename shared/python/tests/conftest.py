"""Real coordinators for tests: `edgraph serve` on a `redis-server` of its own, both on loopback and ports of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

PROGRAM = os.environ.get("EDGRAPH_PROGRAM", "edgraph")
ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "fixtures" / "edgar"
#: Seconds after which a test that waits fails instead.
PATIENCE = 60.0


def eventually(what: str, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Coordinator:
    """A coordinator that can be killed and comes back at the same address, with what its tracker kept."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self._redis_port, port = free_port(), free_port()
        redis = ["redis-server", "--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly"]
        self._redis = subprocess.Popen([*redis, "yes", "--dir", str(folder)], stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        self._arguments = [
            *(PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--redis", f"redis://127.0.0.1:{self._redis_port}"),
            *("--store", str(folder / "store"), "--lock-ttl", "1s", "--lease-ttl", "5s", "--gc-at", "off", *more),
        ]
        self._log = (folder / "serve.log").open("ab")
        self._others: list[subprocess.Popen[bytes]] = []
        self.begin()

    def begin(self) -> None:
        """Starts it."""
        self._process = subprocess.Popen(self._arguments, stdout=subprocess.DEVNULL, stderr=self._log)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def worker(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Another process beside it, ended with it."""
        process = subprocess.Popen(arguments, stdout=self._log, stderr=self._log)
        self._others.append(process)
        return process

    def close(self) -> None:
        """Ends everything."""
        for process in [*self._others, self._process, self._redis]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._log.close()


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[Coordinator]:
    """One that leads soon."""
    if shutil.which("redis-server") is None or shutil.which(PROGRAM) is None:
        pytest.skip("wants redis-server, and the program in EDGRAPH_PROGRAM")
    running = Coordinator(tmp_path)
    try:
        yield running
    finally:
        running.close()


def filing_worker(coordinator: Coordinator) -> None:
    """A worker that reads the sample filings."""
    program = str(Path(shutil.which(PROGRAM) or PROGRAM).parent / "edgraph-worker")
    coordinator.worker(
        *(program, "--coordinator", coordinator.url, "--store", str(coordinator.folder / "store")),
        *("--edgar", SAMPLES.as_uri(), "--taxonomies", str(SAMPLES / "taxonomies"), "--worker-id", "one"),
    )


def python(*arguments: str) -> list[str]:
    """A Python process with this package."""
    return [sys.executable, *arguments]
