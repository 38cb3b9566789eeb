"""Settings are read from the environment, and from nowhere else."""

from pathlib import Path

import pytest

from rag.config import Settings, load_settings

OPTIONAL_PATHS = [
    name for name, field in Settings.model_fields.items() if field.annotation == Path | None
]


@pytest.mark.parametrize("name", OPTIONAL_PATHS)
def test_an_empty_variable_is_no_path(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"WENBAO_{name.upper()}", "")
    assert getattr(load_settings(), name) is None


def test_an_empty_variable_of_feedback_still_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENBAO_FEEDBACK", "")
    assert load_settings().feedback == ""
    assert "uploads" in OPTIONAL_PATHS
