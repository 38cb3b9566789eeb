"""The body of an encoder as ``onnx/body.onnx``, for :mod:`index.light`.

``python -m index.training.export`` takes a sentence-transformers folder and writes everything
after the look-up of words, whatever its modules are, as one graph: the word embeddings of one
text in (1 × tokens × width, float32), its normalised vector out, and of an encoder that takes
the mean of its tokens also these (tokens × dimension, float32). The weights of its products
are 8-bit integers in blocks with a scale each, and become float32 as the graph is loaded.

Products of integers are no faster where a processor has them for blocks (VNNI), and where it
has not they take 1.65 times as long (decision 52). A scale for a whole activation (dynamic
quantisation) is twice as fast but too coarse: cosines with the float32 encoder fall below 0.993.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.light import (
    BODY,
    EXPORT,
    TOKENIZER,
    TOKENS,
    VECTOR,
    WEIGHTS,
    digest_beside,
    load_light,
    sha256_of,
)
from index.tensors import mapped_arrays
from index.text import simplify
from index.training.vocabulary import put_in_place
from index.types import Vectors

OPSET = 21  # the first with DequantizeLinear in blocks
BLOCK = 64  # weights that share a scale
MOST = 127  # of an 8-bit integer
MIN_COSINE = 0.995  # with the float32 encoder, of every text that is checked
PIECE_CHARS = 300
ODD = (
    *("", "。", "😀🎉", "的" * 10_000, "abc " * 400, "第20届 2025-05-27", "한국어 日本語"),
    "How many buyers came to the fair this year, and where did they come from?",
)
Floats = NDArray[np.float32]
SEEDS = Path(__file__).resolve().parents[2] / "seeds"
ENCODER = Path(__file__).resolve().parents[1] / "model" / "encoder"


def export_body(folder: Path, target: Path) -> None:
    """Write the body of the encoder in ``folder`` to ``target``.

    Raises :class:`ValueError` when the word rows of the model are not in its safetensors file.
    """
    model = _loaded(folder)
    words = _words_tensor(model, folder)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        _export_plain(model, plain)
        graph = _quantised(plain)
    facts = {
        "words": words,
        "max_tokens": str(model.max_seq_length),
        "dimension": str(model.get_embedding_dimension()),
        **_digests(folder),
    }
    _write(graph, facts, target)


def export_reader(weights: Path, encoder: Path, target: Path) -> None:
    """Write the reader with ``weights`` (:mod:`index.training.reader`) to ``target``.

    It reads with the word rows of the encoder in the folder ``encoder``. Inputs: ``embedded``,
    the rows of ``[CLS] question [SEP] passage [SEP]`` (1 × tokens × width), and ``types``, 0 for
    the tokens of the question and 1 for those of the passage (1 × tokens, int64). Outputs:
    ``span``, the logits of start and end (tokens × 2), and ``answers``, one logit.
    """
    import torch
    from safetensors.torch import load_file

    from index.training.reader import Reader

    model = _loaded(encoder)
    words = _words_tensor(model, encoder)
    reader = Reader(model[0].model)
    reader.load_state_dict({k: v.float() for k, v in load_file(weights).items()}, strict=False)

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.reader = reader.eval()

        def forward(self, embedded: Any, types: Any) -> Any:
            last = self.reader.body(
                inputs_embeds=embedded,
                attention_mask=torch.ones_like(types),
                token_type_ids=types,
            ).last_hidden_state
            return self.reader.span(last)[0], self.reader.answers(last[:, 0])[0]

    width = model[0].model.config.hidden_size
    tokens = torch.export.Dim("tokens", min=2, max=512)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        _to_onnx(
            Graph(),
            (torch.zeros(1, 7, width), torch.zeros(1, 7, dtype=torch.int64)),
            {"embedded": {1: tokens}, "types": {1: tokens}},
            ["span", "answers"],
            plain,
        )
        graph = _quantised(plain)
    _write(graph, {"words": words, **_digests(encoder)}, target)


def _digests(folder: Path) -> dict[str, str]:
    return {f"sha256 of {name}": sha256_of(folder / name) for name in (WEIGHTS, TOKENIZER)}


def _write(graph: Any, facts: Mapping[str, str], target: Path) -> None:
    _strip(graph)
    for key, value in facts.items():
        graph.metadata_props.add(key=key, value=value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(graph.SerializeToString(deterministic=True))
    digest_beside(target).write_text(f"{sha256_of(target)}  {target.name}\n", "ascii")


def _loaded(folder: Path) -> Any:
    """Return the float32 encoder on the CPU, its attention as plain products."""
    import torch
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        str(folder),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={
            "dtype": torch.float32,
            "use_safetensors": True,
            "attn_implementation": "eager",
        },
    ).eval()


def _words_tensor(model: Any, folder: Path) -> str:
    """Return the name of the word rows in the safetensors file."""
    rows = model[0].model.get_input_embeddings().weight
    for name, stored in mapped_arrays(folder / WEIGHTS).items():
        if stored.shape == tuple(rows.shape) and np.array_equal(
            stored.astype(np.float32), rows.detach().numpy()
        ):
            return name
    raise ValueError(f"{folder / WEIGHTS}: no tensor holds the {len(rows)} word rows")


def _export_plain(model: Any, path: Path) -> None:
    """Write every module of ``model`` after the word rows as one float32 graph."""
    import torch

    turns = _turns_of(model)

    class Body(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(list(model))

        def forward(self, embedded: Any) -> Any:
            mask = torch.ones_like(embedded[:, :, 0], dtype=torch.int64)
            features: Any = {"inputs_embeds": embedded, "attention_mask": mask}
            for part in self.parts:
                features = part(features)
            vector = torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)[0]
            if turns is None:
                return vector
            rows = features["token_embeddings"][0]
            for turn in turns:
                rows = turn(rows)
            return vector, rows

    width = model[0].model.get_input_embeddings().weight.shape[1]
    tokens = torch.export.Dim("tokens", min=2, max=512)
    outputs = [VECTOR] if turns is None else [VECTOR, TOKENS]
    _to_onnx(Body(), (torch.zeros(1, 7, width),), {"embedded": {1: tokens}}, outputs, path)


def _turns_of(model: Any) -> list[Any] | None:
    """Return what turns the tokens of ``model`` into rows that its vector is the mean of.

    ``None`` for an encoder that does not take the mean of its last layer, or bends it.
    """
    import torch
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling

    pooling, *rest = list(model)[1:] or [None]
    if not isinstance(pooling, Pooling) or pooling.pooling_mode != "mean":
        return None
    rest = [part for part in rest if not isinstance(part, Normalize)]
    straight = all(
        isinstance(part, Dense) and isinstance(part.activation_function, torch.nn.Identity)
        for part in rest
    )
    return [part.linear for part in rest] if straight else None


def _to_onnx(
    module: Any, example: tuple[Any, ...], shapes: dict[str, Any], outputs: list[str], path: Path
) -> None:
    """Write ``module`` as a float32 graph; ``shapes`` names its inputs and what of them varies."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        torch.onnx.export(
            module,
            example,
            str(path),
            dynamo=True,
            external_data=False,
            verbose=False,
            opset_version=OPSET,
            input_names=list(shapes),
            output_names=outputs,
            dynamic_shapes=shapes,
        )


