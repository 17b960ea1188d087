"""A watch that goes on where it ended, whatever breaks. Pure: who reads the stream is not its business."""

from __future__ import annotations

from collections.abc import Callable

from .calls import waits
from .errors import EdgraphError, Unavailable
from .reading import is_finished
from .targets import Targets
from .v1.pipeline_pb2 import WatchPipelineRequest, WatchPipelineResponse


class Watching:
    """What has been seen of a pipeline, and whom to ask for the rest."""

    def __init__(self, pipeline_id: str, targets: Targets, patience: float, now: Callable[[], float]) -> None:
        self._pipeline_id = pipeline_id
        self._targets = targets
        self._patience = patience
        self._now = now
        self._token = ""
        self._version = -1
        self._waits = waits()
        #: Since when no stream has given anything.
        self._broken_since: float | None = None
        self.is_over = False

    @property
    def address(self) -> str:
        """The coordinator to ask."""
        return self._targets.current

    def request(self) -> WatchPipelineRequest:
        """For what has not been seen yet."""
        return WatchPipelineRequest(pipeline_id=self._pipeline_id, resume_token=self._token)

    def take_in(self, response: WatchPipelineResponse) -> bool:
        """Whether this status is newer than what has been seen."""
        self._token, self._broken_since, self._waits = response.resume_token, None, waits()
        self.is_over = is_finished(response.pipeline)
        is_news = response.pipeline.version > self._version or self.is_over
        self._version = max(self._version, response.pipeline.version)
        return is_news

    def broke(self, error: EdgraphError | None) -> float:
        """The stream has ended before its time: seconds until the next one. Raises what waiting does not help."""
        error = error or Unavailable("the coordinator ended the stream")
        error, is_followed = self._targets.learn(self.address, error)
        if not error.is_retryable and error.reason not in ("READER_TOO_SLOW", "STREAM_REPLACED"):
            raise error
        now = self._now()
        if self._broken_since is None:
            self._broken_since = now
        if now - self._broken_since >= self._patience:
            raise error
        return 0.0 if is_followed else next(self._waits)
