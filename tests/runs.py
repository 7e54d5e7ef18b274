"""Tables to score and runs of the command, shared by the tests of the batch scorer."""

import csv
import gzip
import io
import sys
import time
from pathlib import Path

from stance.sheets import csv_bytes

CHARGE = "Washington menuduh China memasok chip ke Rusia."
PEACE = "Menteri Luar Negeri Rusia Sergei Lavrov tiba di Beijing pada Senin untuk kunjungan dua hari."
SPEAKERS = ("Putin", "Lavrov", "Xi Jinping", "Zelensky", "Biden")


def table(path: Path, texts: list[str], **columns: list[str]) -> Path:
    path.write_bytes(csv_bytes([["text", *columns], *zip(texts, *columns.values(), strict=True)]))
    return path


def many(path: Path, rows: int) -> Path:
    texts = [f"{SPEAKERS[k % 5]} menyebut sanksi Barat terhadap Rusia nomor {k} gagal total." for k in range(rows)]
    texts[7::500] = [""] * len(texts[7::500])
    return table(path, texts, article=[str(k // 7) for k in range(rows)], n=[str(k % 7) for k in range(rows)])


def read(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "stance", "batch", *map(str, arguments)]


def wait_for(journal: Path, lines: int) -> None:
    end = time.monotonic() + 60
    while not journal.exists() or journal.read_bytes().count(b"\n") < lines:
        assert time.monotonic() < end, f"{journal} does not grow"
        time.sleep(0.01)
