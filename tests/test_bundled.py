"""The files that come with WenBao are those that are listed, and none of them is code."""

import ast
from pathlib import Path

import pytest

from index import bundled
from index.bundled import ROOT, bundled_files, damaged, sums

PARTS = ("index", "rag", "ui", "evals", "tests")
CODE_ON_LOAD = set("pickle cPickle _pickle joblib dill cloudpickle marshal shelve".split())
KINDS = {".safetensors", ".onnx", ".json", ".gz", ".npz", ".sha256"}


def test_every_bundled_file_is_listed_with_its_digest() -> None:
    assert list(sums()) == list(bundled_files()), "run: python -m index.bundled"
    assert damaged() == []


def test_a_bundled_file_is_of_a_kind_that_holds_no_code() -> None:
    assert {Path(name).suffix for name in bundled_files()} <= KINDS


def test_a_file_that_was_changed_or_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "SHA256SUMS"
    listed.write_text(f"{'0' * 64}  rag/weights.json\n{'0' * 64}  rag/none.json\n", "utf-8")
    monkeypatch.setattr(bundled, "SUMS", listed)
    changed, gone = damaged()
    assert "not the file that came with WenBao" in changed
    assert "none.json: it is gone" in gone
    listed.unlink()
    assert "restore it" in damaged()[0]


def calls(tree: ast.AST, name: str) -> list[dict[str, ast.expr]]:
    """Return the keywords of each call of ``….name(…)``."""
    return [
        {keyword.arg or "**": keyword.value for keyword in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("np", "numpy", "torch")
    ]


@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_loaded_that_could_run_code(part: str) -> None:
    for path in (ROOT / part).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                names = {node.module or ""}
            assert not {name.partition(".")[0] for name in names} & CODE_ON_LOAD, path
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                assert node.id not in ("eval", "exec", "__import__"), path
        for keywords in calls(tree, "load"):
            allowed = keywords.get("allow_pickle")
            assert allowed is None or ast.literal_eval(allowed) is False, path
            assert ast.literal_eval(keywords.get("weights_only", ast.Constant(True))), path


def test_models_of_others_are_read_from_safetensors_and_run_no_code_of_theirs() -> None:
    text = (ROOT / "index" / "pretrained.py").read_text("utf-8")
    assert "trust_remote_code=False" in text
    assert '"use_safetensors": True' in text
