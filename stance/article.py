"""Paragraphs and pages scored: `predict`, `score_page`, and the results they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np

from stance.actors import ROLES
from stance.features import Passage, split
from stance.head import SENTIMENTS, STANCES, Floats
from stance.model import Model, passages_of, shipped_model
from stance.page import read_page
from stance.text import WORD

__all__ = ["CONTEXT", "Article", "Evidence", "Paragraph", "Prediction", "judge", "predict", "score_page"]

TRIANGLE = frozenset(
    ("moscow", "beijing", "kyiv", "taipei", "china's edges")
)  # one of them must be named for a paragraph to be on topic
CONTEXT = 3  # paragraphs before that are read with a paragraph of a page; training does the same
FEWEST_WORDS = 5
MOST_WORDS = 400  # the longest paragraph of labels.csv has under 200: more is a page, not a paragraph
# Of the words that are neither names nor numbers: 4 of the 10,194 paragraphs of labels.csv have less, as do English, French
# and Javanese sentences, however many names stand in them.
KNOWN_SHARE = 0.65
KNOWN_SHARE_OFF_TOPIC = 0.5  # a model of the triangle's words knows fewer of other news
_BATCH = 2000
_EVIDENCE = 8

_EMPTY = "no word in it"
_NO_WORD = "no known word"
_LANGUAGE = "another language: few words are known"
_SHORT = f"under {FEWEST_WORDS} words"
_LONG = f"over {MOST_WORDS} words: more than a paragraph"
_OFF_TOPIC = "names neither Moscow, Beijing, Kyiv nor Taipei"  # nor Hong Kong, Xinjiang or Tibet
_CLOSE = "the scores are close"


@dataclass(frozen=True)
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
    return [p for at in range(0, len(passages), _BATCH) for p in _predictions(passages[at : at + _BATCH], model)]


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
    pairs = [split(passage) for passage in passages]
    scores = model.score([text for text, _ in pairs], [before for _, before in pairs])
    return scores, _reasons(passages, scores["stance"].max(axis=1), model)


def _predictions(passages: list[Passage], model: Model) -> list[Prediction]:
    if not passages:
        return []
    explained = model.explain(passages)
    stances, sentiments = explained.scores["stance"], explained.scores["sentiment"]
    reasons = _reasons(passages, stances.max(axis=1), model)
    first_word = np.searchsorted(explained.row, np.arange(len(passages) + 1))
    out = []
    for k, passage in enumerate(passages):
        reason, on_topic = reasons[k]
        out.append(
            Prediction(
                STANCES[int(stances[k].argmax())],
                _by_label(STANCES, stances[k]),
                SENTIMENTS[int(sentiments[k].argmax())],
                _by_label(SENTIMENTS, sentiments[k]),
                on_topic,
                reason is not None,
                reason,
                _evidence(split(passage)[0], explained.words[first_word[k] : first_word[k + 1]]),
            )
        )
    return out


def _reasons(passages: Sequence[Passage], best: Floats, model: Model) -> list[tuple[str | None, bool]]:
    """For each passage why it is unsure (None if it is not), and whether the triangle is named in it or before it."""
    lexicon = model.vectorizer.lexicon()
    tokens = lexicon.tokens([split(p)[0] for p in passages])
    before = lexicon.tokens([split(p)[1] or "" for p in passages])
    count = len(passages)
    wanted = [number for number, role in enumerate(ROLES, 1) if role in TRIANGLE]
    named = np.bincount(tokens.row[np.isin(tokens.role, wanted)], minlength=count)
    named += np.bincount(before.row[np.isin(before.role, wanted)], minlength=count)
    words = np.bincount(tokens.row, minlength=count)
    plain = (tokens.stem != lexicon.number) & (tokens.role == 0)
    spelt = np.bincount(tokens.row[plain], minlength=count)
    known = np.bincount(tokens.row[plain & (tokens.stem > 0)], minlength=count)
    threshold = model.heads["stance"].threshold
    faults = np.select(
        [
            words == 0,
            (known == 0) & (spelt > 0),
            known < np.where(named > 0, KNOWN_SHARE, KNOWN_SHARE_OFF_TOPIC) * spelt,
            words < FEWEST_WORDS,
            words > MOST_WORDS,
            named == 0,
            best < threshold,
        ],
        [_EMPTY, _NO_WORD, _LANGUAGE, _SHORT, _LONG, _OFF_TOPIC, _CLOSE],
        "",
    )
    return [(str(fault) or None, bool(named[k])) for k, fault in enumerate(faults)]


def _evidence(text: str, weights: Floats) -> tuple[Evidence, ...]:
    spans = [match.span() for match in WORD.finditer(text)]
    strongest = sorted(np.flatnonzero(weights), key=lambda i: (-abs(weights[i]), i))[:_EVIDENCE]
    return tuple(Evidence(*spans[i], round(float(weights[i]), 4)) for i in strongest)


def _by_label(labels: Sequence[str], scores: Floats) -> dict[str, float]:
    return {label: float(score) for label, score in zip(labels, scores, strict=True)}


def _shares(found: list[str], labels: Sequence[str]) -> dict[str, float]:
    return {label: found.count(label) / len(found) if found else 0.0 for label in labels}
