"""What the API says, as plain dictionaries: the API's field names, enums as words, times in RFC 3339.

The same as `edgraph status --format json` and `edgraph items --format json` print.
"""

from __future__ import annotations

from datetime import timezone
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from .v1 import status_pb2, work_pb2
from .v1.items_pb2 import Item
from .v1.status_pb2 import Pipeline

_FINISHED = frozenset(
    {
        status_pb2.PIPELINE_STATE_COMPLETED,
        status_pb2.PIPELINE_STATE_COMPLETED_WITH_FAILURES,
        status_pb2.PIPELINE_STATE_FAILED,
        status_pb2.PIPELINE_STATE_CANCELLED,
    }
)


def is_finished(pipeline: Pipeline) -> bool:
    """Whether nothing more happens to it by itself. A held one is not finished: it waits for a decision."""
    return pipeline.state in _FINISHED


def status(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline's status. Every field is there, also those that are zero or empty."""
    return {
        "pipeline_id": pipeline.pipeline_id,
        "kind": pipeline.kind,
        "params": _value(pipeline.params) if pipeline.HasField("params") else None,
        "state": _word(status_pb2.PipelineState.Name(pipeline.state), "PIPELINE_STATE_"),
        "state_reason": pipeline.state_reason,
        "waiting_for": pipeline.waiting_for,
        "paused": pipeline.paused,
        "round": pipeline.round,
        "expected_tasks": pipeline.expected_tasks,
        "completed_tasks": pipeline.completed_tasks,
        "failed_tasks": pipeline.failed_tasks,
        "skipped": pipeline.skipped,
        "discovery_complete": pipeline.discovery_complete,
        "progress_percent": pipeline.progress_percent,
        "counters": dict(pipeline.counters),
        "phases": [_plain(phase) for phase in pipeline.phases],
        "failures": [_plain(failure) for failure in pipeline.failures],
        "failure_groups": [_plain(group) for group in pipeline.failure_groups],
        "unavailable": dict(pipeline.unavailable),
        "create_time": _time(pipeline, "create_time"),
        "update_time": _time(pipeline, "update_time"),
        "end_time": _time(pipeline, "end_time"),
        "tasks_per_second": pipeline.tasks_per_second,
        "eta_seconds": pipeline.eta.seconds if pipeline.HasField("eta") else None,
        "running": [_plain(running) for running in pipeline.running],
    }


def item(item: Item) -> dict[str, Any]:
    """One item with its history."""
    return {
        "key": item.key,
        "kind": item.kind,
        "payload": _value(item.payload) if item.HasField("payload") else None,
        "state": _word(work_pb2.ItemState.Name(item.state), "ITEM_STATE_"),
        "result": _value(item.result) if item.HasField("result") else None,
        "skipped": item.skipped,
        "reason": item.reason,
        "waiting_for": item.waiting_for,
        "next_run_time": _time(item, "next_run_time"),
        "parents": list(item.parents),
        "failures": item.failures,
        "lost_leases": item.lost_leases,
        "worker_id": item.worker_id,
        "locations": [_plain(location) for location in item.locations],
    }


def _plain(message: Message) -> dict[str, Any]:
    """A message of plain fields, with those that are zero."""
    return {field.name: getattr(message, field.name) for field in message.DESCRIPTOR.fields}


def _value(message: Message) -> Any:
    return json_format.MessageToDict(message)


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


def _time(message: Message, field: str) -> str | None:
    if not message.HasField(field):
        return None
    time: Timestamp = getattr(message, field)
    return time.ToDatetime(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
