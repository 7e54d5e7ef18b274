"""What the model must beat: the commonest label, and keyword rules such as an analyst would write in an afternoon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from stance.actors import role_of
from stance.text import WORD, fold, stemmer

__all__ = ["keyword_sentiments", "keyword_stances", "majority"]

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
        stems = [_stem(word) for word in WORD.findall(text)]
        balance = sum(stem in _WARM for stem in stems) - sum(stem in _COLD for stem in stems)
        out.append("positive" if balance > 0 else "negative" if balance < 0 else "neutral")
    return out


def _reading(text: str) -> tuple[Counter[str], set[str]]:
    words = WORD.findall(text)
    names = {1: "moscow", 2: "beijing"}  # numbers of stance.actors.ROLES
    roles = Counter(names.get(role_of(word, fold(word)), "") for word in words)
    return roles, {_stem(word) for word in words}


@cache
def _stem(word: str) -> str:
    return stemmer()(fold(word))
