"""Passages read: what is worked out once for a batch and used by several kinds of feature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stance.lexicon import Ints, Lexicon, Mask, Tokens
from stance.speech import Speech, first_actors, first_speakers, opens_quotation, speech

__all__ = ["Before", "Passage", "Reading", "portions", "read", "split"]

Passage = str | tuple[str, str | None]
"""A paragraph, or a paragraph and what stood before it: the paragraphs before, oldest first, one to a line."""

_PASSAGES = 1000  # read at a time: bounds memory, and is as fast as any number from 500 to 20,000
_CHARACTERS = 2_000_000  # the same for huge texts


@dataclass(frozen=True)
class Before:
    """What stood before each paragraph: `some`, whether anything did; of the last line its `actors` (one bit a role), its
    `first` and its `last` actor (0: none); who had the word last (`speaker`, 0: nobody); and the actors of all lines
    (`named`, one bit a role)."""

    some: Mask
    actors: Ints
    first: Ints
    last: Ints
    speaker: Ints
    named: Ints


@dataclass(frozen=True)
class Reading:
    """Paragraphs with their words, verbs of saying (every pronoun resolved), and what stood before them.

    `speaker` holds, for each paragraph, who first has the word, and at which word; `actors` the actors of each, one bit a
    role.
    """

    tokens: Tokens
    said: Speech
    speaker: tuple[Ints, Ints]
    actors: Ints
    before: Before


def split(passage: Passage) -> tuple[str, str | None]:
    """The paragraph of a passage and what stood before it."""
    return (passage, None) if isinstance(passage, str) else passage


def portions(passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    """`passages` in their order, as many at a time as are best read together."""
    start = characters = 0
    for at, passage in enumerate(passages):
        text, before = split(passage)
        size = len(text) + len(before or "")
        if at > start and (at - start == _PASSAGES or characters + size > _CHARACTERS):
            yield passages[start:at]
            start, characters = at, 0
        characters += size
    if start < len(passages):
        yield passages[start:]


def read(passages: Sequence[Passage], lexicon: Lexicon) -> Reading:
    """Read `passages` with the words of `lexicon`.

    A line that stood before is mostly a paragraph of the batch, or stood before several: each distinct one is read once.
    """
    texts: list[str] = []
    lines: list[str] = []
    owner: list[int] = []
    for k, passage in enumerate(passages):
        text, before = split(passage)
        texts.append(text)
        mine = [line for line in before.split("\n") if line.strip()] if before else []
        lines += mine
        owner += [k] * len(mine)
    every, place = list(texts), {text: k for k, text in enumerate(texts)}
    for line in lines:
        if line not in place:
            place[line] = len(every)
            every.append(line)
    tokens = lexicon.tokens(every)
    said, actors = speech(tokens), _actors(tokens)
    stood = _before(tokens, said, actors, np.array(owner, dtype=np.int64), [place[line] for line in lines], len(texts))
    resolved = said.of_first(len(texts)).resolved(stood.speaker, first_actors(tokens))
    speaker = first_speakers(len(texts), resolved, stood.speaker, opens_quotation(texts))
    return Reading(tokens.of_first(len(texts)), resolved, speaker, actors[: len(texts)], stood)


def _actors(tokens: Tokens) -> Ints:
    actors = np.zeros(tokens.texts, dtype=np.int64)
    i = np.flatnonzero(tokens.actor)
    np.bitwise_or.at(actors, tokens.row[i], 1 << (tokens.role[i] - 1))
    return actors


def _before(tokens: Tokens, said: Speech, actors: Ints, owner: Ints, line: list[int], count: int) -> Before:
    """`owner` and `line` tell, oldest first, which of the `count` paragraphs which text stood before.

    Where a paragraph has several lines the last assignment, that of the nearest line, stays.
    """
    i = np.flatnonzero(tokens.actor)
    first, last, speaker = (np.zeros(tokens.texts, dtype=np.int64) for _ in range(3))
    first[tokens.row[i][::-1]] = tokens.role[i][::-1]
    last[tokens.row[i]] = tokens.role[i]
    named = ~said.carried
    speaker[said.row[named]] = said.who[named]
    nearest = np.full(count, -1)
    nearest[owner] = line
    some = nearest >= 0
    had, all_named = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    spoken = speaker[line] > 0
    had[owner[spoken]] = speaker[line][spoken]
    np.bitwise_or.at(all_named, owner, actors[line])
    of_nearest = [np.where(some, values[nearest], 0) for values in (actors, first, last)]
    return Before(some, of_nearest[0], of_nearest[1], of_nearest[2], had, all_named)
