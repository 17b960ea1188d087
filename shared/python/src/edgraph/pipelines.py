"""Pipelines: start them, look at them, steer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import reading, requests
from .client import Client


class Pipeline:
    """One pipeline of any kind, by its id.

    >>> Pipeline("word_count", "nightly").start(spec={"roots": [...], "counted_kind": "count_words"})
    """

    def __init__(self, kind: str, pipeline_id: str, client: Client | None = None) -> None:
        self.kind = kind
        self.pipeline_id = pipeline_id
        self._client = client or Client()

    def start(
        self, *, params: Mapping[str, Any] | None = None, spec: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Starts it, or finds the one that the same start made before; returns its status.

        `params` are its handlers' business, `spec` is a `PipelineSpec` as JSON has it. Raises AlreadyExists where the id
        is taken by another start, Invalid for what breaks a rule.
        """
        return self._started(requests.start(self.pipeline_id, self.kind, params, spec))

    def get_status(self) -> dict[str, Any]:
        """Where it stands: ``state``, ``progress_percent``, ``expected_tasks``, ``completed_tasks`` …

        Raises NotFound if it was not started, or is forgotten.
        """
        return reading.status(self._client.run(requests.get(self.pipeline_id)).pipeline)

    def watch(self) -> Iterator[dict[str, Any]]:
        """Its status now and after every change, until it has finished."""
        return (reading.status(response.pipeline) for response in self._client.watch(self.pipeline_id))

    def wait(self) -> dict[str, Any]:
        """Waits until it has finished, and returns its last status."""
        last: dict[str, Any] = {}
        for status in self.watch():
            last = status
        return last

    def cancel(self) -> dict[str, Any]:
        """Ends it; what is done stays. Twice is the same as once."""
        return reading.status(self._client.run(requests.cancel(self.pipeline_id)).pipeline)

    def pause(self) -> dict[str, Any]:
        """Hands out no more work of it; work under way goes on."""
        return reading.status(self._client.run(requests.pause(self.pipeline_id)).pipeline)

    def resume(self) -> dict[str, Any]:
        """Hands out work again; a held one goes on without what failed."""
        return reading.status(self._client.run(requests.resume(self.pipeline_id)).pipeline)

    def delete(self) -> dict[str, Any]:
        """Forgets a finished one; what it made stays. Raises IllegalState before its end."""
        return reading.status(self._client.run(requests.delete(self.pipeline_id)).pipeline)

    def retry(self, *, kind: str = "", reason: str = "", dry_run: bool = False) -> int:
        """Tries items again that failed for good, all or those of a kind whose reason has these words; returns how
        many. With `dry_run` they are only counted."""
        return self._client.run(requests.retry(self.pipeline_id, kind, reason, dry_run)).retried

    def failures(self) -> list[dict[str, Any]]:
        """What items died of, the most frequent causes first: ``reason``, ``items``, ``words`` to retry them by."""
        return self.get_status()["failure_groups"]

    def items(
        self, *, state: str = "", kind: str = "", reason: str = "", retrying: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Its items in order of creation, with their results and the files they made."""
        page_token = ""
        while True:
            page = self._client.run(requests.list_items(self.pipeline_id, page_token, state, kind, reason, retrying))
            yield from (reading.item(item) for item in page.items)
            page_token = page.next_page_token
            if not page_token:
                return

    def _started(self, call: requests.Call[requests.pipelines.StartPipelineResponse]) -> dict[str, Any]:
        return reading.status(self._client.run(call).pipeline)


class SECXBRLPipeline(Pipeline):
    """SEC filings into tables and a graph.

    >>> pipeline = SECXBRLPipeline("sec_pipeline_12345")
    >>> pipeline.start(max_companies=10, max_filings_per_entity=5)
    >>> pipeline.get_status()["progress_percent"]
    """

    def __init__(self, pipeline_id: str, client: Client | None = None) -> None:
        super().__init__("sec_xbrl", pipeline_id, client)

    def start(self, **parameters: Any) -> dict[str, Any]:
        """Starts it, or finds the one that the same start made before; returns its status.

        `parameters` are those of `SecXbrlParameters` and `FilingFilter` by name: ``tickers``, ``ciks`` or ``universe``
        ("sp500", "all"; the S&P 500 where no company is named), ``max_companies``, ``max_filings_per_entity``,
        ``forms``, ``since``, ``until`` … Raises TypeError for a name that is none, Invalid for a value that makes no
        sense.
        """
        return self._started(requests.start_sec_xbrl(self.pipeline_id, parameters))
