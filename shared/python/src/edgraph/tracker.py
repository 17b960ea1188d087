"""A tracker for those who do the work themselves: items are named by whoever reports them, and counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from . import reading, requests
from .client import Client
from .errors import NotFound

#: Items in one request.
CHUNK = 1_000


class PipelineTracker:
    """One pipeline whose items are done by its clients, in as many processes as they like.

    >>> tracker = PipelineTracker("my_pipeline", run_id, expected=10)
    >>> if tracker.task_completed("item-3"):
    ...     print("this call ended the work")

    It is started by the first call, with `expected` items; without a number it goes on until `close`. Everything may be
    said twice: an item is done once.
    """

    def __init__(
        self, kind: str, pipeline_id: str, *, expected: int | None = None, client: Client | None = None
    ) -> None:
        self.kind = kind
        self.pipeline_id = pipeline_id
        self._expected = expected or 0
        self._client = client or Client()

    def start(self) -> dict[str, Any]:
        """Starts it now, or finds it started; returns its status. Raises AlreadyExists where the id is taken."""
        call = requests.start_own(self.pipeline_id, self.kind, self._expected)
        return reading.status(self._client.run(call).pipeline)

    def add(self, items: Iterable[Any]) -> int:
        """Names items that are to be done; returns how many are new."""
        named = [(key(item), None) for item in items]
        added = 0
        for begin in range(0, len(named), CHUNK):
            chunk, request_id = named[begin : begin + CHUNK], requests.new_request_id()
            added += self._run(requests.add_items(self.pipeline_id, chunk, False, request_id)).added
        return added

    def close(self) -> bool:
        """There will be no more items. Whether this call ended the work."""
        return self._run(requests.add_items(self.pipeline_id, [], True, requests.new_request_id())).ended

    def task_completed(self, item: Any, result: Any = None) -> bool:
        """An item is done. Whether this call ended the work: of all calls of all processes, one is told.

        Raises IllegalState for an item too many.
        """
        call = requests.complete_item(self.pipeline_id, key(item), result, requests.new_request_id())
        return self._run(call).ended

    def task_failed(self, item: Any, error: object = None) -> bool:
        """An item could not be done: `error` says why, or the ``error`` of an item that is a mapping. It may be done
        later, as long as the work goes on. Whether this call ended the work."""
        call = requests.fail_item(self.pipeline_id, *failed(item, error), requests.new_request_id())
        return self._run(call).ended

    def get_status(self) -> dict[str, Any]:
        """Where it stands: ``state``, ``expected_tasks``, ``completed_tasks``, ``failed_tasks``, ``progress_percent`` …"""
        return reading.status(self._client.run(requests.get(self.pipeline_id)).pipeline)

    def _run(self, call: requests.Call[requests.Request]) -> requests.Request:
        try:
            return self._client.run(call)
        except NotFound:
            self.start()
            return self._client.run(call)


def key(item: object) -> str:
    """The item's name: itself, or the ``item`` of a mapping."""
    return str(cast("Mapping[str, object]", item)["item"]) if isinstance(item, Mapping) else str(item)


def failed(item: object, error: object) -> tuple[str, str]:
    """The item's name and why it could not be done."""
    if error is None and isinstance(item, Mapping):
        error = cast("Mapping[str, object]", item).get("error")
    return key(item), "failed" if error is None else str(error)
