"""Pipelines against a real coordinator and a real worker: the seed's words, and a coordinator that is killed."""

from __future__ import annotations

from datetime import timedelta

import pytest

import edgraph
from edgraph import SECXBRLPipeline, aio
from edgraph.requests import sec_xbrl
from edgraph.v1 import parameters_pb2

from .conftest import Coordinator, filing_worker


def test_the_words_of_the_seed(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGRAPH_COORDINATOR", coordinator.url)
    pipeline = SECXBRLPipeline("sec_pipeline_12345")
    pipeline.start(max_companies=10, max_filings_per_entity=5)
    assert pipeline.get_status()["progress_percent"] == 0
    started = pipeline.get_status()
    assert started["params"]["universe"] == "sp500"
    # The same again is the same pipeline; another one under its id is refused by name.
    assert pipeline.start(max_companies=10, max_filings_per_entity=5)["create_time"] == started["create_time"]
    with pytest.raises(edgraph.AlreadyExists, match="max_companies"):
        pipeline.start(max_companies=11)
    assert pipeline.pause()["paused"] and not pipeline.resume()["paused"]
    assert pipeline.retry(dry_run=True) == 0
    assert pipeline.cancel()["state"] == "cancelled"
    with pytest.raises(edgraph.IllegalState, match="cancelled"):
        pipeline.pause()
    assert pipeline.delete()["state"] == "cancelled"
    with pytest.raises(edgraph.NotFound, match="no pipeline `sec_pipeline_12345`"):
        pipeline.get_status()


def test_progress_never_falls_though_the_coordinator_is_killed(coordinator: Coordinator) -> None:
    client = edgraph.Client(coordinator.url)
    pipeline = SECXBRLPipeline("samples", client)
    pipeline.start(universe="all", amendments=True, graph="none")
    filing_worker(coordinator)
    seen: list[tuple[int, int]] = []
    for status in pipeline.watch():
        if len(seen) == 1:
            coordinator.kill()
            coordinator.begin()
        seen.append((status["round"], status["progress_percent"]))
    assert seen == sorted(seen) and seen[-1] == (1, 100)
    status = pipeline.wait()
    assert (status["state"], status["completed_tasks"], status["failed_tasks"]) == ("completed", 6, 0)
    filings = list(pipeline.items(kind="process_filing"))
    assert len(filings) == 6 and all(item["locations"] for item in filings)
    assert pipeline.failures() == []
    # What was made is read by its own tables.
    pytest.importorskip("deltalake")
    facts = edgraph.facts(coordinator.folder / "store").lazy()
    assert facts.collect().height == 519


async def test_the_same_for_asyncio(coordinator: Coordinator) -> None:
    async with aio.Client(coordinator.url) as client:
        pipeline = aio.SECXBRLPipeline("samples", client)
        await pipeline.start(universe="all", amendments=True, graph="none")
        filing_worker(coordinator)
        progress = [status["progress_percent"] async for status in pipeline.watch()]
        assert progress == sorted(progress) and progress[-1] == 100
        coordinator.kill()
        coordinator.begin()
        assert (await pipeline.get_status())["completed_tasks"] == 6
        assert [item["state"] async for item in pipeline.items(kind="process_filing")] == ["succeeded"] * 6
        with pytest.raises(edgraph.IllegalState):
            await pipeline.resume()


def test_what_is_wrong_is_said_with_what_to_do(coordinator: Coordinator) -> None:
    with pytest.raises(TypeError, match="`max_company` is no parameter; did you mean `max_companies`"):
        SECXBRLPipeline("p", edgraph.Client(coordinator.url)).start(max_company=1)
    with pytest.raises(edgraph.Invalid, match="since") as refused:
        SECXBRLPipeline("p", edgraph.Client(coordinator.url)).start(tickers="AAPL", since="yesterday")
    assert refused.value.violations[0].field == "sec_xbrl.filings.since"
    nobody = edgraph.Client("http://127.0.0.1:1", patience=0.2)
    with pytest.raises(edgraph.Unavailable, match="start one with `edgraph serve`"):
        SECXBRLPipeline("p", nobody).get_status()
    with pytest.raises(ValueError, match="http://host:port"):
        edgraph.Client("127.0.0.1:50051")


def test_a_token_is_asked_for_and_given(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "tokens").write_text("client secret\nviewer eyes\n")
    running = Coordinator(folder, "--tokens", str(folder / "tokens"))
    try:
        with pytest.raises(edgraph.Unauthenticated, match="EDGRAPH_TOKEN"):
            SECXBRLPipeline("p", edgraph.Client(running.url)).start(tickers="AAPL")
        with pytest.raises(edgraph.PermissionDenied, match="viewer"):
            SECXBRLPipeline("p", edgraph.Client(running.url, token="eyes")).start(tickers="AAPL")
        status = SECXBRLPipeline("p", edgraph.Client(running.url, token="secret")).start(tickers="AAPL")
        assert status["state"] == "running"
    finally:
        running.close()


def test_parameters_are_those_of_the_api() -> None:
    message = sec_xbrl(
        {"ciks": [320193], "forms": "10-K", "submissions_max_age": timedelta(hours=1), "taxonomy_mode": "best_effort"}
    )
    assert list(message.ciks) == ["320193"] and list(message.filings.forms) == ["10-K"]
    assert message.submissions_max_age.seconds == 3_600
    assert message.taxonomy_mode == parameters_pb2.TAXONOMY_MODE_BEST_EFFORT
    assert message.universe == parameters_pb2.UNIVERSE_UNSPECIFIED
    with pytest.raises(TypeError, match="give one of all, sp500"):
        sec_xbrl({"universe": "everything"})
    with pytest.raises(TypeError, match="`max_companies` cannot be 'ten'"):
        sec_xbrl({"max_companies": "ten"})
