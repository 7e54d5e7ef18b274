"""The published sentiment benchmarks, NusaX (Indonesian) and SmSA, with our vectorizer beside plain scikit-learn."""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.base import TransformerMixin, clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import FeatureUnion, Pipeline

from stance.head import SEED
from stance.transformer import PassageTransformer
from training.comparison import compare
from training.labels import progress_bar
from training.real import REAL
from training.scores import interval, per_article

__all__ = ["FOLDER", "Choice", "Part", "choose", "features", "main", "read_benchmark"]

FOLDER = REAL.parent / "benchmarks"
_PLAIN = "scikit-learn TF-IDF, defaults"
# What is tried on valid: for our vectorizer alone kinds of feature and in how many texts one must occur; C, class weights.
_BLOCKS = (("stem", "stem pair"), ("word",), ("stem", "stem pair", "word"), ("stem", "word"))
_MIN_DF, _C, _WEIGHTS = (1, 2), (0.3, 1.0, 3.0, 10.0, 30.0), (None, "balanced")

Part = tuple[list[str], list[str]]  # texts and labels


@dataclass(frozen=True)
class Choice:
    """A pipeline, not fitted, with the settings chosen on valid in words and the macro-F1 that they have there."""

    pipeline: Pipeline
    settings: str
    valid: float


def read_benchmark(name: str, part: str, folder: Path = FOLDER) -> Part:
    """Texts and labels of `part` (train, valid, test) of `nusax` or `smsa`."""
    if name == "nusax":
        with (folder / "nusax_indonesian" / f"{part}.csv").open(encoding="utf-8", newline="") as file:
            records = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    else:
        lines = (folder / "smsa" / f"{part}.tsv").read_text(encoding="utf-8").split("\n")  # a text may hold other line ends
        records = [(text, label) for text, _, label in (line.rpartition("\t") for line in lines) if label]
    return [text for text, _ in records], [label for _, label in records]


def features() -> dict[str, list[TransformerMixin]]:
    """What is compared, each with the features (unfitted) that valid decides between: scikit-learn's, ours, and both joined.

    The union was found on train and valid, in cross-validation inside the two together (NusaX) and on valid (SmSA).
    """
    stems = PassageTransformer(min_df=1, blocks=("stem", "stem pair"))
    words = TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)
    return {
        _PLAIN: [TfidfVectorizer()],
        "scikit-learn TF-IDF": [TfidfVectorizer()],
        "our vectorizer": [PassageTransformer(min_df, blocks) for blocks, min_df in itertools.product(_BLOCKS, _MIN_DF)],
        "our stems, n-grams of words and letters": [FeatureUnion([("stems", stems), ("words", words), ("letters", letters)])],
    }


def choose(name: str, kinds: Sequence[TransformerMixin], train: Part, valid: Part) -> Choice:
    """Features, C and class weights by macro-F1 on valid, fitted on train; `name` may ask for scikit-learn's defaults."""
    heads = [(1.0, None)] if name == _PLAIN else list(itertools.product(_C, _WEIGHTS))
    tried: list[Choice] = []
    for kind in kinds:
        fitted = clone(kind)
        inside, outside = fitted.fit_transform(train[0]), fitted.transform(valid[0])
        for c, weight in heads:
            head = LogisticRegression(C=c, class_weight=weight, max_iter=2000, random_state=SEED)
            value = float(f1_score(valid[1], clone(head).fit(inside, train[1]).predict(outside), average="macro"))
            settings = f"{_told(kind)}C {c:g}, weights {weight}"
            tried.append(Choice(Pipeline([("features", clone(kind)), ("head", head)]), settings, value))
    return max(tried, key=lambda choice: choice.valid)


def main(arguments: list[str] | None = None) -> int:
    """Print a Markdown table of macro-F1; exit code 2 when the data are not there."""
    parser = argparse.ArgumentParser(prog="python -m training.benchmark", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"training.benchmark: {options.folder} is not there", file=sys.stderr)
        return 2
    print("| benchmark | features | chosen on valid | valid | test | less the defaults | test, fitted on train and valid |")
    print("|---|---|---|---|---|---|---|")
    for name in ("nusax", "smsa"):
        train, valid, test = (read_benchmark(name, part, options.folder) for part in ("train", "valid", "test"))
        plain: list[str] = []
        for kind, made in progress_bar(name)(list(features().items())):
            choice = choose(kind, made, train, valid)
            found = _found(choice, train, test)
            plain = plain or found
            both = _found(choice, (train[0] + valid[0], train[1] + valid[1]), test)
            cells = [_score(test[1], found), _difference(test[1], plain, found), _score(test[1], both)]
            print(f"| {name} | {kind} | {choice.settings} | {choice.valid:.3f} | {' | '.join(cells)} |", flush=True)
    return 0


def _told(kind: TransformerMixin) -> str:
    return f"{', '.join(kind.blocks)}, min_df {kind.min_df}, " if isinstance(kind, PassageTransformer) else ""


def _found(choice: Choice, fit_on: Part, test: Part) -> list[str]:
    return [str(label) for label in clone(choice.pipeline).fit(*fit_on).predict(test[0])]


def _score(truth: Sequence[str], found: Sequence[str]) -> str:
    """Macro-F1 with its 95 % interval over the texts, each a group of its own."""
    low, high = interval(per_article(truth, found, _each(truth), sorted(set(truth))))
    return f"{f1_score(truth, found, average='macro'):.3f} ({low:.3f} to {high:.3f})"


def _difference(truth: Sequence[str], plain: Sequence[str], found: Sequence[str]) -> str:
    told = compare(truth, plain, found, _each(truth), sorted(set(truth)))
    return f"{told.difference:+.3f} ({told.low:+.3f} to {told.high:+.3f})"


def _each(truth: Sequence[str]) -> list[str]:
    return [str(number) for number in range(len(truth))]


if __name__ == "__main__":
    raise SystemExit(main())
