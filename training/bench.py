"""How fast: against scikit-learn, a plain regular expression and the 2016 Sastrawi, all in one run. `python -m training.bench`.

The sides of a row take turns on the same paragraphs, and each counts with its fastest turn, so that what else the machine does
matters less. Compare figures of one run as ratios; those of another machine or hour are others. Tables: `training.scale`.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from stance.article import CONTEXT, Prediction, judge, predict
from stance.head import LABELS, SENTIMENTS, STANCES
from stance.model import Model, shipped_model, validation_logits
from stance.reading import Passage
from stance.text import WORD, stemmer
from training.labels import LABELS_CSV, ROOT, Row, previous_of, read_labels
from training.reference import reference
from training.scale import WORDS, paragraphs
from training.stopwatch import Job, Timing, once, race, race_commands, told
from training.train import fit

__all__ = ["Line", "main"]

OLD_PARAGRAPHS = 200  # for the 2016 Sastrawi, which takes half a minute for them
PAGE = ROOT / "stance" / "examples" / "halaman.txt"
_STANCE = [sys.executable, "-m", "stance"]
_SKLEARN = "import sklearn.linear_model"
_CLOCK = "print(time.perf_counter() - start[0], time.process_time() - start[1])"
_LOAD = f"""
import time, stance.article, Sastrawi.Stemmer.StemmerFactory
from stance.model import SHIPPED, Model
start = time.perf_counter(), time.process_time()
Model.load(SHIPPED)
{_CLOCK}
"""
_OLD = f"""
import json, sys, time
sys.path.insert(0, sys.argv[1])
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory
stem, texts = StemmerFactory().create_stemmer().stem, json.load(sys.stdin)
start = time.perf_counter(), time.process_time()
for text in texts:
    stem(text)
{_CLOCK}
"""


@dataclass(frozen=True)
class Line:
    """A row of the table: what is done to `count` paragraphs, how long we and they took, how many times as fast we should be."""

    what: str
    count: int
    ours: Timing
    theirs: Timing
    aim: float | None

    def __str__(self) -> str:
        rates = [self.count / side.wall for side in (self.ours, self.theirs)]
        figures = [*rates, self.theirs.wall / self.ours.wall, self.theirs.cpu / self.ours.cpu]
        cells = [self.what, *(f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}" for figure in figures)]
        return f"| {' | '.join(cells)} | {'–' if self.aim is None else f'{self.aim:g}'} |"


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; exit code 2 when the labels or the folder of the old Sastrawi are not there."""
    parser = argparse.ArgumentParser(prog="python -m training.bench", description="How fast, as ratios measured in one run.")
    parser.add_argument("--paragraphs", type=int, default=20_000, metavar="N", help="how many of 60 words (20000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="turns, of which the fastest counts (5)")
    parser.add_argument("--old-sastrawi", type=Path, metavar="DIR", help="of: pip install --target DIR Sastrawi==1.0.1")
    parser.add_argument("--full", action="store_true", help="also retraining and cross-validation (minutes)")
    options = parser.parse_args(arguments)
    old: Path | None = options.old_sastrawi
    try:
        rows, _ = read_labels()
        if old and not (old / "Sastrawi").is_dir():
            raise ValueError(f"{old} holds no package Sastrawi; make it with: pip install --target {old} Sastrawi==1.0.1")
    except (OSError, ValueError) as error:
        print(f"training.bench: {error}", file=sys.stderr)
        return 2
    texts = list(islice(paragraphs(rows), options.paragraphs))
    print(f"{len(texts):,} paragraphs of {WORDS} words, the fastest of {options.rounds} rounds\n")
    print("| ours; theirs | ours, a second | theirs, a second | times as fast | by processor time | aim |")
    print("|---|---|---|---|---|---|")
    for line in [*_scoring(texts, rows, options.rounds), *(_old_sastrawi(texts, old) if old else [])]:
        print(line)
    if not old:
        print("\nThe 2016 Sastrawi is left out; name a folder that holds it with --old-sastrawi DIR.")
    print("\n| to begin with | seconds | of processor time | aim |\n|---|---|---|---|", *_starting(options.rounds), sep="\n")
    if options.full:
        print("\n| at length | seconds | of processor time |\n|---|---|---|")
        for timing in _training(rows):
            print(timing)
    return 0


def _scoring(texts: list[str], rows: Sequence[Row], rounds: int) -> list[Line]:
    model = shipped_model()
    theirs, raw = reference(model.vectorizer), _raw(rows)
    before = ["\n".join(texts[k - min(k % 8, CONTEXT) : k]) or None for k in range(len(texts))]  # articles of eight
    passages: list[Passage] = list(zip(texts, before, strict=True))
    thousands = [texts[at : at + 1000] for at in range(0, len(texts), 1000)]
    for warm in (model.score, theirs.transform):
        warm(texts)
    gc.freeze()  # what was loaded for the measuring shall not cost the garbage collector time in it
    times = race(
        {
            "vectors": lambda: model.vectorizer.transform(texts),
            "their vectors": lambda: theirs.transform(texts),
            "scores": lambda: model.score(texts),
            "their scores": lambda: _their_scores(theirs, model, texts),
            "context": lambda: model.score(texts, before),
            "their context": lambda: _their_scores(theirs, model, passages),
            "raw": lambda: raw.predict_proba(texts),
            "words": lambda: [WORD.findall(text) for text in texts],
            "predict": lambda: [len(predict(some, model=model)) for some in thousands],
            "bare": lambda: [len(_without_evidence(some, model)) for some in thousands],
            "all": lambda: predict(texts, model=model),
            "all bare": lambda: _without_evidence(texts, model),
        },
        rounds,
        {"cold": lambda: _cold(model, texts), "their cold": lambda: _their_cold(model, texts)},
    )
    gc.unfreeze()
    compared = [
        ("TF-IDF alone, warm; scikit-learn on the same features", "vectors", "their vectors", 3.0),
        ("both scores, warm; scikit-learn on the same features", "scores", "their scores", 3.0),
        ("both scores, with paragraphs before; scikit-learn on the same", "context", "their context", 3.0),
        ("both scores, cold: every word is new; scikit-learn on the same", "cold", "their cold", None),
        ("both scores; scikit-learn for one, raw words and pairs, no stems", "scores", "raw", 1.0),
        ("both scores; splitting words with the regular expression, no more", "scores", "words", 0.25),
        ("`predict`, a thousand at a time; the same results without evidence", "predict", "bare", 0.67),
        ("`predict`, all results kept; the same without evidence", "all", "all bare", None),
        ("`predict`, a thousand at a time; both scores and no more", "predict", "scores", None),
    ]
    return [Line(what, len(texts), times[ours], times[other], aim) for what, ours, other, aim in compared]


def _their_scores(theirs: TfidfVectorizer, model: Model, passages: Sequence[Passage]) -> object:
    matrix = theirs.transform(passages)
    return [head.scores(matrix) for head in model.heads.values()]


def _cold(model: Model, texts: list[str]) -> Job:
    stemmer.cache_clear()
    stemmer()
    return partial(copy.deepcopy(model).score, texts)  # a copy remembers no words


def _their_cold(model: Model, texts: list[str]) -> Job:
    stemmer.cache_clear()
    stemmer()
    return partial(_their_scores, reference(model.vectorizer), model, texts)


def _raw(rows: Sequence[Row]) -> Pipeline:
    """What a tutorial makes of the labels; how well it is fitted changes nothing in its speed."""
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(tol=0.1))
    return pipeline.fit([row.text for row in rows], [row.stance for row in rows])


