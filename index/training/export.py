"""The layers of the encoder as a graph of eight-bit integers, for use without torch.

::

    python -m index.training.export [--encoder index/model/encoder]

Everything between the word embeddings and the vector is exported from the sentence-transformers
folder; the weights of its matrix products become eight-bit integers in blocks of 32 with a
scale each (``MatMulNBits``), which are multiplied with inputs that are rounded block by block
as well. One scale for a whole matrix and input (dynamic quantisation) is up to twice as fast,
but moves vectors further (docs/decisions.md).
"""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from index.bundled import FOLDER, GRAPH, MADE_OF, WEIGHTS, BundledEmbedder
from index.training.data import chunks
from index.types import Vectors

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
BITS, BLOCK = 8, 32
OPSET = 20
INT8_PRODUCTS = 4  # the accuracy level of onnxruntime that multiplies eight-bit integers


def export(folder: Path) -> Path:
    """Write ``body.onnx`` into the encoder's folder in one step and return its path."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    graph = folder / GRAPH
    temporary = graph.with_suffix(".new")
    _write_float(folder, temporary)
    quantizer = MatMulNBitsQuantizer(
        onnx.load(temporary),
        bits=BITS,
        block_size=BLOCK,
        is_symmetric=True,
        accuracy_level=INT8_PRODUCTS,
    )
    quantizer.process()
    model = quantizer.model.model
    del model.metadata_props[:]
    weights = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    model.metadata_props.add(key=MADE_OF, value=weights)
    for node in model.graph.node:
        del node.metadata_props[:]  # paths of this machine
        node.doc_string = ""
    temporary.write_bytes(model.SerializeToString(deterministic=True))
    temporary.replace(graph)
    return graph


def _write_float(folder: Path, path: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu").eval()
    body: Any = model[0].model
    body.config._attn_implementation = "eager"

    class Body(torch.nn.Module):
        """Word embeddings and a mask in, the vector out."""

        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.rest = torch.nn.ModuleList(list(model)[1:])

        def forward(self, embedded: torch.Tensor, mask: torch.Tensor) -> Any:
            last = self.body(inputs_embeds=embedded, attention_mask=mask).last_hidden_state
            features = {"token_embeddings": last, "attention_mask": mask}
            for module in self.rest:
                features = module(features)
            return features["sentence_embedding"]

    width = body.config.hidden_size
    sizes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    mask = torch.ones(2, 17, dtype=torch.long)
    mask[1, 9:] = 0
    torch.onnx.export(
        Body().eval(),
        (torch.randn(2, 17, width), mask),
        path,
        input_names=["embedded", "mask"],
        output_names=["vector"],
        dynamic_shapes=(sizes, sizes),
        dynamo=True,
        external_data=False,
        opset_version=OPSET,
        verbose=False,
    )


def cosines(folder: Path, texts: list[str]) -> Vectors:
    """Return the cosine of each text's vector by the graph with the one by the whole model."""
    from index.embedding import load_embedder

    light, whole = BundledEmbedder(folder), load_embedder(str(folder))
    found = (light.encode_passages(texts) * whole.encode_passages(texts)).sum(axis=1)
    return np.asarray(found, dtype=np.float32)


def main() -> int:
    """Write the graph and print how near its vectors are to those of the whole model."""
    parser = argparse.ArgumentParser(prog="python -m index.training.export", description=__doc__)
    parser.add_argument("--encoder", type=Path, default=FOLDER, help="folder of the encoder")
    options = parser.parse_args()
    path = export(options.encoder)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    found = cosines(options.encoder, sample())
    print(f"cosine with the whole model: least {found.min():.4f}, mean {found.mean():.4f}")
    return 0


def sample() -> list[str]:
    """Return passages and sentences of the seed pages, and texts of odd kinds."""
    pages = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    passages = [page[start:end] for page in pages for start, end in chunks(page)]
    lines = [line for page in pages for line in page.split("\n") if 4 < len(line) < 40]
    return [*passages, *lines[:200], "", "😀", "How many buyers came to the fair?", "義烏" * 5_000]


if __name__ == "__main__":
    sys.exit(main())
