"""The user's own model: its prompts, its limits, and a quick no where it is not to be had."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding import load_embedder
from index.pretrained import BATCH_SIZE, SentenceTransformerEmbedder, prompts_of
from index.types import CorpusError
from tests.tiny_models import bert_folder, gemma_folder, qwen_folder, roberta_folder

QUESTION = "第二届来了多少采购商"
INSTRUCTION = "instruct: find it\nquery:"
SHAPES: dict[str, tuple[Callable[..., None], dict[str, str]]] = {
    "BERT, mean": (bert_folder, {}),
    "XLM-R, first token": (roberta_folder, {}),
    "Qwen3, last token": (qwen_folder, {"query": INSTRUCTION, "document": ""}),
    "Gemma, dense": (gemma_folder, {"query": "task: search | ", "document": "title: none | "}),
}


@pytest.fixture(scope="module", params=SHAPES)
def shaped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """Return the folder of a small random model, and the prompts of its configuration."""
    write, prompts = SHAPES[request.param]
    folder = tmp_path_factory.mktemp("shape") / "model"
    write(folder, prompts=prompts)
    return folder, prompts


def test_each_shape_encodes_with_the_prompts_of_its_configuration(
    shaped: tuple[Path, dict[str, str]],
) -> None:
    from sentence_transformers import SentenceTransformer

    folder, prompts = shaped
    embedder = load_embedder(str(folder))
    reference = SentenceTransformer(str(folder), device="cpu")
    for found, prompt in (
        (embedder.encode_questions([QUESTION]), prompts.get("query", "")),
        (embedder.encode_passages([QUESTION]), prompts.get("document", "")),
    ):
        wanted = reference.encode([prompt + QUESTION], normalize_embeddings=True)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-4)
        assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-5)


def test_a_long_text_is_cut_where_the_model_ends(shaped: tuple[Path, dict[str, str]]) -> None:
    vectors = load_embedder(str(shaped[0])).encode_passages(["的" * 100, "的" * 5_000])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)


def test_a_batch_gives_the_vectors_of_single_texts(shaped: tuple[Path, dict[str, str]]) -> None:
    embedder = load_embedder(str(shaped[0]))
    texts = ["的", QUESTION, "", "abc" * 9]
    alone = np.concatenate([embedder.encode_passages([text]) for text in texts])
    np.testing.assert_allclose(embedder.encode_passages(texts), alone, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "question", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("/models/e5_base/", "query: ", "passage: "),
        (r"C:\models\e5-large", "query: ", "passage: "),
        ("BAAI/bge-m3", "", ""),
        ("/my-e5-models/bge-m3", "", ""),
        ("intfloat/multilingual-e5-large-instruct", "", ""),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
    ],
)
def test_a_family_whose_configuration_is_silent_gets_the_prompts_of_its_card(
    name: str, question: str, passage: str
) -> None:
    assert prompts_of({"query": "", "document": ""}, name) == (question, passage)


def test_the_configuration_wins_over_the_family() -> None:
    assert prompts_of({"query": "ask: "}, "e5-small") == ("ask: ", "")


class Cramped:
    """A model on a device that has room for three texts."""

    def __init__(self) -> None:
        self.prompts: dict[str, str] = {}
        self.tried: list[int] = []

    def encode(self, texts: list[str], batch_size: int, **_: Any) -> Any:
        import torch

        self.tried.append(batch_size)
        if batch_size > 3:
            raise torch.OutOfMemoryError("no room")
        return np.ones((len(texts), 4))


def test_batches_are_halved_until_they_fit_and_stay_so() -> None:
    model = Cramped()
    embedder = SentenceTransformerEmbedder(model, "cramped")  # type: ignore[arg-type]
    assert embedder.encode_passages(["a"] * 9).shape == (9, 4)
    assert model.tried == [BATCH_SIZE, 16, 8, 4, 2]
    embedder.encode_passages(["a"])
    assert model.tried[-1] == 2


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "not/a/hub/name"])
def test_an_unknown_name_fails_in_one_line_without_waiting(name: str) -> None:
    import sentence_transformers  # noqa: F401  its import is not what is timed

    started = time.perf_counter()
    with pytest.raises(CorpusError, match=name) as raised:
        load_embedder(name)
    assert "\n" not in str(raised.value)
    assert time.perf_counter() - started < 5
