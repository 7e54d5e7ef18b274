"""Who has the word: verbs of saying with their speakers, within a paragraph and carried on from what stood before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stance.actors import PRONOUN, VERB_AFTER, VERB_BEFORE, VERB_CARRIED
from stance.lexicon import Ints, Mask, Tokens

__all__ = [
    "UNKNOWN",
    "Speech",
    "first_actors",
    "first_speakers",
    "opens_quotation",
    "speech",
]

UNKNOWN = PRONOUN + 1  # a carried-on speaker of whom nothing is known

# Words between a verb of saying and its speaker: `kata Juru Bicara Kementerian Luar Negeri Rusia` has six before the
# actor, `Presiden Rusia Vladimir Putin, dalam pidato … di Moskow, mengatakan` up to a dozen.
_AFTER_REACH, _BEFORE_REACH = 8, 14
_QUOTES = "\"“”'‘’«"


@dataclass(frozen=True)
class Speech:
    """For each verb of saying its word position, its text, its speaker (a role, PRONOUN or UNKNOWN), and whether the
    speaker is carried on by a pronoun or by `-nya`."""

    at: Ints
    row: Ints
    who: Ints
    carried: Mask

    def of_first(self, texts: int) -> Speech:
        """The verbs of the first `texts` texts."""
        count = np.searchsorted(self.row, texts)
        return Speech(self.at[:count], self.row[:count], self.who[:count], self.carried[:count])

    def resolved(self, before: Ints, topic: tuple[Ints, Ints]) -> Speech:
        """Pronouns replaced: by the speaker named before in the same text, else by the text's first actor where it stands
        before the verb (`topic`, see `first_actors`), else by `before[text]`, else by UNKNOWN."""
        if not len(self.at):
            return self
        order = np.arange(len(self.at))
        named = np.maximum.accumulate(np.where(self.carried, -1, order))
        inside = (named >= 0) & (self.row[np.maximum(named, 0)] == self.row)
        actor, place = (values[self.row] for values in topic)
        outside = np.where(before > 0, before, UNKNOWN)[self.row]
        outside = np.where((actor > 0) & (place < self.at), actor, outside)
        return Speech(self.at, self.row, np.where(inside, self.who[np.maximum(named, 0)], outside), self.carried)


def speech(tokens: Tokens) -> Speech:
    """Verbs of saying with the nearest actor or pronoun on the side where such a verb has its speaker."""
    words = len(tokens.row)
    if not words:
        return Speech(tokens.row, tokens.row, tokens.row, tokens.row.astype(bool))
    position = np.arange(words)
    someone = tokens.role > 0
    left = np.concatenate([[-1], np.maximum.accumulate(np.where(someone, position, -1))[:-1]])
    right = np.concatenate([np.minimum.accumulate(np.where(someone, position, words)[::-1])[::-1][1:], [words]])
    verb = np.flatnonzero(tokens.verb)
    kind = tokens.verb[verb]
    place = np.select([kind == VERB_BEFORE, kind == VERB_AFTER], [left[verb], right[verb]], -1)
    reach = np.where(kind == VERB_BEFORE, _BEFORE_REACH, _AFTER_REACH)
    near = (place >= 0) & (place < words) & (np.abs(place - verb) <= reach)
    place = np.where(near, place, verb)
    near &= tokens.row[place] == tokens.row[verb]
    who = np.where(kind == VERB_CARRIED, PRONOUN, np.where(near, tokens.role[place], 0))
    kept = who > 0
    return Speech(verb[kept], tokens.row[verb][kept], who[kept], who[kept] == PRONOUN)


def first_actors(tokens: Tokens) -> tuple[Ints, Ints]:
    """For each text the role of the first actor named in it (0: none) and the position of its name (-1)."""
    who, at = np.zeros(tokens.texts, dtype=np.int64), np.full(tokens.texts, -1)
    place = np.flatnonzero(tokens.actor)
    row, index = np.unique(tokens.row[place], return_index=True)
    who[row], at[row] = tokens.role[place[index]], place[index]
    return who, at


def opens_quotation(texts: list[str]) -> Mask:
    """Which texts begin with a quotation mark."""
    return np.fromiter((text.lstrip()[:1] in _QUOTES and bool(text.strip()) for text in texts), bool, len(texts))


def first_speakers(texts: int, said: Speech, before: Ints, quotation: Mask) -> tuple[Ints, Ints]:
    """For each text its first speaker (0: the narrator) and the position of the verb of saying (-1: none).

    A text without a verb of saying that opens with a quotation mark goes on with the speaker before it.
    """
    who = np.where(quotation, np.where(before > 0, before, UNKNOWN), 0)
    at = np.full(texts, -1)
    row, index = np.unique(said.row, return_index=True)
    who[row], at[row] = said.who[index], said.at[index]
    return who, at
