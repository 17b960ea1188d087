"""Workers in Python against a real coordinator: killed, stopped, refused, with handlers that fail."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

import edgraph
from edgraph import DependencyDown, Item, Permanent, Pipeline, Worker

from .conftest import Coordinator, eventually, python

EXAMPLE = str(Path(__file__).resolve().parents[1] / "examples" / "word_count.py")
FILES = 12


def example(coordinator: Coordinator, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "EDGRAPH_COORDINATOR": coordinator.url}
    return subprocess.Popen(python(EXAMPLE, *arguments), env=environment, text=True, stdout=subprocess.PIPE)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_pipeline_of_ones_own_though_a_worker_ends_while_it_works(tmp_path: Path, ending: signal.Signals) -> None:
    coordinator = Coordinator(tmp_path)
    processes: list[subprocess.Popen[str]] = []
    try:
        files = [tmp_path / f"{n}.txt" for n in range(FILES)]
        for n, file in enumerate(files):
            file.write_text("word " * n)
        # Whoever reads it waits for somebody who writes.
        endless = tmp_path / "endless"
        os.mkfifo(endless)
        processes.append(first := example(coordinator, "worker", "one"))
        processes.append(client := example(coordinator, "count", "words", *map(str, files), str(endless)))
        pipeline = Pipeline("word_count", "words", edgraph.Client(coordinator.url))

        def state() -> tuple[int, int]:
            try:
                status = pipeline.get_status()
            except edgraph.NotFound:
                return 0, 0
            return status["completed_tasks"], sum(phase["in_flight"] for phase in status["phases"])

        eventually("all but one are counted", lambda: state() == (FILES, 1))
        first.send_signal(ending)
        first.wait(30)
        eventually("nobody holds the last one", lambda: state() == (FILES, 0))
        processes.append(example(coordinator, "worker", "two"))
        eventually("another one holds it", lambda: state() == (FILES, 1))
        endless.write_text("three more words")
        output, _ = client.communicate(timeout=30)
        counted = dict(line.rsplit("\t", 1) for line in output.splitlines())
        expected = {f"count_words/{file}": str(n) for n, file in enumerate(files)}
        assert counted == {**expected, f"count_words/{endless}": "3"}
        last = list(pipeline.items())[-1]
        assert (last["lost_leases"], last["failures"]) == (1 if ending == signal.SIGKILL else 0, 0)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        coordinator.close()


def test_what_handlers_say_is_what_becomes_of_items(coordinator: Coordinator) -> None:
    seen: list[str] = []

    def find(item: Item) -> None:
        for n in range(2_500):
            item.add("work", f"work/{n}", {"n": n})
        seen.append(item.key)

    def work(item: Item) -> object:
        if item.payload["n"] == 7:
            raise Permanent("never")
        if item.payload["n"] == 8 and item.attempt == 1:
            raise ValueError("not yet")
        if item.payload["n"] == 9 and item.attempt == 1:
            raise DependencyDown("refused", "host")
        return item.payload["n"]

    worker = Worker({"find": find, "work": work}, worker_id="one", slots=8, endpoints=coordinator.url)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    pipeline = Pipeline("numbers", "all", edgraph.Client(coordinator.url))
    root = {"kind": "find", "key": "find/all"}
    pipeline.start(spec={"roots": [root], "counted_kind": "work", "deadPolicy": {"hold": {}}})
    # Killed in the middle, the coordinator finds the worker with what it holds.
    eventually("some are done", lambda: pipeline.get_status()["completed_tasks"] > 100)
    coordinator.kill()
    coordinator.begin()
    held = eventually("all are settled", lambda: (s := pipeline.get_status())["state"] == "held" and s)
    assert (held["completed_tasks"], held["failed_tasks"]) == (2_499, 1)
    assert [item["reason"] for item in pipeline.items(state="dead")] == ["never"]
    results = {item["key"]: item["result"] for item in pipeline.items(kind="work", state="succeeded")}
    assert all(results[f"work/{n}"] == n for n in range(2_500) if n != 7)
    assert seen == ["find/all"], "its children were taken in once"
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_two_workers_of_one_name_are_told_apart(coordinator: Coordinator) -> None:
    first = Worker({"work": lambda _: None}, worker_id="twin", endpoints=coordinator.url)
    thread = threading.Thread(target=first.run, daemon=True)
    thread.start()
    status = Pipeline("numbers", "p", edgraph.Client(coordinator.url))
    status.start(spec={"roots": [{"kind": "work", "key": "work/1"}], "counted_kind": "work"})
    eventually("the first one works", lambda: status.get_status()["state"] == "completed")
    with pytest.raises(edgraph.Refused, match="twin"):
        Worker({"work": lambda _: None}, worker_id="twin", endpoints=coordinator.url).run()
    first.stop()
    thread.join(20)
    assert not thread.is_alive()
