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
from .pipelines import Pipeline, SECXBRLPipeline
from .tracker import PipelineTracker

__all__ = [
    "AlreadyExists",
    "Client",
    "EdgraphError",
    "Facts",
    "IllegalState",
    "Invalid",
    "NotFound",
    "PermissionDenied",
    "Pipeline",
    "PipelineTracker",
    "Rows",
    "SECXBRLPipeline",
    "Unauthenticated",
    "Unavailable",
    "Violation",
    "facts",
    "series",
    "statement",
]
