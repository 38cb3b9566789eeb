"""SECURITY.md is true: every test, file and setting that it names is there."""

import re

from rag.config import Settings
from tests.conftest import ROOT

TEXT = (ROOT / "SECURITY.md").read_text("utf-8")


def test_every_test_that_it_names_is_there() -> None:
    named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", TEXT)
    assert len(named) > 25
    for file, name in named:
        text = (ROOT / file).read_text("utf-8")
        assert not name or f"def {name}(" in text, f"{file}::{name}"


def test_every_file_and_setting_that_it_names_is_there() -> None:
    for path in re.findall(r"`((?:ui|rag|index)/\w+\.py)`|\]\(([\w/.]+)\)", TEXT):
        assert (ROOT / "".join(path)).is_file(), path
    for variable in re.findall(r"WENBAO_(\w+)", TEXT):
        assert variable.lower() in Settings.model_fields, variable


def test_it_has_all_ten_risks() -> None:
    assert re.findall(r"\| (LLM\d\d) ", TEXT) == [f"LLM{number:02}" for number in range(1, 11)]
