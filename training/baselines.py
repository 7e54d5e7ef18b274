"""What the model must beat: the commonest label, keyword rules as an analyst would write, and what scikit-learn gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from stance.actors import role_of
from stance.head import SEED
from stance.lexicon import stem_of
from stance.text import WORD, fold, stemmer

__all__ = ["baseline_pipelines", "keyword_sentiments", "keyword_stances", "majority"]

# Written once, before any model was trained, and not tuned since.
_CHARGES = frozenset(
    """
    tuduh tuding kecam kritik desak ingat ancam sanksi khawatir prihatin larang protes langgar mata retas
    """.split()
)
_PRAISE = frozenset(
    """
    sahabat mitra kuat puji sambut erat dukung hegemoni multipolar provokasi nazi rezim boneka bantah
    """.split()
)
_WARM = frozenset(
    """
    sambut puji sahabat sepakat damai erat kuat sukses hasil dukung hormat bangga harap terima
    """.split()
)
_COLD = frozenset(
    """
    perang serang tewas ancam tuduh tuding kecam kritik sanksi khawatir gagal krisis rusak langgar larang bom rudal
    """.split()
)


def majority(labels: Sequence[str], count: int) -> list[str]:
    """The commonest of `labels`, `count` times."""
    return [Counter(labels).most_common(1)[0][0]] * count


def keyword_stances(texts: Sequence[str]) -> list[str]:
    """By keywords: a charge and Beijing named, more than Moscow: critical; Moscow named with praise or a charge: pro."""
    out = []
    for text in texts:
        roles, stems = _reading(text)
        if roles["beijing"] and roles["beijing"] >= roles["moscow"] and stems & _CHARGES:
            out.append("critical-of-beijing")
        elif roles["moscow"] and stems & _PRAISE:
            out.append("pro-moscow")
        else:
            out.append("neutral")
    return out


def keyword_sentiments(texts: Sequence[str]) -> list[str]:
    """By keywords: more warm stems than cold ones is positive, fewer is negative."""
    out = []
    for text in texts:
        stems = [stemmer()(fold(word)) for word in WORD.findall(text)]
        balance = sum(stem in _WARM for stem in stems) - sum(stem in _COLD for stem in stems)
        out.append("positive" if balance > 0 else "negative" if balance < 0 else "neutral")
    return out


def baseline_pipelines() -> dict[str, Pipeline]:
    """Unfitted scikit-learn pipelines by name, from paragraphs (without what stood before them) to labels.

    All see words one and two at a time: for stance, single words alone have 0.03 to 0.04 less. C = 5 is our own, C = 1
    scikit-learn's default. Its alpha = 1 would cost naive Bayes 0.10; 0.1 and 0.3 are alike.
    """
    counts, words = CountVectorizer(ngram_range=(1, 2)), TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    stems = TfidfVectorizer(tokenizer=_stems, token_pattern=None, lowercase=False, ngram_range=(1, 2), sublinear_tf=True)
    regression = LogisticRegression(C=5.0, max_iter=2000, random_state=SEED)
    return {
        "multinomial naive Bayes on raw words": Pipeline([("features", counts), ("classifier", MultinomialNB(alpha=0.3))]),
        "logistic regression on raw words": Pipeline([("features", words), ("classifier", regression)]),
        "linear SVM on stems": Pipeline([("features", stems), ("classifier", LinearSVC(C=1.0, random_state=SEED))]),
    }


def _stems(text: str) -> list[str]:
    return [_stem(fold(word)) for word in WORD.findall(text)]


_stem = lru_cache(maxsize=200_000)(stem_of)  # or the stemmer alone would set its pace


def _reading(text: str) -> tuple[Counter[str], set[str]]:
    words = WORD.findall(text)
    names = {1: "moscow", 2: "beijing"}  # numbers of stance.actors.ROLES
    roles = Counter(names.get(role_of(word, fold(word)), "") for word in words)
    return roles, {stemmer()(fold(word)) for word in words}
