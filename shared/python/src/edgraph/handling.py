"""What a handler is given, and how it says that it failed. A handler is a function of an item that returns a result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

from .v1 import work_pb2 as work

#: Does the work of one item, and returns what came of it: anything that is JSON, at most 4 KiB of it. The same item may
#: come twice, even at the same time: effects are idempotent, or fenced by `Item.token`.
Handler = Callable[["Item"], Any]


class Transient(Exception):
    """The attempt failed and the next one may succeed; counted. So is every exception that is none of these."""


class Permanent(Exception):
    """It will never succeed: the item is a dead letter until somebody retries it."""


class Throttled(Transient):
    """Somebody asks to come back later."""

    def __init__(self, message: str, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DependencyDown(Exception):
    """Something that the item needs is down: it waits and nothing is counted."""

    def __init__(self, message: str, dependency: str) -> None:
        super().__init__(message)
        self.dependency = dependency


@dataclass
class Item:
    """One attempt at one item."""

    kind: str
    key: str
    payload: Any
    pipeline_id: str
    #: 1 for the first.
    attempt: int
    #: Rises with every attempt; whoever holds a lower one holds nothing.
    token: int
    #: Set when the work is not wanted any more: return soon.
    cancelled: Event = field(default_factory=Event)
    children: list[work.WorkItem] = field(default_factory=list[work.WorkItem])

    def add(self, kind: str, key: str, payload: Any = None, *, priority: int = 0) -> None:
        """Adds an item that follows from this one, once this one is done. An item that exists is left as it is."""
        text = json.dumps(payload)
        self.children.append(work.WorkItem(kind=kind, key=key, payload=text, priority=priority))


def failure(error: BaseException) -> work.Failure:
    """What an exception means for the item."""
    message = str(error) or type(error).__name__
    if isinstance(error, Throttled):
        failed = work.Failure(message=message)
        setattr(failed, "class", work.FAILURE_CLASS_THROTTLED)
        failed.retry_after.FromTimedelta(error.retry_after)
        return failed
    if isinstance(error, DependencyDown):
        failed = work.Failure(message=message, dependency=error.dependency)
        setattr(failed, "class", work.FAILURE_CLASS_UNAVAILABLE)
        return failed
    if isinstance(error, (Transient, Permanent)):
        failed = work.Failure(message=message)
    else:
        failed = work.Failure(message=f"{type(error).__name__}: {message}")
    is_permanent = isinstance(error, Permanent)
    setattr(failed, "class", work.FAILURE_CLASS_PERMANENT if is_permanent else work.FAILURE_CLASS_TRANSIENT)
    return failed
