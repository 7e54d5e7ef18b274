"""Many paragraphs scored: a table to a table in chunks, on many cores, to be resumed; a pandas frame to a frame.

Paragraphs of one article are read with up to three before them, where the column of the article is named. They must
stand together and in order: a row of another article ends the one before it, and nothing is sorted.
"""

from __future__ import annotations

import os
import signal
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from stance.journal import Done, Journal
from stance.reading import Passage
from stance.records import Chunk, Table, kind_of
from stance.rows import COLUMNS, Context, fault_of, model_at, score_passages
from stance.sheets import Sheet, csv_bytes, publish_parquet
from stance.tables import open_table

if TYPE_CHECKING:
    import pandas

__all__ = ["CHUNK", "Summary", "score_file", "score_frame"]

CHUNK = 2000  # rows scored, written and journalled together
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # a process for each core
_WINDOW = 3  # chunks a worker that are read ahead; bounds memory, and the work that a killed run does again


@dataclass(frozen=True)
class Summary:
    """What a run did: rows read, rows rejected (they stand in `rejects`), rows that did not come in ascending order.

    `already` is set when the output was whole before, and nothing was done.
    """

    rows: int
    rejected: int
    unordered: int
    rejects: Path
    already: bool = False


@dataclass(frozen=True)
class _Work:
    """A chunk on its way: the places of the rows that are scored, their passages, and what is known up to its end."""

    chunk: Chunk
    kept: list[int]
    passages: list[Passage]
    rejects: list[list[str]]
    rows: int
    crc: int


