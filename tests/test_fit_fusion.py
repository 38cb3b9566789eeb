"""The weights of the arms are learned from questions, and never speak against a passage."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.fit_fusion import FEATURES, Asked, fit_fusion, fitted, write_weights
from index.training.quarters import is_held_out
from index.types import CorpusError
from rag.config import load_settings
from rag.fusion import PAIRS, load_weights
from tests.embedders import BigramEmbedder

# Documents that train no encoder: the others are not asked about.
NAMES = [name for n in range(2_000) if is_held_out(name := f"n{n:04}")]
TOPICS = "桥梁 茶叶 足球 医院 火车 学校 渔船 音乐 石油 森林 钟表 陶瓷".split()


def write_rows(folder: Path, name: str, rows: Sequence[dict[str, Any]]) -> None:
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with news about a topic each, and questions about them."""
    folder = tmp_path / "data"
    folder.mkdir()
    news = [
        {"id": NAMES[n], "text": f"{topic}展昨日在城南开幕，{topic}商人来了{n + 300}名。" * 3}
        for n, topic in enumerate(TOPICS)
    ]
    questions = [
        {"p": NAMES[n], "l": language, "s": "plain", "q": f"{topic}展来了多少商人？",
         "e": f"{topic}商人"}
        for n, topic in enumerate(TOPICS)
        for language in ("zh", "en")
    ]  # fmt: skip
    write_rows(folder, "news", news)
    write_rows(folder, "questions-train", questions)
    write_rows(folder, "questions-test", [{"p": NAMES[-1], "l": "zh", "s": "plain", "q": "？"}])
    return folder


def asked(right: int, **features: Sequence[float]) -> Asked:
    size = len(next(iter(features.values())))
    columns = [np.asarray(features.get(name, np.zeros(size)), dtype=float) for name in FEATURES]
    return Asked("zh", "n", True, np.stack(columns, axis=1), np.arange(size) == right)


def test_the_arm_that_tells_gets_the_weight_and_none_is_negative() -> None:
    told = [asked(1, dense=[0, 1, 0.2], characters=[0.5, 0.1, 0.4]) for _ in range(20)]
    weights = fitted(told, {"characters": 0.5})
    assert weights["dense"] > 1
    assert weights.get("characters", 0.0) < 0.5
    assert min(weights.values()) > 0


def test_weights_are_fitted_on_both_sizes_and_read_back(data: Path, tmp_path: Path) -> None:
    weights, figures = fit_fusion(data, load_settings(), BigramEmbedder(), documents=12)
    assert figures["zh.small.recall_at_1"] == figures["zh.large.recall_at_1"] == 1.0
    write_weights(tmp_path / "fusion.json", weights)
    assert load_weights(tmp_path / "fusion.json") == {pair: weights[pair] for pair in PAIRS}


def test_missing_questions_are_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="questions-test"):
        fit_fusion(tmp_path, load_settings(), BigramEmbedder())
