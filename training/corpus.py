"""Whether labels.csv is like the world: strata, shortcuts, repetition. Run by `python -m training.labels --corpus`."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from stance.actors import ROLES, role_of
from stance.lexicon import stem_of
from stance.text import WORD, fold
from training.agreement import read_annotations
from training.labels import Row

__all__ = ["EXPLAINED", "MOST_ALIKE", "check_corpus", "events", "near_duplicates", "shortcuts", "strata", "war_without_china"]

ARTICLES_CSV = Path(__file__).with_name("articles.csv")
RUN, REAL_RUN, SKELETON = 10, 10, 10  # words
MOST_SHARED, MOST_ALIKE = 0.01, 0.5
SHORTCUT_COUNT, SHORTCUT_SHARE = 30, 0.75
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()

# (what, how many at least); events are of articles, the rest of paragraphs
EVENT_SHARES = {
    "the war without China": 1 / 4,
    "measures against China": 1 / 10,
    "other conflicts": 1 / 12,
    "the Indonesian angle": 1 / 12,
}
_EVENT_GROUPS = {
    "measures against China": ("measures", "espionage", "xinjiang", "trade"),
    "other conflicts": ("conflicts", "korea"),
    "the Indonesian angle": ("indonesia",),
}
_WAR_EVENTS = ("war", "peace", "sanctions", "energy", "un", "other", "indonesia")
WIRE_SHARE = 2 / 3
_WIRE = ("wire", "business", "translated", "local")  # plain news prose; the rest has a voice of its own

# Names of 30 paragraphs or more of which over three in four carry one label, and why the world is so.
_REASONS = {
    "dates stand in paragraphs of fact, and most of those are neutral": " ".join(_MONTHS),
    "Indonesian leaders keep out of the quarrel, and their protocol is neutral": (
        "indonesia jakarta jokowi widodo prabowo subianto retno marsudi sugiono ri wni dpr kemlu tni natuna airlangga luhut asean"
    ),
    "criticism of Moscow and support for Kyiv are neutral by the codebook": (
        "zelensky zelenskyy kuleba podolyak polandia prancis macron inggris jerman finlandia swedia "
        "kyiv syrskyi rubio kellogg witkoff scholz"
    ),
    "mediators and scenes of other conflicts": (
        "turki erdogan saudi teheran suriah israel gaza iran palestina hamas malaysia singapura"
    ),
    "named in full where visits and companies are told as fact": ("jinping tiktok zte shein temu byd mishustin gazprom rosneft"),
    "Moscow's name for its opponents": ("barat"),
    "Moscow's agencies and spokesmen, whose office is to carry its line": (
        "tass ria zakharova nebenzia nebenzya medvedev konashenkov"
    ),
    "named where the charge is made": ("uighur uyghur xinjiang"),
}
EXPLAINED = {token: reason for reason, tokens in _REASONS.items() for token in tokens.split()}


def check_corpus(rows: Sequence[Row], real: Path) -> list[str]:
    """What keeps the corpus from being like the world, one sentence each, naming rows; empty when nothing does."""
    return [
        *_alike(rows),
        *_shared_runs(rows),
        *_templates(rows),
        *_strata_faults(rows),
        *_shortcut_faults(rows),
        *_real_runs(rows, real),
    ]


def events() -> dict[str, str]:
    """The event of each article."""
    with ARTICLES_CSV.open(encoding="utf-8", newline="") as file:
        return {record["article"]: record["event"] for record in csv.DictReader(file)}


def strata(rows: Sequence[Row]) -> dict[str, Counter[str]]:
    """Counts for the card: articles by event, year and register; paragraphs by speaker and by codebook rule."""
    event, notes = events(), read_annotations()
    first = {row.article: row for row in reversed(rows)}
    speakers: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for row in rows:
        told = notes.get(row.id, {}).get("second", {})
        speakers[told.get("speaker") or "?"] += 1
        if told.get("rule", "0") not in ("", "0"):
            rules[f"{told['rule']} {'neutral' if row.stance == 'neutral' else 'position'}"] += 1
    return {
        "event": Counter(event.get(name, "?") for name in first),
        "year": Counter(row.date[:4] for row in first.values()),
        "register": Counter(row.register for row in first.values()),
        "speaker": speakers,
        "rule": rules,
    }


def shortcuts(rows: Sequence[Row]) -> list[tuple[str, int, str, float]]:
    """Names and months that give a label away: (token, paragraphs, commonest stance, its share), the worst first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        tokens = set(WORD.findall(row.text))
        for token in tokens:
            if token in _MONTHS or 0 < role_of(token, fold(token)) <= len(ROLES):
                counts[token if token in _MONTHS else fold(token)][row.stance] += 1
    found = []
    for token, stances in counts.items():
        stance, top = stances.most_common(1)[0]
        if stances.total() >= SHORTCUT_COUNT and top / stances.total() >= SHORTCUT_SHARE:
            found.append((token, stances.total(), stance, top / stances.total()))
    return sorted(found, key=lambda item: -item[3])


