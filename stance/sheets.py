"""Scored rows to bytes: CSV and TSV, JSON lines, gzip of these, Parquet; the columns of the input, then ours.

Each chunk becomes bytes of its own that stand behind those of the chunk before (a gzip member, a length and an Arrow
stream), so a file that was cut off can be cut back to its last whole chunk and written on.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stance.records import Chunk, Table, kind_of, pyarrow_module

__all__ = ["Sheet", "csv_bytes", "publish_parquet"]

_GUARDED = ("=", "+", "-", "@", "\t", "\r")
_LENGTH = 8  # bytes before each Arrow stream
BOM = "\ufeff"


@dataclass(frozen=True)
class Sheet:
    """How a table is written to `path`: the columns of `table`, then `added` (name to Arrow type: string, double, bool)."""

    path: Path
    table: Table
    added: dict[str, str]
    excel: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a table that cannot be written so."""
        kind, source = self.kind, self.table.kind
        if kind == "parquet":
            pyarrow_module("pyarrow.parquet")
        double = next((name for name in self.added if name in self.table.columns), None)
        if double:
            raise ValueError(f"the input has a column {double!r} already; rename it, or score the table without it")
        if self.excel and kind != "delimited":
            raise ValueError(f"{self.path}: the form for Excel is CSV or TSV; name the output so")
        if kind == "parquet" and source == "json":
            raise ValueError(f"{self.path}: JSON lines can be written as JSON lines or CSV, not as Parquet")
        if kind != "delimited" and kind != source and len(set(self.table.columns)) < len(self.table.columns):
            raise ValueError(f"{self.path}: the input has columns of the same name, which only CSV can hold")

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the rows of the table, which this one reads."""
        return {**vars(self), "table": replace(self.table, chunks=_no_rows)}

    @property
    def kind(self) -> str:
        """`delimited`, `json` or `parquet`."""
        return kind_of(self.path)[0]

    @property
    def copies(self) -> bool:
        """Whether rows are copied as they are, so that their cells need not be read."""
        return self.kind == self.table.kind != "delimited"

    def head(self) -> bytes:
        """What stands before the first row."""
        if self.kind != "delimited":
            return b""
        text = csv_bytes([self._guarded([*self.table.columns, *self.added])], self._delimiter, self._end)
        return self._packed((BOM.encode("utf-8") if self.excel else b"") + text)

    def chunk(self, chunk: Chunk, kept: Sequence[int], values: Sequence[Sequence[Any]]) -> bytes:
        """The rows `kept` (places in the chunk) with the values of the added columns, one sequence a column."""
        if self.kind == "parquet":
            return self._arrow(chunk, kept, values)
        rows = [chunk.rows[k] for k in kept]
        if self.kind == "delimited":
            ours = zip(*(list(map(_our_cell, column)) for column in values), strict=True)
            lines = ([*self._guarded([_cell(cell) for cell in row.cells]), *told] for row, told in zip(rows, ours, strict=True))
            return self._packed(csv_bytes(lines, self._delimiter, self._end))
        out = []
        for row, told in zip(rows, zip(*values, strict=True), strict=True):
            mine = json.dumps(dict(zip(self.added, told, strict=True)), ensure_ascii=False)
            theirs = row.raw if self.copies else _json(dict(zip(self.table.columns, row.cells, strict=True)))
            out.append(f"{theirs[:-1]}, {mine[1:]}\n")  # the input's own spelling of its values is kept
        return self._packed("".join(out).encode("utf-8"))

    def _arrow(self, chunk: Chunk, kept: Sequence[int], values: Sequence[Sequence[Any]]) -> bytes:
        arrow = pyarrow_module("pyarrow")
        if chunk.batch is not None:
            table = arrow.Table.from_batches([chunk.batch]).take(arrow.array(kept, arrow.int64()))
        else:
            cells = zip(*(chunk.rows[k].cells for k in kept), strict=True) if kept else ([] for _ in self.table.columns)
            columns = [arrow.array(column, arrow.string()) for column in cells]
            table = arrow.table(columns, names=self.table.columns)
        for (name, kind), column in zip(self.added.items(), values, strict=True):
            table = table.append_column(name, arrow.array(column, kind))
        buffer = io.BytesIO()
        with arrow.ipc.new_stream(buffer, table.schema) as stream:
            stream.write_table(table)
        data = buffer.getvalue()
        return len(data).to_bytes(_LENGTH, "big") + data

    @property
    def _delimiter(self) -> str:
        if self.path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")):
            return "\t"
        return self.table.delimiter

    @property
    def _end(self) -> str:
        return "\r\n" if self.excel else "\n"

    def _packed(self, data: bytes) -> bytes:
        return gzip.compress(data, 6, mtime=0) if kind_of(self.path)[1] and data else data

    def _guarded(self, cells: list[str]) -> list[str]:
        if not self.excel:
            return cells
        return [f"'{cell}" if cell.startswith(_GUARDED) else cell for cell in cells]


def _no_rows(size: int) -> Iterator[Chunk]:
    return iter(())


def csv_bytes(rows: Iterable[Sequence[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    """`rows` as CSV in UTF-8."""
    buffer = io.StringIO(newline="")
    plain = csv.writer(buffer, delimiter=delimiter, lineterminator=end)
    quoted = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    for row in rows:
        # Python before 3.13 leaves a carriage return bare where lines end otherwise, and readers break the row there
        (quoted if "\r" in "".join(row) else plain).writerow(row)
    return buffer.getvalue().encode("utf-8")


def publish_parquet(part: Path, output: Path, table: Table, added: dict[str, str]) -> None:
    """Make the Parquet file `output` of the Arrow streams in `part`; it appears whole or not at all."""
    arrow, parquet = pyarrow_module("pyarrow"), pyarrow_module("pyarrow.parquet")
    schema = table.schema or arrow.schema([(name, arrow.string()) for name in table.columns])
    for name, kind in added.items():
        schema = schema.append(arrow.field(name, arrow.type_for_alias(kind)))
    whole = part.with_name(f"{part.name}.parquet")
    with parquet.ParquetWriter(whole, schema) as writer:
        for stream in _streams(part):
            with arrow.ipc.open_stream(stream) as reader:
                writer.write_table(reader.read_all())
    with open(whole, "rb") as file:
        os.fsync(file.fileno())
    os.replace(whole, output)


def _streams(part: Path) -> Iterator[bytes]:
    with open(part, "rb") as file:
        while length := file.read(_LENGTH):
            yield file.read(int.from_bytes(length, "big"))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return _json(value)
    return str(value)


def _our_cell(value: Any) -> str:
    return f"{value:.6f}" if isinstance(value, float) else _cell(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
