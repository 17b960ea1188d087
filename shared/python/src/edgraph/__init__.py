"""edgraph: SEC EDGAR filings in, a queryable financial graph out. Start pipelines, watch them, read what they made.

`edgraph.aio` has the same for asyncio.
"""

from .answers import Rows, series, statement
from .client import Client
from .errors import (
    AlreadyExists,
    EdgraphError,
    IllegalState,
    Invalid,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    Violation,
)
from .facts import Facts, facts
from .handling import DependencyDown, Item, Permanent, Throttled, Transient
from .pipelines import Pipeline, SECXBRLPipeline
from .tracker import PipelineTracker
from .worker import Refused, Worker

__all__ = [
    "AlreadyExists",
    "Client",
    "DependencyDown",
    "EdgraphError",
    "Facts",
    "IllegalState",
    "Invalid",
    "Item",
    "NotFound",
    "Permanent",
    "PermissionDenied",
    "Pipeline",
    "PipelineTracker",
    "Refused",
    "Rows",
    "SECXBRLPipeline",
    "Throttled",
    "Transient",
    "Unauthenticated",
    "Unavailable",
    "Violation",
    "Worker",
    "facts",
    "series",
    "statement",
]
