"""Statements and series out of a graph, with exact numbers: what `edgraph statement` and `edgraph series` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import program

if TYPE_CHECKING:
    import pandas
    import polars

#: Columns whose texts are exact numbers, and days.
_NUMBERS = frozenset({"value", "shown", "other_value"})
_DAYS = frozenset({"period_start", "period_end", "period_instant"})


class Rows(Sequence[dict[str, Any]]):
    """Rows with a `Decimal` for every exact number and a `date` for every day, and ways into tables."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows = [{name: _typed(name, value) for name, value in row.items()} for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[index]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"Rows({len(self)})"

    def arrow(self) -> Any:
        """As a `pyarrow.Table`, numbers as decimals. Wants pyarrow."""
        import pyarrow

        return pyarrow.Table.from_pylist(self._flat())

    def polars(self) -> polars.DataFrame:
        """As Polars, numbers as doubles beside their exact text. Wants polars."""
        import polars

        return polars.DataFrame(self._texts(), infer_schema_length=None)

    def pandas(self) -> pandas.DataFrame:
        """As pandas, numbers as Python's decimals. Wants pandas."""
        import pandas

        return pandas.DataFrame(self._flat())

    def _flat(self) -> list[dict[str, Any]]:
        return [{name: _flat(value) for name, value in row.items()} for row in self._rows]

    def _texts(self) -> list[dict[str, Any]]:
        return [
            {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
            for row in self._flat()
        ]


def statement(
    company: str,
    statement: str = "income",
    *,
    years: int | None = None,
    quarters: int | None = None,
    breakdown: bool = False,
    graph: str | Path = "data/graph",
) -> Rows:
    """A statement as the company filed it: one row for each number, in the filing's order, with label, sign and proof.

    `company` is a ticker, a CIK or an accession number; `statement` is income, balance, cash, equity, or a part of any
    other's name. Raises EdgraphError for what is not there, with what is near it.
    """
    arguments = ["statement", company, statement, "--graph", str(graph)]
    for flag, count in (("--years", years), ("--quarters", quarters)):
        if count is not None:
            arguments += [flag, str(count)]
    return Rows(program.ask([*arguments, *(["--breakdown"] if breakdown else [])]))


def series(
    companies: str | Sequence[str],
    name: str,
    *,
    length: str = "annual",
    as_first_reported: bool = False,
    graph: str | Path = "data/graph",
) -> Rows:
    """One amount over time under a name that means the same for every company, such as ``revenue``, or a concept's.

    `length` is annual, quarterly or ttm. What cannot be proven is a row with a reason and no value.
    """
    if length not in ("annual", "quarterly", "ttm"):
        raise ValueError(f"length is {length!r}; give annual, quarterly or ttm")
    named = companies if isinstance(companies, str) else ",".join(companies)
    first = ["--as-first-reported"] if as_first_reported else []
    return Rows(program.ask(["series", named, name, f"--{length}", *first, "--graph", str(graph)]))


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _NUMBERS:
        return Decimal(value)
    # A time of day, where a period has one, stays as it is told.
    return date.fromisoformat(value) if name in _DAYS and len(value) == 10 else value


def _flat(value: Any) -> Any:
    """Lists and mappings as text: columns of tables have one type."""
    return str(value) if isinstance(value, (dict, list)) else value
