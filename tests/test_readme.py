"""The README's code runs and prints what it shows."""

import doctest
import re
import shlex

import pytest
from conftest import ROOT

from stance.cli import main

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_python_blocks_give_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    test = doctest.DocTestParser().get_doctest("".join(blocks), {}, "README.md", "README.md", 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_the_first_command_prints_what_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block
    command, shown = re.search(r"\$ stance (.*?)\n(.*)", block.group(1), re.DOTALL).groups()  # type: ignore[union-attr]
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out == shown


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    assert "$ python -m pytest\n" in README
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "python -m pytest"
