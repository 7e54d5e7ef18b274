"""One run at a time on an output: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["Lock"]


class Lock:
    """A lock on the file `path`, which is made for it and holds the number of the process; `release` takes both away.

    A file that a killed process left behind locks nothing: the system gave up its lock. On a file system that knows no
    locks nothing is held.

    Raises BlockingIOError, which names the process, when another one holds it (or this one, a second time).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        while True:
            self._file = _open(path)
            if _is_at(self._file, path):  # else the one before took it away after it had been opened here
                break
            os.close(self._file)
        try:
            os.ftruncate(self._file, 0)
            os.write(self._file, str(os.getpid()).encode("ascii"))
        except OSError:  # a full disk
            self.release()
            raise

    def release(self) -> None:
        """Take the file away and with it the lock."""
        if sys.platform != "win32":  # there it goes when it is closed
            self.path.unlink(missing_ok=True)
        os.close(self._file)


if sys.platform == "win32":

    def _open(path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            raise BlockingIOError("another process") from None

else:
    import fcntl

    def _open(path: Path) -> int:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode("ascii", "replace")
            os.close(file)
            raise BlockingIOError(f"process {holder}" if holder else "another process") from None
        except OSError:  # a file system without locks
            return file
        return file


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
