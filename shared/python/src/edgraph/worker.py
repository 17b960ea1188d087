"""A worker: takes items of some kinds from the coordinator, runs a handler for each, and says what came of it.

Handlers run in threads; another thread sends heartbeats meanwhile. A worker that is killed loses nothing: its leases
end, and others get the items.
"""

from __future__ import annotations

import json
import logging
import queue
import random
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import grpc

from .calls import waits
from .client import error_of
from .errors import EdgraphError
from .handling import Handler, Item, failure
from .leases import Fate, Held, Leases
from .settings import Settings
from .targets import Targets
from .v1 import worker_pb2 as messages

_LOG = logging.getLogger("edgraph.worker")
_WORK = "/edgraph.v1.WorkerService/Work"
#: Seconds that answers to the last outcomes are waited for at the end.
_LAST_ANSWERS = 10.0


class Refused(EdgraphError):
    """The coordinator does not take this worker in, and says what to change."""


class Worker:
    """Runs handlers by kind.

    >>> Worker({"count_words": count_words}, slots=4).run()

    Where the coordinators are is said as for `Client`. `slots` items run at one time; after SIGTERM or SIGINT those that
    run have `drain` seconds to end before they are given back.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        *,
        worker_id: str | None = None,
        slots: int = 1,
        drain: float = 0.0,
        endpoints: str | list[str] | None = None,
        token: str | None = None,
        tls_ca: str | Path | None = None,
        identity: tuple[str | Path, str | Path] | None = None,
    ) -> None:
        self._handlers = dict(handlers)
        self.worker_id = worker_id or f"{socket.gethostname()}-{uuid.uuid4().hex[:6]}"
        self._incarnation = uuid.uuid4().hex
        self._slots = slots
        self._drain = drain
        self._settings = Settings.of(endpoints, token, tls_ca, identity)
        self._targets = Targets(self._settings.endpoints, self._settings.token is not None)
        self._leases = Leases()
        self._lock = threading.Condition()
        self._sending: queue.SimpleQueue[messages.WorkRequest | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._has_ended = False

    def stop(self) -> None:
        """Takes nothing more; `run` returns once what runs has ended, or is given back."""
        self._stopping.set()
        with self._lock:
            self._lock.notify_all()

    def run(self) -> None:
        """Works until it is stopped. Raises `Refused` where the coordinator does not take it in, `Unauthenticated` or
        `PermissionDenied` for a token that does not do; a coordinator that does not answer is waited for."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._told_to_stop)
        ending = threading.Thread(target=self._end_in_time, daemon=True)
        ending.start()
        pauses = waits()
        refused_since: float | None = None
        while not self._has_ended:
            wait = next(pauses)
            try:
                for response in self._stream():
                    if response.HasField("refused"):
                        now = time.monotonic()
                        refused_since = refused_since or now
                        if now - refused_since >= response.refused.try_for.ToTimedelta().total_seconds():
                            raise Refused(response.refused.reason)
                    elif response.HasField("reconnect"):
                        wait += response.reconnect.retry_after.ToTimedelta().total_seconds()
                        break
                    else:
                        pauses, refused_since = waits(), None
                        self._hear(response)
            except grpc.RpcError as broken:
                error, is_followed = self._targets.learn(self._targets.current, error_of(self._targets.current, broken))
                if not error.is_retryable and error.reason != "STREAM_REPLACED":
                    raise error from None
                wait = 0.0 if is_followed else wait
            if not self._has_ended:
                time.sleep(wait)

    def _told_to_stop(self, *_: object) -> None:
        self.stop()

    def _stream(self) -> Iterator[messages.WorkResponse]:
        """One stream, from Hello to its end."""
        sending: queue.SimpleQueue[messages.WorkRequest | None] = queue.SimpleQueue()
        with self._lock:
            free = 0 if self._stopping.is_set() else self._slots - len(self._leases)
            kinds = [messages.KindLimit(kind=kind, max_leases=self._slots) for kind in self._handlers]
            hello = messages.Hello(
                worker_id=self.worker_id,
                incarnation=self._incarnation,
                held=self._leases.refs,
                free_slots=free,
                kinds=kinds,
                version="python",
                protocol=messages.Protocol(version=1, lowest=1),
            )
            # First of all: what others say from now on comes after it.
            sending.put(messages.WorkRequest(hello=hello))
            self._sending = sending
        channel = self._settings.channel(self._targets.current)
        beating = threading.Event()
        try:
            work = channel.stream_stream(
                _WORK,
                request_serializer=messages.WorkRequest.SerializeToString,
                response_deserializer=messages.WorkResponse.FromString,
            )
            said = iter(sending.get, None)
            answers = cast("Iterator[messages.WorkResponse]", work(said, metadata=self._settings.metadata))
            for response in answers:
                if response.HasField("welcome"):
                    every = response.welcome.heartbeat_interval.ToTimedelta().total_seconds()
                    beats = threading.Thread(target=self._beat, args=(every, sending, beating), daemon=True)
                    beats.start()
                yield response
                if self._has_ended:
                    return
        finally:
            beating.set()
            sending.put(None)
            channel.close()

    def _beat(
        self, every: float, sending: queue.SimpleQueue[messages.WorkRequest | None], ended: threading.Event
    ) -> None:
        sequence = 0
        while not ended.wait(every * random.uniform(0.8, 1.2)):
            sequence += 1
            with self._lock:
                beat = messages.Heartbeat(sequence=sequence, held=self._leases.refs)
            sending.put(messages.WorkRequest(heartbeat=beat))

    def _hear(self, response: messages.WorkResponse) -> None:
        with self._lock:
            leases = self._leases
            says: list[messages.WorkRequest] = []
            if response.HasField("welcome"):
                says = leases.welcomed(response.welcome.lost)
                if self._stopping.is_set():
                    says.append(_draining())
            elif response.HasField("grant"):
                for lease in response.grant.leases:
                    self._begin(lease)
            elif response.HasField("heartbeat_ack"):
                leases.lost(response.heartbeat_ack.lost)
                leases.cancel(response.heartbeat_ack.cancelled)
            elif response.HasField("children_added"):
                says = leases.children_added(response.children_added)
            elif response.HasField("settled"):
                says = leases.settled(response.settled)
            elif response.HasField("cancel_item"):
                is_pipeline = response.cancel_item.reason == messages.CANCEL_REASON_PIPELINE
                (leases.cancel if is_pipeline else leases.lost)([response.cancel_item.lease])
            elif response.HasField("stop_worker"):
                _LOG.info("told to stop: %s", response.stop_worker.reason)
                self._stopping.set()
            self._say(says)
            self._lock.notify_all()

    def _begin(self, lease: messages.Lease) -> None:
        item = Item(
            kind=lease.item.kind,
            key=lease.item.key,
            payload=_payload(lease.item.payload),
            pipeline_id=lease.ref.pipeline_id,
            attempt=lease.attempt,
            token=lease.ref.fencing_token,
        )
        # There are never more of them than slots. None of them keeps the process from ending.
        held = self._leases.take(lease, item)
        threading.Thread(target=self._run, args=(held,), daemon=True).start()

    def _run(self, held: Held) -> None:
        """One item, in a thread of its own."""
        try:
            handler = self._handlers[held.item.kind]
            result = json.dumps(handler(held.item))
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is the item's
            _LOG.warning("%s failed: %s", held.item.key, error, exc_info=held.fate is Fate.WANTED)
            with self._lock:
                self._say(self._leases.failed(held, failure(error)))
                self._lock.notify_all()
            return
        with self._lock:
            self._say(self._leases.done(held, result))
            self._lock.notify_all()

    def _say(self, says: list[messages.WorkRequest]) -> None:
        for one in says:
            is_credit = one.HasField("credits")
            if not (is_credit and self._stopping.is_set()):
                self._sending.put(one)

    def _end_in_time(self) -> None:
        """After a stop: what runs may end, then is given back, and then the last answers are waited for."""
        self._stopping.wait()
        with self._lock:
            self._sending.put(_draining())
            self._lock.wait_for(lambda: not self._leases.running(), timeout=self._drain)
            for held in self._leases.running():
                held.item.cancelled.set()
                self._say(self._leases.give_back(held))
            self._lock.wait_for(lambda: len(self._leases) == 0, timeout=_LAST_ANSWERS)
            self._has_ended = True
        self._sending.put(None)


def _payload(text: str) -> object:
    return json.loads(text) if text else None


def _draining() -> messages.WorkRequest:
    return messages.WorkRequest(draining=messages.Draining(reason="told to stop"))
