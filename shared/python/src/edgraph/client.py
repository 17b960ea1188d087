"""Calls, one after the other, each waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast

import grpc
from google.protobuf.message import Message

from .calls import ATTEMPT_SECONDS, Call, Outcome, Wait, conduct
from .errors import EdgraphError, from_status
from .settings import Settings
from .targets import Targets
from .v1.pipeline_pb2 import WatchPipelineRequest, WatchPipelineResponse
from .watching import Watching

Response = TypeVar("Response", bound=Message)

_WATCH = "/edgraph.v1.PipelineService/WatchPipeline"


class Client:
    """A connection to the coordinators of one fleet; the one that leads is found, also after a takeover.

    Everything may be left out: what is not given, the environment says (see `Settings.of`). Safe to share among threads.
    """

    def __init__(
        self,
        endpoints: str | list[str] | None = None,
        *,
        token: str | None = None,
        tls_ca: str | Path | None = None,
        identity: tuple[str | Path, str | Path] | None = None,
        patience: float = 30.0,
    ) -> None:
        self._settings = Settings.of(endpoints, token, tls_ca, identity, patience)
        self._targets = Targets(self._settings.endpoints, self._settings.token is not None)
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def run(self, call: Call[Response]) -> Response:
        """Makes a call. Raises EdgraphError."""
        steps = conduct(call, self._targets, self._settings.patience, time.monotonic)
        outcome: Outcome = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Wait):
                    time.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = self._ask(step.address, call)
        except StopIteration as done:
            return cast(Response, done.value)

    def watch(self, pipeline_id: str) -> Iterator[WatchPipelineResponse]:
        """The newest status at once, then the newest after every change, until the pipeline has finished: across broken
        connections and takeovers. Raises EdgraphError."""
        watching = Watching(pipeline_id, self._targets, self._settings.patience, time.monotonic)
        while not watching.is_over:
            try:
                for response in self._watch(watching.address, watching.request()):
                    if watching.take_in(response):
                        yield response
                    if watching.is_over:
                        return
                wait = watching.broke(None)
            except grpc.RpcError as broken:
                wait = watching.broke(error_of(watching.address, broken))
            time.sleep(wait)

    def close(self) -> None:
        """Ends the connections. Calls that are under way fail."""
        with self._lock:
            channels, self._channels = list(self._channels.values()), {}
        for channel in channels:
            channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _channel(self, address: str) -> grpc.Channel:
        with self._lock:
            channel = self._channels.get(address)
            if channel is None:
                channel = self._channels[address] = self._settings.channel(address)
            return channel

    def _ask(self, address: str, call: Call[Response]) -> Response | EdgraphError:
        send = self._channel(address).unary_unary(
            f"/{call.method}",
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response.FromString,
        )
        ask = cast("Callable[..., Response]", send)
        try:
            return ask(call.request, timeout=ATTEMPT_SECONDS, metadata=self._settings.metadata)
        except grpc.RpcError as broken:
            return error_of(address, broken)

    def _watch(self, address: str, request: WatchPipelineRequest) -> Iterator[WatchPipelineResponse]:
        send = self._channel(address).unary_stream(
            _WATCH,
            request_serializer=WatchPipelineRequest.SerializeToString,
            response_deserializer=WatchPipelineResponse.FromString,
        )
        return cast("Iterator[WatchPipelineResponse]", send(request, metadata=self._settings.metadata))


def error_of(address: str, broken: grpc.RpcError) -> EdgraphError:
    """What the coordinator at `address` said with a call that failed."""
    call = cast(grpc.Call, broken)
    trailing = dict(call.trailing_metadata() or ())
    rich = cast("bytes | None", trailing.get("grpc-status-details-bin"))
    return from_status(address, call.code(), call.details() or "", rich)