def _quantised(path: Path) -> Any:
    """Return the graph at ``path`` with the weights of its products in 8 bits.

    Those of a product are the integers ``NAME.whole`` with the scales ``NAME.scales``
    (:func:`in_blocks`), and its first step makes them floating point.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    kept = {each.name: each for each in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        name = node.input[-1] if node.op_type == "MatMul" else ""
        if name in kept:
            whole, scales = in_blocks(numpy_helper.to_array(kept.pop(name)))
            parts = [f"{name}.whole", f"{name}.scales"]
            kept[parts[0]] = numpy_helper.from_array(whole, parts[0])
            kept[parts[1]] = numpy_helper.from_array(scales, parts[1])
            nodes.append(
                helper.make_node("DequantizeLinear", parts, [name], axis=0, block_size=BLOCK)
            )
        nodes.append(node)
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept.values())
    return model


def in_blocks(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return weights (inputs × outputs) as integers of that shape, and the scales of blocks.

    A block is :data:`BLOCK` inputs of one output: scales have the shape (blocks × outputs).
    """
    starts = range(0, len(weights), BLOCK)
    largest = np.maximum.reduceat(np.abs(weights), starts, axis=0)
    scales = np.asarray(largest / MOST, dtype=np.float32)
    divisors = np.where(scales > 0, scales, 1)
    return np.rint(weights / _spread(divisors, len(weights))).astype(np.int8), scales


