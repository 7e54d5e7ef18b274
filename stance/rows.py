"""What of a table's rows is scored: which value is a text, what stood before it, and the columns that are added."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from stance.article import CONTEXT, judge
from stance.head import SENTIMENTS, STANCES
from stance.model import Model, shipped_model
from stance.reading import Passage

__all__ = ["COLUMNS", "Columns", "Context", "fault_of", "model_at", "score_passages"]

COLUMNS: dict[str, str] = {
    "stance_label": "string",
    **{f"stance_{label.replace('-', '_')}": "double" for label in STANCES},
    "stance_sentiment": "string",
    **{f"stance_sentiment_{label}": "double" for label in SENTIMENTS},
    "stance_on_topic": "bool",
    "stance_unsure": "bool",
    "stance_reason": "string",
}
"""The columns added to a table, in order, with their types."""

_DIGITS = 6  # of a score
_MISSING = frozenset(("", "nan", "null", "none", "na", "n/a", "#n/a", "<na>"))
_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(?:[eE][+-]?\d+)?\s?%?")


Columns = list[list[Any]]
"""For each name of COLUMNS the values, one a row."""


def score_passages(passages: Sequence[Passage], model: str | None) -> Columns:
    """The columns of COLUMNS for `passages`, scored with the model file `model` (None: the shipped one)."""
    scores, told = judge(passages, model_at(model))
    stances, sentiments = (np.round(scores[task], _DIGITS) for task in ("stance", "sentiment"))
    return [
        [STANCES[k] for k in scores["stance"].argmax(axis=1)],
        *stances.T.tolist(),
        [SENTIMENTS[k] for k in scores["sentiment"].argmax(axis=1)],
        *sentiments.T.tolist(),
        [on_topic for _, on_topic in told],
        [reason is not None for reason, _ in told],
        [reason for reason, _ in told],
    ]


class Context:
    """What stood before a row: up to CONTEXT paragraphs of its article, of those read just before it."""

    def __init__(self) -> None:
        self.unordered = 0
        self._article: Any = None
        self._held: deque[tuple[Any, str]] = deque(maxlen=CONTEXT)

    def before(self, article: Any, order: Any, text: str) -> str | None:
        """The paragraphs before `text`, oldest first, one to a line, and remember `text` for those after it."""
        if _absent(article) or article == "":
            self._article = None
            self._held.clear()
            return None
        if article != self._article:
            self._article = article
            self._held.clear()
        place = _rank(order)
        earlier = [line for other, line in self._held if order is None or other < place]
        self.unordered += len(earlier) < len(self._held)
        self._held.append((place, " ".join(text.splitlines())))
        return "\n".join(earlier) or None


def _rank(order: Any) -> tuple[int, float, str]:
    """Numbers by value, whether written as text or not, before everything else by its text."""
    try:
        number = float(order)
    except (TypeError, ValueError):
        return 1, 0.0, str(order)
    return 0, number, ""


def fault_of(value: Any) -> str | None:
    """Why a value is no text, None when it is one."""
    if isinstance(value, str):
        bare = value.strip()
        if bare.casefold() in _MISSING:
            return f"no text ({bare!r})" if bare else "no text"
        if len(bare) < 50 and _NUMBER.fullmatch(bare):
            return f"a number in the text column ({bare})"
        return None
    if _absent(value):
        return "no text"
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return f"a number in the text column ({value})"
    return f"{type(value).__name__} in the text column, where a string is needed"


def _absent(value: Any) -> bool:
    """Whether a table says so that there is no value: None, NaN, or the marks of pandas."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")


@lru_cache(maxsize=2)
def model_at(path: str | None) -> Model:
    return shipped_model() if path is None else Model.load(path)
