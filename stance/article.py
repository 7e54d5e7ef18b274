"""Paragraphs and pages scored: `predict`, `score_page`, and the results they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import overload

import numpy as np

from stance.actors import ROLES
from stance.evidence import Explanation, explain
from stance.head import LABELS, SENTIMENTS, STANCES, Floats
from stance.model import Model, passages_of, shipped_model
from stance.page import read_page
from stance.reading import Passage, Reading, portions

__all__ = ["CONTEXT", "Article", "Evidence", "Paragraph", "Prediction", "judge", "predict", "score_page"]

TRIANGLE = frozenset(
    ("moscow", "beijing", "kyiv", "taipei", "china's edges")
)  # one of them must be named for a paragraph to be on topic
_TRIANGLE_ROLES = sum(1 << k for k, role in enumerate(ROLES) if role in TRIANGLE)
CONTEXT = 3  # paragraphs before that are read with a paragraph of a page; training does the same
FEWEST_WORDS = 5
MOST_WORDS = 400  # the longest paragraph of labels.csv has under 200: more is a page, not a paragraph
# Of the words that are neither names nor numbers: 4 of the 10,194 paragraphs of labels.csv have less, as do English, French
# and Javanese sentences, however many names stand in them.
KNOWN_SHARE = 0.65
KNOWN_SHARE_OFF_TOPIC = 0.5  # a model of the triangle's words knows fewer of other news
_EVIDENCE = 8

_EMPTY = "no word in it"
_NO_WORD = "no known word"
_LANGUAGE = "another language: few words are known"
_SHORT = f"under {FEWEST_WORDS} words"
_LONG = f"over {MOST_WORDS} words: more than a paragraph"
_OFF_TOPIC = "names neither Moscow, Beijing, Kyiv nor Taipei"  # nor Hong Kong, Xinjiang or Tibet
_CLOSE = "the scores are close"


@dataclass(frozen=True, slots=True)  # eight a paragraph: with a dictionary each, the garbage collector takes twice as long
class Evidence:
    """A word of the original text, `text[start:end]`, and by how much it moved the log score of the label."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Prediction:
    """What one paragraph reports. Scores are calibrated probabilities that sum to 1; `reason` says why `unsure` is set."""

    stance: str
    stance_scores: dict[str, float]
    sentiment: str
    sentiment_scores: dict[str, float]
    on_topic: bool
    unsure: bool
    reason: str | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Paragraph:
    """A body paragraph of a page: its number, the line it stands on, its text and what it reports."""

    n: int
    line: int
    text: str
    prediction: Prediction


@dataclass(frozen=True)
class Article:
    """A page as read and scored. Shares are of all its body paragraphs; an article without any has none."""

    headline: str | None
    paragraphs: tuple[Paragraph, ...]

    @cached_property
    def stance_shares(self) -> dict[str, float]:
        """The share of each stance among the paragraphs."""
        return _shares([p.prediction.stance for p in self.paragraphs], STANCES)

    @cached_property
    def sentiment_shares(self) -> dict[str, float]:
        """The share of each sentiment among the paragraphs."""
        return _shares([p.prediction.sentiment for p in self.paragraphs], SENTIMENTS)


@overload
def predict(  # type: ignore[overload-overlap]  # a str is a Sequence[str] too
    text: str, *, previous: str | None = None, model: Model | None = None
) -> Prediction: ...
@overload
def predict(
    text: Sequence[str], *, previous: Sequence[str | None] | None = None, model: Model | None = None
) -> list[Prediction]: ...
def predict(
    text: str | Sequence[str],
    *,
    previous: str | Sequence[str | None] | None = None,
    model: Model | None = None,
) -> Prediction | list[Prediction]:
    """Which position a paragraph reports, and its tone; a list of paragraphs gives a list, in the same order.

    `previous` is the paragraph before in the same article, where there is one (for a list: one entry each, or None); it
    tells who "ia" and "katanya" are. Several paragraphs may be given, oldest first, one to a line. `model` is the
    shipped one unless given.

    Raises TypeError that names the position and the type of what is no string, ValueError for lengths that differ.
    """
    model = model or shipped_model()
    if isinstance(text, str):
        if previous is not None and not isinstance(previous, str):
            raise TypeError(f"previous must be a string for a single text, got {type(previous).__name__}")
        return _predictions(passages_of([text], [previous]), model)[0]
    if isinstance(text, bytes) or not isinstance(text, Sequence):
        raise TypeError(f"predict needs a string or a list of strings, got {type(text).__name__}")
    if isinstance(previous, str):
        raise TypeError("previous must be a list (or None) when the texts are a list, got str")
    passages = passages_of(text, previous)
    return [prediction for portion in portions(passages) for prediction in _predictions(portion, model)]


