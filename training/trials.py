"""Behaviour tests: minimal pairs by kind, and texts that are no paragraph, expected against got."""

from __future__ import annotations

from typing import Any

import numpy as np

from stance.article import predict
from stance.model import Model
from training.behaviour import run_behaviour
from training.confusions import cut
from training.figures import share

__all__ = ["trials"]


def trials(model: Model) -> dict[str, Any]:
    """By kind the pairs passed and the members right (intervals over pairs), the pairs that failed, and the odd texts."""
    outcomes = run_behaviour(model)
    kinds = {}
    for kind in [*dict.fromkeys(outcome.kind for outcome in outcomes), "all"]:
        group = [o for o in outcomes if kind in (o.kind, "all")]
        right = [(str(o.pair), e == g) for o in group for e, g in zip(o.expected, o.got, strict=True)]
        kinds[kind] = {
            "pairs": len(group),
            "passed": share(np.array([o.passed for o in group], dtype=bool), [str(o.pair) for o in group]),
            "right": share(np.array([hit for _, hit in right], dtype=bool), [pair for pair, _ in right]),
        }
    failed = [
        {
            "pair": o.pair,
            "kind": o.kind,
            "previous": previous and cut(previous),
            "text": cut(text),
            "expected": expected,
            "got": got,
            "unsure": unsure,
        }
        for o in outcomes
        if not o.passed
        for previous, text, expected, got, unsure in zip(o.previous, o.texts, o.expected, o.got, o.unsure, strict=True)
    ]
    return {"kinds": kinds, "failed": failed, "edges": _edges(model)}


def _edges(model: Model) -> list[dict[str, Any]]:
    """Texts that are no paragraph, each of which `predict` must call unsure."""
    texts = {
        "nothing": "",
        "punctuation only": "… – !",
        "5,000 words": " ".join(["Rusia dan China bicara"] * 1250),
        "English": "The Kremlin said on Monday that talks with Beijing would go on as planned this week.",
        "off topic": "Hujan deras membuat sejumlah ruas jalan di kota itu tergenang sejak Minggu malam.",
    }
    told = predict(list(texts.values()), model=model)
    return [
        {"text": name, "expected": "unsure", "got": "unsure" if p.unsure else p.stance, "reason": p.reason}
        for name, p in zip(texts, told, strict=True)
    ]
