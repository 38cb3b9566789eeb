"""Files as nobody should send them, made by code: the same number gives the same file.

Each comes with what a right reading of it gives, so that a wrong one is told from a refusal.
"""

import bz2
import gzip
import io
import json
import lzma
import random
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.text import to_traditional

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
TEXT_NAMES = ("page.txt", "page.md", "page.html", "page.jsonl", "page.text")
LENGTHS = (20, 100, 1_000, 4_000)
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"),
    *("gb18030", "gbk", "big5hkscs"),
)
ENGLISH = (
    "The Yiwu market opened at nine on Thursday, and traders from forty countries came to see "
    "what was new. “We sold more in a morning than in a week,” said one of them – a maker of "
    "toys from the café quarter. Prices rose by 3.5 per cent; exports reached 2,100 containers. "
)
OTHERS = {
    "shift_jis": "今日は市場が開き、多くの商人が集まりました。新しい商品を見るためです。",
    "euc_jp": "今日は市場が開き、多くの商人が集まりました。新しい商品を見るためです。",
    "euc_kr": "오늘 시장이 열리고 많은 상인들이 모였습니다. 새로운 상품을 보기 위해서입니다.",
    "koi8_r": "Сегодня открылся рынок, и многие торговцы приехали посмотреть на новые товары.",
    "cp1251": "Сегодня открылся рынок, и многие торговцы приехали посмотреть на новые товары.",
}
# How text arrives that somebody opened in a wrong encoding and saved.
MISTAKES = (
    ("utf-8", "cp1252"),
    ("utf-8", "gb18030"),
    ("gb18030", "cp1252"),
    ("big5hkscs", "cp1252"),
    ("big5hkscs", "gb18030"),
    ("gb18030", "big5hkscs"),
)
STRANGE = (
    *("\0", "\ud7ff\ufdd0", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\U000e0041"),
    *("\ue000", "\uf8ff", "\U000f0000", "\u0301", "\u20dd", "\r", "\n", "\r\n", "\n\r", "\u2028"),
    *("\u2029", "\x85", "\x0b", "\x0c", "\x1b[2J", "\x1a", "\x08", "\t", "\u3000", "\xa0", " "),
    *(
        "\ufffd",
        "😀",
        "👨‍👩‍👧",
        "𠮷",
        "㍿",
        "ﷺ",
        "İ",
        "ß",
        "ŉ",
        "ǰ",
        "\u115f",
        "\u3164",
        "<",
        "&",
        '"',
        "\\",
    ),
    *("<p>", "</p>", "<!--", "<script>", "&#xD800;", "&#0;", "&lt;", "[", "](", "`", "|", "---\n"),
    *('{"text": "', '"}', "\\ud800", "\\u0000", "本报记者 张三\n", "——", "（下转第3版）", "A2版\n"),
)


@dataclass(frozen=True)
class Received:
    """A file: its name and bytes, of which kind it is, and what is known of its words.

    ``truth`` is the text that a right reading gives, empty where there is none;
    ``well_formed`` that it must not be refused; ``breaks`` how many places are damaged, each
    of which may cost :data:`LOST_CHARS`.
    """

    name: str
    data: bytes
    kind: str
    truth: str = ""
    well_formed: bool = False
    breaks: int = 0
    chars: int = 0


LOST_CHARS = 10  # fewer wrong characters in a row are like a rare name


@lru_cache(maxsize=1)
def _sources() -> tuple[str, str, str]:
    """Return running text in Simplified and Traditional characters, and in English."""
    pages = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    simplified = "\n".join(line for page in pages for line in page.split("\n") if len(line) > 30)
    return simplified, to_traditional(simplified), ENGLISH * 60


def received(number: int) -> Received:
    """Return the file of that number."""
    rng = random.Random(number)
    make: Callable[[random.Random], Received] = rng.choices(
        (_encoded, _damaged, _misread, _other_language, _disguised, _strange),
        weights=(45, 15, 10, 5, 10, 15),
    )[0]
    return make(rng)


def _words(rng: random.Random, script: int, length: int) -> str:
    source = _sources()[script]
    start = rng.randrange(len(source) - length)
    return source[start : start + length]


def _encodable(rng: random.Random, script: int, length: int, encoding: str) -> str:
    text = _words(rng, script, length)
    return text.encode(encoding, "ignore").decode(encoding)


def _encoded(rng: random.Random) -> Received:
    """Return well-formed text in an encoding that newspapers use."""
    encoding, length = rng.choice(ENCODINGS), rng.choice(LENGTHS)
    scripts = {"gbk": (0, 2), "big5hkscs": (1,)}.get(encoding, (0, 1, 2))
    script = rng.choice(scripts)
    if script == 2 and encoding == "gbk":
        encoding = rng.choice(("ascii", "cp1252"))
    text = _encodable(rng, script, length, encoding)
    if not text.strip() or "\ufeff" in text:
        return _encoded(rng)
    kind = f"{encoding} {('Simplified', 'Traditional', 'English')[script]}"
    name = rng.choice(("page.txt", "page.md"))
    return Received(name, text.encode(encoding), kind, text, well_formed=True, chars=length)


def _damaged(rng: random.Random) -> Received:
    """Return text that is cut off, has some wrong bytes, or is in two encodings."""
    script = rng.randrange(2)
    encoding = rng.choice(("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16", "utf-8-sig"))
    text = _encodable(rng, script, rng.choice(LENGTHS), encoding)
    data = text.encode(encoding)
    damage = rng.choice(("cut", "bytes", "two"))
    if damage == "cut":
        data = data[: -rng.choice((1, 3, 5))]
        return Received("page.txt", data, "cut off", text, breaks=1)
    if damage == "bytes":
        breaks = rng.randint(1, 6)
        broken = bytearray(data)
        for _ in range(breaks):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        return Received("page.txt", bytes(broken), "wrong bytes", text, breaks=breaks)
    second = rng.choice([each for each in ("utf-8", "gb18030", "big5hkscs") if each != encoding])
    more = _encodable(rng, rng.randrange(2), max(100, len(text)), second)
    data += b"\n" + more.encode(second)
    return Received("page.txt", data, "two encodings", f"{text}\n{more}", breaks=1)


def _misread(rng: random.Random) -> Received:
    """Return text that was read in a wrong encoding and saved as UTF-8 or UTF-16."""
    written, read_as = rng.choice(MISTAKES)
    script = 1 if written == "big5hkscs" else rng.randrange(2)
    text = _encodable(rng, script, rng.choice(LENGTHS[1:]), written)
    data = text.encode(written)
    if read_as == "cp1252":
        wrong = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)
    else:
        wrong = data.decode(read_as, "replace")
    name = rng.choice(("page.txt", "page.md", "page.html"))
    return Received(name, wrong.encode(rng.choice(("utf-8", "utf-16"))), "misread before", text)


