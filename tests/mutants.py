"""More than a thousand damaged or hostile model files, each opened: `python tests/mutants.py [MEGABYTES]` prints the table.

Each must be refused with one sentence, or load and score as before. The process may take up MEGABYTES (300) more than it
has before the first of them, may write nothing, and is given the table by kind: tried, refused, same, lost.
"""

import hashlib
import io
import itertools
import json
import random
import resource
import struct
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stance.features import PassageVectorizer
from stance.head import Head
from stance.lexicon import stem_of
from stance.model import _CANARY, Model, shipped_model
from stance.text import WORD, fold

TEXTS = ["Moskow menuduh Barat memicu perang.", '"Kami siap," katanya.', "Washington menuduh China memasok chip ke Rusia."]
ODD: list[Any] = [None, -1, 10**400, float("nan"), "\ud800", [[]], {"a": 1}]
SHAPES = (
    *("(9223372036854775807,)", "(1000000000, 1000000000)", "(2000000000,)", "(-1,)", "(4294967296, 4294967296)", "(1.5,)"),
    *("('x',)", "(" * 90, "-" * 3000 + "1", "[]", "None", "(True,)", f"({'9' * 4000},)"),
)
Case = tuple[str, bytes]  # its kind and its bytes


def small_model() -> Model:
    """The shipped model with little more than what its test sentences and TEXTS need, so that a thousand loads take seconds."""
    whole = shipped_model()
    v, texts = whole.vectorizer, [*TEXTS, *(text for text, _ in _CANARY), *(before for _, before in _CANARY if before)]
    known = {fold(word) for word in WORD.findall(" ".join(texts))}
    known |= {stem_of(word) for word in known}
    kept = np.union1d(v.transform([*TEXTS, *_CANARY]).indices, np.arange(0, len(v.keys_), 50))
    small = PassageVectorizer()
    small.stems_, small.words_ = ([term if term in known else "" for term in terms] for terms in (v.stems_, v.words_))
    small.keys_, small.idf_ = v.keys_[kept], v.idf_[kept]
    heads = {
        task: Head(head.labels, head.coef[:, kept], head.intercept, head.temperature, head.threshold)
        for task, head in whole.heads.items()
    }
    return Model(small, heads, whole.manifest)


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("name")
            info.filename, info.compress_type = name, method  # set afterwards, no name is made harmless
            archive.writestr(info, data)
    return buffer.getvalue()


def summed(members: dict[str, bytes]) -> bytes:
    """A model file of `members` whose manifest has the right sums, as a forger would write it."""
    manifest = json.loads(members["manifest.json"])
    manifest["sha256"] = {name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "manifest.json"}
    return zipped(list({**members, "manifest.json": json.dumps(manifest).encode()}.items()))


def noise(data: bytes, chance: random.Random) -> Iterator[Case]:
    for _ in range(400):
        at = chance.randrange(len(data))
        yield "one bit flipped", data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    for at in range(len(data) - 250, len(data)):  # the directory, where zip readers are led astray
        yield "a byte of the directory changed", data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    for _ in range(100):
        yield "cut off", data[: chance.randrange(len(data))]
        a, b, c = sorted(chance.randrange(len(data)) for _ in range(3))
        yield "a stretch overwritten", data[:a] + chance.randbytes(min(b - a, 300)) + data[a + min(b - a, 300) :]
        yield (
            "stretches dropped, doubled or swapped",
            chance.choice(
                [data[:a] + data[b:], data[:b] + data[a:], data[:a] + data[b:c] + data[a:b] + data[c:], data + data[a:b]]
            ),
        )


def names(members: dict[str, bytes]) -> Iterator[Case]:
    whole = list(members.items())
    for one, other in itertools.combinations(members, 2):
        swapped = {**members, one: members[other], other: members[one]}
        yield "members swapped", zipped(list(swapped.items()))
        if "manifest.json" not in (one, other):
            yield "members swapped", summed(swapped)
    for name in members:
        yield "a member missing", zipped([(other, data) for other, data in whole if other != name])
        for content in (members[name], b"", b"{}"):
            yield "a name twice", zipped([*whole, (name, content)])
            yield "a name twice", zipped([(name, content), *whole])
        for foreign in (
            f"../{name}",
            f"/{name}",
            f"..\\{name}",
            f"a/../{name}",
            f"C:\\{name}",
            f"{name}\0",
            name.upper(),
            f"{name}/",
        ):
            yield "a foreign name", zipped([(foreign if other == name else other, data) for other, data in whole])
            yield "a foreign name", zipped([*whole, (foreign, b"x")])


