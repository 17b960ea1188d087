"""Requests as calls: what is asked is made here, for those who wait and for asyncio alike. Pure."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf import duration_pb2, json_format, struct_pb2
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from .calls import Call
from .v1 import items_pb2 as items
from .v1 import parameters_pb2 as parameters
from .v1 import pipeline_pb2 as pipelines
from .v1 import spec_pb2 as specs
from .v1 import work_pb2 as work

Request = TypeVar("Request", bound=Message)

_SERVICE = "edgraph.v1.PipelineService"


def start_sec_xbrl(pipeline_id: str, given: Mapping[str, Any]) -> Call[pipelines.StartPipelineResponse]:
    """Starts SEC filings into tables and a graph. Raises TypeError for a name that is no parameter."""
    request = pipelines.StartPipelineRequest(pipeline_id=pipeline_id, sec_xbrl=sec_xbrl(given))
    return Call(f"{_SERVICE}/StartPipeline", request, pipelines.StartPipelineResponse)


def sec_xbrl(given: Mapping[str, Any]) -> parameters.SecXbrlParameters:
    """Parameters by their names in `SecXbrlParameters` and `FilingFilter`; enums as words, durations as timedelta or
    seconds. Where no company is named, it is those of the S&P 500."""
    message = parameters.SecXbrlParameters()
    own = {field.name: field for field in message.DESCRIPTOR.fields if field.name != "filings"}
    of_filings = {field.name: field for field in message.filings.DESCRIPTOR.fields}
    for name, value in given.items():
        if name in own:
            _set(message, own[name], value)
        elif name in of_filings:
            _set(message.filings, of_filings[name], value)
        else:
            raise TypeError(_unknown(name, [*own, *of_filings]))
    if not (message.tickers or message.ciks or message.universe):
        message.universe = parameters.UNIVERSE_SP500
    return message


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    return f"`{name}` is no parameter{meant} There are: {', '.join(sorted(known))}"


def _set(message: Message, field: FieldDescriptor, value: Any) -> None:
    if field.is_repeated:
        values = [value] if isinstance(value, (str, int)) else value
        getattr(message, field.name).extend(str(one) for one in values)
    elif field.enum_type is not None:
        setattr(message, field.name, _enum(field.name, field.enum_type, value))
    elif field.message_type is not None:
        duration: duration_pb2.Duration = getattr(message, field.name)
        duration.FromTimedelta(value if isinstance(value, timedelta) else timedelta(seconds=value))
    else:
        try:
            setattr(message, field.name, value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"`{field.name}` cannot be {value!r}: {error}") from None


def _enum(name: str, kind: EnumDescriptor, value: Any) -> int:
    prefix = kind.values[0].name.removesuffix("UNSPECIFIED")
    words = {one.name.removeprefix(prefix).lower(): one.number for one in kind.values if one.number}
    word = str(value).lower()
    if word not in words:
        raise TypeError(f"`{name}` is {value!r}; give one of {', '.join(words)}")
    return words[word]


def start(
    pipeline_id: str, kind: str, params: Mapping[str, Any] | None, spec: Mapping[str, Any] | None
) -> Call[pipelines.StartPipelineResponse]:
    """Starts a pipeline of any kind; `spec` is a `PipelineSpec` as JSON has it. Raises TypeError for what it is not."""
    request = pipelines.StartPipelineRequest(pipeline_id=pipeline_id, kind=kind)
    if params is not None:
        request.params.update(dict(params))
    if spec is not None:
        try:
            json_format.ParseDict(dict(spec), request.spec)
        except json_format.ParseError as error:
            raise TypeError(f"spec: {error}") from None
    return Call(f"{_SERVICE}/StartPipeline", request, pipelines.StartPipelineResponse)


def start_own(pipeline_id: str, kind: str, expected: int) -> Call[pipelines.StartPipelineResponse]:
    """Starts a pipeline whose items its clients name and settle."""
    # However many fail: the end says so, and nobody has to decide.
    without = specs.FinishWithout(max_dead_fraction=1.0)
    spec = specs.PipelineSpec(
        counted_kind=kind,
        client_items=specs.ClientItems(expected=expected),
        dead_policy=specs.DeadPolicy(finish_without=without),
    )
    request = pipelines.StartPipelineRequest(pipeline_id=pipeline_id, kind=kind, spec=spec)
    return Call(f"{_SERVICE}/StartPipeline", request, pipelines.StartPipelineResponse)


def get(pipeline_id: str) -> Call[pipelines.GetPipelineResponse]:
    """A pipeline's status."""
    request = pipelines.GetPipelineRequest(pipeline_id=pipeline_id)
    return Call(f"{_SERVICE}/GetPipeline", request, pipelines.GetPipelineResponse)


