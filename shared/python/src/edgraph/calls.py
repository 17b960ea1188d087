"""One call: asked of the leader, repeated while that is safe and the time is not up.

What is done when is decided here, without a connection and without a clock: `conduct` says what to do next, and is told
what came of it. `client` and `aio` do it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar, Union

from google.protobuf.message import Message

from .errors import EdgraphError
from .targets import Targets

Response = TypeVar("Response", bound=Message)
Value = TypeVar("Value")

#: Seconds that an answer takes at most: coordinators give up on their tracker after 2.
ATTEMPT_SECONDS = 10.0
#: Of the waits between attempts, in seconds: a takeover is noticed this much later.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 1.0


@dataclass(frozen=True)
class Call(Generic[Response]):
    """A request, and what may be done about it when no answer comes."""

    #: Such as ``edgraph.v1.PipelineService/GetPipeline``.
    method: str
    request: Message
    response: type[Response]
    #: Doing it twice is the same as once; otherwise it is repeated only when it is certain that nobody did it.
    is_repeatable: bool = True


@dataclass(frozen=True)
class Ask:
    """Ask this coordinator."""

    address: str


@dataclass(frozen=True)
class Wait:
    """Wait for so many seconds."""

    seconds: float


Step = Union[Ask, Wait]
#: What came of a step: nothing of a wait.
Outcome = Union[Message, EdgraphError, None]


def waits() -> Iterator[float]:
    """Waits between attempts: doubling up to a second, with full jitter."""
    longest = _FIRST_WAIT
    while True:
        yield random.uniform(0, longest)
        longest = min(2 * longest, _LONGEST_WAIT)


def conduct(
    call: Call[Response], targets: Targets, patience: float, now: Callable[[], float]
) -> Generator[Step, Outcome, Response]:
    """The steps of a call; its response in the end. Raises EdgraphError."""
    deadline = now() + patience
    pauses = waits()
    has_hopped = False
    while True:
        address = targets.current
        outcome = yield Ask(address)
        if isinstance(outcome, call.response):
            return outcome
        if not isinstance(outcome, EdgraphError):
            raise TypeError(f"{call.method} was answered with {outcome!r}")
        error, is_followed = targets.learn(address, outcome)
        if not (error.is_retryable and (call.is_repeatable or error.is_undone)):
            raise error
        # A named leader is asked at once, but two coordinators that name each other are no reason to race.
        if is_followed and not has_hopped:
            has_hopped = True
            continue
        has_hopped = False
        pause = next(pauses)
        if now() + pause >= deadline:
            raise error
        yield Wait(pause)