def bombs(members: dict[str, bytes]) -> Iterator[Case]:
    zeros = bytes(50 << 20)  # more than any member may have
    for name in members:
        bomb = zipped([*((n, d) for n, d in members.items() if n != name), (name, zeros)])
        yield "a zip bomb", bomb
        directory, claimed = bomb.rfind(b"PK\1\2"), struct.pack("<I", 1000)  # its size told as 1,000 bytes
        yield "a zip bomb", bomb[: directory + 24] + claimed + bomb[directory + 28 :]
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield (
            "a zip bomb",
            zipped([*((n, d) for n, d in members.items() if n != "terms.json"), ("terms.json", zeros[: 8 << 20])], method),
        )
    inner = io.BytesIO()
    np.savez_compressed(inner, keys=np.zeros(40 << 20))  # 320 MB in half a megabyte
    yield "a zip bomb", summed({**members, "weights.npz": inner.getvalue()})
    yield "a zip bomb", summed({**members, "weights.npz": zipped([("keys.npy", b"\x93NUMPY\2\0\xff\xff\xff\xff" + zeros)])})
    yield "a zip bomb", zipped([(f"{n}.json", b"") for n in range(200_000)], zipfile.ZIP_STORED)
    for filling in (b"[],", b"0,", b'"a",', b"{},"):
        yield "a zip bomb", summed({**members, "terms.json": b'{"stems":[' + filling * (4_000_000 // len(filling)) + b"0]}"})


def arrays(members: dict[str, bytes], chance: random.Random) -> Iterator[Case]:
    whole = {name: np.array(value) for name, value in np.load(io.BytesIO(members["weights.npz"])).items()}

    def kept(changed: dict[str, Any]) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, **changed)
        return summed({**members, "weights.npz": buffer.getvalue()})

    for name, value in whole.items():
        for bad in (np.nan, np.inf, -np.inf):
            for _ in range(5):
                spoilt = value.astype(np.float64).astype(value.dtype if value.dtype.kind == "f" else np.float64)
                spoilt.flat[chance.randrange(value.size)] = bad
                yield "NaN or infinite weights", kept({**whole, name: spoilt})
        for dtype in ("f2", ">f4", ">f8", "i1", "<i4", ">i8", "u8", "?", "c16", "U5", "S9", "V8", "M8[s]", "O"):
            if np.dtype(dtype) != value.dtype:
                yield (
                    "a wrong dtype",
                    kept({**whole, name: np.zeros(value.shape, dtype) if dtype == "V8" else value.astype(dtype)}),
                )
        for shape in ((0,), (1, *value.shape), value.shape[::-1] if value.ndim > 1 else (value.size, 1), ()):
            yield "a wrong shape", kept({**whole, name: np.resize(value, shape)})
        yield "a wrong shape", kept({key: array for key, array in whole.items() if key != name})
        yield "a wrong shape", kept({**whole, f"../{name}": value})
        for change in (np.negative, np.flip, lambda array: array * 2, lambda array: np.full_like(array, 2**62)):
            yield "absurd numbers", kept({**whole, name: change(value)})
        for shape in SHAPES:
            header = f"{{'descr': '{value.dtype.str}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
            npy = b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + value.tobytes()[:1000]
            npz = zipped([(f"{name}.npy", npy), *((f"{n}.npy", b"") for n in whole if n != name)], zipfile.ZIP_STORED)
            yield "a huge or foreign shape in the header", summed({**members, "weights.npz": npz})


def objects(members: dict[str, bytes]) -> Iterator[Case]:
    for name in ("manifest.json", "canary.json", "terms.json"):
        for depth in (900, 100_000):
            for opening in (b"[", b'{"a":'):
                yield "deep JSON", zipped(list({**members, name: opening * depth}.items()))
                closed = b'{"heads":' + b"[" * depth + b"]" * depth + b"}"
                yield "deep JSON", zipped(list({**members, name: closed}.items()))
        for text in (b"", b"null", b"[1]", b'"x"', b"\xff\xfe", b"9" * 5000, b"{" + b"0" * 1000, b'{"format": 1}', b"{}"):
            yield "JSON of another kind", zipped(list({**members, name: text}.items()))
            if name != "manifest.json":
                yield "JSON of another kind", summed({**members, name: text})
        whole = json.loads(members[name])
        for path in itertools.islice(paths(whole), 40):
            for odd in ODD:
                if path != ("sha256",) and path[:1] != ("sha256",):
                    data = json.dumps(replaced(whole, path, odd)).encode()
                    yield "an odd value in the JSON", summed({**members, name: data})


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:4]):
            yield (*before, key)
            yield from paths(inner, (*before, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def cases(data: bytes) -> Iterator[Case]:
    """All of them, the same each time."""
    chance, members = random.Random(0), members_of(data)
    yield from noise(data, chance)
    yield from names(members)
    yield from arrays(members, chance)
    yield from objects(members)
    yield from bombs(members)


def outcome(path: Path, scores: Callable[[Model], bytes], expected: bytes) -> str:
    """`refused` with one sentence, the `same` scores, or what else came out."""
    try:
        model = Model.load(path)
    except ValueError as error:
        sentence = str(error)
        return "refused" if str(path) in sentence and "\n" not in sentence and len(sentence) < 600 else f"said {sentence[:200]!r}"
    except Exception as error:
        return f"raised {type(error).__name__}: {str(error)[:200]}"
    return "same" if scores(model) == expected else "scored otherwise"


def main(megabytes: int) -> None:
    def scores(model: Model) -> bytes:
        return b"".join(array.tobytes() for array in model.score(TEXTS).values())

    warnings.simplefilter("ignore")  # of names that stand twice and numbers that overflow, as they are meant to
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.zip"
        small_model().save(path)
        expected, data = scores(Model.load(path)), path.read_bytes()
        every = list(cases(data))  # made before the memory is looked at
        del data
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20),) * 2)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
        before, slowest = peak(), 0.0
        table: dict[str, Counter[str]] = {}
        for kind, mutant in every:
            path.write_bytes(mutant)
            WRITTEN.clear()
            start = time.process_time()
            came = outcome(path, scores, expected)
            slowest = max(slowest, time.process_time() - start)
            table.setdefault(kind, Counter())[came if not WRITTEN else f"wrote {WRITTEN}"] += 1
            assert [other.name for other in path.parent.iterdir()] == [path.name]
    print(json.dumps({"kinds": table, "seconds": round(slowest, 2), "megabytes": (peak() - before) >> 10}, indent=1))


def peak() -> int:
    """The most memory that this process had at once, in kB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


WRITTEN: list[str] = []


def note(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: every file that is opened to be written, made, moved or removed."""
    opened = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if opened or event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.system", "subprocess.Popen"):
        WRITTEN.append(f"{event} {arguments[0]}")


if __name__ == "__main__":
    sys.addaudithook(note)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