def list_pipelines(page_token: str) -> Call[pipelines.ListPipelinesResponse]:
    """A page of pipelines by id."""
    request = pipelines.ListPipelinesRequest(page_token=page_token)
    return Call(f"{_SERVICE}/ListPipelines", request, pipelines.ListPipelinesResponse)


def cancel(pipeline_id: str) -> Call[pipelines.CancelPipelineResponse]:
    """Ends a pipeline."""
    request = pipelines.CancelPipelineRequest(pipeline_id=pipeline_id)
    return Call(f"{_SERVICE}/CancelPipeline", request, pipelines.CancelPipelineResponse)


def pause(pipeline_id: str) -> Call[pipelines.PausePipelineResponse]:
    """Stops grants."""
    request = pipelines.PausePipelineRequest(pipeline_id=pipeline_id)
    return Call(f"{_SERVICE}/PausePipeline", request, pipelines.PausePipelineResponse)


def resume(pipeline_id: str) -> Call[pipelines.ResumePipelineResponse]:
    """Allows grants again."""
    request = pipelines.ResumePipelineRequest(pipeline_id=pipeline_id)
    return Call(f"{_SERVICE}/ResumePipeline", request, pipelines.ResumePipelineResponse)


def delete(pipeline_id: str) -> Call[pipelines.DeletePipelineResponse]:
    """Forgets a finished pipeline. A second time it would not be found."""
    request = pipelines.DeletePipelineRequest(pipeline_id=pipeline_id)
    return Call(f"{_SERVICE}/DeletePipeline", request, pipelines.DeletePipelineResponse, is_repeatable=False)


def retry(pipeline_id: str, kind: str, reason: str, dry_run: bool) -> Call[items.RetryItemsResponse]:
    """Gives dead items a new life. A second time it would count none."""
    chosen = items.ItemFilter(kind=kind, reason_contains=reason)
    request = items.RetryItemsRequest(pipeline_id=pipeline_id, filter=chosen, dry_run=dry_run)
    return Call(f"{_SERVICE}/RetryItems", request, items.RetryItemsResponse, is_repeatable=dry_run)


def list_items(
    pipeline_id: str, page_token: str, state: str, kind: str, reason: str, retrying: bool
) -> Call[items.ListItemsResponse]:
    """A page of items. Raises TypeError for a word that is no state."""
    number = _enum("state", work.ItemState.DESCRIPTOR, state) if state else 0
    chosen = items.ItemFilter(kind=kind, reason_contains=reason, retrying=retrying)
    chosen.state = work.ItemState.ValueType(number)
    request = items.ListItemsRequest(
        pipeline_id=pipeline_id, page_size=1_000, page_token=page_token, with_locations=True, filter=chosen
    )
    return Call(f"{_SERVICE}/ListItems", request, items.ListItemsResponse)


def add_items(
    pipeline_id: str, named: Iterable[tuple[str, Any]], last: bool, request_id: str
) -> Call[items.AddItemsResponse]:
    """Names items, each with its payload."""
    new = [specs.NewItem(key=key, payload=_value(payload)) for key, payload in named]
    request = items.AddItemsRequest(pipeline_id=pipeline_id, items=new, last=last, request_id=request_id)
    return Call(f"{_SERVICE}/AddItems", request, items.AddItemsResponse)


def complete_item(pipeline_id: str, key: str, result: Any, request_id: str) -> Call[items.CompleteItemsResponse]:
    """An item is done."""
    done = items.DoneItem(key=key, result=_value(result))
    request = items.CompleteItemsRequest(pipeline_id=pipeline_id, items=[done], request_id=request_id)
    return Call(f"{_SERVICE}/CompleteItems", request, items.CompleteItemsResponse)


def fail_item(pipeline_id: str, key: str, reason: str, request_id: str) -> Call[items.FailItemsResponse]:
    """An item could not be done."""
    failed = items.FailedItem(key=key, reason=reason)
    request = items.FailItemsRequest(pipeline_id=pipeline_id, items=[failed], request_id=request_id)
    return Call(f"{_SERVICE}/FailItems", request, items.FailItemsResponse)


def new_request_id() -> str:
    """Unlike any other: the same for all attempts of one call, so that one caller alone is told that it ended the work."""
    return uuid.uuid4().hex


def _value(plain: Any) -> struct_pb2.Value:
    return json_format.ParseDict(plain, struct_pb2.Value())
