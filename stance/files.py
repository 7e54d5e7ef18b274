"""Text files as people have them, read as lines: packed with gzip or not, in UTF-8, UTF-16 or cp1252."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

__all__ = ["open_lines"]

_BLOCK = 1 << 20  # bytes
_HIGH = re.compile("[^\x00-\x7f\udc80-\udcff]")
_STRAY = re.compile("[\udc80-\udcff]")
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile)
_UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@contextmanager
def open_lines(path: Path) -> Iterator[tuple[Iterator[str], int]]:
    """The lines of `path` with their line ends as they are, and how many there are (0 where the file is broken).

    Bytes that do not fit the encoding become lone surrogates, for the reader of a row to reject that row alone.

    Raises FileNotFoundError, ValueError for what is no text; and ValueError while lines are read where the file breaks off.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if not path.is_file():  # a pipe cannot be read twice
        raise ValueError(f"{path} is {'a directory' if path.is_dir() else 'no plain file'}; a table is needed")
    encoding, errors, count = _encoding(path)
    with _open(path) as stream, io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="") as text:
        yield _lines(text, path), count


def _open(path: Path) -> IO[bytes]:
    with open(path, "rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        raise ValueError(f"{path} is an Excel workbook or another zip; save it as CSV (UTF-8) and try again")
    packed = start[:2] == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb") if packed else open(path, "rb"))


def _lines(text: IO[str], path: Path) -> Iterator[str]:
    try:
        yield from text
    except _BROKEN as error:
        raise ValueError(f"{path} breaks off or is damaged inside its gzip stream ({error}); copy the file again") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} breaks off inside a character ({error.reason}); copy the file again") from None


def _encoding(path: Path) -> tuple[str, str, int]:
    """The encoding of the file, how its errors are marked, and the number of its lines.

    The whole file is read once for this (a second or so for a gigabyte): the first byte that is not UTF-8 may stand in
    the last line, and a guess from the first lines would be found wrong after hours of work.
    """
    with _open(path) as stream:
        try:
            head = stream.read(2000)
        except _BROKEN:
            head = b""  # the reader of the lines says what is wrong
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if head[:2] in _UTF_16 or (len(head) >= 8 and zeros.count(0) > 0.6 * len(zeros)):
            return _UTF_16.get(head[:2], codec), "surrogatepass", sum(block.count(b"\n") for block in _blocks(path))
    if b"\0" in head:
        raise ValueError(f"{path} is no text (it holds NUL bytes); CSV, TSV, JSON lines or Parquet is needed")
    lines, stray, good = 0, 0, 0
    strict = codecs.getincrementaldecoder("utf-8")()
    lenient = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    try:
        for block in _blocks(path):
            strict.decode(block)
            lines += block.count(b"\n")
        return "utf-8-sig", "surrogateescape", lines
    except UnicodeDecodeError:
        lines = 0
    for block in _blocks(path):
        text = lenient.decode(block)
        stray, good, lines = stray + len(_STRAY.findall(text)), good + len(_HIGH.findall(text)), lines + block.count(b"\n")
    # a UTF-8 file with a few broken bytes stays UTF-8: read as cp1252 every accent in it would be spoilt
    return ("cp1252" if stray > good else "utf-8-sig"), "surrogateescape", lines


def _blocks(path: Path) -> Iterator[bytes]:
    with _open(path) as stream:
        try:
            while block := stream.read(_BLOCK):
                yield block
        except _BROKEN:
            return
