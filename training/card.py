"""The model card: the measured numbers of training/evaluation.json set into the text of training/card.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from stance import __version__
from stance.head import LABELS
from stance.model import SHIPPED
from training.measurement import FEWEST

__all__ = ["CARD", "TEMPLATE", "card"]

CARD = SHIPPED.with_name("CARD.md")
TEMPLATE = Path(__file__).with_name("card.md")

_SETS = {
    "test": "test split",
    "pages": "real pages as scraped",
    "reworded": "real coverage reworded, lively prose",
    "github": "real news items",
    "indosum": "real IndoSum, nearly all neutral",
    "offtopic": "real unrelated news",
}


def card(record: dict[str, Any], template: str | None = None) -> str:
    """The card as Markdown for what `training.gate` has measured; `template` is the text of TEMPLATE unless given.

    Raises KeyError for a number that the template names and nobody measured.
    """
    splits, model = record["labels"]["splits"], record["model"]
    scores = {name: record["scores"][name] for name in _SETS if name in record["scores"]}
    text = TEMPLATE.read_text(encoding="utf-8") if template is None else template
    absent = " (../shared/real was not there when this was measured, so none stands below)"
    return Template(text).substitute(
        version=__version__,
        codebook=record["codebook"],
        features=f"{model['features']:,}",
        bytes=f"{model['bytes']:,}",
        paragraphs=f"{sum(split['paragraphs'] for split in splits.values()):,}",
        second_readings=f"{record['labels']['second_readings']:,}",
        real_note="" if scores.keys() - {"test"} else absent,
        fewest=FEWEST,
        unsure_stance=f"{model['unsure_under']['stance']:.2f}",
        unsure_sentiment=f"{model['unsure_under']['sentiment']:.2f}",
        model_sha256=model["sha256"],
        labels_sha256=record["labels"]["sha256"],
        balance_table=_balance(splits),
        stance_table=_scores("stance", scores),
        sentiment_table=_scores("sentiment", scores),
        class_table=_classes(scores["test"]),
        slice_table=_slices(record["slices"]),
        doubt_table=_doubt(scores),
        beaten=_beaten(scores),
    )


def _balance(splits: dict[str, Any]) -> str:
    rows = [
        [split, f"{told['articles']:,}", f"{told['paragraphs']:,}", *(f"{told[t][x]:,}" for t in LABELS for x in LABELS[t])]
        for split, told in splits.items()
    ]
    names = [f"{name} (tone)" if task == "sentiment" else name for task in LABELS for name in LABELS[task]]
    return _table(["split", "articles", "paragraphs", *names], rows)


def _scores(task: str, scores: dict[str, Any]) -> str:
    alarms = task == "stance"
    rows = []
    for name, told in scores.items():
        if task in told:
            of, claimed = told[task], told["false_alarms"]
            keyword = "–" if of["keyword_macro_f1"] is None else f"{of['keyword_macro_f1']:.3f}"
            cells = [
                _SETS[name],
                f"{told['paragraphs']:,}",
                f"{told['articles']:,}",
                _macro_f1(of),
                keyword,
                f"{of['accuracy']:.3f}",
            ]
            rows.append([*cells, f"{claimed['claimed']} of {claimed['neutral']}"] if alarms else cells)
    header = ["measured on", "paragraphs", "articles", "macro-F1", "keyword rules", "accuracy"]
    return _table([*header, "false alarms"] if alarms else header, rows)


def _beaten(scores: dict[str, Any]) -> str:
    """A sentence on the sets on which the keyword rules score as high as the model, or higher."""
    sets = [
        f"{task} on {_SETS[name]} ({told['paragraphs']} paragraphs)"
        for task in LABELS
        for name, told in scores.items()
        if task in told and told[task]["macro_f1"] is not None and told[task]["keyword_macro_f1"] >= told[task]["macro_f1"]
    ]
    return f"Keyword rules score as high or higher here: {'; '.join(sets) or 'nowhere'}."


def _classes(test: dict[str, Any]) -> str:
    rows = [
        [task, name, *(f"{told[score]:.3f}" for score in ("precision", "recall", "f1")), str(told["paragraphs"])]
        for task in LABELS
        for name, told in test[task]["classes"].items()
    ]
    return _table(["task", "label", "precision", "recall", "F1", "paragraphs"], rows)


def _slices(slices: Sequence[dict[str, Any]]) -> str:
    rows = [
        [told["slice"], str(told["paragraphs"]), str(told["articles"]), _macro_f1(told), f"{told['accuracy']:.3f}"]
        for told in slices
    ]
    return _table(["part", "paragraphs", "articles", "macro-F1", "accuracy"], rows)


def _doubt(scores: dict[str, Any]) -> str:
    rows = []
    for name, told in scores.items():
        of = told["stance"]
        rest = "–" if of["accuracy_on_rest"] is None else f"{of['accuracy_on_rest']:.3f}"
        rows.append([_SETS[name], f"{of['unsure']:.1%}", f"{of['accuracy']:.3f}", rest, f"{of['calibration_error']:.3f}"])
    return _table(["stance, measured on", "unsure", "accuracy", "on the rest", "calibration error"], rows)


def _macro_f1(told: dict[str, Any]) -> str:
    return "–" if told["macro_f1"] is None else f"{told['macro_f1']:.3f} ({told['low']:.3f} to {told['high']:.3f})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also stand under one another on a terminal."""
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in (header, *rows)
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
