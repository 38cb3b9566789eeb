"""Bytes of a received file, decoded: BOM, then strict UTF-8, then the likeliest of the rest."""

import codecs
import hashlib
import re
from pathlib import Path

from index.types import CorpusError, Page

MAX_PAGE_BYTES = 32 * 1024 * 1024

# UTF-32 stands before UTF-16: its little-endian mark starts with the same two bytes.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")

# The characters that make up about half of any Chinese text, and the marks around them.
# A wrong decoding of Chinese bytes yields rare characters instead.
_COMMON = frozenset(
    "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后"
    "小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长"
    "市工业新产展全部部场实现记者报义社区企服务进推化建设经济高质量区政府商品国际万亿元月"
    "這來個們為說時會國學對後麼過還發當無開頭經動兩長產業實現記報義區務進設濟質政際萬億點與從見問間"
    "，。、；：？！“”‘’（）《》「」—…"
)
# Control characters, without white space and the end-of-file mark of DOS.
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_MIN_COMMON_SHARE = 0.15
_MAX_CONTROL_SHARE = 0.005


def read_page(path: Path, file: str) -> Page:
    """Return the decoded page at ``path``, named ``file``.

    Raises :class:`CorpusError` when it cannot be read, is empty, too large or not text.
    """
    data = read_bytes(path, file)
    text, encoding = decode(data, file)
    return Page(file, text, encoding, hashlib.sha256(data).hexdigest())


def read_bytes(path: Path, file: str, max_bytes: int = MAX_PAGE_BYTES) -> bytes:
    """Return the bytes of the file at ``path``, named ``file``, at most ``max_bytes`` of them.

    Raises :class:`CorpusError` when it cannot be read, is empty or too large.
    """
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise CorpusError(
                f"{file}: {size:,} bytes is more than a page may have ({max_bytes:,}); "
                "split the file"
            )
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CorpusError(f"{file}: cannot be read ({reason}); check the path") from error
    if not data.strip():
        raise CorpusError(f"{file}: the file is empty; remove it or fill it")
    return data


def decode(data: bytes, file: str = "<bytes>", declared: str = "") -> tuple[str, str]:
    """Return the text of ``data`` and the encoding it was read with.

    A byte-order mark decides and is not part of the text; otherwise the ``declared`` encoding,
    if it fits; otherwise strict UTF-8; otherwise the candidate (GB18030, Big5-HKSCS, UTF-16)
    whose text has the largest share of common Chinese characters. Raises
    :class:`CorpusError` for what is no text in any of them.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{file}: marked as {encoding} but damaged at byte {error.start}; "
                    "save it again as UTF-8"
                ) from error
            return _checked(text, file), encoding
    for encoding in (declared, "utf-8") if declared else ("utf-8",):
        try:
            return _checked(data.decode(encoding), file), encoding
        except UnicodeDecodeError:
            continue
    best_share, best_text, best_encoding = _MIN_COMMON_SHARE, "", ""
    for encoding in _CANDIDATES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        share = _common_share(text)
        if share > best_share:
            best_share, best_text, best_encoding = share, text, encoding
    if not best_encoding:
        raise CorpusError(
            f"{file}: not text in UTF-8, GB18030, Big5 or UTF-16; save it as UTF-8 plain text"
        )
    return _checked(best_text, file), best_encoding


def _checked(text: str, file: str) -> str:
    controls = len(_CONTROL.findall(text))
    if controls > _MAX_CONTROL_SHARE * len(text):
        raise CorpusError(
            f"{file}: binary data, not text ({controls} control characters); "
            "save it as UTF-8 plain text"
        )
    if not text.strip():
        raise CorpusError(f"{file}: the file holds only white space; remove it or fill it")
    return text


def _common_share(text: str) -> float:
    """Return the share of common Chinese characters among those that are not ASCII."""
    foreign = [character for character in text if character > "\x7f"]
    return sum(character in _COMMON for character in foreign) / len(foreign) if foreign else 0.0