def from_blocks(whole: NDArray[np.int8], scales: Floats) -> Floats:
    """Return the weights that :func:`in_blocks` made integers of, to rounding."""
    return np.asarray(_spread(scales, len(whole)) * whole, dtype=np.float32)


def _spread(scales: Floats, inputs: int) -> Floats:
    """Return the scale of each of ``inputs`` (inputs × outputs)."""
    return np.repeat(scales, BLOCK, axis=0)[:inputs]


def _strip(graph: Any) -> None:
    """Take out what tells of the machine that exported it: traces, versions, remarks."""
    graph.producer_name, graph.producer_version, graph.doc_string = "wenbao", "", ""
    del graph.metadata_props[:], graph.graph.metadata_props[:], graph.functions[:]
    graph.graph.name, graph.graph.doc_string = "body", ""
    for part in (*graph.graph.node, *graph.graph.initializer, *graph.graph.input):
        del part.metadata_props[:]
        part.doc_string = ""
    for value in graph.graph.output:
        del value.metadata_props[:]


def pieces(folder: Path) -> list[str]:
    """Return every piece of :data:`PIECE_CHARS` characters of the pages in ``folder``, in order."""
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))]
    return [
        page[start : start + PIECE_CHARS]
        for page in pages
        for start in range(0, len(page), PIECE_CHARS)
    ]


def figures(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Return how near the light embedder of ``folder`` is to the float32 one, and how fast."""
    light, reference = load_light(folder, str(folder)), _loaded(folder)
    wanted: Vectors = np.stack(
        [reference.encode(simplify(text), normalize_embeddings=True) for text in texts]
    )
    started = time.perf_counter()
    found = light.encode_passages(texts)
    seconds = time.perf_counter() - started
    cosines = (found * wanted).sum(axis=1)
    return {
        "bytes": float((folder / BODY).stat().st_size),
        "texts": float(len(texts)),
        "cosine_min": round(float(cosines.min()), 5),
        "cosine_mean": round(float(cosines.mean()), 5),
        "texts_a_second": round(len(texts) / seconds, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the body and print its figures; 1 when it is too far from the encoder.

    It is made and measured in a copy of the folder, which takes its place only then.
    """
    parser = argparse.ArgumentParser(prog=EXPORT, description=__doc__)
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="the encoder's folder")
    parser.add_argument("--texts", type=Path, default=SEEDS, help="pages to try it on")
    options = parser.parse_args(arguments)
    encoder = options.encoder.resolve()
    body, fresh = encoder / BODY, encoder.with_name(encoder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(encoder, fresh, ignore=shutil.ignore_patterns(body.parent.name))
    export_body(fresh, fresh / BODY)
    measured = figures(fresh, [*pieces(options.texts), *ODD])
    print(json.dumps(measured, indent=1))
    if measured["cosine_min"] < MIN_COSINE:
        shutil.rmtree(fresh)
        print(f"too far from the encoder (below {MIN_COSINE}): not kept", file=sys.stderr)
        return 1
    put_in_place(fresh, encoder)
    print(f"{body} {sha256_of(body)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
