"""How long tables are scored: rate and peak memory of `stance batch`. `python -m training.scale` (on Linux)."""

from __future__ import annotations

import argparse
import csv
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from training.labels import ROOT, Row, read_labels

__all__ = ["WORDS", "main", "paragraphs", "write_table"]

WORDS = 60  # of a paragraph
# Peak memory of the first process from /proc, since the other count begins with the memory of what started it.
_RUN = """
import resource, sys, time
from stance.cli import main
start = time.perf_counter()
code = main(sys.argv[1:])
seconds = time.perf_counter() - start
with open("/proc/self/status", encoding="ascii") as file:
    own = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if "2" in sys.argv else 0
print(code, seconds, own / 1024, workers / 1024)
"""


def main(arguments: list[str] | None = None) -> int:
    """Print a Markdown table: rows, processes, seconds, rows a second, peak megabytes of the first process and of a worker."""
    parser = argparse.ArgumentParser(prog="python -m training.scale", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    options = parser.parse_args(arguments)
    labelled, _ = read_labels()
    print("| rows | processes | seconds | rows a second | peak MB of the first process | of a worker |")
    print("|---|---|---|---|---|---|")
    for count in options.rows:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "in.csv"
            write_table(source, labelled, count)
            for jobs in ("1", "2"):
                command = ["batch", str(source), "-o", f"{folder}/out.csv", "--overwrite", "--jobs", jobs]
                run = subprocess.run([sys.executable, "-c", _RUN, *command], capture_output=True, text=True, check=True, cwd=ROOT)
                _, seconds, own, worker = (float(part) for part in run.stdout.splitlines()[-1].split())
                told = f"{seconds:.1f} | {count / seconds:,.0f} | {own:.0f} | {worker:.0f}"
                print(f"| {count:,} | {jobs} | {told if jobs == '2' else told.rpartition('|')[0] + '| –'} |", flush=True)
    return 0


def paragraphs(rows: Sequence[Row]) -> Iterator[str]:
    """Paragraphs of WORDS words without end, cut from the texts of `rows` one after the other, over and over, ever otherwise."""
    words = " ".join(row.text for row in rows).split()
    for shift in itertools.count():
        for at in range(shift % WORDS, len(words) - WORDS, WORDS):
            yield " ".join(words[at : at + WORDS])


def write_table(path: Path, rows: Sequence[Row], count: int) -> None:
    """A CSV with the columns `n` and `text`: the first `count` of `paragraphs`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["n", "text"])
        writer.writerows(enumerate(itertools.islice(paragraphs(rows), count)))


if __name__ == "__main__":
    raise SystemExit(main())
