"""Every command of the documents is run as it stands there, on the sample filings; what it prints is what stands there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from blocks import ROOT, Command, blocks, commands, plain
from tests.conftest import PROGRAM, SAMPLES, eventually, free_port

#: What the documents say of real companies is asked of the invented ones.
SAMPLE_WORDS = [
    ("AAPL,MSFT", "LKSP,QUIL"),
    ('"AAPL", "MSFT"', '"LKSP", "QUIL"'),
    ("AAPL", "LKSP"),
    ("MSFT", "QUIL"),
    ("find apple", "find larkspur"),
    ("find control customer --kind text", "find revenue --kind text"),
    ("us-gaap:Assets", "gaap:Assets"),
]
#: Not run here, and why.
ELSEWHERE = {
    "deploy/quickstart.sh": "it builds what is tested here",
    "tests/run.sh": "it runs this",
    "edgraph start …": "no command, but any of those above",
}


class Shell:
    """Where commands are run: a folder that has the samples where the checkout has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.words = list(SAMPLE_WORDS)
        (folder / "tests").symlink_to(ROOT / "tests")
        own = {name: value for name, value in os.environ.items() if not name.startswith("EDGRAPH_")}
        path = f"{Path(PROGRAM).resolve().parent}:{os.environ['PATH']}"
        self.environment = {**own, "PATH": path, "COLUMNS": "200"}
        self._running: list[subprocess.Popen[bytes]] = []

    def read(self, line: str) -> str:
        """A command line with what stands for its words here."""
        for word, stands in self.words:
            line = line.replace(word, stands)
        return line

    def run(self, command: Command) -> None:
        """Runs a command; it succeeds, and prints what it should."""
        line = self.read(command.line)
        # A pipeline succeeds as its last command does, as in a shell of a person.
        ended = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"{command.document}: {line}: {ended.stderr}{ended.stdout}"
        if command.prints is not None:
            assert plain(ended.stdout) == plain(command.prints), f"{command.document}: {line}"

    def begin(self, line: str) -> subprocess.Popen[bytes]:
        """Starts a command that goes on."""
        said = (self.folder / "said").open("ab")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {self.read(line)}"], cwd=self.folder, env=self.environment, stdout=said, stderr=said
        )
        self._running.append(process)
        return process

    def says(self, what: str) -> bool:
        """Whether one of those that go on has said something."""
        assert all(process.poll() is None for process in self._running), (self.folder / "said").read_text()
        return what in (self.folder / "said").read_text()

    def end(self, *some: subprocess.Popen[bytes]) -> None:
        """Ends those that go on, or some of them."""
        for process in some or tuple(self._running):
            process.send_signal(signal.SIGKILL)
            process.wait()
            self._running.remove(process)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.end()


def of_samples(shell: Shell) -> None:
    """Real filings stand for themselves no more."""
    mirror = {"EDGRAPH_EDGAR": SAMPLES.as_uri(), "EDGRAPH_TAXONOMIES": str(SAMPLES / "taxonomies")}
    shell.environment |= mirror


def test_the_tour_and_the_graphs_readme(shell: Shell) -> None:
    graph = [command for command in commands("coordinator/graph/README.md") if not command.line.startswith("grpcurl")]
    for command in [*commands("README.md"), *graph]:
        if command.line in ELSEWHERE:
            continue
        if command.line.startswith("edgraph run --tickers"):
            of_samples(shell)
        shell.run(command)


#: Values for the parameters that Cypher in the documents has.
PARAMETERS = {
    "accession": "0009900001-25-000011",
    "role": "http://larkspur.example.com/role/IncomeStatement",
    "ticker": "LKSP",
}


def test_what_stands_there_in_other_languages(shell: Shell) -> None:
    shell.run(commands("README.md")[2])
    asked = 0
    for language, text in blocks("coordinator/graph/README.md"):
        if language == "cypher":
            for statement in filter(str.strip, text.split(";")):
                (shell.folder / "asked.cypher").write_text(statement)
                needs = sorted(set(re.findall(r"\$(\w+)", statement)))
                values = " ".join(["--param", *(f"{name}={PARAMETERS[name]}" for name in needs)] if needs else [])
                shell.run(Command("", f"edgraph query -f asked.cypher --format json {values}", None))
                asked += 1
        elif language in ("sql", "python"):
            code = (
                shell.read(text) if language == "python" else f"import duckdb\nassert duckdb.sql({text!r}).fetchall()"
            )
            (shell.folder / "asked.py").write_text(code)
            shell.run(Command("", "python asked.py", None))
            asked += 1
    assert asked >= 6


def test_a_fleet(shell: Shell) -> None:
    redis, listen, http = free_port(), free_port(), free_port()
    shell.words += [
        ("redis://127.0.0.1:6379", f"redis://127.0.0.1:{redis}"),
        ("redis-cli", f"redis-cli -p {redis}"),
        ("127.0.0.1:50051", f"127.0.0.1:{listen}"),
        ("127.0.0.1:8080", f"127.0.0.1:{http}"),
        ("s3://bucket/prefix", "fleet"),
        ("s3://bucket/edgraph", "fleet"),
    ]
    of_samples(shell)
    dry, serve, work, ingest, *rest = commands("deploy/README.md")
    # What it tells is what a run before it has left.
    shell.run(commands("README.md")[2])
    shell.run(dry)

    shell.begin(f"redis-server --port {redis} --save '' --bind 127.0.0.1")
    eventually("Redis is there", lambda: shell.says("Ready to accept connections"))
    shell.environment |= {"EDGRAPH_LISTEN": f"127.0.0.1:{listen}", "EDGRAPH_HTTP": f"127.0.0.1:{http}"}
    shell.begin(serve.line)
    eventually("the coordinator leads", lambda: shell.says("lead won"))
    del shell.environment["EDGRAPH_LISTEN"]
    shell.environment["EDGRAPH_COORDINATOR"] = f"http://127.0.0.1:{listen}"
    worker = shell.begin(work.line)
    eventually("the worker is there", lambda: shell.says("worker joined"))
    asked = [command for command in commands("coordinator/graph/README.md") if command.line.startswith("grpcurl")]
    is_started = False
    for command in [*rest, *asked]:
        if command.line in ELSEWHERE:
            continue
        if "nightly" in command.line and not is_started:
            is_started = True
            # Nobody works on it until it is watched to its end.
            shell.end(worker)
            shell.run(Command("", "edgraph start --id nightly --tickers AAPL", None))
        if command.line.startswith("curl -N"):
            shell.begin(work.line)
        shell.run(command)

    # The ingester is for a coordinator without a graph.
    shell.end()
    shell.begin(f"redis-server --port {redis} --save '' --bind 127.0.0.1")
    shell.environment["EDGRAPH_LISTEN"] = f"127.0.0.1:{listen}"
    shell.begin(serve.line.replace(" --graph ./graph", ""))
    shell.begin(ingest.line)
    eventually("the ingester is there", lambda: shell.says("worker joined worker=ingester-"))
