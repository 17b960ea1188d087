"""The tracker: counted once, ended once, whoever reports and whoever is killed."""

from __future__ import annotations

import multiprocessing
from multiprocessing.pool import AsyncResult

import pytest

import edgraph
from edgraph import PipelineTracker, aio

from .conftest import Coordinator, eventually

ITEMS, PROCESSES = 120, 4


def test_a_tracker_counts_and_says_once_that_the_work_has_ended(coordinator: Coordinator) -> None:
    client = edgraph.Client(coordinator.url)
    tracker = PipelineTracker("my_pipeline", "run-1", expected=3, client=client)
    assert not tracker.task_completed("a", {"rows": 12})
    assert not tracker.task_completed("a"), "done once"
    assert not tracker.task_failed({"item": "b", "error": "no paper"})
    status = tracker.get_status()
    assert (status["expected_tasks"], status["completed_tasks"], status["failed_tasks"]) == (3, 1, 1)
    assert status["progress_percent"] == 66
    # Another process knows its name alone.
    other = PipelineTracker("my_pipeline", "run-1", client=client)
    assert other.task_completed("c")
    assert not tracker.task_completed("c")
    assert tracker.get_status()["state"] == "completed_with_failures"
    assert tracker.get_status()["failure_groups"][0]["reason"] == "no paper"
    with pytest.raises(edgraph.IllegalState, match="item `d` is new"):
        tracker.task_completed("d")


def test_a_tracker_without_a_number_ends_when_it_is_closed(coordinator: Coordinator) -> None:
    tracker = PipelineTracker("my_pipeline", "run-2", client=edgraph.Client(coordinator.url))
    assert tracker.add(["a", "b"]) == 2 and tracker.add(["b", "c"]) == 1
    assert not tracker.close()
    assert [tracker.task_completed(item) for item in "abc"] == [False, False, True]


def _report(url: str, first: int) -> int:
    """Reports every item that is this process's, and some of the next one's; returns how often it was told of the end."""
    tracker = PipelineTracker("my_pipeline", "shared", expected=ITEMS, client=edgraph.Client(url))
    mine = range(first, ITEMS, PROCESSES)
    return sum(tracker.task_completed(f"item-{n % ITEMS}") for own in mine for n in {own, own + own % 2})


def test_of_many_processes_one_is_told_though_the_coordinator_is_killed(coordinator: Coordinator) -> None:
    tracker = PipelineTracker("my_pipeline", "shared", expected=ITEMS, client=edgraph.Client(coordinator.url))
    tracker.start()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        told: list[AsyncResult[int]] = [
            pool.apply_async(_report, (coordinator.url, first)) for first in range(PROCESSES)
        ]
        eventually("some items", lambda: tracker.get_status()["completed_tasks"] > ITEMS // 10)
        coordinator.kill()
        coordinator.begin()
        assert sum(one.get(60) for one in told) == 1
    status = tracker.get_status()
    assert (status["state"], status["completed_tasks"]) == ("completed", ITEMS)


async def test_the_same_for_asyncio(coordinator: Coordinator) -> None:
    async with aio.Client(coordinator.url) as client:
        tracker = aio.PipelineTracker("my_pipeline", "run-3", expected=2, client=client)
        assert await tracker.add(["a"]) == 1
        assert not await tracker.task_failed("a", ValueError("broken"))
        assert await tracker.task_completed("b")
        assert (await tracker.get_status())["state"] == "completed_with_failures"