def _other_language(rng: random.Random) -> Received:
    """Return Japanese, Korean or Russian in an encoding that nobody declared."""
    encoding, text = rng.choice(list(OTHERS.items()))
    text *= rng.randint(1, 30)
    return Received("page.txt", text.encode(encoding), f"undeclared {encoding}", text)


@lru_cache(maxsize=1)
def binaries() -> dict[str, bytes]:
    """Return a file of each kind that is no text."""
    words = _sources()[0][:3_000].encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", words)
    database = sqlite3.connect(":memory:")
    database.execute("create table pages (words text)")
    database.execute("insert into pages values (?)", (words.decode(),))
    database.commit()
    picture = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + zlib.compress(words)
    return {
        "zip": archive.getvalue(),
        "gzip": gzip.compress(words, mtime=0),
        "nested gzip": gzip.compress(gzip.compress(bytes(1 << 20), mtime=0), mtime=0),
        "xz": lzma.compress(words),
        "bzip2": bz2.compress(words),
        "pdf": b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
        "png": picture,
        "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + zlib.compress(words),
        "elf": b"\x7fELF\x02\x01\x01" + bytes(9) + zlib.compress(words),
        "sqlite": database.serialize(),
        "rtf": rb"{\rtf1\ansi\ansicpg936 \'d2\'e5\'ce\'da " + b"x" * 400 + b"}",
        "word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(504)
        + words.decode().encode("utf-16-le"),
        "zeros": bytes(4_096),
        "deflated": zlib.compress(words),
    }


def _disguised(rng: random.Random) -> Received:
    """Return a file of another kind under the name of a page, perhaps cut or without its head."""
    kind, data = rng.choice(list(binaries().items()))
    name = rng.choice((*TEXT_NAMES, "page.pdf") if kind != "pdf" else TEXT_NAMES)
    if rng.random() < 0.3 and len(data) > 200 and kind not in ("rtf", "pdf"):
        data = data[rng.randrange(64, 128) :]
    if rng.random() < 0.2:
        data = rng.randbytes(rng.choice((1, 7, 100, 5_000)))
        kind = "noise"
    return Received(name, data, f"disguised {kind}")


