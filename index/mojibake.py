"""Whether text is what was written, or bytes that were read in a wrong encoding.

Chinese that is decoded wrongly still consists of characters, but of ones that nobody writes.
How many bits a character takes in the newspaper Chinese that WenBao has counted
(:mod:`index.ngrams`) tells the two apart: running text takes about ten bits a character, in
Traditional as in Simplified characters, a wrong reading twenty and more.
"""

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.ngrams import LEVELS, TABLE
from index.text import to_simplified

MAX_MEAN_BITS, FEW_BITS = 12.8, 11.5  # a character, over all of a text; a short one may vary
WINDOW_CHARS, MAX_WINDOW_BITS = 16, 18.5  # the same where the text is at its strangest
LATIN_BITS, RARE_BITS = 6.0, 25.0
MIN_WITNESSES = 6  # characters; fewer prove nothing
MIN_KEPT = 0.9  # of the bytes that must come back when a wrong reading is undone
MAX_LOST = 0.02  # of the characters that are not ASCII
LEAST_SHARE = 0.005  # of a text: less that is wrong is the print's own, or one article's
READ_CHARS = 200_000  # of a text, which tell of the whole

Bits = NDArray[np.float64]

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CHARACTER = re.compile(r"[^\x00-\x7f]")
# Control characters, without white space and the end-of-file mark of DOS.
CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_LONELY = re.compile("(?<![^A-Za-z ,.])[\u3400-\u9fff](?![^A-Za-z ,.])")
# Chinese characters, and what wrong readings are full of. Chinese text also quotes kana, Greek,
# marks, blanks and private signs of every kind: of these none tells anything.
_TELLING = re.compile(
    "[\u2e80-\u2fff\u3400-\ud7ff\uf900-\ufdff\ufff0-\uffff"
    "\U00010000-\U0001efff\U00020000-\U000effff]+"
)
_ASCII_BYTES = bytes(range(128))
_WIDE = ("utf-16-le", "utf-16-be")
# How text was read, and how it had been written.
_MISTAKES = tuple(
    (read_as, written_as)
    for read_as in ("gb18030", "windows-1252", "big5hkscs", *_WIDE)
    for written_as in ("utf-8", "gb18030", "big5hkscs", "utf-16-be")
    if read_as != written_as
)


def cost_of(text: str) -> float:
    """Return the bits that ``text`` takes.

    Control characters take as many as rare ones, and so does one of Chinese in the midst of
    English: there a dash is likelier, or a letter with an accent.
    Of two readings of the same bytes the one that takes less is the likelier.
    """
    foreign = _bits("".join(_FOREIGN.findall(text)))
    odd = len(CONTROL.findall(text)) + len(_LONELY.findall(text))
    return float(foreign.sum() + LATIN_BITS * (len(text) - len(foreign)) + RARE_BITS * odd)


def is_plausible(text: str) -> bool:
    """Return whether ``text`` may be Chinese wherever it has Chinese characters."""
    bits = _bits("".join(_TELLING.findall(text)))
    return not len(bits) or (_is_common(bits) and not _is_strange(bits))


def misread(text: str) -> str:
    """Return what happened to ``text`` before it was written here; empty for what it always was.

    A wrong reading is told by its being undone: the characters, written in the one encoding
    and read in the other, become Chinese. Where that lost characters, it is told by these.
    """
    text = text[:READ_CHARS]
    strange = _strange_lines(text)
    # One garbled article among a hundred is no reason to refuse the others.
    if len(strange) < LEAST_SHARE * len(text):
        strange = ""
    for read_as, written_as in _MISTAKES if strange else ():
        data = _encoded(strange, read_as)
        for start in (0, 1) if read_as in _WIDE else (0,):
            undone = _undone(data[start:], written_as)
            telling = "".join(_TELLING.findall(undone))
            if len(set(telling)) >= MIN_WITNESSES and _is_common(_bits(telling)):
                return f"{written_as} that was read as {read_as}"
    lost = text.count("\ufffd")
    foreign = sum(map(len, _FOREIGN.findall(text))) if lost else 0
    lost = lost if lost >= LEAST_SHARE * foreign else 0
    if lost > MAX_LOST * foreign or (lost and not is_plausible(text.replace("\ufffd", ""))):
        return f"{lost} characters that were lost"
    return ""


def _bits(foreign: str) -> Bits:
    """Return the bits that each character of ``foreign`` takes, which has no ASCII."""
    simplified = to_simplified(foreign)
    counts, total = _counts()
    codes = np.frombuffer(simplified.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.asarray(total - counts[np.minimum(codes, 0xFFFF)], dtype=np.float64)


@lru_cache(maxsize=1)
def _counts() -> tuple[Bits, float]:
    """Return the logarithm of how often each character occurs, and of all of them together."""
    with np.load(TABLE, allow_pickle=False) as stored:
        counts = stored["ones"].astype(np.float64) / LEVELS
        counts[0xFFFF] = 0.0  # what lies beyond the first plane
        return counts, float(stored["total"])


def _is_common(bits: Bits) -> bool:
    """Return whether people write so, on the whole."""
    return bool(bits.mean() < MAX_MEAN_BITS + FEW_BITS / np.sqrt(len(bits)))


def _is_strange(bits: Bits) -> bool:
    """Return whether nobody writes so, anywhere."""
    return bool(_strange_windows(bits).any())


def _strange_windows(bits: Bits) -> NDArray[np.bool_]:
    """Return for each window of ``bits`` whether nobody writes so."""
    size = min(WINDOW_CHARS, len(bits))
    sums = np.cumsum(np.concatenate(([0.0], bits)))
    return np.asarray((sums[size:] - sums[:-size]) > MAX_WINDOW_BITS * size)


def _strange_lines(text: str) -> str:
    """Return what nobody writes so of each line of ``text``."""
    whole = len(_strange_part(text))
    return "\n".join(filter(None, map(_strange_part, text.splitlines()))) if whole else ""


def _strange_part(text: str) -> str:
    """Return ``text`` from where nobody writes so to where somebody may again."""
    foreign = "".join(_FOREIGN.findall(text))
    windows = _strange_windows(_bits(foreign)) if len(foreign) >= MIN_WITNESSES else np.zeros(0)
    places = np.flatnonzero(windows)
    if not len(places):
        return ""
    half = min(WINDOW_CHARS, len(foreign)) // 2  # of a window that begins or ends in good text
    first, last = int(places[0]), int(places[-1])
    at = [match.start() for match in _CHARACTER.finditer(text)]
    start = at[first + half] if first else 0
    end = at[last + half] if last + 1 < len(windows) else len(text)
    return text[start:end]


def _undone(data: bytes, written_as: str) -> str:
    """Return ``data`` as it would have been read rightly; empty where too little comes back."""
    undone = data.decode(written_as, "ignore")
    high = len(data.translate(None, _ASCII_BYTES))
    back = len(undone.encode(written_as).translate(None, _ASCII_BYTES))
    return undone if back >= MIN_KEPT * high > 0 else ""


def _encoded(text: str, encoding: str) -> bytes:
    """Return the bytes that read as ``text``; those of windows-1252 as browsers read it."""
    if encoding == "windows-1252":
        return text.translate(_BYTES_OF_1252).encode("latin-1", "ignore")
    return text.encode(encoding, "ignore")


_BYTES_OF_1252 = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # in no table: they stay what they are
}
