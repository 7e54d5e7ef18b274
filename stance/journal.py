"""A long file written so that nothing done is lost: a part, a journal of its whole chunks, the final name at the end.

While a run lasts, rows stand in `OUTPUT.part` and `OUTPUT.rejects.csv.part`. After each chunk both are on the disk before
one line goes into `OUTPUT.part.journal`; whatever a killed run wrote after that line is cut off when it is taken up again.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from stance.lock import Lock

__all__ = ["Done", "Journal"]


@dataclass(frozen=True)
class Done:
    """What is on the disk: rows read, rows rejected, a sum of what was read, bytes of both parts; `whole`: that is all."""

    rows: int = 0
    rejected: int = 0
    crc: int = 0
    written: int = 0
    rejects: int = 0
    whole: bool = False


class Journal:
    """The parts and the journal of `output`. Use: `begin` or `take_up`, `append` for each chunk, `finish`; `close` always."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.rejects = output.with_name(f"{output.name}.rejects.csv")
        self.part = output.with_name(f"{output.name}.part")
        self.done = Done()
        self._rejects_part = output.with_name(f"{self.rejects.name}.part")
        self._path = output.with_name(f"{self.part.name}.journal")
        self._files: list[IO[bytes]] = []
        self._lock: Lock | None = None

    @property
    def begun(self) -> bool:
        """Whether an unfinished run stands there."""
        return self._path.exists()

    def begin(self, settings: dict[str, Any], *, overwrite: bool = False) -> None:
        """Start anew; `settings` are kept for `take_up`.

        Raises FileExistsError when a result or an unfinished run is there, unless `overwrite`; BlockingIOError when another
        run is at work on it.
        """
        if not self.output.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.output.parent} for the output; make it first")
        self._claim()
        there = [path for path in (self.output, self.rejects, self._path, self.part) if path.exists()]
        if there and not overwrite:
            raise FileExistsError(
                f"{there[0]} is there already; use --resume to go on with an unfinished run, --overwrite to replace it"
            )
        for path in (self._path, self.part, self._rejects_part):
            path.unlink(missing_ok=True)
        try:
            for path in (self._path, self.part, self._rejects_part):
                self._files.append(open(path, "xb"))  # noqa: SIM115 - closed by close()
            self._write_line({"settings": settings})
        except OSError as error:
            raise self._clear(error) from error

    def take_up(self, settings: dict[str, Any]) -> None:
        """Go on after the last whole chunk.

        Raises ValueError when the run was begun with other `settings` (what they do not name is not compared);
        BlockingIOError when it is not unfinished but still at work.
        """
        self._claim()
        lines, size = self._lines()
        if not lines:  # killed before its first line was whole: nothing had been done
            self.begin(settings, overwrite=True)
            return
        begun = lines[0]["settings"]
        other = [name for name in settings if begun.get(name) != settings[name]]
        if other:
            name = other[0]
            raise ValueError(
                f"{self.part} was begun with {name} {_shown(begun.get(name))}, now it is {_shown(settings[name])}; "
                "resume with the same table and settings, or use --overwrite"
            )
        self.done = Done(**lines[-1]) if len(lines) > 1 else Done()
        if self.done.whole:
            return
        sizes = (size, self.done.written, self.done.rejects)
        for path, length in zip((self._path, self.part, self._rejects_part), sizes, strict=True):
            if not path.exists() or path.stat().st_size < length:
                raise ValueError(f"{path} is missing or shorter than its journal says; begin anew with --overwrite")
            file = open(path, "r+b")  # noqa: SIM115 - closed by close()
            self._files.append(file)
            file.truncate(length)
            file.seek(length)

    def append(self, data: bytes, rejects: bytes, *, rows: int, rejected: int, crc: int) -> None:
        """Put a chunk on the disk and then into the journal; `rows`, `rejected` and `crc` are of all rows so far.

        Raises OSError that says what is kept when the disk is full or the folder has gone.
        """
        d, (_, part, rejects_part) = self.done, self._files
        now = Done(rows, rejected, crc, d.written + len(data), d.rejects + len(rejects))
        try:
            for file, new in ((part, data), (rejects_part, rejects)):
                if new:
                    os.stat(file.name)  # a file whose folder was removed takes bytes and keeps none
                    file.write(new)
                    file.flush()
                    os.fsync(file.fileno())
            self._write_line(asdict(now))
        except OSError as error:
            raise self._clear(error) from error
        self.done = now

    def finish(self, publish: Callable[[Path, Path], None] | None = None) -> None:
        """Give the files their final names; `publish(part, output)` makes the output where it is not the part itself.

        Every step can be done again: a run that is killed here is finished by the next one.
        """
        try:
            if not self.done.whole:
                self.done = Done(**{**asdict(self.done), "whole": True})
                self._write_line(asdict(self.done))
            self._close_files()
            if self._rejects_part.exists():
                if self.done.rejected:
                    os.replace(self._rejects_part, self.rejects)
                else:
                    self.rejects.unlink(missing_ok=True)  # of an earlier result, which is replaced now
                    self._rejects_part.unlink()
            if self.part.exists():
                if publish is None:
                    os.replace(self.part, self.output)
                else:
                    publish(self.part, self.output)
                    self.part.unlink()
            if not self.output.exists():
                raise FileNotFoundError(errno.ENOENT, "gone", str(self.part))
            self._path.unlink()
        except OSError as error:
            raise self._clear(error) from error

    def close(self) -> None:
        """Close the files and let go of the output; what is in the journal stays."""
        self._close_files()
        lock, self._lock = self._lock, None
        if lock:
            lock.release()

    def _claim(self) -> None:
        if self._lock:
            return
        try:
            self._lock = Lock(self.part.with_name(f"{self.part.name}.lock"))
        except BlockingIOError as error:
            raise BlockingIOError(f"another run ({error}) is writing {self.output}; wait for its end") from None
        except OSError as error:
            raise self._clear(error) from error

    def _close_files(self) -> None:
        files, self._files = self._files, []
        for file in files:
            try:
                file.close()
            except OSError:  # a full disk once more; the journal does not count these bytes
                continue

    def _write_line(self, value: dict[str, Any]) -> None:
        journal = self._files[0]
        os.stat(journal.name)
        journal.write(json.dumps(value).encode("utf-8") + b"\n")
        journal.flush()
        os.fsync(journal.fileno())

    def _lines(self) -> tuple[list[dict[str, Any]], int]:
        """The whole lines of the journal and their bytes."""
        lines, size = [], 0
        for line in self._path.read_bytes().splitlines(keepends=True):
            try:
                value = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n"):
                break
            lines.append(value)
            size += len(line)
        return lines, size

    def _clear(self, error: OSError) -> OSError:
        kept = f"the {self.done.rows:,} rows done are kept in {self.part}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return OSError(f"the disk of {self.output} is full; {kept}: make room and run it again with --resume")
        if isinstance(error, FileNotFoundError):
            return FileNotFoundError(f"{self.part} or its folder has gone; put it back and use --resume, or begin anew")
        return OSError(f"{self.output} cannot be written ({error.strerror or error}); {kept}: run it again with --resume")


def _shown(value: Any) -> str:
    """A setting as a message shows it; the columns of a table can be hundreds."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]} …"
