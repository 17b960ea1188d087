"""The same for asyncio: `Client`, `Pipeline`, `SECXBRLPipeline` and `PipelineTracker`, with methods that are awaited.

What is asked and what is done when it fails is the same code; here is only how one waits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.message import Message

from . import reading, requests
from .calls import ATTEMPT_SECONDS, Call, Outcome, Wait, conduct
from .errors import EdgraphError, NotFound, from_status
from .settings import Settings
from .targets import Targets
from .tracker import CHUNK, failed, key
from .v1.pipeline_pb2 import StartPipelineResponse, WatchPipelineRequest, WatchPipelineResponse
from .watching import Watching

Response = TypeVar("Response", bound=Message)

_WATCH = "/edgraph.v1.PipelineService/WatchPipeline"


class Client:
    """See `edgraph.Client`. Belongs to the event loop in which it is first used."""

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
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def run(self, call: Call[Response]) -> Response:
        """Makes a call. Raises EdgraphError."""
        steps = conduct(call, self._targets, self._settings.patience, time.monotonic)
        outcome: Outcome = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Wait):
                    await asyncio.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = await self._ask(step.address, call)
        except StopIteration as done:
            return cast(Response, done.value)

    async def watch(self, pipeline_id: str) -> AsyncIterator[WatchPipelineResponse]:
        """See `edgraph.Client.watch`."""
        watching = Watching(pipeline_id, self._targets, self._settings.patience, time.monotonic)
        while not watching.is_over:
            try:
                async for response in self._watch(watching.address, watching.request()):
                    if watching.take_in(response):
                        yield response
                    if watching.is_over:
                        return
                wait = watching.broke(None)
            except grpc.aio.AioRpcError as broken:
                wait = watching.broke(_error(watching.address, broken))
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Ends the connections."""
        channels, self._channels = list(self._channels.values()), {}
        for channel in channels:
            await channel.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _channel(self, address: str) -> grpc.aio.Channel:
        if address not in self._channels:
            self._channels[address] = self._settings.async_channel(address)
        return self._channels[address]

    async def _ask(self, address: str, call: Call[Response]) -> Response | EdgraphError:
        send = self._channel(address).unary_unary(
            f"/{call.method}",
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response.FromString,
        )
        try:
            return await send(call.request, timeout=ATTEMPT_SECONDS, metadata=self._settings.metadata)
        except grpc.aio.AioRpcError as broken:
            return _error(address, broken)

    def _watch(self, address: str, request: WatchPipelineRequest) -> AsyncIterator[WatchPipelineResponse]:
        send = self._channel(address).unary_stream(
            _WATCH,
            request_serializer=WatchPipelineRequest.SerializeToString,
            response_deserializer=WatchPipelineResponse.FromString,
        )
        return cast("AsyncIterator[WatchPipelineResponse]", send(request, metadata=self._settings.metadata))


