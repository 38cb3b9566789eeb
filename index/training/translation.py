"""The translation table p(Chinese word | English word) that English questions search with.

IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation") over
the sentence pairs and CC-CEDICT, as arrays: one cell for each English word beside each
Chinese word of a pair.
"""

import gzip
import logging
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from index.text import is_han, tokens, words
from index.training.data import Pair
from index.training.dictionary import FUNCTION_WORDS, content_words, glosses

log = logging.getLogger(__name__)

ITERATIONS = 6
MIN_PROBABILITY = 0.015
MAX_TRANSLATIONS = 12
NEWS_TILT = 0.25  # a count grows with this power of its Chinese word's count in the news
FAMILY_WEIGHT = 0.5  # of the counts of a word's inflections beside its own
MIN_SHARE = 0.01  # of a Chinese word's occurrences that the English word explains
MAX_VERSIONS = 4  # Chinese versions of one English sentence
NULL = "\0"  # an English word in every pair, for what has no counterpart
CHINESE_FUNCTION_WORDS = frozenset(
    (
        "的 了 在 是 和 与 及 或 并 也 都 就 还 又 被 把 将 对 从 向 到 由 "
        "以 为 于 而 但 但是 因为 所以 如果 这 那 这个 那个 这些 那些 其 之 所 "
        "者 等 着 过 地 得 我 你 他 她 它 我们 你们 他们 她们 它们 自己 您 咱们 "
        "一个 一 个 上 中 下 里 吗 呢 吧 啊 呀 很 不 没 没有 有 会 能 可以 要 "
        "让 使 给 当 时 后 前 来 去 说 做 并且 以及 而且 然后 因此 不过 虽然 只 "
        "再 则 即 此 该 本 各 每 某 些 什么 怎么 如何 为什么 哪 哪里 谁 多少 几 "
        "们 不是 就是 也是 这样 那样 这种 一种 一些 已经 正在 曾 曾经 之后 之前 "
        "其中 其他 可能 应该 必须 需要 通过 根据 关于 对于 由于 虽 却 才 更 最 "
        "非常 十分 比 像 如 跟 同 用 拿 于是 而是 还是 只是 可是 或者 甚至 尽管 "
        "即使 无论 不管 只要 只有 除了 作为 为了 以便 从而 当时 时候 以来 以后 以前 "
        "起来 出来 下来 下去 上去 过来 过去 进行 一样 一直 一次 这一"
    ).split()
)


@dataclass(frozen=True)
class _Cells:
    """Every English word beside every Chinese word of its pair, one array entry each.

    ``link`` numbers the distinct (English, Chinese) word pairs; ``slot_zh`` and ``slot_en``
    number the places of words, pair by pair; ``weight`` is how often the pair counts.
    ``link_en`` and ``link_zh`` are the words of each link; English word 0 is ``NULL``.
    """

    link: npt.NDArray[np.int32]
    slot_zh: npt.NDArray[np.int32]
    slot_en: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float32]
    link_en: npt.NDArray[np.int32]
    link_zh: npt.NDArray[np.int32]


def english_words(folded: str) -> list[str]:
    """Return the distinct words of an English text that carry meaning, without numbers."""
    return sorted(
        {t for t in tokens(folded) if t[0].isalpha() and t.isascii() and t not in FUNCTION_WORDS}
    )


def chinese_words(folded: str) -> list[str]:
    """Return the distinct Chinese words of a text that carry meaning."""
    return sorted({w for w in words(folded) if is_han(w[0]) and w not in CHINESE_FUNCTION_WORDS})


def family(word: str) -> str:
    """Return what the inflections of a regular English word share: ``tariff`` for ``tariffs``."""
    if len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            return word
    return word.removesuffix("e")


def _corpus(
    pairs: Sequence[Pair], common: Counter[str]
) -> list[tuple[list[str], list[str], float]]:
    """Return (English words, Chinese words, weight) of each pair and dictionary sense.

    A pair weighs 1. A sense weighs more the more common its headword is in the news
    (``common``), from 0.1 for one that never occurs to about 4: archaic synonyms would share
    out the probability otherwise.
    """
    versions: Counter[str] = Counter()
    found = []
    for pair in pairs:
        versions[pair.en] += 1
        if versions[pair.en] <= MAX_VERSIONS:
            found.append((english_words(pair.en), chinese_words(pair.zh), 1.0))
    for headword, senses in glosses().items():
        chinese = words(headword)
        weight = 0.1 + math.log10(1 + min(common[word] for word in chinese))
        found += [(sorted(set(content_words(gloss))), chinese, weight) for gloss in senses]
    return found


