"""The model: one vectorizer and two heads, stance and sentiment; fitted from labels, scored, explained, saved, loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from stance.evidence import Explanation, explain
from stance.features import BLOCKS, PassageVectorizer
from stance.head import LABELS, SEED, Floats, Head, best_temperature, regression, softmax
from stance.lexicon import LIMIT, Ints, stem_of
from stance.reading import Passage, Reading, portions
from stance.storage import Stored, pack, read, unpack, write

__all__ = ["Model", "fold_models", "passages_of", "shipped_model", "validation_logits"]

# Chosen by cross-validation grouped by article on the training split: training/ABLATION.md.
MIN_DF = 2
FOLDS = 5  # for calibration
DOUBTFUL_SHARE = 0.2  # of the validation paragraphs, those with the lowest winning score set the limit for `unsure`

Progress = Callable[[list[Any]], Iterable[Any]]

SHIPPED = Path(__file__).with_name("model") / "stance.zip"
RETRAIN = "train it again with: python -m training.train"
_TOLERANCE = 1e-6  # of a canary's scores
_STEMS_CHECKED = 500
_MOST_IDF = 100  # no text is long enough for more: a word that stands in one of 10^43 paragraphs

# Written for this file. A model that was read wrongly scores them otherwise than it did when it was made.
_CANARY: tuple[tuple[str, str | None], ...] = (
    ("Juru bicara Kremlin Dmitry Peskov mengatakan jadwal kunjungan itu akan diumumkan pada waktunya.", None),
    ("Moskow menuduh NATO memicu perang dan menyebut sanksi Barat gagal melemahkan Rusia.", None),
    ("Washington memperingatkan China akan ada konsekuensi bila terus memasok cip untuk rudal Rusia.", None),
    (
        '"Kami tidak akan tunduk kepada tekanan siapa pun," katanya.',
        "Presiden Rusia Vladimir Putin berpidato di Moskow.",
    ),
    ("Hujan deras mengguyur Bandung sejak Selasa pagi.", None),
)


@dataclass(frozen=True)
class Model:
    """A fitted model: `Model.fit` makes one, `Model.load` reads one; it never changes. Safe to share between threads.

    `manifest` holds what the file tells of itself, `sha256` the file's sum (None for a model not read from a file).
    """

    vectorizer: PassageVectorizer
    heads: dict[str, Head]
    manifest: dict[str, Any] = field(default_factory=dict)
    sha256: str | None = None

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        stances: Sequence[str],
        sentiments: Sequence[str],
        *,
        previous: Sequence[str | None] | None = None,
        articles: Sequence[str] | None = None,
        manifest: dict[str, Any] | None = None,
        progress: Progress = iter,
    ) -> Model:
        """A model of these labelled paragraphs.

        `previous` gives what stood before each paragraph (paragraphs one to a line), `articles` the article of each:
        calibration is learnt on folds that keep an article together; without it each paragraph counts as its own.
        `progress` wraps the folds while they are fitted (tqdm does). The same input gives the same model to the bit.
        Raises ValueError for lengths that differ, unknown labels, and labels that stand in fewer articles than there are
        folds.
        """
        passages = passages_of(texts, previous)
        labels = {"stance": list(stances), "sentiment": list(sentiments)}
        groups = list(articles) if articles is not None else [str(n) for n in range(len(texts))]
        _check_labels(labels, groups, len(passages))
        vectorizer = PassageVectorizer(min_df=MIN_DF)
        matrix = vectorizer.fit_transform(passages)
        validation = validation_logits(passages, labels, groups, progress)
        heads = {}
        for task, names in LABELS.items():
            coef, intercept = regression(task, matrix, labels[task])
            truth = np.array([names.index(label) for label in labels[task]])
            temperature = best_temperature(validation[task], truth)
            winning = softmax(validation[task] / temperature).max(axis=1)
            heads[task] = Head(names, coef, intercept, temperature, round(float(np.quantile(winning, DOUBTFUL_SHARE)), 4))
        return cls(vectorizer, heads, manifest or {})

    def score(self, texts: Sequence[str], previous: Sequence[str | None] | None = None) -> dict[str, Floats]:
        """For each task (`stance`, `sentiment`) the probabilities, n texts by labels (in the order of LABELS)."""
        found = [self.score_reading(self.vectorizer.read(portion)) for portion in portions(passages_of(texts, previous))]
        if not found:
            return {task: np.zeros((0, len(labels))) for task, labels in LABELS.items()}
        return {task: np.concatenate([scores[task] for scores in found]) for task in self.heads}

    def score_reading(self, reading: Reading) -> dict[str, Floats]:
        """The same for passages that were read (`vectorizer.read`)."""
        matrix = self.vectorizer.matrix(self.vectorizer.found(reading), reading.tokens.texts)
        return {task: head.scores(matrix) for task, head in self.heads.items()}

    def explain(self, passages: Sequence[Passage], task: str = "stance", label: str | None = None) -> Explanation:
        """The scores of `passages`, and what moved the decision of `task` for `label` (the winning one unless given)."""
        return explain(self.vectorizer, self.heads, self.vectorizer.read(passages), task, label)

    def save(self, path: str | Path) -> str:
        """Write the model file and return its sha256; an existing file is replaced only by a whole and checked one."""
        data = pack(self._stored())
        _from_stored(unpack(data, str(path)), str(path), hashlib.sha256(data).hexdigest())
        write(data, Path(path))
        return hashlib.sha256(data).hexdigest()

    @staticmethod
    def load(path: str | Path) -> Model:
        """Read a model file. Raises FileNotFoundError, or ValueError that says what is wrong with it and what to do."""
        data = read(Path(path))
        return _from_stored(unpack(data, str(path)), str(path), hashlib.sha256(data).hexdigest())

    def _stored(self) -> Stored:
        v = self.vectorizer
        arrays = {"keys": v.keys_.astype("<i8"), "idf": v.idf_.astype("<f8")}
        told: dict[str, Any] = {}
        for task, head in self.heads.items():
            arrays[f"{task}_coef"], arrays[f"{task}_intercept"] = head.coef.astype("<f4"), head.intercept.astype("<f4")
            told[task] = {"labels": list(head.labels), "temperature": head.temperature, "threshold": head.threshold}
        manifest = {
            **self.manifest,
            "heads": told,
            "features": {
                "min_df": v.min_df,
                "blocks": list(v.blocks),
                "actor_weight": v.actor_weight,
                "count": len(v.keys_),
            },
            "stems": _stem_fingerprint(v.words_),
            "seed": SEED,
        }
        scores = self.score([text for text, _ in _CANARY], [previous for _, previous in _CANARY])
        canary = {"passages": [list(p) for p in _CANARY], "scores": {task: s.tolist() for task, s in scores.items()}}
        return Stored(manifest, {"stems": v.stems_, "words": v.words_}, arrays, canary)


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """The model that comes with the package, read once; its sha256 must be the one pinned in `stance.shipped`."""
    from stance.shipped import SHA256

    model = Model.load(SHIPPED)
    if model.sha256 != SHA256:
        raise ValueError(
            f"{SHIPPED} is not the model that this version ships (sha256 {model.sha256}, expected {SHA256}); "
            "install stance again, or name the file with --model or Model.load if it is yours"
        )
    return model


def passages_of(texts: Sequence[str], previous: Sequence[str | None] | None) -> list[Passage]:
    """`texts` paired with what stood before each. Raises TypeError for what is no string, ValueError for lengths."""
    for n, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"text {n} must be a string, got {type(text).__name__}")
    if previous is None:
        return list(texts)
    if len(previous) != len(texts):
        raise ValueError(f"previous has {len(previous)} entries for {len(texts)} texts; one for each (or None) is needed")
    for n, before in enumerate(previous):
        if before is not None and not isinstance(before, str):
            raise TypeError(f"previous {n} must be a string or None, got {type(before).__name__}")
    return list(zip(texts, previous, strict=True))


def fold_models(
    passages: Sequence[Passage], labels: dict[str, list[str]], groups: Sequence[str], progress: Progress = iter
) -> Iterator[tuple[Ints, PassageVectorizer, dict[str, tuple[Floats, Floats]]]]:
    """For each validation fold: the numbers of the passages held out, and vectorizer, coefficients and intercepts by task.

    Folds keep a group together and are stratified by stance. Vocabulary, idf and weights are fitted without what is held out.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, held in progress(list(splitter.split(np.zeros(len(passages)), labels["stance"], groups))):
        vectorizer = PassageVectorizer(min_df=MIN_DF)
        inside = vectorizer.fit_transform([passages[i] for i in train])
        yield held, vectorizer, {task: regression(task, inside, [labels[task][i] for i in train]) for task in LABELS}


