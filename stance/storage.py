"""The model file: a zip of plain data (JSON and numbers), written whole or not at all, checked when read, never run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["FORMAT", "Stored", "pack", "read", "unpack", "write"]

FORMAT = 2
"""The number of the file's layout.

To change the layout: raise this number, change what `Model` puts into `Stored` and takes out of it, retrain the shipped
model with `python -m training.train --ship`, and say in the README that files of the old format must be made again. Older
and newer files are refused by their number; there is no conversion, since a model can always be made from its labels.
"""

_MEMBERS = ("manifest.json", "terms.json", "weights.npz", "canary.json")
_MAX_FILE, _MAX_UNPACKED = 64 << 20, 256 << 20  # bytes; the shipped file has 1.3 MB and unpacks to 2.1
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same labels give the same bytes
_COPY = "copy the file again"


@dataclass(frozen=True)
class Stored:
    """What a model file holds: `manifest` (settings, labels, sums), `terms` (vocabulary), `arrays` (numbers by name),
    `canary` (test sentences with the scores they must get)."""

    manifest: dict[str, Any]
    terms: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    canary: dict[str, Any]


def pack(stored: Stored) -> bytes:
    """The bytes of a model file; equal content gives equal bytes."""
    members = {
        "terms.json": _json(stored.terms),
        "weights.npz": _npz(stored.arrays),
        "canary.json": _json(stored.canary),
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    members["manifest.json"] = _json({**stored.manifest, "format": FORMAT, "sha256": sums})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in _MEMBERS:
            archive.writestr(zipfile.ZipInfo(name, _STAMP), members[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def write(data: bytes, path: Path) -> None:
    """Write `data` to `path`: to a temporary file in the same folder first, then moved into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> bytes:
    """The bytes of the file `path`. Raises FileNotFoundError, or ValueError for a directory or a file too large."""
    if path.is_dir():
        raise ValueError(f"{path} is a directory; a model file is needed")
    if not path.exists():
        raise FileNotFoundError(f"there is no model file {path}; make one with: python -m training.train --output {path}")
    if path.stat().st_size > _MAX_FILE:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes; a model file has at most {_MAX_FILE:,}")
    return path.read_bytes()


def unpack(data: bytes, name: str) -> Stored:
    """What the model file with the bytes `data` holds. Raises ValueError, a sentence of its own for each fault."""
    for told, sentence in _FOREIGN:
        if told(data):
            raise ValueError(f"{name} {sentence}")
    members = _members(data, name)
    manifest = _object(members["manifest.json"], name, "manifest.json")
    found = manifest.get("format")
    if found != FORMAT:
        age = "newer than the format" if isinstance(found, int) and found > FORMAT else "not the format"
        raise ValueError(f"{name} has format {found!r}, {age} {FORMAT} of this version; update stance, or train the model again")
    sums = manifest.get("sha256")
    for member in _MEMBERS[1:]:
        if not isinstance(sums, dict) or hashlib.sha256(members[member]).hexdigest() != sums.get(member):
            raise ValueError(f"{name} is damaged: {member} is not what the manifest says; {_COPY}")
    try:
        with np.load(io.BytesIO(members["weights.npz"]), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except Exception as error:  # whatever numpy makes of foreign bytes
        raise ValueError(f"{name} is damaged: weights.npz cannot be read ({error}); {_COPY}") from None
    terms, canary = (_object(members[member], name, member) for member in ("terms.json", "canary.json"))
    return Stored(manifest, terms, arrays, canary)


_FOREIGN: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda data: not data, f"is empty; {_COPY}"),
    (
        lambda data: data.startswith(b"\x80") or b"joblib" in data[:200] or b"sklearn" in data[:200],
        "is a pickle (a joblib file is one): it can run code when opened and breaks between versions of scikit-learn, so it "
        "is not opened; make a model file with: python -m training.train --output FILE",
    ),
    (
        lambda data: data.startswith(b"version https://git-lfs"),
        "is a Git LFS pointer, not the model itself; fetch it with: git lfs pull",
    ),
    (lambda data: not data.startswith(b"PK\x03\x04"), "is no stance model file (it does not begin as a zip does)"),
)


def _members(data: bytes, name: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names, size = [info.filename for info in infos], sum(info.file_size for info in infos)
            if sorted(names) == sorted(_MEMBERS) and size <= _MAX_UNPACKED:
                return {info.filename: archive.read(info) for info in infos}
    except Exception as error:  # zipfile and zlib raise a dozen kinds on damaged bytes
        raise ValueError(f"{name} is truncated or damaged ({error}); {_COPY}") from None
    if sorted(names) != sorted(_MEMBERS):
        raise ValueError(f"{name} is no stance model file: it holds {names[:6]}, not {list(_MEMBERS)}")
    raise ValueError(f"{name} would unpack to {size:,} bytes; a model file has at most {_MAX_UNPACKED:,}")


def _object(data: bytes, name: str, member: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError(f"{name} is damaged: {member} holds no JSON object; {_COPY}")
    return value


def _npz(arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """As `np.savez`, with fixed time stamps and without compression (the outer zip compresses)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for key in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(arrays[key]), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{key}.npy", _STAMP), member.getvalue())
    return buffer.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
