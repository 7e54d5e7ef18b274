"""The command `stance`: the only place that prints or exits."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stance import __version__

if TYPE_CHECKING:
    from stance.model import Model

__all__ = ["main"]

_OK, _NOTHING, _BAD_INPUT = 0, 1, 2
_MANY_PAGES = 50


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code: 0 done, 1 a page or a row was not scored, 2 input that cannot be read."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        with _terminable():
            code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `stance score … | head`: the reader has had enough
        _forget_output()
        return _OK
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _forget_output()
            error = OSError("the disk of the standard output is full")
        return _complain(error, _BAD_INPUT)
    except MemoryError:
        return _complain("the memory is full; use fewer --jobs or a smaller --chunk, or split the page", _BAD_INPUT)
    except KeyboardInterrupt as error:
        return _interrupted(error, "")
    return code


def _forget_output() -> None:
    """Drop what could not be printed, or Python tries again when it exits, and complains."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM (another program, or the system as it shuts down) ends what runs inside as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no other thread can say how signals are met
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(*_: object) -> None:
    raise KeyboardInterrupt("terminated")


def _interrupted(error: KeyboardInterrupt, kept: str) -> int:
    """Say so; the exit code is that of a shell for the signal."""
    return _complain(f"{error}{kept}", 143) if error.args else _complain(f"interrupted{kept}", 130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stance", description="Which position does each paragraph of an Indonesian news page report?"
    )
    parser.add_argument("--version", action="version", version=f"stance {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    score = commands.add_parser("score", help="score scraped pages, paragraph by paragraph")
    score.add_argument("pages", nargs="+", metavar="PAGE", help="a page as plain text (or HTML); - is standard input")
    score.add_argument("--format", choices=("table", "json", "csv"), default="table")
    score.set_defaults(run=_score)
    explain = commands.add_parser("explain", help="show the words behind a label")
    explain.add_argument("text", metavar="TEXT", help="one paragraph; - is standard input")
    explain.add_argument("--previous", metavar="TEXT", help="the paragraph before it")
    explain.add_argument("--label", help="explain this stance and not the winning one")
    explain.set_defaults(run=_explain)
    batch = commands.add_parser("batch", help="score a table: CSV, TSV, JSON lines, gzip of these, Parquet")
    batch.add_argument("input", metavar="INPUT")
    batch.add_argument("-o", "--output", required=True, metavar="OUTPUT", help="the table with our columns added")
    batch.add_argument("--text", default="text", metavar="COL", help="the column to score (text)")
    batch.add_argument("--id", metavar="COL", help="the column that names a row among the rejects")
    batch.add_argument("--article", metavar="COL", help="read paragraphs with those before them of the same article")
    batch.add_argument("--order", metavar="COL", help="the place of a paragraph in its article")
    batch.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (-1: one a core)")
    again = batch.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on where a run was broken off")
    again.add_argument("--overwrite", action="store_true", help="replace what is there")
    batch.add_argument("--excel", action="store_true", help="with byte-order mark, formulas guarded by an apostrophe")
    batch.add_argument("--chunk", type=int, default=2000, metavar="N", help="rows written at a time (2000)")
    batch.set_defaults(run=_batch)
    doctor = commands.add_parser("doctor", help="versions, model and self-check in one block")
    doctor.set_defaults(run=_doctor)
    card = commands.add_parser("card", help="what the shipped model is for, how right it is, its licences and sums")
    card.set_defaults(run=_card)
    for command in (score, explain, batch, doctor):
        command.add_argument("--model", metavar="FILE", help="a model file of your own")
    return parser


def _score(options: argparse.Namespace) -> int:
    from stance.article import score_page
    from stance.listing import as_object, as_table, write_csv

    model = _model(options.model)
    code, scored = _OK, []
    for name in _watched(options.pages):
        try:
            article = score_page(_read(name), model=model)
        except (OSError, ValueError) as error:
            code = max(code, _complain(f"{name}: {_message(error)}", _BAD_INPUT))
            continue
        if not article.paragraphs:
            code = max(code, _complain(f"{name}: no body paragraph found (no sentence that is not page furniture)", _NOTHING))
        scored.append((name, article))
    if options.format == "json":
        told = {"version": __version__, "sha256": model.sha256}
        json.dump([as_object(name, article, told) for name, article in scored], sys.stdout, ensure_ascii=False, indent=1)
        print()
    elif options.format == "csv":
        write_csv(scored, sys.stdout)
    else:
        print("\n\n".join(as_table(name, article) for name, article in scored if article.paragraphs))
    return code


def _watched(pages: list[str]) -> Iterable[str]:
    """`pages`, with a progress bar where a person would wait."""
    if len(pages) < _MANY_PAGES or not sys.stderr.isatty():
        return pages
    from tqdm import tqdm

    return tqdm(pages, unit="page")  # type: ignore[no-any-return]


def _explain(options: argparse.Namespace) -> int:
    from stance.head import STANCES
    from stance.text import WORD

    model = _model(options.model)
    text = _read("-") if options.text == "-" else options.text
    if options.label is not None and options.label not in STANCES:
        raise ValueError(f"unknown stance {options.label!r}; it is one of {', '.join(STANCES)}")
    told = model.explain([(text, options.previous)], label=options.label)
    scores = dict(zip(STANCES, told.scores["stance"][0], strict=True))
    label = STANCES[int(told.label[0])]
    print(", ".join(f"{name} {score:.3f}" for name, score in scores.items()))
    print(f"what speaks for {label} (+) or against it (-), in log score:")
    weights = list(zip([m.group() for m in WORD.finditer(text)], told.words, strict=True))
    for word, weight in sorted(weights, key=lambda pair: -abs(pair[1])):
        if abs(weight) >= 0.005:
            print(f"{weight:+8.3f}  {word}")
    print(f"{float(told.outside[0]):+8.3f}  (what stood before, who is quoted, which actors meet)")
    print(f"{float(told.base[0]):+8.3f}  (the label as such)")
    total = float(told.words.sum() + told.outside[0] + told.base[0])
    print(f"{total:+8.3f}  in all, against the mean of the labels")
    return _OK


def _batch(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from stance.batch import score_file

    names = ("text", "id", "article", "order", "jobs", "resume", "overwrite", "excel", "chunk", "model")
    settings = {name: getattr(options, name) for name in names}
    with tqdm(unit=" rows", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar:

        def progress(done: int, expected: int) -> None:
            if not bar.n:
                bar.initial = max(0, done - options.chunk)  # rows of the run before have no part in the rate
            bar.total = expected
            bar.update(done - bar.n)

        try:
            told = score_file(options.input, options.output, progress=progress, **settings)
        except KeyboardInterrupt as error:
            bar.close()
            return _interrupted(error, f"; the rows done are kept in {options.output}.part: go on with --resume")
    if told.already:
        print(f"{options.output} is whole already; nothing was done (--overwrite scores it again)")
        return _NOTHING if told.rejects.exists() else _OK
    print(f"{told.rows:,} rows read, {told.rows - told.rejected:,} scored into {options.output}")
    if told.unordered:
        _complain(f"{told.unordered:,} rows do not stand in ascending order of {options.order}; nothing was sorted", _OK)
    if told.rejected:
        return _complain(f"{told.rejected:,} rows could not be scored; they stand in {told.rejects} with the reason", _NOTHING)
    return _OK


def _doctor(options: argparse.Namespace) -> int:
    import importlib.metadata
    import platform

    from stance.text import stemmer_conflict

    print(f"stance {__version__}, Python {platform.python_version()}")
    for package in ("numpy", "scipy", "scikit-learn", "PySastrawi", "joblib"):
        try:
            print(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"{package} is missing; install it with: pip install {package}")
    conflict = stemmer_conflict()
    if conflict:
        print(conflict)
    model = _model(options.model)
    labels = model.manifest.get("labels", {})
    print(f"model sha256 {model.sha256}")
    print(f"trained on {labels.get('rows', '?')} paragraphs, labels sha256 {labels.get('sha256', '?')}")
    print("self-check passed: the model file is whole and scores its test sentences as it did when it was made")
    return _OK


def _card(options: argparse.Namespace) -> int:
    print(Path(__file__).with_name("model").joinpath("CARD.md").read_text(encoding="utf-8"), end="")
    return _OK


def _model(path: str | None) -> Model:
    from stance.model import Model, shipped_model
    from stance.text import stemmer_conflict

    conflict = stemmer_conflict()
    if conflict:
        _complain(conflict, _OK)
    return Model.load(path) if path else shipped_model()


def _read(name: str) -> str:
    from stance.text import decode

    if name == "-":
        return decode(sys.stdin.buffer.read())
    path = Path(name)
    if path.is_dir():
        raise IsADirectoryError("a directory; name the pages in it, such as FOLDER/*.txt")
    return decode(path.read_bytes())


def _message(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _complain(error: Exception | str, code: int) -> int:
    message = error if isinstance(error, str) else str(error)
    print(f"stance: {' '.join(message.split())}", file=sys.stderr)
    return code
