"""A model of the user's own: every shape of encoder, its own prompts, and what can go wrong."""

import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding import E5_PROMPTS, SentenceTransformerEmbedder, load_embedder
from index.types import CorpusError

WORDS = ["[PAD]", "[UNK]", "query", ":", "passage", "title", "none", "|", "text", "茶", "桥", "球"]
TEXTS = ["茶 桥", "桥 球 茶", "球"]

# What each family says of itself: its network, how tokens become a vector, its prompts.
QWEN3 = {"query": "query : ", "document": ""}
GEMMA = {"query": "query : text | ", "document": "title : none | text : "}


def network(family: str) -> Any:
    """Return a small random network of a family."""
    import torch
    import transformers

    torch.manual_seed(7)
    size: dict[str, Any] = {
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "pad_token_id": 0,
    }
    decoder: dict[str, Any] = {
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 64,
    }
    if family == "bert":
        return transformers.BertModel(transformers.BertConfig(**size))
    if family == "xlm-roberta":
        return transformers.XLMRobertaModel(transformers.XLMRobertaConfig(**size))
    if family == "qwen3":
        return transformers.Qwen3Model(transformers.Qwen3Config(**size, **decoder))
    return transformers.Gemma3TextModel(transformers.Gemma3TextConfig(**size, **decoder))


def own_model(folder: Path, family: str, pooling: str, prompts: dict[str, str]) -> Path:
    """Write a sentence-transformers folder of a family and return it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    raw = folder / "raw"
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=32
    ).save_pretrained(raw)
    network(family).save_pretrained(raw)
    body = Transformer(str(raw))
    modules: list[Any] = [body, Pooling(16, pooling_mode=pooling)]
    if family == "gemma":
        modules += [Dense(16, 24), Dense(24, 16)]
    model = SentenceTransformer(modules=modules, prompts=prompts, device="cpu")
    model.save_pretrained(str(folder / "model"))
    return folder / "model"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "pooling", "prompts"),
    [
        ("bert", "mean", {}),
        ("xlm-roberta", "cls", {}),
        ("qwen3", "lasttoken", QWEN3),
        ("gemma", "mean", GEMMA),
    ],
)
def test_questions_and_passages_get_the_prompts_of_the_model(
    tmp_path: Path, family: str, pooling: str, prompts: dict[str, str]
) -> None:
    folder = own_model(tmp_path, family, pooling, prompts)
    embedder = load_embedder(str(folder))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    plain = embedder._model.encode
    question, passage = prompts.get("query", ""), prompts.get("document", "")
    for found, prompt in (
        (embedder.encode_questions(TEXTS), question),
        (embedder.encode_passages(TEXTS), passage),
    ):
        expected = plain([prompt + text for text in TEXTS], prompt="", normalize_embeddings=True)
        assert found.dtype == np.float32
        assert found == pytest.approx(np.asarray(expected), abs=1e-5)
        assert (found**2).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.slow
def test_e5_which_has_no_prompts_of_its_own_gets_those_of_its_card(tmp_path: Path) -> None:
    folder = own_model(tmp_path, "bert", "mean", {})
    named = folder.rename(folder.with_name("multilingual-e5-small"))
    embedder = load_embedder(str(named))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder._prompts == E5_PROMPTS
    other = SentenceTransformerEmbedder(embedder._model, "intfloat/e5-mistral-7b-instruct")
    assert other._prompts == {}


@pytest.mark.slow
def test_a_batch_that_needs_too_much_memory_is_halved_until_it_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = load_embedder(str(own_model(tmp_path, "bert", "mean", {})))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    expected = embedder.encode_passages(TEXTS)
    whole, tried = embedder._model.encode, []

    def short_of_memory(texts: list[str], batch_size: int, **options: Any) -> Any:
        tried.append(batch_size)
        if batch_size > least:
            raise MemoryError
        return whole(texts, batch_size=batch_size, **options)

    monkeypatch.setattr(embedder._model, "encode", short_of_memory)
    least = 4
    assert embedder.encode_passages(TEXTS) == pytest.approx(expected, abs=1e-5)
    assert tried == [32, 16, 8, 4]
    least = 0
    with pytest.raises(CorpusError, match="more memory"):
        embedder.encode_passages(TEXTS)


def test_an_unknown_name_without_a_network_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    started = time.monotonic()
    with pytest.raises(CorpusError, match=r"model 'nobody/nothing' cannot be loaded"):
        load_embedder("nobody/nothing")
    assert time.monotonic() - started < 30  # most of it importing torch