def validation_logits(
    passages: Sequence[Passage], labels: dict[str, list[str]], groups: Sequence[str], progress: Progress = iter
) -> dict[str, Floats]:
    """Out-of-fold log scores (uncalibrated) of every passage for each task, by the models of `fold_models`."""
    out = {task: np.zeros((len(passages), len(names))) for task, names in LABELS.items()}
    for held, vectorizer, weights in fold_models(passages, labels, groups, progress):
        outside = vectorizer.transform([passages[i] for i in held])
        for task, (coef, intercept) in weights.items():
            out[task][held] = outside @ coef.T + intercept
    return out


def _check_labels(labels: dict[str, list[str]], groups: Sequence[str], count: int) -> None:
    for task, names in LABELS.items():
        if len(labels[task]) != count or len(groups) != count:
            raise ValueError(f"{count} texts need as many {task} labels and articles; got {len(labels[task])} and {len(groups)}")
        for n, label in enumerate(labels[task]):
            if label not in names:
                raise ValueError(f"{task} label {n} is {label!r}; it must be one of {', '.join(names)}")
        for name in names:
            articles = {group for group, label in zip(groups, labels[task], strict=True) if label == name}
            if len(articles) < FOLDS:
                raise ValueError(
                    f"{task} label {name!r} stands in {len(articles)} articles (a paragraph without one counts as one); "
                    f"learning it and calibrating takes {FOLDS} or more"
                )


