"""What the model must beat: the commonest label, keyword rules such as an analyst would write, and scikit-learn's usual means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from stance.actors import role_of
from stance.head import SEED
from stance.lexicon import stem_of
from stance.text import WORD, fold

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
        stems = _stems(text)
        balance = sum(stem in _WARM for stem in stems) - sum(stem in _COLD for stem in stems)
        out.append("positive" if balance > 0 else "negative" if balance < 0 else "neutral")
    return out


def baseline_pipelines() -> dict[str, Pipeline]:
    """Unfitted scikit-learn pipelines by name, from a list of paragraphs to labels; none sees what stood before a paragraph.

    Each at the best of what was tried in 5 folds grouped by article on the train split (macro-F1 of stance, 9,560 paragraphs):
    words alone, with pairs: naive Bayes 0.742, 0.781; logistic regression 0.768, 0.798; SVM 0.763, 0.807. Smoothing of 1 costs
    naive Bayes with pairs 0.1, of 0.3 gives 0.011 less in sentiment than 0.1 does.
    """
    raw, stems = {"ngram_range": (1, 2)}, {"tokenizer": _stems, "token_pattern": None, "lowercase": False, "ngram_range": (1, 2)}
    parts = {
        "multinomial naive Bayes": (CountVectorizer(**raw), MultinomialNB(alpha=0.1)),
        "logistic regression on raw words": (TfidfVectorizer(sublinear_tf=True, **raw), LogisticRegression(C=5, max_iter=2000)),
        "linear SVM on stems": (TfidfVectorizer(sublinear_tf=True, **stems), LinearSVC(C=1, random_state=SEED)),
    }
    return {name: Pipeline([("features", features), ("classifier", head)]) for name, (features, head) in parts.items()}


def _stems(text: str) -> list[str]:
    return [stem_of(fold(word)) for word in WORD.findall(text)]


def _reading(text: str) -> tuple[Counter[str], set[str]]:
    words = WORD.findall(text)
    names = {1: "moscow", 2: "beijing"}  # numbers of stance.actors.ROLES
    roles = Counter(names.get(role_of(word, fold(word)), "") for word in words)
    return roles, set(_stems(text))
