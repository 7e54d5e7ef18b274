"""Behaviour: minimal pairs of paragraphs, and whether a model tells them apart, or keeps them alike, as the codebook does."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stance import Model, predict
from stance.head import STANCES

__all__ = ["BEHAVIOUR_CSV", "COLUMNS", "Member", "Outcome", "behaviour_table", "main", "read_behaviour", "run_behaviour"]

BEHAVIOUR_CSV = Path(__file__).with_name("behaviour.csv")
COLUMNS = ("pair", "kind", "n", "previous", "text", "stance", "note", "second")
UNSURE = "unsure"  # expected where the codebook has no label to give: another language
_ALLOWED = (*STANCES, UNSURE)


@dataclass(frozen=True)
class Member:
    """A row: one paragraph of a pair, its label by the codebook, the reason, and the label of a second reading."""

    pair: int
    kind: str
    n: int
    previous: str | None
    text: str
    stance: str
    note: str
    second: str


@dataclass(frozen=True)
class Outcome:
    """What a model makes of a pair; each tuple has two entries, in the order of the pair.

    `got` is the winning stance, however doubtful; where "unsure" is expected it is "unsure" if the model says so.
    """

    pair: int
    kind: str
    previous: tuple[str | None, ...]
    texts: tuple[str, ...]
    expected: tuple[str, ...]
    got: tuple[str, ...]
    scores: tuple[dict[str, float], ...]
    unsure: tuple[bool, ...]

    @property
    def passed(self) -> bool:
        """Whether both members got what is expected."""
        return self.expected == self.got


def read_behaviour(path: Path = BEHAVIOUR_CSV) -> list[tuple[Member, Member]]:
    """The pairs of a file, whose header is row 1. Raises ValueError that names the row for whatever is not in order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if rows[:1] != [list(COLUMNS)]:
        raise ValueError(f"{path}, row 1: the columns are {rows[0] if rows else 'missing'}; they must be {', '.join(COLUMNS)}")
    members = [_member(f"{path}, row {number}", cells) for number, cells in enumerate(rows[1:], 2)]
    pairs: dict[int, tuple[Member, Member]] = {}
    for k in range(0, len(members), 2):
        first, second = members[k], members[min(k + 1, len(members) - 1)]
        if first.pair in pairs or (first.pair, first.kind, 1, 2) != (second.pair, second.kind, first.n, second.n):
            raise ValueError(f"{path}, row {k + 2}: pair {first.pair} must stand once, as two rows of one kind, n 1 and 2")
        pairs[first.pair] = first, second
    return list(pairs.values())


def run_behaviour(model: Model | None = None, path: Path = BEHAVIOUR_CSV) -> list[Outcome]:
    """What `model` (the shipped one unless given) makes of each pair. Raises ValueError as `read_behaviour` does."""
    outcomes = []
    for pair in read_behaviour(path):
        texts, previous, expected = zip(*((m.text, m.previous, m.stance) for m in pair), strict=True)
        found = predict(texts, previous=previous, model=model)
        got = tuple(UNSURE if e == UNSURE and p.unsure else p.stance for e, p in zip(expected, found, strict=True))
        scores, unsure = tuple(p.stance_scores for p in found), tuple(p.unsure for p in found)
        outcomes.append(Outcome(pair[0].pair, pair[0].kind, previous, texts, expected, got, scores, unsure))
    return outcomes


def behaviour_table(outcomes: Sequence[Outcome]) -> str:
    """By kind how many pairs pass and members are right; then the pairs that fail, with `?` where the model is unsure."""
    lines = [f"{'kind':<20}{'pairs':>6}{'passed':>8}{'members right':>16}"]
    for kind in [*dict.fromkeys(o.kind for o in outcomes), "all"]:
        group = [o for o in outcomes if kind in (o.kind, "all")]
        right = sum(e == g for o in group for e, g in zip(o.expected, o.got, strict=True))
        lines.append(f"{kind:<20}{len(group):>6}{sum(o.passed for o in group):>8}{f'{right} of {2 * len(group)}':>16}")
    for o in (o for o in outcomes if not o.passed):
        lines.append(f"\npair {o.pair}, {o.kind}")
        for k in range(2):
            told = ", ".join(f"{label} {score:.2f}" for label, score in o.scores[k].items())
            mark, doubt = "+" if o.expected[k] == o.got[k] else "-", "?" * o.unsure[k]
            lines.append(f"  {mark} expected {o.expected[k]}, got {o.got[k]}{doubt} ({told})")
            lines += [f"    {line}" for line in (o.previous[k] and f"after: {o.previous[k]}", o.texts[k]) if line]
    return "\n".join(lines)


def _member(place: str, cells: list[str]) -> Member:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{place}: {len(cells)} cells, there must be {len(COLUMNS)}")
    pair, kind, n, previous, text, stance, note, second = (cell.strip() for cell in cells)
    if not pair.isdigit() or n not in ("1", "2") or not kind or not text:
        raise ValueError(f"{place}: pair must be a whole number, n 1 or 2, kind and text not empty")
    if stance not in _ALLOWED or second not in (*_ALLOWED, ""):
        raise ValueError(f"{place}: stance is {stance!r}, second {second!r}; they must be one of {', '.join(_ALLOWED)}")
    return Member(int(pair), kind, int(n), previous or None, text, stance, note, second)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; exit code 2 when the pairs or the model cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.behaviour", description="Minimal pairs, passed and failed.")
    parser.add_argument("--model", type=Path, metavar="FILE", help="a model file instead of the shipped one")
    options = parser.parse_args(arguments)
    try:
        print(behaviour_table(run_behaviour(Model.load(options.model) if options.model else None)))
    except (OSError, ValueError) as error:
        print(f"training.behaviour: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
