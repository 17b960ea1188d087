"""A first look at the facts of a run: the total assets of every company, newest first.

python first_analysis.py data
"""

import sys

import polars

import edgraph


def main(data: str) -> None:
    """Prints a table of exact values."""
    assets = (
        edgraph.facts(data)
        .lazy()
        .filter(
            polars.col("concept").str.ends_with(":Assets"),
            polars.col("dimensions").is_null(),
            polars.col("is_primary"),
        )
        .sort("period_last", descending=True)
        .select("entity", "form", "period_last", "value", "accession")
        .collect()
    )
    with polars.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=120, fmt_str_lengths=40):
        print(assets)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "data")
