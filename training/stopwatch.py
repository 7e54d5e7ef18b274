"""Jobs timed in turn, by the clock and by processor time."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from training.labels import ROOT

__all__ = ["Job", "Timing", "once", "race", "race_commands", "run", "told"]

Job = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Seconds by the clock, and seconds of processor time (of this process and of those that it waited for)."""

    wall: float
    cpu: float


def race(jobs: Mapping[str, Job], rounds: int, fresh: Mapping[str, Callable[[], Job]] | None = None) -> dict[str, Timing]:
    """The fastest of `rounds` turns of each job, all jobs in turn; `fresh` makes jobs anew for each turn, which is not timed."""
    ready = {name: partial(_same, job) for name, job in jobs.items()} | dict(fresh or {})
    turns: dict[str, list[Timing]] = {name: [] for name in ready}
    for _ in range(rounds):
        for name, make in ready.items():
            turns[name].append(once(make()))
    return {name: _fastest(timings) for name, timings in turns.items()}


def race_commands(commands: Mapping[str, list[str]], rounds: int) -> dict[str, Timing]:
    """`race` for commands, from their start to their end."""
    return race({name: partial(run, command) for name, command in commands.items()}, rounds)


def once(job: Job) -> Timing:
    """One job, timed."""
    wall, cpu = time.perf_counter(), _cpu()
    job()
    return Timing(time.perf_counter() - wall, _cpu() - cpu)


def run(command: list[str], given: str = "") -> str:
    """What a command prints, run in the checkout. Raises CalledProcessError when it fails."""
    return subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def told(command: list[str], rounds: int, given: str = "") -> Timing:
    """The fastest of `rounds` runs of a command that times itself: it prints seconds and seconds of processor time."""
    printed = [run(command, given).split() for _ in range(rounds)]
    return _fastest([Timing(float(wall), float(cpu)) for wall, cpu in printed])


def _same(job: Job) -> Job:
    return job


def _fastest(timings: Sequence[Timing]) -> Timing:
    return Timing(min(timing.wall for timing in timings), min(timing.cpu for timing in timings))


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
