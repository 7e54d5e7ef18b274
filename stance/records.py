"""What a table is to this program: columns, rows handed on in chunks, and the kind that the name of its file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Chunk", "Row", "Table", "kind_of", "pick", "places_of", "pyarrow_module"]

_KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "delimited"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
_SHOWN = 60  # columns, and characters of each, that a message shows


class Row(NamedTuple):
    """A row as read. `number` counts rows from 1 (the header is none), `line` is where it begins (0 in Parquet).

    `picked` holds the values of the wanted columns in their order, `cells` those of all columns, `raw` the line of a JSON
    object. `fault` says why the row cannot be used, if so.
    """

    number: int
    line: int
    picked: tuple[Any, ...]
    cells: Sequence[Any]
    raw: str = ""
    fault: str | None = None


@dataclass(frozen=True)
class Chunk:
    """Rows that are scored and written together; `batch` holds them as Arrow where they came from Parquet."""

    rows: list[Row]
    batch: Any = None


@dataclass(frozen=True)
class Table:
    """An open table. `expected` is about how many rows it has; `chunks(size)` reads them once, `size` at a time.

    `delimiter` is that of delimited text, `schema` that of Parquet.
    """

    kind: str
    columns: list[str]
    expected: int
    chunks: Callable[[int], Iterator[Chunk]]
    delimiter: str = ","
    schema: Any = None


def kind_of(path: Path) -> tuple[str, bool]:
    """What the name of `path` says: `delimited`, `json` or `parquet`, and whether it is gzip. Raises ValueError."""
    name = path.name.lower()
    packed = name.endswith(".gz")
    kind = _KINDS.get(Path(name.removesuffix(".gz")).suffix)
    if kind is None or (kind == "parquet" and packed):
        raise ValueError(f"{path}: the name of a table must end in one of {', '.join(_KINDS)}, and for text also .gz after it")
    return kind, packed


def pyarrow_module(name: str) -> Any:
    """The module `name` of pyarrow. Raises ValueError that says how to install it."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise ValueError("Parquet needs pyarrow; install it with: pip install 'stance[parquet]'") from None


def places_of(path: Path, columns: list[str], wanted: Sequence[str | None]) -> list[int | None]:
    """Where the `wanted` columns stand. Raises ValueError that lists `columns` for one that is missing or stands twice."""
    for name in wanted:
        if name is not None and columns.count(name) != 1:
            fault = "stands twice among" if name in columns else "is not among"
            there = ", ".join(repr(column[:_SHOWN]) for column in columns[:_SHOWN])
            more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
            raise ValueError(f"{path}: the column {name!r} {fault} the columns of the table: {there}{more}")
    return [None if name is None else columns.index(name) for name in wanted]


def pick(values: Sequence[Any], places: list[int | None]) -> tuple[Any, ...]:
    """The `values` at `places`, None where there is no place."""
    return tuple([None if place is None else values[place] for place in places])
