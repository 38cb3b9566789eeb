"""Whether a loaded model is the one that an index was built with: sentences with their vectors.

The digest of the weights (``identity``) does not see everything that makes a vector: another
tokenizer, another way of pooling, a library that reads a configuration in its own way. So an
index keeps the vectors of some fixed sentences, and a loaded model must make the same.
"""

import numpy as np
from numpy.typing import NDArray

from index.types import Embedder, Vectors

# A change of this list makes every index that was built before look like one of another model.
SENTENCES = (
    "第20届文旅博览会来了多少采购商？",
    "台风登陆沿海，学校停课两天。",
    "市人大常委会通过了新修订的《城市绿化条例》，自明年1月1日起施行。",
    "记者从铁路部门获悉，全长286公里的高速铁路昨日开通运营。",
    "公司第三季度净利润同比增长12.6%，达到34.5亿元。",
    "老街上的面馆开了四十年，老板说味道从来没有变过。",
    "這家博物館收藏了三千多件青銅器。",
    "How many buyers came to the culture and tourism fair?",
    "The typhoon closed schools along the coast for two days.",
    "Net profit rose 12.6% in the third quarter.",
    "WTO、5G 与 AI：外贸企业怎么看 2025？",
    "的",
)
# How far a vector may have moved, in squares of how far the sentences lie from their middle. The
# bundled model in 8-bit blocks, float32 and bfloat16 stays within .004.
MAX_SHIFT = 0.02


def probe(embedder: Embedder) -> Vectors:
    """Return the vectors of :data:`SENTENCES`, float32 of shape ``(12, dimension)``."""
    return embedder.encode_passages(SENTENCES)


def problem_with(kept: Vectors, embedder: Embedder) -> str | None:
    """Return what tells the loaded model from the one that made ``kept``; ``None`` when nothing.

    ``kept`` are vectors of :func:`probe`. What comes back is one line: what is wrong, and what
    to do.
    """
    remedy = "load the model that the index was built with, or build it anew with: wenbao index"
    shape = (len(SENTENCES), embedder.dimension)
    if kept.shape != shape:
        return (
            f"model {embedder.name!r} makes vectors of {embedder.dimension} numbers of "
            f"{len(SENTENCES)} sentences, the index keeps {kept.shape} of them; {remedy}"
        )
    shift = shifts(kept, probe(embedder))
    worst = int(np.argmax(shift))  # what is no number comes first
    if shift[worst] <= MAX_SHIFT:
        return None
    return (
        f"model {embedder.name!r} is not the one that the index was built with: its vector of "
        f"{SENTENCES[worst]!r} is {shift[worst]:.2g} away from the one kept, {MAX_SHIFT} at most "
        f"is rounding; {remedy}"
    )


def shifts(kept: Vectors, found: Vectors) -> NDArray[np.float32]:
    """Return how far each vector has moved, squared, over the mean spread of those ``kept``.

    Some models put all text close together: there, too, a small step leads to another meaning.
    """
    spread = ((kept - kept.mean(axis=0)) ** 2).sum(axis=1).mean()
    moved = ((kept - found) ** 2).sum(axis=1)
    return np.asarray(moved / max(spread, np.finfo(np.float32).tiny), dtype=np.float32)
