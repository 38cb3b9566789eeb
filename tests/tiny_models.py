"""Small random models of the shapes that people bring, as sentence-transformers folders."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHARACTERS = "第届文旅博览会来了多少采购商的你我他一二三0123456789？。，:abcdefghijklmnopqrstuvwxyz"
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
MAX_TOKENS = 32


def bert_folder(folder: Path, two_layers: bool = False, **options: Any) -> None:
    """Write a BERT with mean pooling; ``two_layers`` sums its embedding and its last layer."""
    from transformers import BertConfig, BertModel

    config = BertConfig(**_small(), output_hidden_states=two_layers)
    _save(BertModel(config), folder, "mean", two_layers=two_layers, **options)


def roberta_folder(folder: Path, **options: Any) -> None:
    """Write an XLM-R with the vector of its first token, as bge-m3 has it."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    _save(XLMRobertaModel(XLMRobertaConfig(**_small(), pad_token_id=0)), folder, "cls", **options)


def qwen_folder(folder: Path, **options: Any) -> None:
    """Write a decoder with the vector of its last token, as Qwen3-Embedding has it."""
    from transformers import Qwen3Config, Qwen3Model

    config = Qwen3Config(**_small(), num_key_value_heads=2, head_dim=32)
    _save(Qwen3Model(config), folder, "lasttoken", **options)


def gemma_folder(folder: Path, **options: Any) -> None:
    """Write a Gemma with mean pooling and two dense layers, as EmbeddingGemma has it."""
    from transformers import Gemma3TextConfig, Gemma3TextModel

    config = Gemma3TextConfig(**_small(), num_key_value_heads=2, head_dim=32)
    _save(Gemma3TextModel(config), folder, "mean", dense=True, **options)


def _small() -> dict[str, Any]:
    return {
        "vocab_size": len(SPECIALS) + len(set(CHARACTERS)),
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
    }


def _save(
    body: Any,
    folder: Path,
    pooling: str,
    prompts: Mapping[str, str] | None = None,
    two_layers: bool = False,
    dense: bool = False,
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Split
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    torch.manual_seed(0)
    for parameter in body.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    words = [*SPECIALS, *dict.fromkeys(CHARACTERS)]
    tokenizer = Tokenizer(WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Split("", behavior="isolated")
    tokenizer.post_processor = TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)]
    )
    backbone = folder / "backbone"
    body.save_pretrained(str(backbone))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=MAX_TOKENS,
    ).save_pretrained(str(backbone))
    parts: list[Any] = [modules.Transformer(str(backbone), max_seq_length=MAX_TOKENS)]
    if two_layers:
        last = _small()["num_hidden_layers"]
        weights = torch.nn.Parameter(torch.tensor([0.3, *[0.0] * (last - 1), 0.7]))
        parts.append(
            modules.WeightedLayerPooling(
                128, num_hidden_layers=last, layer_start=0, layer_weights=weights
            )
        )
    parts.append(modules.Pooling(128, pooling_mode=pooling))
    if dense:
        parts += [modules.Dense(128, 256, bias=False), modules.Dense(256, 128, bias=False)]
    parts.append(modules.Normalize())
    model = SentenceTransformer(modules=parts, device="cpu", prompts=dict(prompts or {}))
    model.save_pretrained(str(folder), create_model_card=False)
    assert json.loads((folder / "modules.json").read_text("utf-8"))


def chat_folder(folder: Path) -> None:
    """Write a chat model of one layer over single characters, as ``transformers serve`` takes it.

    Its weights are random, and so is what it says.
    """
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = [*SPECIALS, *dict.fromkeys(CHARACTERS)]
    tokenizer = Tokenizer(WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split("", behavior="isolated")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=16_384,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
    )
    LlamaForCausalLM(config).save_pretrained(str(folder))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        bos_token="[CLS]",
        eos_token="[SEP]",
        chat_template="{% for message in messages %}{{ message['content'] }}{% endfor %}",
    ).save_pretrained(str(folder))
