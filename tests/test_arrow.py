"""The parts may only know the parts below them, and a large library has one door."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "index": set(),
    "rag": {"index"},
    "ui": {"rag", "index"},
    "evals": {"rag", "index"},
}
ONE_DOOR = [  # frameworks and engines; NumPy and SciPy are arithmetic, at home anywhere
    "faiss",
    "gradio",
    "langchain",
    "langchain_openai",
    "onnxruntime",
    "pymilvus",
    "ray",
    "sentence_transformers",
]


def modules(part: str) -> list[Path]:
    """Return the product's modules of a part; how the model was made is not the product."""
    training = ROOT / "index" / "training"
    return [path for path in sorted((ROOT / part).rglob("*.py")) if training not in path.parents]


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever in it, and what they lie in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_the_parts_below_it(part: str) -> None:
    forbidden = {*MAY_IMPORT, "tests"} - MAY_IMPORT[part] - {part}
    paths = modules(part)
    assert paths
    broken = {str(path.relative_to(ROOT)): forbidden & set(imported(path)) for path in paths}
    door = "ui/evaluation.py"  # of `wenbao eval`, and of nothing else
    broken[door] = broken.get(door, set()) - {"evals"}
    assert not {path: names for path, names in broken.items() if names}


@pytest.mark.parametrize("library", ONE_DOOR)
def test_a_large_library_is_imported_in_one_module(library: str) -> None:
    peers = ROOT / "evals" / "bench"  # compares libraries with each other: not the product
    doors = [
        path
        for part in MAY_IMPORT
        for path in modules(part)
        if library in imported(path) and peers not in path.parents
    ]
    assert len(doors) == 1, [str(path.relative_to(ROOT)) for path in doors]


def test_nothing_but_the_settings_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for part in MAY_IMPORT
        for path in modules(part)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= {"rag/config.py"}


def loaded_by(statement: str) -> set[str]:
    """Return the top packages in memory after ``statement`` in a fresh Python."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = {"torch", "gradio", "faiss", "langchain", "langchain_core", "transformers", "numpy"}
    assert not heavy & loaded_by("import ui.cli")


def test_the_whole_way_to_an_answer_is_imported_without_torch_and_langchain() -> None:
    heavy = {"torch", "gradio", "langchain", "langchain_core", "transformers", "sklearn"}
    assert not heavy & loaded_by("import index.build, rag.answering")


def test_a_question_waits_for_no_library_that_only_a_build_needs() -> None:
    assert not {"scipy", "filelock", "rich", "opencc"} & loaded_by("import rag.answering")
