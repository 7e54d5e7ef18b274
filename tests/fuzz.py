"""Coverage-guided fuzzing of what tests/promises.py holds: `python tests/fuzz.py predict|page|table [-max_total_time=S] CORPUS`.

Needs `pip install atheris` (Linux, Python 3.11 to 3.13), so it is no part of the test suite. CORPUS is a folder; when it
is empty, the pages of tests/pages and the example page are laid there as seeds. All arguments but the first go to
libFuzzer; an input that breaks a promise is written to `crash-…`, and then stands in test_promises.py.
"""

import gzip
import hashlib
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
with atheris.instrument_imports(include=["stance", "promises", "Sastrawi"]):
    import promises

    promises.prediction_holds("Peskov menolak tuduhan itu.")  # imports what is imported on first use

LINEAR = 2e-5  # seconds of this process that reading a page may take a character; some 1e-6 are usual, instrumented 5e-6
LONG = 40_000  # characters to which one input in AMPLIFIED is repeated for this, as it is or as a single line
AMPLIFIED = 32
NAMES = ("t.csv", "t.csv", "t.tsv", "t.jsonl", "t.csv.gz", "t.jsonl.gz")


def predict(data: bytes) -> None:
    """The input: the paragraph, then, after an empty line, what stood before it."""
    text, _, previous = data.decode("utf-8", "surrogateescape").partition("\n\n")
    promises.prediction_holds(text, previous or None)


def page(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    promises.page_holds(text)
    turn = zlib.crc32(data) % (2 * AMPLIFIED)
    if text and turn % AMPLIFIED == 0:
        long = (text if turn else " ".join(text.split("\n"))) * (LONG // len(text) + 1)
        start = time.process_time()
        promises.page_holds(long)
        taken = (time.process_time() - start) / 2  # it is read twice there
        assert taken < LINEAR * len(long), f"{taken:.1f} s for {len(long)} characters"


def table(data: bytes) -> None:
    """The input: one byte that chooses the name, one that tells how much of a gzip stream is cut off, the table."""
    if len(data) < 2:
        return
    name, cut, data = NAMES[data[0] % len(NAMES)], data[1], data[2:]
    if name.endswith(".gz"):
        data = gzip.compress(data, 1, mtime=0)
        data = data[: len(data) - cut] if cut < 64 else data
    promises.table_holds(data, name, FOLDER)


def seeds(target: Callable[[bytes], None]) -> list[bytes]:
    pages = [path.read_bytes() for path in sorted((ROOT / "tests" / "pages").glob("*.txt"))]
    pages.append((ROOT / "stance" / "examples" / "halaman.txt").read_bytes())
    if target is page:
        return pages
    lines = [line for whole in pages for line in whole.splitlines() if len(line) > 40]
    if target is predict:
        return [b"\n\n".join(pair) for pair in zip(lines[1::2], lines[::2], strict=False)]
    some = [b"text,n\n" + b"\n".join(b'"' + line.replace(b'"', b'""') + b'",1' for line in lines[k : k + 4]) for k in (0, 9, 50)]
    some += [b"sep=;\r\ntext;n\r\na;b\r\n;\r\n", b"n\ttext\n1\t\n", "text\n“é”\n".encode("cp1252"), "text\né\n".encode("utf-16")]
    json = [b'{"text": "Moskow", "n": 1}\n{"text": null}\n[1]\n{"text": "\\ud83d", "x": [1e400, {}]}\n']
    return [bytes((kind, 99)) + data for kind in range(6) for data in (json if kind in (3, 5) else some)]


if __name__ == "__main__":
    target = {"predict": predict, "page": page, "table": table}[sys.argv.pop(1)]
    corpus = next((Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")), None)
    if corpus:
        corpus.mkdir(parents=True, exist_ok=True)
        if not any(corpus.iterdir()):
            for seed in seeds(target):
                (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    shared = Path("/dev/shm")  # in memory: each table is put on the disk and synced several times
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as name:
        FOLDER = Path(name)
        atheris.Setup(sys.argv, target)
        atheris.Fuzz()
