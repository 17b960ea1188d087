"""Why a call did not succeed: a class for each thing that a caller may want to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2

#: Reasons with which nothing was done: asking again cannot do it twice.
_UNDONE = frozenset({"NOT_LEADER", "PIPELINE_BUSY"})


@dataclass(frozen=True)
class Violation:
    """A field that breaks a rule, and the rule."""

    field: str
    description: str


@dataclass
class EdgraphError(Exception):
    """What a coordinator said with an error; of the classes below where it is one of theirs."""

    #: For people: what is wrong, and what to do.
    message: str
    #: For programs, such as ``PIPELINE_NOT_FOUND``; empty when nobody gave one.
    reason: str = ""
    #: What belongs to the reason, such as ``pipeline_id`` or ``leader``.
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    #: Fields that break a rule.
    violations: list[Violation] = field(default_factory=list[Violation])
    #: When it makes sense to try again.
    retry_after: timedelta | None = None

    def __str__(self) -> str:
        return self.message

    @property
    def is_retryable(self) -> bool:
        """Whether another attempt, perhaps at another coordinator, may succeed."""
        return isinstance(self, Unavailable)

    @property
    def is_undone(self) -> bool:
        """Whether it is certain that nothing was done."""
        return self.reason in _UNDONE


class NotFound(EdgraphError):
    """There is no such pipeline, item or worker."""


class AlreadyExists(EdgraphError):
    """The id or request id is taken by another request."""


class Invalid(EdgraphError):
    """The request breaks a rule of the API; ``violations`` says which."""


class IllegalState(EdgraphError):
    """The pipeline's state forbids the call."""


class Unauthenticated(EdgraphError):
    """The coordinator does not know the token, or wants one."""


class PermissionDenied(EdgraphError):
    """The token's role does not suffice."""


class Unavailable(EdgraphError):
    """No coordinator leads, the leader cannot reach its tracker, or the connection broke.

    The call may have taken effect; asking again later is safe.
    """


_CLASSES: dict[grpc.StatusCode, type[EdgraphError]] = {
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.INVALID_ARGUMENT: Invalid,
    grpc.StatusCode.FAILED_PRECONDITION: IllegalState,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: Unavailable,
    grpc.StatusCode.CANCELLED: Unavailable,
}

#: Where the coordinator's own words do not say what to do.
_ADVICE: dict[type[EdgraphError], str] = {
    Unauthenticated: "give a token, as token=… or in EDGRAPH_TOKEN",
}


def from_status(address: str, code: grpc.StatusCode, details: str, rich: bytes | None) -> EdgraphError:
    """The error of a call at `address`; `rich` is a google.rpc.Status, where the coordinator sent one."""
    kind = _CLASSES.get(code, EdgraphError)
    if rich is None:
        if kind is Unavailable:
            return Unavailable(
                f"no coordinator answers at {address} ({details}); start one with `edgraph serve`, or name another "
                "as endpoints=… or in EDGRAPH_COORDINATOR"
            )
        return kind(details or code.name)
    advice = _ADVICE.get(kind)
    error = kind(details if advice is None else f"{details}; {advice}")
    for packed in status_pb2.Status.FromString(rich).details:
        _take_in(error, packed)
    return error


def _take_in(error: EdgraphError, packed: Any) -> None:
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    if packed.Unpack(info):
        error.reason, error.metadata = info.reason, dict(info.metadata)
    elif packed.Unpack(bad):
        error.violations = [Violation(one.field, one.description) for one in bad.field_violations]
    elif packed.Unpack(retry):
        error.retry_after = retry.retry_delay.ToTimedelta()
