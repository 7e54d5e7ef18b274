"""What `predict`, the page reader and the table reader hold for any input: tried by test_promises.py and by fuzz.py."""

import csv
import io
import json
import re
from pathlib import Path

from stance import predict
from stance.batch import score_file
from stance.files import open_lines
from stance.page import read_page
from stance.tables import open_table
from stance.text import WORD, fold

LINE_ENDS = re.compile(r"\r\n|[\n\r\f\v\u0085\u2028\u2029]")
NEIGHBOUR = "Kremlin menolak syarat itu, kata Peskov di Moskow."


def prediction_holds(text: str, previous: str | None = None) -> None:
    """Any string gets scores that sum to 1, its own words as evidence, and the same again, whatever is scored beside it."""
    told = predict(text, previous=previous)
    assert told == predict(text, previous=previous)
    for label, scores in ((told.stance, told.stance_scores), (told.sentiment, told.sentiment_scores)):
        assert abs(sum(scores.values()) - 1) < 1e-9
        assert min(scores.values()) >= 0
        assert scores[label] == max(scores.values())
    assert told.unsure == (told.reason is not None)
    assert len({(word.start, word.end) for word in told.evidence}) == len(told.evidence)
    for word in told.evidence:
        assert 0 <= word.start < word.end <= len(text)
        assert WORD.fullmatch(text[word.start : word.end])
    beside = predict([NEIGHBOUR, text], previous=[None, previous])[1]
    assert all(abs(beside.stance_scores[label] - score) < 1e-9 for label, score in told.stance_scores.items())
    assert (beside.on_topic, beside.unsure) == (told.on_topic, told.unsure)


def page_holds(text: str) -> None:
    """Any string is read: paragraphs in order, none twice, each of the characters of its line; or HTML lacks its extra."""
    try:
        page = read_page(text)
    except ValueError as error:
        if "pip install '.[html]'" not in str(error):
            raise
        return
    assert page == read_page(text)
    lines = LINE_ENDS.split(text)
    numbers = [body.line for body in page.body]
    assert numbers == sorted(numbers)
    for body in page.body:
        assert body.text.split(), "a paragraph without ink"
        assert " ".join(body.text.split()) == body.text
        left = iter(lines[body.line - 1])
        assert all(character in left for character in body.text if character != " "), "not of its line"
    keys = ["".join(character for character in fold(body.text) if character.isalnum()) for body in page.body]
    assert len(set(keys)) == len(keys)
    assert page.headline is None or (page.body and page.headline.split())


def table_holds(data: bytes, name: str, folder: Path) -> None:
    """Any bytes under the name of a table are scored, each row once, its cells unchanged or itself rejected; or refused
    with one sentence that names the file, and then no output appears."""
    source = folder / name
    output = folder / ("out.jsonl" if "json" in name else "out.csv")
    rejects = folder / f"{output.name}.rejects.csv"
    source.write_bytes(data)
    try:
        with open_table(source, ()) as table:
            text, delimiter = next(iter(table.columns), ""), table.delimiter
        told = score_file(source, output, text=text, chunk=3)
    except ValueError as error:
        if str(source) not in str(error) or "\n" in str(error) or output.exists():
            raise
    else:
        bad = {int(row[0]) for row in _records(rejects)[1:]} if rejects.exists() else set()
        assert len(bad) == told.rejected
        if "json" in name:
            with open_lines(source) as (lines, _):
                there = [line for line in lines if line.strip()]
            kept = [json.loads(line.lstrip("\ufeff")) for n, line in enumerate(there, 1) if n not in bad]
            found = [json.loads(line) for line in output.read_bytes().decode("utf-8").split("\n")[:-1]]
            assert all(before.items() <= after.items() for before, after in zip(_shown(kept), _shown(found), strict=True))
        else:
            there = _rows_there(source, delimiter)
            kept = [row for n, row in enumerate(there, 1) if n not in bad]
            found = [row[: len(table.columns)] for row in _records(output, delimiter)[1:]]
            assert found == kept
        assert told.rows == len(there)
    finally:
        for path in folder.iterdir():
            path.unlink()


def _shown(rows: list[dict[str, object]]) -> list[dict[str, str]]:
    return [{key: json.dumps(value) for key, value in row.items()} for row in rows]  # NaN is not equal to itself


def _records(path: Path, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""), delimiter=delimiter))


def _rows_there(path: Path, delimiter: str) -> list[list[str]]:
    """The records of delimited text after its header, by a reader of a dozen lines of its own."""
    with open_lines(path) as (stream, _):
        lines = list(stream)
    while not lines[0].strip():
        del lines[0]
    if re.fullmatch(r"sep=[,;\t][\r\n]*", lines[0]):
        del lines[0]
    cell = rf'"(?:[^"]|"")*(?:"[^{delimiter}\r\n]*|\Z)|[^{delimiter}\r\n]*'
    records: list[list[str]] = [[]]
    for raw, end in re.findall(rf"({cell})({delimiter}|\r\n|\r|\n|\Z)", "".join(lines)):
        records[-1].append(raw)
        if end != delimiter:
            records.append([])
    return [[_plain(raw) for raw in record] for record in records if record not in ([], [""])][1:]


def _plain(raw: str) -> str:
    quoted = re.match(r'"((?:[^"]|"")*)"?(.*)', raw, re.DOTALL)
    return quoted[1].replace('""', '"') + quoted[2] if quoted else raw
