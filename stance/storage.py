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

_MEMBERS = {"manifest.json": 1 << 18, "terms.json": 1 << 22, "weights.npz": 48 << 20, "canary.json": 1 << 18}
"""The members and the bytes that each may have: 131,068 terms take some 2 MB, 48 MB are the weights of 1.2 million
features (the shipped model has 50,000). JSON takes up to 20 times its size once it is read, weights four times."""

_MAX_FILE = sum(_MEMBERS.values())
_END, _MAX_DIRECTORY = 22, 4096  # bytes: the record at the end of a zip without a comment; what it says of its directory
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same labels give the same bytes
_COPY = "copy the file again"
_LONGEST = 200  # characters that a message repeats of what it was told


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
    """The bytes of the file `path`. Raises FileNotFoundError, or ValueError for what is no plain file or too large."""
    if not path.exists():
        raise FileNotFoundError(f"there is no model file {path}; make one with: python -m training.train --output {path}")
    if not path.is_file():  # a pipe or a device may never end
        raise ValueError(f"{path} is {'a directory' if path.is_dir() else 'no plain file'}; a model file is needed")
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
        raise ValueError(
            f"{name} has format {_short(repr(found))}, {age} {FORMAT} of this version; update stance, or train the model again"
        )
    sums = manifest.get("sha256")
    for member in list(_MEMBERS)[1:]:
        if not isinstance(sums, dict) or hashlib.sha256(members[member]).hexdigest() != sums.get(member):
            raise ValueError(f"{name} is damaged: {member} is not what the manifest says; {_COPY}")
    arrays = _arrays(members["weights.npz"], name)
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
        with _opened(data) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos]
            large = [info for info in infos if info.file_size > _MEMBERS.get(info.filename, 0)]
            if sorted(names) == sorted(_MEMBERS) and not large:
                return {info.filename: _member(archive, info) for info in infos}
    except Exception as error:  # zipfile and zlib raise a dozen kinds on damaged bytes
        raise ValueError(f"{name} is truncated or damaged ({_short(error)}); {_COPY}") from None
    if sorted(names) != sorted(_MEMBERS):
        raise ValueError(f"{name} is no stance model file: it holds {_short(names)}, not {list(_MEMBERS)}")
    most = _MEMBERS[large[0].filename]
    raise ValueError(f"{name} would unpack to more than a model may: {large[0].filename} has at most {most:,} bytes")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of a member and no more than it says it has: `archive.read` unpacks whatever is there."""
    with archive.open(info) as file:
        return file.read(info.file_size)


def _arrays(data: bytes, name: str) -> dict[str, npt.NDArray[Any]]:
    try:
        with _opened(data) as archive:
            infos = archive.infolist()
        packed = any(info.compress_type != zipfile.ZIP_STORED for info in infos)
        if packed or sum(info.file_size for info in infos) > len(data) or len({info.filename for info in infos}) < len(infos):
            raise ValueError("its arrays are packed, doubled or laid over one another")  # and could grow without a limit
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            return {key: loaded[key] for key in loaded.files}
    except Exception as error:  # whatever zipfile and numpy make of foreign bytes
        raise ValueError(f"{name} is damaged: weights.npz cannot be read ({_short(error)}); {_COPY}") from None


def _opened(data: bytes) -> zipfile.ZipFile:
    """The zip, where its directory stands at its very end and is small: one of a million members takes long to read."""
    end, longer = data[-_END:], data[-2 * _END + 2 : -_END]
    if not (end.startswith(b"PK\5\6") and end.endswith(b"\0\0")) or longer.startswith(b"PK\6\7"):
        raise ValueError("its end is missing")
    if int.from_bytes(end[12:16], "little") > _MAX_DIRECTORY:
        raise ValueError("its directory is too large")
    return zipfile.ZipFile(io.BytesIO(data))


def _short(told: object) -> str:
    """What damaged bytes made a library say, in one line: some repeat kilobytes of them."""
    words = " ".join(str(told).split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"


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