class Pipeline:
    """See `edgraph.Pipeline`."""

    def __init__(self, kind: str, pipeline_id: str, client: Client | None = None) -> None:
        self.kind = kind
        self.pipeline_id = pipeline_id
        self._client = client or Client()

    async def start(
        self, *, params: Mapping[str, Any] | None = None, spec: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """See `edgraph.Pipeline.start`."""
        return await self._started(requests.start(self.pipeline_id, self.kind, params, spec))

    async def get_status(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.get_status`."""
        return reading.status((await self._client.run(requests.get(self.pipeline_id))).pipeline)

    async def watch(self) -> AsyncIterator[dict[str, Any]]:
        """See `edgraph.Pipeline.watch`."""
        async for response in self._client.watch(self.pipeline_id):
            yield reading.status(response.pipeline)

    async def wait(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.wait`."""
        last: dict[str, Any] = {}
        async for status in self.watch():
            last = status
        return last

    async def cancel(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.cancel`."""
        return reading.status((await self._client.run(requests.cancel(self.pipeline_id))).pipeline)

    async def pause(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.pause`."""
        return reading.status((await self._client.run(requests.pause(self.pipeline_id))).pipeline)

    async def resume(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.resume`."""
        return reading.status((await self._client.run(requests.resume(self.pipeline_id))).pipeline)

    async def delete(self) -> dict[str, Any]:
        """See `edgraph.Pipeline.delete`."""
        return reading.status((await self._client.run(requests.delete(self.pipeline_id))).pipeline)

    async def retry(self, *, kind: str = "", reason: str = "", dry_run: bool = False) -> int:
        """See `edgraph.Pipeline.retry`."""
        return (await self._client.run(requests.retry(self.pipeline_id, kind, reason, dry_run))).retried

    async def failures(self) -> list[dict[str, Any]]:
        """See `edgraph.Pipeline.failures`."""
        return (await self.get_status())["failure_groups"]

    async def items(
        self, *, state: str = "", kind: str = "", reason: str = "", retrying: bool = False
    ) -> AsyncIterator[dict[str, Any]]:
        """See `edgraph.Pipeline.items`."""
        page_token = ""
        while True:
            call = requests.list_items(self.pipeline_id, page_token, state, kind, reason, retrying)
            page = await self._client.run(call)
            for item in page.items:
                yield reading.item(item)
            page_token = page.next_page_token
            if not page_token:
                return

    async def _started(self, call: Call[StartPipelineResponse]) -> dict[str, Any]:
        return reading.status((await self._client.run(call)).pipeline)


class SECXBRLPipeline(Pipeline):
    """See `edgraph.SECXBRLPipeline`."""

    def __init__(self, pipeline_id: str, client: Client | None = None) -> None:
        super().__init__("sec_xbrl", pipeline_id, client)

    async def start(self, **parameters: Any) -> dict[str, Any]:
        """See `edgraph.SECXBRLPipeline.start`."""
        return await self._started(requests.start_sec_xbrl(self.pipeline_id, parameters))


class PipelineTracker:
    """See `edgraph.PipelineTracker`."""

    def __init__(
        self, kind: str, pipeline_id: str, *, expected: int | None = None, client: Client | None = None
    ) -> None:
        self.kind = kind
        self.pipeline_id = pipeline_id
        self._expected = expected or 0
        self._client = client or Client()

    async def start(self) -> dict[str, Any]:
        """See `edgraph.PipelineTracker.start`."""
        call = requests.start_own(self.pipeline_id, self.kind, self._expected)
        return reading.status((await self._client.run(call)).pipeline)

    async def add(self, items: Iterable[Any]) -> int:
        """See `edgraph.PipelineTracker.add`."""
        named = [(key(item), None) for item in items]
        added = 0
        for begin in range(0, len(named), CHUNK):
            chunk, request_id = named[begin : begin + CHUNK], requests.new_request_id()
            added += (await self._run(requests.add_items(self.pipeline_id, chunk, False, request_id))).added
        return added

    async def close(self) -> bool:
        """See `edgraph.PipelineTracker.close`."""
        call = requests.add_items(self.pipeline_id, [], True, requests.new_request_id())
        return (await self._run(call)).ended

    async def task_completed(self, item: Any, result: Any = None) -> bool:
        """See `edgraph.PipelineTracker.task_completed`."""
        call = requests.complete_item(self.pipeline_id, key(item), result, requests.new_request_id())
        return (await self._run(call)).ended

    async def task_failed(self, item: Any, error: object = None) -> bool:
        """See `edgraph.PipelineTracker.task_failed`."""
        call = requests.fail_item(self.pipeline_id, *failed(item, error), requests.new_request_id())
        return (await self._run(call)).ended

    async def get_status(self) -> dict[str, Any]:
        """See `edgraph.PipelineTracker.get_status`."""
        return reading.status((await self._client.run(requests.get(self.pipeline_id))).pipeline)

    async def _run(self, call: Call[Response]) -> Response:
        try:
            return await self._client.run(call)
        except NotFound:
            await self.start()
            return await self._client.run(call)


def _error(address: str, broken: grpc.aio.AioRpcError) -> EdgraphError:
    trailing = dict(broken.trailing_metadata() or ())
    rich = cast("bytes | None", trailing.get("grpc-status-details-bin"))
    return from_status(address, broken.code(), broken.details() or "", rich)