def score_file(
    source: str | Path,
    output: str | Path,
    *,
    text: str = "text",
    id: str | None = None,
    article: str | None = None,
    order: str | None = None,
    jobs: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    excel: bool = False,
    chunk: int = CHUNK,
    model: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Score the column `text` of the table `source` into the table `output`: the same columns, then COLUMNS.

    `article` and `order` name the columns by which paragraphs are read with those before them (see above); a row whose
    `order` is not above that of an earlier one is read without that one. Rows without a text, with a number for one, or
    with another number of cells than the header go to `OUTPUT.rejects.csv` with their row, line, `id` and the reason.
    `jobs` is the number of processes (-1: one a core), `model` a model file. `progress` is called with the rows done and
    about how many there are.

    The output appears when it is whole; until then its rows stand in `OUTPUT.part`, and a run that was broken off goes on
    there with `resume`. `excel` writes a byte-order mark and guards cells that a spreadsheet would run as formulas.

    Raises FileNotFoundError, FileExistsError, ValueError for tables, columns and settings that do not fit, OSError when
    the output cannot be written (BlockingIOError: another run is writing it), ChildProcessError when a worker was killed.
    """
    source, output = Path(source), Path(output)
    _check(source, output, jobs, chunk, resume, overwrite)
    journal = Journal(output)
    if resume and output.exists() and not journal.begun:
        return Summary(0, 0, 0, journal.rejects, already=True)
    path = None if model is None else str(model)
    kind = kind_of(output)[0]
    settings: dict[str, Any] = {"text": text, "article": article, "order": order, "id": id, "excel": excel, "chunk": chunk}
    settings["model"] = model_at(path).sha256
    cells = kind == "delimited" or kind != kind_of(source)[0]  # else the line or the Arrow batch is copied
    with open_table(source, (text, article, order, id), cells=cells) as table, closing(journal):
        sheet = Sheet(output, table, COLUMNS, excel)
        settings["columns"] = table.columns
        if table.kind == "parquet":  # of which not every cell is read, see _works
            settings["bytes"] = source.stat().st_size
        if journal.begun and resume:
            journal.take_up(settings)
        else:
            journal.begin({**settings, "input": str(source)}, overwrite=overwrite or resume)
        context = Context()
        if not journal.done.whole:
            if not journal.done.rejects:  # not even the headers are written
                journal.append(sheet.head(), csv_bytes([_REJECTS]), rows=0, rejected=0, crc=0)
            works = _works(table.chunks(chunk), context, journal.done, source)
            for work, data in _scored(works, _cores(jobs), sheet, path):
                _keep(journal, work, data)
                if progress:
                    progress(work.rows, _expected(table, work))
        journal.finish(partial(publish_parquet, table=table, added=COLUMNS) if kind == "parquet" else None)
    return Summary(journal.done.rows, journal.done.rejected, context.unordered, journal.rejects)


def score_frame(
    frame: pandas.DataFrame,
    text: str = "text",
    *,
    article: str | None = None,
    order: str | None = None,
    model: str | Path | None = None,
) -> pandas.DataFrame:
    """The frame with COLUMNS added: the same rows, in the same order, with the same index.

    It fits Dask (`frame.map_partitions(score_frame)`) and Spark (`mapInPandas(lambda frames: map(score_frame, frames), …)`):
    each process reads the model once. What stood before a row is looked for in the same frame only. A row that cannot be
    scored has no label and no scores, and `stance_reason` begins with "not scored".

    Raises ValueError for a column that is missing (the message lists those there) or stands twice, or for columns of ours.
    """
    import pandas

    columns = list(frame.columns)
    for name in (text, article, order):
        if name is not None and columns.count(name) != 1:
            raise ValueError(f"the frame needs one column {name!r}; it has {columns}")
    if set(COLUMNS) & set(columns):
        raise ValueError(f"the frame has columns of ours already: {sorted(set(COLUMNS) & set(map(str, columns)))}")
    context = Context()
    blank = [None] * len(frame)
    kept, passages = [], []
    reasons: list[str | None] = [None] * len(frame)
    values = [list(frame[name]) if name is not None else blank for name in (text, article, order)]
    for at, (value, group, place) in enumerate(zip(*values, strict=True)):
        fault = fault_of(value)
        if fault:
            reasons[at] = f"not scored: {fault}"
            continue
        kept.append(at)
        passages.append((value, context.before(group, place, value)))
    scored = score_passages(passages, None if model is None else str(model))
    added = {}
    for (name, kind), column in zip(COLUMNS.items(), scored, strict=True):
        absent = {"double": float("nan"), "bool": name == "stance_unsure"}.get(kind)
        whole: list[Any] = list(reasons) if name == "stance_reason" else [absent] * len(frame)
        for at, value in zip(kept, column, strict=True):
            whole[at] = value
        added[name] = pandas.array(whole, dtype={"double": "float64", "bool": "bool"}.get(kind, "string"))
    return frame.assign(**added)


_REJECTS = ["row", "line", "id", "reason"]


def _works(chunks: Iterator[Chunk], context: Context, done: Done, source: Path) -> Iterator[_Work]:
    """The chunks to score, after those that `done` counts; these are read for the context and compared by their sum."""
    rows = crc = 0
    for chunk in chunks:
        kept: list[int] = []
        passages: list[Passage] = []
        rejects: list[list[str]] = []
        for at, row in enumerate(chunk.rows):
            fault = row.fault or fault_of(row.picked[0])
            if fault:
                name = row.picked[3] if row.picked else None
                rejects.append([str(row.number), str(row.line or ""), "" if name is None else str(name), fault])
                continue
            text, article, order, _ = row.picked
            kept.append(at)
            passages.append((text, context.before(article, order, text)))
        rows += len(chunk.rows)
        content = repr([row.cells or row.raw or row.picked for row in chunk.rows])
        crc = zlib.crc32(content.encode("utf-8", "surrogatepass"), crc)
        if rows > done.rows:
            yield _Work(chunk, kept, passages, rejects, rows, crc)
        elif rows == done.rows and crc != done.crc:
            break
    if rows < done.rows or (rows == done.rows and crc != done.crc):
        raise ValueError(
            f"{source} is not the table that the unfinished run had read: the first {done.rows:,} rows differ; "
            "resume with that one, or begin anew with --overwrite"
        )


def _scored(works: Iterator[_Work], jobs: int, sheet: Sheet, model: str | None) -> Iterator[tuple[_Work, bytes]]:
    """Each work with its rows as they are written, in order. What was read before a fault of the input comes before it."""
    if jobs == 1:
        for work in works:
            yield work, _written(sheet, work.chunk, work.kept, work.passages, model)
        return
    from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

    pool = ProcessPoolExecutor(jobs, initializer=_begin_worker, initargs=(os.getpid(),), env=_ONE_THREAD)
    with _unheard():
        pool.submit(int)  # an empty task: with the first one the workers begin
    waiting: deque[tuple[_Work, Any]] = deque()
    fault: Exception | None = None
    try:
        while True:
            while fault is None and len(waiting) < jobs * _WINDOW:
                try:
                    work = next(works)
                except StopIteration:
                    break
                except (OSError, ValueError) as error:
                    fault = error
                    break
                waiting.append((work, pool.submit(_written, sheet, work.chunk, work.kept, work.passages, model)))
            if not waiting:
                break
            work, future = waiting.popleft()
            yield work, future.result()
    except BrokenProcessPool:
        raise ChildProcessError(
            "a worker process was killed, by the system when memory runs out; the rows done are kept: go on with --resume, "
            "and with fewer --jobs if it comes again"
        ) from None
    finally:
        for _, future in waiting:
            future.cancel()
        pool.shutdown(wait=True)
    if fault is not None:
        raise fault


def _written(sheet: Sheet, chunk: Chunk, kept: list[int], passages: list[Passage], model: str | None) -> bytes:
    """The rows `kept` of a chunk, scored and as they stand in the output: all that a worker does, so that the first process,
    which reads the table and writes the files, holds up as few of them as can be."""
    return sheet.chunk(chunk, kept, score_passages(passages, model))


@contextmanager
def _unheard() -> Iterator[None]:
    """Ctrl-C is not heard in here, nor ever by processes that begin here: they would print where it struck them."""
    if current_thread() is not main_thread():
        yield  # no other thread can say how signals are met
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin_worker(parent: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # they may go to all processes; the first one ends the others
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this worker when the process that began it has gone: killed, it could not do so itself."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)  # a thread cannot end its process otherwise


def _keep(journal: Journal, work: _Work, data: bytes) -> None:
    rejected = journal.done.rejected + len(work.rejects)
    journal.append(data, csv_bytes(work.rejects), rows=work.rows, rejected=rejected, crc=work.crc)


def _expected(table: Table, work: _Work) -> int:
    """About how many rows there are: the lines of the file, less what cells of several lines took so far."""
    line = work.chunk.rows[-1].line
    return max(work.rows, round(table.expected * work.rows / line) if line else table.expected)


def _check(source: Path, output: Path, jobs: int, chunk: int, resume: bool, overwrite: bool) -> None:
    if resume and overwrite:
        raise ValueError("--resume and --overwrite exclude each other")
    if chunk < 1:
        raise ValueError(f"a chunk must have 1 row or more, got {chunk}")
    if jobs < 1 and jobs != -1:
        raise ValueError(f"jobs must be 1 or more, or -1 for one a core, got {jobs}")
    if output.is_dir():
        raise ValueError(f"{output} is a directory; name a file for the output")
    if source.exists() and output.exists() and source.samefile(output):
        raise ValueError(f"{output} is the input; name another file for the output")


def _cores(jobs: int) -> int:
    from joblib import cpu_count

    return int(cpu_count()) if jobs == -1 else jobs