def _words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


def _runs(words: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[k : k + length]) for k in range(len(words) - length + 1))


def near_duplicates(texts: Sequence[str], groups: Sequence[str], least: float) -> list[tuple[int, int, float]]:
    """Pairs of texts of two groups that share over `least` of their 3-word runs: two numbers and the share (Jaccard)."""
    grams = [set(_runs(_words(text), 3)) for text in texts]
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k, found in enumerate(grams):
        for gram in found:
            where[gram].append(k)
    pairs: Counter[tuple[int, int]] = Counter()
    for places in where.values():
        if len(places) <= 50:  # a run in more paragraphs than that is a title or a set phrase
            pairs.update((a, b) for n, a in enumerate(places) for b in places[n + 1 :] if groups[a] != groups[b])
    shares = ((a, b, same / len(grams[a] | grams[b])) for (a, b), same in pairs.items())
    return [(a, b, share) for a, b, share in shares if share > least]


def _alike(rows: Sequence[Row]) -> list[str]:
    return [
        f"rows {rows[a].row}, {rows[b].row}: nearly the same text in two articles ({share:.2f} of their 3-word runs)"
        for a, b, share in near_duplicates([row.text for row in rows], [row.article for row in rows], MOST_ALIKE)
    ]


def _shared_runs(rows: Sequence[Row]) -> list[str]:
    where: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows:
        for run in _runs(_words(row.text), RUN):
            where[run].add(row.article)
    sharing = [row.row for row in rows if any(len(where[run]) > 1 for run in _runs(_words(row.text), RUN))]
    if len(sharing) <= MOST_SHARED * len(rows):
        return []
    return [f"{len(sharing)} of {len(rows)} paragraphs share a {RUN}-word run with another article, rows {sharing[:10]}"]


def _templates(rows: Sequence[Row]) -> list[str]:
    where: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for row in rows:
        skeleton = [stem_of(word) for word in _words(row.text) if not word.isdigit()]
        for run in _runs(skeleton, SKELETON):
            where[run].add(row.row)
    return [f"rows {sorted(found)[:6]}: one skeleton, {' '.join(run)!r}" for run, found in where.items() if len(found) >= 3]


def war_without_china(rows: Sequence[Row]) -> int:
    """Articles about the war in Ukraine, its talks and its sanctions in which one paragraph at most names China."""
    event, articles = events(), defaultdict(list)
    for row in rows:
        articles[row.article].append({role_of(word, fold(word)) for word in WORD.findall(row.text)})
    beijing, kyiv = ROLES.index("beijing") + 1, ROLES.index("kyiv") + 1
    return sum(
        event.get(name) in _WAR_EVENTS
        and sum(beijing in roles for roles in found) <= 1
        and (event[name] == "war" or sum(kyiv in roles for roles in found) >= 2)
        for name, found in articles.items()
    )


def _strata_faults(rows: Sequence[Row]) -> list[str]:
    counted = strata(rows)["event"]
    articles = counted.total()
    sizes = {name: sum(counted[event] for event in group) for name, group in _EVENT_GROUPS.items()}
    sizes["the war without China"] = war_without_china(rows)
    problems = [
        f"{name}: {sizes[name]} of {articles} articles, at least {share:.0%} are wanted"
        for name, share in EVENT_SHARES.items()
        if sizes[name] < share * articles
    ]
    plain = sum(row.register in _WIRE for row in rows)
    if plain < WIRE_SHARE * len(rows):
        problems.append(f"plain wire prose: {plain} of {len(rows)} paragraphs, at least {WIRE_SHARE:.0%} are wanted")
    return problems


def _shortcut_faults(rows: Sequence[Row]) -> list[str]:
    return [
        f"{token!r} gives the label away: {share:.0%} of its {count} paragraphs are {stance}; write counterparts, or explain it"
        for token, count, stance, share in shortcuts(rows)
        if token not in EXPLAINED
    ]


def _real_runs(rows: Sequence[Row], real: Path) -> list[str]:
    if not real.is_dir():
        return []
    texts = [path.read_text(encoding="utf-8") for path in sorted(real.glob("page_*.txt"))]
    for path in sorted(real.glob("*.jsonl")):
        texts += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    known = {run for text in texts for run in _runs(_words(text), REAL_RUN)}
    return [
        f"row {row.row}: shares a {REAL_RUN}-word run with a real text"
        for row in rows
        if any(run in known for run in _runs(_words(row.text), REAL_RUN))
    ]
