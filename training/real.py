"""The real texts beside the checkout (../shared/real): for measuring, never for training or for choosing a setting."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from stance.article import CONTEXT
from stance.page import read_page

__all__ = ["REAL", "RealSet", "fingerprint", "real_sets"]

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "real"


@dataclass(frozen=True)
class RealSet:
    """Labelled real paragraphs: for each its article, text, what stood before, and gold labels ("" where there is none)."""

    name: str
    articles: list[str]
    texts: list[str]
    previous: list[str | None]
    stances: list[str]
    sentiments: list[str]


def real_sets(folder: Path = REAL, github_texts: Path | None = None) -> list[RealSet]:
    """The real sets that are there, in the order of design: pages, reworded, github, indosum, offtopic.

    `github_texts` holds the texts of github_dev.csv, which may not be committed: JSON lines with `fingerprint` and
    `text`. Without it that set is left out.
    """
    if not folder.is_dir():
        return []
    sets = [_pages(folder)]
    for name in ("reworded", "indosum", "offtopic"):
        records = [json.loads(line) for line in (folder / f"{name}_dev.jsonl").read_text(encoding="utf-8").splitlines()]
        sets.append(_set(name, [{"stance": "neutral", "sentiment": "", **record} for record in records]))
    if github_texts is not None:
        sets.insert(2, _github(folder, github_texts))
    return sets


def fingerprint(text: str) -> str:
    """The first 16 hex digits of the SHA-1 of the first 80 letters and digits of the lower-cased paragraph."""
    letters = "".join(character for character in text.lower() if character.isalnum())[:80]
    return hashlib.sha1(letters.encode("utf-8")).hexdigest()[:16]


def _set(name: str, records: list[dict[str, str]]) -> RealSet:
    before: dict[str, list[str]] = defaultdict(list)
    previous: list[str | None] = []
    for record in records:
        told = before[record["article"]]
        if not told and record.get("prev"):
            told.append(record["prev"])
        previous.append("\n".join(told[-CONTEXT:]) or None)
        told.append(record["text"])
    column = {key: [record[key] for record in records] for key in ("article", "text", "stance", "sentiment")}
    return RealSet(name, column["article"], column["text"], previous, column["stance"], column["sentiment"])


def _pages(folder: Path) -> RealSet:
    with (folder / "pages_dev.csv").open(encoding="utf-8", newline="") as file:
        gold = [row for row in csv.DictReader(file) if row["kind"] == "body"]
    records = []
    for row in gold:
        lines = {body.line: body.text for body in read_page((folder / row["file"]).read_text(encoding="utf-8")).body}
        text = lines.get(int(row["line"]), "")
        records.append({"article": row["file"], "text": text, "stance": row["stance"], "sentiment": row["sentiment"]})
    return _set("pages", records)


def _github(folder: Path, texts: Path) -> RealSet:
    found = [json.loads(line) for line in texts.read_text(encoding="utf-8").splitlines()]
    by_fingerprint = {fingerprint(record["text"]): record for record in found}
    with (folder / "github_dev.csv").open(encoding="utf-8", newline="") as file:
        gold = sorted(csv.DictReader(file), key=lambda row: (row["article"], int(row["n"])))
    missing = [row["fingerprint"] for row in gold if row["fingerprint"] not in by_fingerprint]
    if missing:
        raise ValueError(f"{texts} lacks {len(missing)} of {len(gold)} paragraphs, among them {missing[:3]}")
    return _set("github", [{**row, **by_fingerprint[row["fingerprint"]]} for row in gold])
