"""Scored pages for people and programs: a table, a JSON object, CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TextIO

from stance.article import Article, Prediction
from stance.head import SENTIMENTS, STANCES

__all__ = ["as_object", "as_table", "write_csv"]

_SHORT = {"pro-moscow": "pro-moscow", "critical-of-beijing": "crit.-beijing", "neutral": "neutral"}


def as_table(name: str, article: Article) -> str:
    """A table for a terminal: a line a paragraph, then shares, and why paragraphs are unsure."""
    lines = [
        _cut(article.headline or name, 80),
        f"{'line':>4}  {'stance':<13} {'score':>5}  {'sentiment':<9}  paragraph",
    ]
    for paragraph in article.paragraphs:
        p = paragraph.prediction
        score = f"{p.stance_scores[p.stance]:.2f}{'?' if p.unsure else ' '}"
        lines.append(f"{paragraph.line:>4}  {_SHORT[p.stance]:<13} {score:>6} {p.sentiment:<9}  {_cut(paragraph.text, 39)}")
    shares = ", ".join(f"{label} {share:.0%}" for label, share in article.stance_shares.items())
    lines.append(f"{len(article.paragraphs)} paragraphs: {shares}")
    lines.append("sentiment: " + ", ".join(f"{label} {share:.0%}" for label, share in article.sentiment_shares.items()))
    reasons = Counter(p.prediction.reason for p in article.paragraphs if p.prediction.reason)
    lines += [f"? unsure: {count} ({reason})" for reason, count in reasons.most_common()]
    lines.append("A label tells the line that a paragraph reports, not the outlet's opinion.")
    return "\n".join(lines)


def as_object(name: str, article: Article, model: dict[str, Any]) -> dict[str, Any]:
    """The page as the README's JSON object; `model` tells which model scored it."""
    return {
        "source": name,
        "headline": article.headline,
        "paragraphs": [
            {"n": p.n, "line": p.line, "text": p.text, **_prediction_object(p.prediction)} for p in article.paragraphs
        ],
        "summary": {
            "paragraphs": len(article.paragraphs),
            "stance_shares": article.stance_shares,
            "sentiment_shares": article.sentiment_shares,
            "unsure": sum(p.prediction.unsure for p in article.paragraphs),
        },
        "model": model,
    }


def _prediction_object(prediction: Prediction) -> dict[str, Any]:
    return {**asdict(prediction), "evidence": [[e.start, e.end, e.weight] for e in prediction.evidence]}


def write_csv(scored: Sequence[tuple[str, Article]], file: TextIO) -> None:
    """The paragraphs of all pages (source, page) as one CSV."""
    writer = csv.writer(file, lineterminator="\n")
    columns = [f"stance_{name}" for name in STANCES] + [f"sentiment_{name}" for name in SENTIMENTS]
    writer.writerow(["source", "n", "line", "stance", "sentiment", *columns, "on_topic", "unsure", "reason", "text"])
    for name, article in scored:
        for paragraph in article.paragraphs:
            p = paragraph.prediction
            scores = [f"{score:.6f}" for score in (*p.stance_scores.values(), *p.sentiment_scores.values())]
            facts = [str(p.on_topic).lower(), str(p.unsure).lower(), p.reason or ""]
            writer.writerow([name, paragraph.n, paragraph.line, p.stance, p.sentiment, *scores, *facts, paragraph.text])


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