def _cells(
    corpus: Sequence[tuple[list[str], list[str], float]],
    en_number: dict[str, int],
    zh_number: dict[str, int],
) -> _Cells:
    keys: list[npt.NDArray[np.int64]] = []
    slots_zh: list[npt.NDArray[np.int32]] = []
    slots_en: list[npt.NDArray[np.int32]] = []
    weights: list[npt.NDArray[np.float32]] = []
    count_zh = count_en = 0
    for english, chinese, weight in corpus:
        e = np.array([0] + [en_number[w] for w in english if w in en_number], dtype=np.int64)
        z = np.array([zh_number[w] for w in chinese if w in zh_number], dtype=np.int64)
        keys.append(np.repeat(z, len(e)) + np.tile(e, len(z)) * len(zh_number))
        slots_zh.append(np.repeat(np.arange(len(z), dtype=np.int32) + count_zh, len(e)))
        slots_en.append(np.tile(np.arange(len(e), dtype=np.int32) + count_en, len(z)))
        weights.append(np.full(len(e) * len(z), weight, dtype=np.float32))
        count_zh += len(z)
        count_en += len(e)
    distinct, link = np.unique(np.concatenate(keys), return_inverse=True)
    return _Cells(
        link=link.astype(np.int32),
        slot_zh=np.concatenate(slots_zh),
        slot_en=np.concatenate(slots_en),
        weight=np.concatenate(weights),
        link_en=(distinct // len(zh_number)).astype(np.int32),
        link_zh=(distinct % len(zh_number)).astype(np.int32),
    )


def _alignment(
    link: npt.NDArray[np.int32],
    slot: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float32],
    cause: npt.NDArray[np.int32],
) -> npt.NDArray[np.float32]:
    """Return the chance of each cell that the word in its slot came from its ``cause``.

    ``cause`` is the causing word of each link. Expectation and maximisation from a uniform
    start; the cells of one slot sum to 1.
    """
    chance = np.ones(len(cause), dtype=np.float32)
    for _ in range(ITERATIONS):
        share = chance[link]
        share /= np.maximum(np.bincount(slot, weights=share), 1e-12).astype(np.float32)[slot]
        expected = np.bincount(link, weights=share * weight, minlength=len(cause))
        total = np.bincount(cause, weights=expected)
        chance = (expected / np.maximum(total[cause], 1e-12)).astype(np.float32)
    return share


def translation_table(
    pairs: Sequence[Pair], news: Iterable[str]
) -> dict[str, list[tuple[str, float]]]:
    """Return the likely Chinese words of each English word with p(zh | en), best first.

    Model 1 runs both ways and a link counts by the product of its two chances (Liang,
    Taskar and Klein 2006, "Alignment by Agreement"), which removes most words that merely
    stand in the same sentence. English words count when they occur twice or stand in the
    dictionary. Links below 0.015 or beyond the twelfth are dropped; so are those that explain
    less than 1 % of a Chinese word's occurrences, unless the dictionary has them. What is
    left is not normalised again.
    """
    common: Counter[str] = Counter()
    for text in news:
        common.update(words(text))
    corpus = _corpus(pairs, common)
    en_counts: Counter[str] = Counter()
    zh_counts: Counter[str] = Counter()
    for english, chinese, _ in corpus:
        en_counts.update(english)
        zh_counts.update(chinese)
    in_dictionary = {word for senses in glosses().values() for sense in senses for word in sense}
    en = [NULL, *sorted(w for w, n in en_counts.items() if n >= 2 or w in in_dictionary)]
    zh = sorted(w for w, n in zh_counts.items() if n >= 2 or w in glosses())
    cells = _cells(corpus, {w: n for n, w in enumerate(en)}, {w: n for n, w in enumerate(zh)})
    log.info("%d pairs and senses, %d cells", len(corpus), len(cells.link))
    agreed = _alignment(cells.link, cells.slot_zh, cells.weight, cells.link_en)
    real = cells.link_en[cells.link] > 0
    agreed[~real] = 0
    agreed[real] *= _alignment(
        cells.link[real], cells.slot_en[real], cells.weight[real], cells.link_zh
    )
    expected = np.bincount(cells.link, weights=agreed * cells.weight, minlength=len(cells.link_en))
    own = sparse.csr_array((expected, (cells.link_en, cells.link_zh)), shape=(len(en), len(zh)))
    # Inflections lend each other their translations: the pairs are too few for each alone.
    number: dict[str, int] = {}
    families = [number.setdefault(family(word), len(number)) for word in en]
    member = sparse.csr_array((np.ones(len(en)), (np.arange(len(en)), families)))
    shared = (own + FAMILY_WEIGHT * (member @ (member.T @ own))).tocoo()
    shared.data *= np.array([(1 + common[word]) ** NEWS_TILT for word in zh])[shared.col]
    of_en = np.bincount(shared.row, weights=shared.data, minlength=len(en))
    of_zh = np.bincount(shared.col, weights=shared.data, minlength=len(zh))
    chance = shared.data / np.maximum(of_en[shared.row], 1e-12)
    explained = shared.data / np.maximum(of_zh[shared.col], 1e-12)
    found: dict[str, list[tuple[str, float]]] = {}
    for position in np.flatnonzero(chance >= MIN_PROBABILITY):
        english_word, word = en[shared.row[position]], zh[shared.col[position]]
        listed = any(english_word in sense for sense in glosses().get(word, []))
        if (listed or explained[position] >= MIN_SHARE) and word not in CHINESE_FUNCTION_WORDS:
            found.setdefault(english_word, []).append((word, float(chance[position])))
    return {
        word: sorted(links, key=lambda link: (-link[1], link[0]))[:MAX_TRANSLATIONS]
        for word, links in sorted(found.items())
        if word not in FUNCTION_WORDS
    }


def write_table(table: dict[str, list[tuple[str, float]]], path: Path) -> None:
    """Write one line for each English word, ``en<TAB>zh:p<TAB>zh:p…``, gzipped.

    The same table gives the same bytes.
    """
    lines: Iterable[str] = (
        word + "".join(f"\t{chinese}:{chance:.3f}" for chinese, chance in links) + "\n"
        for word, links in table.items()
    )
    temporary = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        temporary.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
    ):
        packed.write("".join(lines).encode("utf-8"))
    temporary.replace(path)