def _stem_fingerprint(words: list[str]) -> str:
    """sha256 over up to 500 of the model's words and their stems: another stemmer would see other features."""
    chosen = words[:: max(1, len(words) // _STEMS_CHECKED)][:_STEMS_CHECKED]
    return hashlib.sha256("\n".join(f"{word} {stem_of(word)}" for word in chosen).encode("utf-8")).hexdigest()


def _from_stored(stored: Stored, name: str, sha256: str) -> Model:
    try:
        model = _build(stored, sha256)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"{name} holds weights that make no model ({str(error)[:200]}); {RETRAIN}") from None
    if _stem_fingerprint(model.vectorizer.words_) != stored.manifest.get("stems"):
        raise ValueError(f"{name} was made with a stemmer that stems otherwise; install PySastrawi>=1.2.1, or {RETRAIN}")
    try:
        scores = model.score([p[0] for p in stored.canary["passages"]], [p[1] for p in stored.canary["passages"]])
        expected = {task: np.array(stored.canary["scores"][task], dtype=np.float64) for task in LABELS}
        close = all(_close(scores[task], expected[task]) for task in LABELS)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(
            f"{name} is damaged: its test sentences cannot be scored ({str(error)[:200]}); copy the file again"
        ) from None
    if not close:
        raise ValueError(f"{name} does not score its test sentences as it did when it was made; {RETRAIN}")
    return model


def _close(scores: Floats, expected: Floats) -> bool:
    return scores.size > 0 and scores.shape == expected.shape and np.allclose(scores, expected, atol=_TOLERANCE, rtol=0)


def _build(stored: Stored, sha256: str) -> Model:
    tasks = {f"{task}_{part}" for task in LABELS for part in ("coef", "intercept")}
    if set(stored.arrays) != {"keys", "idf"} | tasks:
        raise ValueError(f"there are weights named {sorted(stored.arrays)[:8]}")
    if not isinstance(stored.manifest.get("labels", {}), dict):
        raise ValueError("what the manifest tells of the labels is no object")
    vectorizer = _vectorizer(stored)
    heads = {task: _head(stored, task, len(vectorizer.keys_)) for task in LABELS}
    return Model(vectorizer, heads, stored.manifest, sha256)


def _vectorizer(stored: Stored) -> PassageVectorizer:
    stems, words, told = stored.terms["stems"], stored.terms["words"], stored.manifest["features"]
    for terms in (stems, words):
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms) or len(terms) > LIMIT:
            raise ValueError(f"terms are no lists of up to {LIMIT:,} strings")
        "".join(terms).encode("utf-8")  # raises for half a surrogate pair, which no text holds
    keys, idf = stored.arrays["keys"], stored.arrays["idf"]
    if keys.dtype != np.int64 or keys.ndim != 1 or not len(keys) or np.any(np.diff(keys) <= 0):
        raise ValueError("features are not sorted integers")
    if idf.shape != keys.shape or idf.dtype != np.float64 or not np.all((idf > 0) & (idf < _MOST_IDF)):
        raise ValueError("idf does not fit the features")
    blocks, count, min_df = tuple(told["blocks"]), told["count"], told["min_df"]
    if not blocks or not set(blocks) <= set(BLOCKS):
        raise ValueError(f"unknown feature blocks {blocks}")
    weight = float(told["actor_weight"])
    if not 0 < weight < 1e6:
        raise ValueError(f"the weight of actors is {weight}")
    if count != len(keys) or not isinstance(min_df, int) or min_df < 1:
        raise ValueError(f"the manifest tells of {count} features that occur {min_df} times, the weights have {len(keys)}")
    vectorizer = PassageVectorizer(min_df, blocks, weight)
    vectorizer.stems_, vectorizer.words_, vectorizer.keys_, vectorizer.idf_ = stems, words, keys, idf
    return vectorizer


def _head(stored: Stored, task: str, features: int) -> Head:
    told, labels = stored.manifest["heads"][task], LABELS[task]
    coef, intercept = stored.arrays[f"{task}_coef"], stored.arrays[f"{task}_intercept"]
    temperature, threshold = float(told["temperature"]), float(told["threshold"])
    if tuple(told["labels"]) != labels or coef.shape != (len(labels), features) or intercept.shape != (len(labels),):
        raise ValueError(f"the weights of {task} do not fit its labels and features")
    finite = coef.dtype == intercept.dtype == np.float32 and np.all(np.isfinite(coef)) and np.all(np.isfinite(intercept))
    if not (finite and 1e-6 < temperature < 1e6 and 0 <= threshold <= 1):
        raise ValueError(f"the weights of {task} are not all finite numbers")
    return Head(labels, coef.astype(np.float64), intercept.astype(np.float64), temperature, threshold)
