"""The leases that a worker holds, and what it has to say about them. Pure: no stream, no thread, no clock.

A lease is held from its grant until its outcome is answered. A closed stream changes nothing of it: the next Hello names
what is held, and outcomes without an answer are said again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from .handling import Item
from .v1 import work_pb2 as work
from .v1 import worker_pb2 as messages

#: Items in one message of children.
_CHUNK = 1_000


class Fate(Enum):
    """What becomes of the work under a lease."""

    #: Its outcome is wanted.
    WANTED = "wanted"
    #: Its pipeline is cancelled: it is given back.
    CANCELLED = "cancelled"
    #: Somebody else has the item: nothing is said about it.
    LOST = "lost"


@dataclass
class Held:
    """One lease."""

    ref: work.LeaseRef
    item: Item
    fate: Fate = Fate.WANTED
    #: What is still to be answered, the outcome last.
    outcome: list[messages.WorkRequest] | None = None


class Leases:
    """See the module's documentation. Whoever calls makes sure that nobody else does at the same time."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}
        self._next_request = 1

    def __len__(self) -> int:
        return len(self._held)

    @property
    def refs(self) -> list[work.LeaseRef]:
        """All that are held."""
        return [held.ref for held in self._held.values()]

    def take(self, lease: messages.Lease, item: Item) -> Held:
        """A lease is granted."""
        held = self._held[lease.ref.lease_id] = Held(lease.ref, item)
        return held

    def done(self, held: Held, result: str) -> list[messages.WorkRequest]:
        """The work is done: its children, chunk by chunk, and its result."""
        children = held.item.children
        requests: list[messages.WorkRequest] = []
        for chunk, begin in enumerate(range(0, len(children), _CHUNK)):
            named = children[begin : begin + _CHUNK]
            added = messages.AddChildren(request_id=self._next_request, lease=held.ref, chunk=chunk, items=named)
            self._next_request += 1
            requests.append(messages.WorkRequest(add_children=added))
        completion = messages.Completion(lease=held.ref, result=result, children=len(children))
        requests.append(messages.WorkRequest(complete=messages.Complete(completions=[completion])))
        return self._ended(held, requests)

    def failed(self, held: Held, failure: work.Failure) -> list[messages.WorkRequest]:
        """The attempt failed."""
        failures = [messages.FailedLease(lease=held.ref, failure=failure)]
        return self._ended(held, [messages.WorkRequest(fail=messages.Fail(failures=failures))])

    def give_back(self, held: Held) -> list[messages.WorkRequest]:
        """The work is given back unfinished."""
        return self._ended(held, [self._release(held)])

    def _release(self, held: Held) -> messages.WorkRequest:
        reason = messages.RELEASE_REASON_PREEMPTED
        return messages.WorkRequest(release=messages.Release(leases=[held.ref], reason=reason))

    def _ended(self, held: Held, requests: list[messages.WorkRequest]) -> list[messages.WorkRequest]:
        """What is said now. The rest follows with the answers."""
        if self._held.get(held.ref.lease_id) is not held or held.outcome is not None:
            return []
        if held.fate is Fate.LOST:
            del self._held[held.ref.lease_id]
            return [credit(1)]
        held.outcome = [self._release(held)] if held.fate is Fate.CANCELLED else requests
        return held.outcome[:1]

    def welcomed(self, lost: Iterable[work.LeaseRef]) -> list[messages.WorkRequest]:
        """A new stream: what is lost, and outcomes without an answer once more, from their beginning on."""
        self.lost(lost)
        return [held.outcome[0] for held in self._held.values() if held.outcome]

    def lost(self, lost: Iterable[work.LeaseRef]) -> None:
        """These are not current any more. Of those whose work has ended, the outcome's answer says so."""
        for held in self._known(lost):
            if held.outcome is None:
                held.fate = Fate.LOST
                held.item.cancelled.set()

    def cancel(self, cancelled: Iterable[work.LeaseRef]) -> None:
        """These are to stop, and to be given back."""
        for held in self._known(cancelled):
            if held.outcome is None and held.fate is Fate.WANTED:
                held.fate = Fate.CANCELLED
                held.item.cancelled.set()

    def children_added(self, answer: messages.ChildrenAdded) -> list[messages.WorkRequest]:
        """A chunk is answered: the next one, or the result."""
        for held in self._held.values():
            first = held.outcome[0] if held.outcome else None
            if first is None or first.add_children.request_id != answer.request_id or not held.outcome:
                continue
            if answer.answer == messages.CHILDREN_ANSWER_ACCEPTED:
                held.outcome = held.outcome[1:]
            elif answer.answer == messages.CHILDREN_ANSWER_REFUSED:
                failed = work.Failure(message=f"children refused: {answer.reason}")
                setattr(failed, "class", work.FAILURE_CLASS_PERMANENT)
                failures = [messages.FailedLease(lease=held.ref, failure=failed)]
                held.outcome = [messages.WorkRequest(fail=messages.Fail(failures=failures))]
            else:
                del self._held[held.ref.lease_id]
                return [credit(1)]
            return held.outcome[:1]
        return []

    def settled(self, settled: messages.Settled) -> list[messages.WorkRequest]:
        """Outcomes are answered, however: the slots are free."""
        free = sum(self._held.pop(one.lease.lease_id, None) is not None for one in settled.settlements)
        return [credit(free)] if free else []

    def running(self) -> list[Held]:
        """Those whose work has not ended."""
        return [held for held in self._held.values() if held.outcome is None]

    def _known(self, refs: Iterable[work.LeaseRef]) -> list[Held]:
        return [self._held[ref.lease_id] for ref in refs if ref.lease_id in self._held]


def credit(slots: int) -> messages.WorkRequest:
    """So many slots are free."""
    return messages.WorkRequest(credits=messages.Credits(free_slots=slots))
