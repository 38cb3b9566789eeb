"""The lines of a page and what each one is, judged by itself.

What a line is in its surroundings (whose headline, which paragraph) is decided in
:mod:`index.articles`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from index.text import HAN, is_han
from index.types import Excerpt, Page, Span


class Role(StrEnum):
    """What a line is on its page."""

    HEADLINE = "headline"
    DECK = "deck"
    KICKER = "kicker"
    BYLINE = "byline"
    BODY = "body"
    SECTION = "section head"
    PULL_QUOTE = "pull quote"
    JUMP = "page jump"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its words, the line break after it, and its block.

    ``block`` numbers the runs of lines that no blank line parts. ``number`` counts from 1
    and includes blank lines.
    """

    number: int
    block: int
    excerpt: Excerpt
    line_break: Excerpt

    @property
    def text(self) -> str:
        """The words of the line, without white space at either end."""
        return self.excerpt.text


MAX_HEAD_CHARS = 60
MAX_QUESTION_HEAD_CHARS = 30

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_BYLINE = re.compile(
    rf"^(?:文|图|摄影|撰文)?[/／:：\s]*[{HAN}]{{0,10}}"
    rf"(?:记者|通讯员|评论员|撰稿人?|特派员|作者|記者|通訊員|評論員)(?:[\s:：/／]|$)"
)
_SOURCE = re.compile(rf"^(?:来源|來源|稿源|据)[:：]\s*[{HAN}\w]+$")
_JUMP = re.compile(r"^[（(【\[]?\s*(下转|上接|下轉)[^。，]{1,16}版[^。，]{0,8}[)）】\]]?$")
_TRAILING_JUMP = re.compile(r"[（(【\[]\s*(?:下转|下轉)[^。，]{1,16}版[^。，]{0,8}[)）】\]]\s*$")
_LEADING_JUMP = re.compile(r"^[（(【\[]\s*上接[^。，]{1,16}版[^。，]{0,8}[)）】\]]")
_FURNITURE = re.compile(
    r"^(?:第?\s*[\dA-Z一二三四五六七八九十]{1,4}\s*版.{0,6}"
    r"|\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日.{0,30}"
    r"|(?:责任?编辑?|值班编委|版式|美编|校对|编辑|主编|电话|热线|邮箱|国内统一|邮发代号).{0,60}"
    r"|.{0,12}(?:扫一扫|二维码|扫码).{0,20}"
    r"|[\d\W_]{1,12})$"
)
_DATELINE = re.compile(
    rf"^(?:[\[【]?\s*(?:本报|本社|新华社|中新社|央视|人民网)[{HAN}\d\s]{{0,16}}(?:讯|电)|据[{HAN}]{{2,8}}(?:报道|消息))"
)
_KICKER = re.compile(
    r"^[■◆●▲★◎□]"
    r"|^(?:特别报道|系列报道|专题报道|深度|视点|聚焦|时评|社论|专栏)\s*[①-⑳\d（(）)]*$"
    r"|(?:强调|指出|要求)$|^学习(?:宣传)?贯彻|(?:大会|会议|讲话)精神$"
)
_SERIES = re.compile(r"[年”》]·|·[“《]")
_CLOSERS = "”’」』）)》〉】\"'"
_OPENERS = {"“": "”", "「": "」", "『": "』", "（": "）", "《": "》", "【": "】"}


def lines_of(page: Page) -> list[Line]:
    """Return the lines of ``page`` that are not blank, in order."""
    found: list[Line] = []
    block, after_blank = 0, True
    for number, match in enumerate(_LINE.finditer(page.text), start=1):
        start, end = match.span(1)
        whole = Excerpt(match[1], (Span(page.file, start, end),) if end > start else ())
        words = whole.strip()
        if not words:
            after_blank = True
            continue
        if after_blank:
            block, after_blank = block + 1, False
        line_break = Excerpt(match[2], (Span(page.file, *match.span(2)),) if match[2] else ())
        found.append(Line(number, block, words, line_break))
    return found


def is_furniture(text: str) -> bool:
    """Return whether the line is page furniture: page numbers, date lines, editors, QR text."""
    return _FURNITURE.match(text) is not None


def is_byline(text: str) -> bool:
    """Return whether the line names who wrote or sent the article."""
    return len(text) <= 50 and not text.endswith("。") and bool(_BYLINE.match(text))


def is_source(text: str) -> bool:
    """Return whether the line credits the source of a reprint, as in 来源：浙江宣传."""
    return len(text) <= 30 and _SOURCE.match(text) is not None


def is_name(text: str) -> bool:
    """Return whether the line may be one more name of a byline in two columns."""
    name = text.replace(" ", "").replace("\u3000", "")
    return 2 <= len(name) <= 4 and all(map(is_han, name))


def is_jump(text: str) -> bool:
    """Return whether the line says only that an article goes on elsewhere."""
    return _JUMP.match(text) is not None


def jumps_in(text: str) -> bool:
    """Return whether the line starts the second half of an article (上接…)."""
    return "上接" in text and bool(_JUMP.match(text) or _LEADING_JUMP.match(text))


def jumps_out(text: str) -> bool:
    """Return whether the line ends the first half of an article (下转…)."""
    return bool(_TRAILING_JUMP.search(text)) or (is_jump(text) and not jumps_in(text))


def has_dateline(text: str) -> bool:
    """Return whether a news item starts here, as in 本报讯 or 新华社北京5月1日电."""
    return _DATELINE.match(text) is not None


def is_kicker(text: str) -> bool:
    """Return whether the line is a series banner, a shoulder or a slogan of two halves."""
    halves = text.split()
    parallel = (
        len(halves) == 2
        and len(halves[0]) == len(halves[1])
        and 4 <= len(halves[0]) <= 8
        and all(map(is_han, "".join(halves)))
    )
    return parallel or bool(_KICKER.search(text) or (len(text) <= 25 and _SERIES.search(text)))


def is_deck(text: str) -> bool:
    """Return whether the line is a second headline after a dash."""
    return text.startswith(("——", "―", "--", "──"))


def is_head_like(text: str) -> bool:
    """Return whether the line could be a headline: short, no full stop, nothing left open."""
    return (
        len(text) <= (MAX_QUESTION_HEAD_CHARS if text[-1] in "？！?!" else MAX_HEAD_CHARS)
        and "。" not in text
        and not has_dateline(text)
        and text[-1] not in "，、；：,;:"
        and not is_open(text)
    )


def is_open(text: str) -> bool:
    """Return whether a quote or bracket that ``text`` opens is still open at its end."""
    return any(text.count(opener) > text.count(closer) for opener, closer in _OPENERS.items())


def is_finished(text: str) -> bool:
    """Return whether a paragraph may end here: final punctuation, nothing left open."""
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in "。！？!?…：:；;." and not is_open(text)
