"""The house: who imports whom, what is exported, who prints, how long files are."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

import stance

ORDER = [
    "text",
    "actors",
    "storage",
    "page",
    "head",
    "shipped",
    "lexicon",
    "speech",
    "reading",
    "tfidf",
    "features",
    "transformer",
    "evidence",
    "model",
    "article",
    "listing",
    "files",
    "records",
    "tables",
    "sheets",
    "lock",
    "journal",
    "rows",
    "batch",
    "cli",
    "__main__",
]
MODULES = sorted((ROOT / "stance").glob("*.py"))
EVERY = [*MODULES, *sorted((ROOT / "training").glob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_imports_go_one_way() -> None:
    for path in MODULES:
        if path.stem == "__init__":
            continue
        for name in imported(path):
            assert not name.startswith(("training", "tests")), f"{path.name} imports {name}"
            if name.startswith("stance."):
                assert ORDER.index(name.split(".")[1]) < ORDER.index(path.stem), f"{path.name} imports {name}"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    assert not {path.stem for path in MODULES} & set(stance.__all__)
    assert all(getattr(stance, name) is not None for name in stance.__all__)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_the_command_prints_or_exits(path: Path) -> None:
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    if path.stem not in ("cli", "__main__"):
        assert not calls & {"print", "exit", "quit"}


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_modules_say_what_they_are_and_export_what_they_have(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
            defined |= {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
            defined |= {
                e.id
                for n in tree.body
                if isinstance(n, ast.Assign)
                for t in n.targets
                if isinstance(t, ast.Tuple)
                for e in t.elts
                if isinstance(e, ast.Name)
            }
            defined |= {n.target.id for n in tree.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
            if path.stem != "__init__":
                assert set(ast.literal_eval(node.value)) <= defined