def _without_evidence(texts: Sequence[str], model: Model) -> list[Prediction]:
    scores, told = judge(texts, model)
    stances, sentiments = scores["stance"], scores["sentiment"]
    found = zip(stances.argmax(axis=1), stances.tolist(), sentiments.argmax(axis=1), sentiments.tolist(), told, strict=True)
    return [
        Prediction(STANCES[a], _named(STANCES, x), SENTIMENTS[b], _named(SENTIMENTS, y), on_topic, reason is not None, reason, ())
        for a, x, b, y, (reason, on_topic) in found
    ]


def _named(labels: Sequence[str], scores: list[float]) -> dict[str, float]:
    return dict(zip(labels, scores, strict=True))


def _old_sastrawi(texts: Sequence[str], folder: Path) -> list[Line]:
    some, model = list(texts[:OLD_PARAGRAPHS]), shipped_model()
    theirs = told([sys.executable, "-c", _OLD, str(folder)], 1, json.dumps(some))
    times = race({"warm": partial(model.score, some)}, 3, {"cold": lambda: _cold(model, some)})
    what = f"both scores of {len(some)} paragraphs, {{}}; the 2016 Sastrawi 1.0.1, stems alone"
    return [Line(what.format(name), len(some), timing, theirs, None) for name, timing in times.items()]


def _starting(rounds: int) -> Iterator[str]:
    sklearn = [sys.executable, "-c", _SKLEARN]
    times = race_commands({"help": [*_STANCE, "--help"], "page": [*_STANCE, "score", str(PAGE)], "sklearn": sklearn}, rounds)
    yield _seconds("`stance --help`", times["help"], "0.15")
    yield _seconds("`stance score` on one page", times["page"], f"{1.3 * times['sklearn'].wall:.2f}, 1.3 times the next row")
    yield _seconds(f"`python -c '{_SKLEARN}'`", times["sklearn"], "–")
    load = told([sys.executable, "-c", _LOAD], rounds)
    yield _seconds("`Model.load` of the shipped file, imports done", load, "0.05")


def _training(rows: Sequence[Row]) -> Iterator[str]:
    train = [(row, before) for row, before in zip(rows, previous_of(rows), strict=True) if row.split == "train"]
    passages: list[Passage] = [(row.text, before) for row, before in train]
    labels = {task: [getattr(row, task) for row, _ in train] for task in LABELS}
    stemmer.cache_clear()
    yield _seconds("retraining from labels.csv, calibration included", once(lambda: fit(rows, [LABELS_CSV])))
    articles = [row.article for row, _ in train]
    yield _seconds("cross-validation, 5 folds", once(lambda: validation_logits(passages, labels, articles)))


def _seconds(what: str, timing: Timing, *aim: str) -> str:
    return f"| {' | '.join([what, f'{timing.wall:.3f}', f'{timing.cpu:.3f}', *aim])} |"


if __name__ == "__main__":
    raise SystemExit(main())
