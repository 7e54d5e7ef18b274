"""What is taken for what, with example paragraphs and the words that drove the decision."""

from __future__ import annotations

from typing import Any

import numpy as np

from stance.head import LABELS, SEED
from stance.model import Model
from stance.reading import Passage, split
from stance.text import WORD
from training.figures import share
from training.scored import CrossValidation, Scored

__all__ = ["confusions", "cut", "driving_words", "examples"]

EXAMPLES, LETTERS, WORDS = 3, 300, 6


def confusions(scored: Scored, task: str) -> list[dict[str, Any]]:
    """For each pair of labels, given and found: the count, and its share of the paragraphs that carry the given one."""
    names, truth, found = LABELS[task], np.array(scored.labels[task]), np.array(scored.found(task))
    return [
        {
            "given": given,
            "found": label,
            "count": int(((truth == given) & (found == label)).sum()),
            "share": share(found == label, scored.articles, truth == given),
        }
        for given in names
        for label in names
    ]


def examples(cv: CrossValidation, task: str) -> list[dict[str, Any]]:
    """Up to EXAMPLES paragraphs of each cell, drawn at random and not chosen, each with the words that drove its fold's model."""
    scored, random = cv.scored, np.random.default_rng(SEED)
    truth, found = np.array(scored.labels[task]), np.array(scored.found(task))
    out = []
    for given in LABELS[task]:
        for label in LABELS[task]:
            cell = np.flatnonzero((truth == given) & (found == label))
            for k in sorted(random.permutation(cell)[:EXAMPLES]):
                text = split(scored.passages[k])[0]
                out.append(
                    {
                        "given": given,
                        "found": label,
                        "row": scored.rows[k].row,
                        "score": float(scored.scores[task][k].max()),
                        "text": cut(text),
                        "words": driving_words(cv.models[cv.fold[k]], scored.passages[k], task, label),
                    }
                )
    return out


def driving_words(model: Model, passage: Passage, task: str, label: str) -> list[dict[str, Any]]:
    """The words that moved the log score of `label` most, in the order of their weight, with the weight."""
    explained = model.explain([passage], task, label)
    words = WORD.findall(split(passage)[0])
    strongest = sorted(np.flatnonzero(explained.words), key=lambda i: (-abs(explained.words[i]), i))[:WORDS]
    return [{"word": words[i], "weight": round(float(explained.words[i]), 3)} for i in strongest]


def cut(text: str) -> str:
    """The text, cut at LETTERS characters."""
    return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"
