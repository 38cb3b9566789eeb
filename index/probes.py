"""Whether a loaded model is the one that an index was built with: sentences with their vectors.

The digest of the weights (``identity``) does not see everything that makes a vector: another
tokenizer, another way of pooling, a library that reads a configuration in its own way. So an
index keeps the vectors of some fixed sentences, and a loaded model must make the same.
"""

import numpy as np

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
# The same model on another machine, in another precision or by another library: its cosines
# were at least .997 (8-bit blocks, float32, bfloat16; one thread, two threads).
MIN_COSINE = 0.99


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
    cosines = (kept * probe(embedder)).sum(axis=1)
    worst = int(np.argmin(cosines))
    if cosines[worst] >= MIN_COSINE:
        return None
    return (
        f"model {embedder.name!r} is not the one that the index was built with: its vector of "
        f"{SENTENCES[worst]!r} has a cosine of {cosines[worst]:.3f} with the one kept; {remedy}"
    )