def score_page(text: str, *, model: Model | None = None) -> Article:
    """Read a scraped page and score its body paragraphs, each with the three before it in mind.

    Raises TypeError when `text` is no string, ValueError when it is HTML and the extra `html` is missing.
    """
    page = read_page(text)
    texts = [body.text for body in page.body]
    previous = ["\n".join(texts[max(0, k - CONTEXT) : k]) or None for k in range(len(texts))]
    predictions = predict(texts, previous=previous, model=model)
    paragraphs = zip(page.body, predictions, strict=True)
    return Article(page.headline, tuple(Paragraph(n, b.line, b.text, p) for n, (b, p) in enumerate(paragraphs, 1)))


def judge(passages: Sequence[Passage], model: Model) -> tuple[dict[str, Floats], list[tuple[str | None, bool]]]:
    """Scores without evidence, for many passages: what `predict` gives, as arrays.

    First, for each task (`stance`, `sentiment`) the probabilities, n passages by labels (in the order of LABELS). Second,
    for each passage why it is unsure (None if it is not), and whether the triangle is named in it or before it.
    """
    scores: dict[str, list[Floats]] = {task: [np.zeros((0, len(labels)))] for task, labels in LABELS.items()}
    reasons: list[tuple[str | None, bool]] = []
    for portion in portions(passages):
        reading = model.vectorizer.read(portion)
        found = model.score_reading(reading)
        for task in LABELS:
            scores[task].append(found[task])
        reasons += _reasons(reading, found["stance"].max(axis=1), model)
    return {task: np.concatenate(parts) for task, parts in scores.items()}, reasons


def _predictions(passages: Sequence[Passage], model: Model) -> list[Prediction]:
    reading = model.vectorizer.read(passages)
    told = explain(model.vectorizer, model.heads, reading)
    stances, sentiments = told.scores["stance"], told.scores["sentiment"]
    columns = zip(
        [STANCES[k] for k in stances.argmax(axis=1)],
        stances.tolist(),
        [SENTIMENTS[k] for k in sentiments.argmax(axis=1)],
        sentiments.tolist(),
        _reasons(reading, stances.max(axis=1), model),
        _evidence(reading, told),
        strict=True,
    )
    return [
        Prediction(
            stance,
            dict(zip(STANCES, stance_scores, strict=True)),
            sentiment,
            dict(zip(SENTIMENTS, sentiment_scores, strict=True)),
            on_topic,
            reason is not None,
            reason,
            evidence,
        )
        for stance, stance_scores, sentiment, sentiment_scores, (reason, on_topic), evidence in columns
    ]


def _reasons(reading: Reading, best: Floats, model: Model) -> list[tuple[str | None, bool]]:
    """For each passage why it is unsure (None if it is not), and whether the triangle is named in it or before it."""
    tokens = reading.tokens
    on_topic = (reading.actors | reading.before.named) & _TRIANGLE_ROLES > 0
    words = np.bincount(tokens.row, minlength=tokens.texts)
    plain = (tokens.stem != model.vectorizer.lexicon().number) & (tokens.role == 0)
    spelt = np.bincount(tokens.row[plain], minlength=tokens.texts)
    known = np.bincount(tokens.row[plain & (tokens.stem > 0)], minlength=tokens.texts)
    faults = {
        _EMPTY: words == 0,
        _NO_WORD: (known == 0) & (spelt > 0),
        _LANGUAGE: known < np.where(on_topic, KNOWN_SHARE, KNOWN_SHARE_OFF_TOPIC) * spelt,
        _SHORT: words < FEWEST_WORDS,
        _LONG: words > MOST_WORDS,
        _OFF_TOPIC: ~on_topic,
        _CLOSE: best < model.heads["stance"].threshold,
    }
    reasons = [*faults, None]
    first = np.select(list(faults.values()), list(range(len(faults))), len(faults))
    return [(reasons[k], named) for k, named in zip(first.tolist(), on_topic.tolist(), strict=True)]


def _evidence(reading: Reading, told: Explanation) -> list[tuple[Evidence, ...]]:
    words, tokens = told.strongest(_EVIDENCE), reading.tokens
    columns = tokens.start[words], tokens.end[words], np.round(told.words[words], 4)
    found = tuple(map(Evidence, *(column.tolist() for column in columns)))
    ends = np.searchsorted(tokens.row[words], np.arange(tokens.texts + 1)).tolist()
    return [found[start:end] for start, end in pairwise(ends)]


def _shares(found: list[str], labels: Sequence[str]) -> dict[str, float]:
    return {label: found.count(label) / len(found) if found else 0.0 for label in labels}
