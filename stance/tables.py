"""Tables read as streams: CSV and TSV with any usual delimiter, JSON lines, gzip of these, and Parquet.

Rows are handed on in chunks, so memory does not grow with the file. What is wrong with one row is told in that row's
`fault` and the others are read on; what is wrong with the whole file raises ValueError.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from stance.files import open_lines
from stance.records import Chunk, Row, Table, kind_of, pick, places_of, pyarrow_module

__all__ = ["open_table"]

_DELIMITERS = ",;\t"
_HEAD = 50  # lines read ahead to see the header, the delimiter and the keys
_LONGEST_CELL = 1_000_000  # characters; a cell of Excel holds 32,767. More is a quotation mark that was never closed
_CHUNK_CHARACTERS = 8_000_000  # a chunk ends early here, so that a table of huge cells does not fill the memory
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DEEPEST = 100  # lists within lists that a row of JSON may have: what goes to another process is walked by recursion
_PARQUET_FAULTS = (OSError, ValueError, NotImplementedError)  # what pyarrow raises for foreign bytes
_NOT_TEXT = "it holds bytes that do not fit the encoding of the file"


@contextmanager
def open_table(path: Path, wanted: Sequence[str | None], *, cells: bool = True) -> Iterator[Table]:
    """Open the table `path`. `wanted` names the columns that `Row.picked` holds (None for one that is not needed).

    Without `cells` the rows of JSON lines and Parquet come without them, for a writer that copies line or Arrow batch.

    Raises FileNotFoundError; ValueError for what is no table, and for a wanted column that is missing (the message lists
    the columns that are there) or stands twice; and ValueError while chunks are read where the file breaks off.
    """
    kind, _ = kind_of(path)
    if kind == "parquet":
        with _parquet(path, wanted, cells) as table:
            yield table
        return
    with open_lines(path) as (lines, count):
        head = list(islice(lines, _HEAD))
        yield (_json if kind == "json" else _delimited)(path, head, lines, wanted, count, cells)


def _in_chunks(rows: Callable[[], Iterator[Row]], size: int) -> Iterator[Chunk]:
    held: list[Row] = []
    characters = 0
    for row in rows():
        held.append(row)
        characters += len(row.raw) + sum(len(cell) for cell in row.cells if isinstance(cell, str))
        if len(held) >= size or characters > _CHUNK_CHARACTERS:
            yield Chunk(held)
            held, characters = [], 0
    if held:
        yield Chunk(held)


# Delimited text


def _delimited(path: Path, head: list[str], lines: Iterator[str], wanted: Sequence[str | None], count: int, cells: bool) -> Table:
    skipped, allowed = 0, _DELIMITERS
    while head and not head[0].strip():
        skipped, head = skipped + 1, head[1:]
    if head and re.fullmatch(r"sep=[,;\t]", head[0].strip("\r\n")):  # Excel's own line before the header
        skipped, allowed, head = skipped + 1, head[0][4], head[1:]
    if not head:
        raise ValueError(f"{path} is empty; a table with a header is needed")
    # the limit is of the whole process: raised where it is lower, never lowered under another reader
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    headers = []
    for delimiter in allowed:
        try:
            columns = next(csv.reader(chain(head, _no_end()), delimiter=delimiter))
        except csv.Error as error:
            raise ValueError(f"{path}: the header cannot be read ({error})") from None
        headers.append((all(name is None or name in columns for name in wanted), len(columns), delimiter, columns))
    _, _, delimiter, columns = max(headers, key=lambda found: found[:2])
    if not _encodable(columns):
        raise ValueError(f"{path}: the header cannot be read ({_NOT_TEXT}); save it as UTF-8 and try again")
    places = places_of(path, columns, wanted)
    rows = partial(_delimited_rows, chain(head, lines), delimiter, skipped, places)
    return Table("delimited", columns, max(0, count - 1), partial(_in_chunks, rows), delimiter)


def _no_end() -> Iterator[str]:
    """What stands behind the lines that a header may take: the reader asks for it inside quotation marks only."""
    raise csv.Error("a quotation mark is left open")
    yield ""


def _delimited_rows(lines: Iterator[str], delimiter: str, skipped: int, places: list[int | None]) -> Iterator[Row]:
    ended = False

    def until_the_end() -> Iterator[str]:
        nonlocal ended
        yield from lines
        ended = True

    reader = csv.reader(until_the_end(), delimiter=delimiter)
    width, number = len(next(reader)), 0
    while True:
        line = reader.line_num + 1 + skipped
        cells: list[str] = []
        fault = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"no CSV: {error}; is a quotation mark left open?"
        if not cells and fault is None:
            continue  # a blank line
        number += 1
        if fault is None and ended:  # the reader asks for a line after the last only inside quotation marks
            fault = "the file ends inside a quoted cell"
        if fault is None and len(cells) != width:
            last = reader.line_num + skipped
            where = f"; it runs to line {last}" if last > line else ""
            fault = f"ragged: {len(cells)} cells where the header has {width}{where}"
        if fault is None and not _encodable(cells):
            fault = _NOT_TEXT
        yield Row(number, line, () if fault else pick(cells, places), cells, "", fault)


def _encodable(cells: Sequence[str]) -> bool:
    try:
        "".join(cells).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


# JSON lines


def _json(path: Path, head: list[str], lines: Iterator[str], wanted: Sequence[str | None], count: int, cells: bool) -> Table:
    first = next((line.strip() for line in head if line.strip()), "")
    if not first:
        raise ValueError(f"{path} is empty; JSON lines are needed, one object to a line")
    if first.startswith("["):
        raise ValueError(f"{path} is one JSON array; JSON lines are needed, which this makes: jq -c '.[]' FILE > FILE.jsonl")
    objects = [row for row in map(_object, head) if isinstance(row, dict)]
    columns = list(dict.fromkeys(name for row in objects for name in row if _encodable([name])))
    places_of(path, columns, wanted)
    rows = partial(_json_rows, chain(head, lines), columns, wanted, cells)
    return Table("json", columns, max(1, count), partial(_in_chunks, rows))


def _json_rows(lines: Iterator[str], columns: list[str], wanted: Sequence[str | None], cells: bool) -> Iterator[Row]:
    number, known = 0, set(columns)
    for line, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        number += 1
        found = _object(raw)
        row = found if isinstance(found, dict) else {}
        fault = found if isinstance(found, str) else None
        if not fault and not _encodable([raw]):
            row, fault = {}, _NOT_TEXT
        if not fault and _ESCAPED_SURROGATE.search(raw) and not _encodable([json.dumps(row, ensure_ascii=False)]):
            row, fault = {}, "it holds half a surrogate pair, which no text can"
        if not fault and raw.count("[") + raw.count("{") > _DEEPEST and _deeper(row, _DEEPEST):
            row, fault = {}, f"its values are nested more than {_DEEPEST} deep"
        if not fault and cells and not row.keys() <= known:
            other = next(name for name in row if name not in known)
            fault = f"it has the key {other!r}, for which there is no column (columns are the keys of the first {_HEAD} lines)"
        picked = tuple([None if name is None else row.get(name) for name in wanted])
        yield Row(number, line, picked, [row.get(name) for name in columns] if cells else (), raw.lstrip("\ufeff").strip(), fault)


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(item, levels - 1) for item in inner)


def _object(raw: str) -> dict[str, Any] | str:
    """The object of a line, or what is wrong with the line."""
    try:
        row = json.loads(raw.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return row if isinstance(row, dict) else f"no JSON object but {type(row).__name__}"


# Parquet


@contextmanager
def _parquet(path: Path, wanted: Sequence[str | None], cells: bool) -> Iterator[Table]:
    parquet = pyarrow_module("pyarrow.parquet")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if path.is_dir():
        raise ValueError(f"{path} is a directory; name one Parquet file (for a directory of them see stance.batch.score_frame)")
    try:
        file = parquet.ParquetFile(path)
    except _PARQUET_FAULTS as error:
        if isinstance(error, OSError) and error.errno:  # it may not be read, or the disk is at fault
            raise
        raise ValueError(f"{path} is no Parquet file, or not a whole one ({_line(error)}); copy the file again") from None
    with file:
        schema = file.schema_arrow
        columns = list(schema.names)
        places = places_of(path, columns, wanted)
        rows = partial(_parquet_chunks, path, file, places, cells)
        yield Table("parquet", columns, file.metadata.num_rows, rows, schema=schema)


def _parquet_chunks(path: Path, file: Any, places: list[int | None], cells: bool, size: int) -> Iterator[Chunk]:
    number = 0
    batches = file.iter_batches(batch_size=size)
    while True:
        try:
            batch = next(batches, None)
            if batch is None:
                break
            values = [_plain(column) if cells or at in places else () for at, column in enumerate(batch.columns)]
        except _PARQUET_FAULTS as error:
            raise ValueError(f"{path} is damaged after row {number:,} ({_line(error)}); copy the file again") from None
        picked = [[None] * len(batch) if place is None else values[place] for place in places]
        whole = zip(*values, strict=True) if cells else [()] * len(batch)
        rows = []
        for n, (p, c) in enumerate(zip(zip(*picked, strict=True), whole, strict=True), number + 1):
            spoilt = not _encodable([cell for cell in (*p, *c) if isinstance(cell, str)])
            rows.append(Row(n, 0, () if spoilt else p, c, "", _NOT_TEXT if spoilt else None))
        number += len(rows)
        yield Chunk(rows, batch)
    if number != file.metadata.num_rows:
        raise ValueError(f"{path} is damaged: {number:,} rows where {file.metadata.num_rows:,} are told of; copy the file again")


def _plain(column: Any) -> list[Any]:
    """The values of an Arrow column; bytes that are no UTF-8 become lone surrogates, as in text files."""
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        cells = column.cast("binary").to_pylist()
        values = [None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in cells]
    except ValueError:  # nanoseconds have no Python type
        values = column.cast("string").to_pylist()
    return values


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
