"""Where the model is good and where it is not: scores by event, register, length, speech, names, place, year and speaker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from stance.actors import ROLES, role_of
from stance.head import LABELS
from stance.lexicon import Mask
from stance.text import WORD, fold
from training.agreement import Notes
from training.comparison import FEWEST_ARTICLES
from training.figures import FEW, FEW_ARTICLES, Change, Figure, accuracy, figure, share, tables_of
from training.labels import Row
from training.scored import Scored
from training.scores import macro_f1, resampled

__all__ = ["DIMENSIONS", "slices"]

_LENGTHS = ((12, "12 words or fewer"), (25, "13 to 25 words"), (40, "26 to 40 words"), (70, "41 to 70 words"))
_NEGATIONS = frozenset("tidak bukan belum tanpa jangan tak tiada".split())
_MOSCOW, _BEIJING = ROLES.index("moscow") + 1, ROLES.index("beijing") + 1

DIMENSIONS = ("event", "register", "length", "quoted speech", "negation", "names", "place in the article", "year", "speaker")


def slices(scored: Scored, task: str, events: dict[str, str], notes: Notes) -> list[dict[str, Any]]:
    """For every dimension and value: n, articles, labels, and macro-F1 and accuracy, or `few` where n < FEW.

    `against_rest` is the accuracy of the slice less that of all other paragraphs, both of the same drawn articles.
    """
    truth, found = scored.labels[task], scored.found(task)
    out = []
    for dimension, value_of in _readers(events, notes).items():
        values = [value_of(row) for row in scored.rows]
        for value in _ordered(values):
            inside = np.array([each == value for each in values], dtype=bool)
            told: dict[str, Any] = {"dimension": dimension, "value": value, "n": int(inside.sum())}
            told["articles"] = len({row.article for row, is_in in zip(scored.rows, inside, strict=True) if is_in})
            told["labels"] = {
                name: int(sum(t == name and i for t, i in zip(truth, inside, strict=True))) for name in LABELS[task]
            }
            told["few"] = told["n"] < FEW
            if not told["few"]:
                told |= _measured(truth, found, scored.articles, LABELS[task], inside)
            out.append(told)
    return out


def _measured(
    truth: Sequence[str], found: Sequence[str], articles: Sequence[str], labels: Sequence[str], inside: Mask
) -> dict[str, Figure | Change]:
    right = np.array([t == f for t, f in zip(truth, found, strict=True)], dtype=bool)
    mine, rest = (tables_of(truth, found, articles, labels, among) for among in (inside, ~inside))
    return {
        "macro_f1": figure(macro_f1, mine),
        "accuracy": share(right, articles, inside),
        "against_rest": _against_rest(mine, rest),
    }


def _against_rest(mine: np.ndarray[Any, np.dtype[np.float64]], rest: np.ndarray[Any, np.dtype[np.float64]]) -> Change:
    articles = int((mine.sum((1, 2)) > 0).sum())
    value = float(accuracy(mine.sum(0)) - accuracy(rest.sum(0))) if rest.any() else None
    spread = accuracy(resampled(mine)) - accuracy(resampled(rest))
    spread = spread[np.isfinite(spread)]
    low, high = (float(x) for x in np.percentile(spread, [2.5, 97.5])) if len(spread) else (None, None)
    told = "no detectable difference"
    if low is not None and high is not None and articles >= max(FEWEST_ARTICLES, FEW_ARTICLES):
        told = "higher" if low > 0 else "lower" if high < 0 else told
    return Change(value=value, low=low, high=high, n=int(mine.sum()), articles=articles, verdict=told)


def _readers(events: dict[str, str], notes: Notes) -> dict[str, Callable[[Row], str]]:
    def speaker(row: Row) -> str:
        readings = notes.get(row.id, {})
        told = (readings.get(name, {}).get("speaker", "") for name in ("third", "second", "first"))
        return next((name for name in told if name), "not recorded")

    return {
        "event": lambda row: events.get(row.article, "not recorded"),
        "register": lambda row: row.register,
        "length": lambda row: _length(len(WORD.findall(row.text))),
        "quoted speech": lambda row: "with quotation marks" if any(mark in row.text for mark in '"“”') else "without",
        "negation": lambda row: "negated" if _NEGATIONS & {fold(word) for word in WORD.findall(row.text)} else "not negated",
        "names": _names,
        "place in the article": lambda row: str(row.n) if row.n < 3 else "3 to 5" if row.n < 6 else "6 and later",
        "year": lambda row: row.date[:4] or "not recorded",
        "speaker": speaker,
    }


def _length(words: int) -> str:
    return next((name for most, name in _LENGTHS if words <= most), "over 70 words")


def _names(row: Row) -> str:
    roles = {role_of(word, fold(word)) for word in WORD.findall(row.text)}
    named = (_MOSCOW in roles, _BEIJING in roles)
    return {
        (True, False): "Russia only",
        (False, True): "China only",
        (True, True): "both",
        (False, False): "neither",
    }[named]


def _ordered(values: Sequence[str]) -> list[str]:
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    lengths = [name for _, name in _LENGTHS] + ["over 70 words"]
    place = {name: k for k, name in enumerate(lengths)}
    return sorted(counts, key=lambda value: (place.get(value, 0), value == "not recorded", value))