def _strange(rng: random.Random) -> Received:
    """Return text with characters that programs trip over, in a file of any kind of text."""
    pieces: Sequence[str] = rng.choices(STRANGE, k=rng.randint(1, 6))
    parts: list[str] = []
    for _ in range(rng.randint(1, 12)):
        parts.append(_words(rng, rng.randrange(3), rng.choice((3, 20, 60))))
        parts.append(rng.choice(pieces) * rng.choice((1, 1, 2, 30, 300)))
    text = "".join(parts)
    name = rng.choice(TEXT_NAMES)
    if name == "page.jsonl" and rng.random() < 0.8:
        row: dict[str, object] = {
            "headline": text[:20],
            "text": text,
            "date": rng.choice((text[:9], 1e308, None, [])),
        }
        text = json.dumps(row, ensure_ascii=rng.random() < 0.5)
        text = text.replace('": "', '": NaN, "a": "', rng.randrange(2))
    elif name == "page.md" and rng.random() < 0.3:
        text = f"---\ntitle: {text[:9]}\na: &a [*a, !!python/name:os.system x]\n---\n{text}"
    elif name == "page.html" and rng.random() < 0.5:
        text = f"<article><h1>{text[:9]}</h1><p>{text}</article>"
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return Received(name, text.encode(encoding, "surrogatepass"), "strange characters", text)


# What takes a reader of files long: its text of about the given number of characters.
MONSTERS: dict[str, Callable[[int], str]] = {
    "line.txt": lambda n: "义乌市场新闻，" * (n // 7),
    "unbroken.txt": lambda n: "义" * n,
    "digits.txt": lambda n: "1," * (n // 2),
    "blanks.txt": lambda n: " \u3000" * (n // 2) + "文",
    "short lines.txt": lambda n: "文\n" * (n // 2),
    "blocks.txt": lambda n: "文。\n\n" * (n // 4),
    "returns.txt": lambda n: "文\r" * (n // 2),
    "separators.txt": lambda n: "文\u2028" * (n // 2),
    "marks.txt": lambda n: "文" + "\u0301" * n,
    "tags.txt": lambda n: "文" + "\U000e0041\u200b" * (n // 2),
    "private.txt": lambda n: "\ue000" * n,
    "bidi.txt": lambda n: "\u202e文" * (n // 2),
    "quotes.txt": lambda n: "“" * (n // 2) + "”" * (n // 2),
    "brackets.txt": lambda n: "（" * (n // 2) + "）" * (n // 2),
    "dots.txt": lambda n: "…." * (n // 2),
    "furniture.txt": lambda n: "责编：张三 电话：0579-85381000 2026年3月5日 星期四\n" * (n // 36),
    "bylines.txt": lambda n: "本报记者 张三\n" * (n // 8),
    "articles.txt": lambda n: "义乌新闻标题\n本报记者 张三\n  昨日，义乌市场。\n" * (n // 26),
    "dates.txt": lambda n: "2026年3月5日" * (n // 9),
    "jumps.txt": lambda n: "（下转第3版）\n" * (n // 8),
    "datelines.txt": lambda n: "新华社北京3月5日电" * (n // 10),
    "addresses.txt": lambda n: "a@b.http://c/" * (n // 13),
    "repeats.txt": lambda n: ("义乌市场昨日人流如织，经营户忙着接单。" * 5 + "\n") * (n // 96),
    "depth.html": lambda n: "<div><p>" * (n // 8) + "文。",
    "cells.html": lambda n: "<table><tr>" + "<td>文。" * (n // 6),
    "entities.html": lambda n: "<p>" + "&amp;&#22831;&nbsp;" * (n // 19),
    "attributes.html": lambda n: "<p " + "a=b " * (n // 4) + ">文。",
    "open quote.html": lambda n: '<p a="b' * (n // 7),
    "references.html": lambda n: "<p>" + "&#1" * (n // 3),
    "heads.html": lambda n: "<h2>题</h2><p>文。</p>" * (n // 20),
    "signed.html": lambda n: "<span class=author>张</span>" * (n // 27) + "<p>文。",
    "emphasis.md": lambda n: "*a **b " * (n // 7),
    "links.md": lambda n: "[a](b" * (n // 5),
    "code.md": lambda n: "`a" * (n // 2),
    "table.md": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * (n // 6),
    "definitions.md": lambda n: "[a]: b\n" * (n // 7),
    "aliases.md": lambda n: "---\na: &a [x,x]\n" + "b: [*a,*a]\n" * (n // 11) + "---\n文。",
    "comments.md": lambda n: "a<!-- " * (n // 6),
    "depth.jsonl": lambda n: '{"text":"文。","a":' + "[" * n,
    "number.jsonl": lambda n: '{"text":"文。","a":1e' + "9" * n + "}",
    "digits.jsonl": lambda n: '{"text":"文。","a":' + "9" * n + "}",
    "keys.jsonl": lambda n: "{" + '"text":"文。",' * (n // 12) + '"a":1}',
    "escapes.jsonl": lambda n: '{"text":"' + "\\u4e2d\\n" * (n // 8) + '"}',
    "surrogates.jsonl": lambda n: '{"text":"文。' + "\\ud800" * (n // 6) + '"}',
    "rows.jsonl": lambda n: '{"text":"文。"}\n' * (n // 14),
}
