"""The facts of a store as tables, read from its Delta Lake tables: each filing once, as it was processed last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars


def facts(data: str | Path = "data") -> Facts:
    """The facts of a run's folder, of a store's, or of ``s3://bucket/prefix``: one row per fact, with entity, concept,
    period, unit and dimensions joined."""
    return Facts(_table(str(data)))


class Facts:
    """A table that is read when it is asked for. Wants the extra ``edgraph[facts]``: polars and deltalake."""

    def __init__(self, address: str) -> None:
        #: Where the table lies.
        self.address = address

    def lazy(self) -> polars.LazyFrame:
        """To be filtered before anything is read: only the months and columns that are asked for are opened."""
        try:
            import polars
        except ImportError as missing:
            raise ImportError("reading facts wants polars and deltalake: pip install 'edgraph[facts]'") from missing
        return polars.scan_delta(self.address)

    def polars(self) -> polars.DataFrame:
        """All of it."""
        return self.lazy().collect()

    def arrow(self) -> Any:
        """All of it, as a `pyarrow.Table`. Wants pyarrow, too."""
        return self.polars().to_arrow()

    def pandas(self) -> pandas.DataFrame:
        """All of it, as pandas with Arrow's types. Wants pandas and pyarrow, too."""
        return self.polars().to_pandas(use_pyarrow_extension_array=True)


def _table(data: str) -> str:
    if "://" in data:
        return f"{data.rstrip('/')}/flat/facts"
    for store in (Path(data) / "store", Path(data)):
        table = store / "flat" / "facts"
        if (table / "_delta_log").is_dir():
            return str(table)
    raise FileNotFoundError(
        f"{data} has no facts: it is neither the folder of an `edgraph run` nor a store; give the --out of the run"
    )
