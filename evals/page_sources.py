"""Single articles to compose pages from: news texts with their real headline cut off."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from index.text import HAN, sentences, words
from index.training.data import read_rows
from index.training.quarters import TEST_QUARTER, quarter_of
from index.types import CorpusError

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
NEWS = "news.jsonl.gz"
PLACES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 "
    "湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 内蒙古 美国 俄罗斯 日本"
).split()

MIN_HEADLINE_CHARS, MAX_HEADLINE_CHARS = 8, 36
MIN_BODY_CHARS = 150
MAX_PARAGRAPH_CHARS = 420

_NEWSROOM = (
    "(?:本报|本社|新华社|新华网|中新网|中新社|人民网|央视网|央广网|中国青年网|光明网|环球网|观察者网|"
    "澎湃新闻|极目新闻|新京报|北京青年报|北青报|北京日报|参考消息网|海外网|红星新闻|上游新闻|潮新闻|"
    "湖北日报|荆楚网|红网时刻新闻|大众网|深圳新闻网|智通财经|每日经济新闻|证券时报|中国经济网|"
    "经济日报|九派新闻|封面新闻|齐鲁晚报|扬子晚报|现代快报|中国日报网|中国新闻网|鲁网|东方网)"
)
# What stands before the first sentence and is not part of it, as in 新京报讯（记者行海洋）.
_DATELINE = (
    rf"{_NEWSROOM}[^，。！？“”\n]{{0,16}}?(?:讯(?!员)|电(?![影视力动话脑])|消息|报道)[：:，,]?\s*"
    r"(?:[（(][^（）()\n]{2,40}[)）])?[：:]?\s*"
)
_FIRST_WORDS = (
    r"(?:20\d\d年)?(?<!\d)\d{1,2}月\d{1,2}日(?=[，,上下晚凌早至起午傍在])|近日[，,]|日前[，,]|近期[，,]|"
    r"今年以来[，,]|记者从|当地时间|北京时间|据[^，。\n“”]{2,14}(?:报道|消息)[，,：:]"
)
_DATED_START = re.compile(rf"(?P<dateline>{_DATELINE})")
_ANY_START = re.compile(rf"(?P<dateline>{_DATELINE})|\n?(?:{_FIRST_WORDS})")
_TAIL = re.compile(
    r"返回搜狐|责任编辑|[（(【\[]\s*(?:完|责编|编辑|来源|作者|文[/／]|记者|通讯员|本报记者)|更多精彩内容|"
    r"分享让更多人看到|https?://|原文链接|《\s*\w+\s*》（|编辑[：:/／ ]|校对|来源[：:]|文[/／]|"
    r"免责声明|版权声明|本网联系|举报/反馈|海量资讯|特别声明"
)
_UNFIT = re.compile(
    r"记者[^，。]{1,12}摄|拍摄的|无人机照片|资料照片|图为|图源|图片|供图|配图|如图|上图|下图|[摄攝][）)。，\s]|视频|截图|IT之家|公众号|微信号|二维码|扫码|"
    r"扫一扫|点击|转载|侵权|版权|下转|上接|www\.|责编|编辑：|校对|原标题|广告|本网|↓|▲|▼|[★☆◆■●►▶@#]|{|}|<|>"
)
_CREDIT_FIRST = re.compile(
    r".{0,7}(?:记者(?!从|获悉|了解|在|日前|近日|采访|看到)|通讯员|来源|编辑|作者|实习生)"
)
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff\ue000-\uf8ff\ufffd]"
)
_SPACED_HAN = re.compile(
    rf"(?<=[{HAN}，。、；：！？“”（）《》]) | (?=[{HAN}，。、；：！？“”（）《》])"
)
_FULL_WIDTH = str.maketrans(",;:!?()", "，；：！？（）")
_HALF_MARK = re.compile(
    rf"(?<=[{HAN}”’》）\d％%])[,;:!?](?=[{HAN}“‘《（\s]|$)|\((?=[^()]*[{HAN}])|(?<=[{HAN}\d])\)"
)
_PAIRS = ("“”", "‘’", "《》", "（）", "【】", "「」", "()")
_BAD_END = frozenset("在于的从到与和及，、：；（“《 自至截据为是对由被将向把—-·|丨/称说:,")
_SMALL_WORDS = frozenset(
    "的 了 在 将 已 也 并 为 对 其 该 等 还 均 则 就 都 及 与 和 一个 这些 进行 正在 已经 目前 "
    "同时 此外 进一步 积极 有关 相关 据悉 据介绍 其中 因此 所以 但 而 且 又 则是 也是".split()
)
_HEADLINE_WORDS = dict(
    pair.split("=")
    for pair in "表示=称 举办=办 提高=提升 发生=突发 群众=市民 帮助=助 促进=推动 推动=助推 "
    "成立=揭牌 建设=打造 受到=获 超过=逾 加强=强化 全面=全力 开展=推进 工作=举措 企业=公司 "
    "问题=难题 能够=能 需要=需 通过=借 实现=迎来 以及=和 增长=攀升 减少=下降 获得=获".split()
)


@dataclass(frozen=True, slots=True)
class Source:
    """A news article: its paragraphs in print punctuation, and its real headline.

    ``headline`` is None where none could be told from the text. ``place`` is the first
    well-known place that it names, empty where there is none.
    """

    id: str
    headline: str | None
    paragraphs: tuple[str, ...]
    place: str = ""

    @property
    def text(self) -> str:
        """The whole body, without paragraphs."""
        return "".join(self.paragraphs)


def split_of(source_id: str) -> Split:
    """Return the side that an article belongs to: a quarter of all is held out as ``test``."""
    return "test" if quarter_of(source_id) == TEST_QUARTER else "train"


def load_sources(data: Path, split: Split | None = None) -> tuple[Source, ...]:
    """Return the usable articles of :data:`NEWS` in the folder ``data``, in its order.

    With ``split``, only that side is read. Raises :class:`CorpusError` for a file that cannot
    be read, and for rows without ``id`` and ``text``.
    """
    try:
        return tuple(mine(((row["id"], row["text"]) for row in read_rows(data, "news")), split))
    except (KeyError, TypeError) as error:
        raise CorpusError(
            f"{data / NEWS}: a row has no id or no text ({error}); correct the file"
        ) from None


def mine(texts: Iterable[tuple[str, str]], split: Split | None = None) -> Iterator[Source]:
    """Yield the article of each ``(id, text)`` that makes one; the others are left out."""
    for source_id, text in texts:
        if split is None or split_of(source_id) == split:
            source = source_of(source_id, text)
            if source is not None:
                yield source


def source_of(source_id: str, text: str) -> Source | None:
    """Return the article of ``text``, or None for what is no clean article.

    Website debris, credits and what refers to pictures are dropped. Paragraphs are those
    of the text where it parts them, otherwise groups of one to four sentences.
    """
    text = _INVISIBLE.sub("", text.replace("\u3000", "  ").replace("\xa0", " "))
    text = re.sub(r"[\t\n ]{2,}", "\n", text.strip())
    parts = _part(text)
    if parts is None:
        return None
    headline, body = parts
    end = _TAIL.search(body)
    body = _print_marks(body[: end.start()] if end else body)
    if _CREDIT_FIRST.match(body):
        return None
    paragraphs = _paragraphs(body, random.Random(source_id))
    whole = "".join(paragraphs)
    if len(whole) < MIN_BODY_CHARS or not _is_balanced(whole):
        return None
    if headline and not _fits(headline, whole):
        headline = None
    places = [(whole.index(place), place) for place in PLACES if place in whole]
    return Source(source_id, headline, tuple(paragraphs), min(places)[1] if places else "")


def compressed(source: Source, rng: random.Random) -> str:
    """Return a headline of 10 to 24 characters made from a later clause of the body.

    Small words are dropped and some others exchanged, so that it is not a quotation.
    Empty where no clause of the body will do.
    """
    clauses = clauses_of(source.paragraphs, 12, 34)
    later = clauses[len(clauses) // 3 :] or clauses
    rng.shuffle(later)
    made = (condensed(clause) for clause in later[:8])
    return next((text for text in made if 10 <= len(text) <= 24 and text[-1] not in _BAD_END), "")


def condensed(clause: str) -> str:
    """Return a clause as a headline says it: without small words, some words exchanged."""
    kept = [word for word in words(clause) if word not in _SMALL_WORDS]
    return "".join(_HEADLINE_WORDS.get(word, word) for word in kept)


def clauses_of(paragraphs: Sequence[str], shortest: int, longest: int) -> list[str]:
    """Return the clauses of Chinese characters in ``paragraphs`` that are so long, in order."""
    pattern = re.compile(rf"(?<![{HAN}\d])[{HAN}]{{{shortest},{longest}}}(?=[，。；！？])")
    return [clause for text in paragraphs for clause in pattern.findall(text)]


def sentences_of(paragraph: str) -> list[str]:
    """Return the sentences of ``paragraph``; a quotation of several sentences stays whole."""
    found: list[str] = []
    open_text = ""
    for start, end in sentences(paragraph):
        open_text += paragraph[start:end]
        if _is_balanced(open_text):
            found.append(open_text.strip())
            open_text = ""
    if open_text.strip():
        found.append(open_text.strip())
    return found


def _part(text: str) -> tuple[str | None, str] | None:
    """Return the headline that leads ``text``, if one can be told, and the body.

    None where the body does not begin in a way that can be recognised: what stands before
    it would be taken for its first words.
    """
    original = re.match(r"原标题[：:]\s*", text)
    if original:
        text = text[original.end() :]
    pattern = _ANY_START if original or _ANY_START.match(text) else _DATED_START
    for match in pattern.finditer(text, 0, 90):
        head, dateline = text[: match.start()].strip(), match["dateline"]
        rest = text[match.end() :] if dateline else text[match.start() :].lstrip()
        head = re.sub(r"^(.{8,})\s*\1$", r"\1", head)
        if not head:
            return None, rest
        if MIN_HEADLINE_CHARS <= len(head) <= MAX_HEADLINE_CHARS + 12:
            headline = _bare(head)
            return (headline, rest) if headline else None
        break
    return None


def _bare(head: str) -> str | None:
    """Return a headline without column labels; None for what is none or was cut off."""
    head = re.sub(r"^(?:【[^】]*】|.{0,12}[|丨｜])\s*", "", head).strip()
    head = _print_marks(re.sub(r"\s+", " ", head))
    if (
        not MIN_HEADLINE_CHARS <= len(head) <= MAX_HEADLINE_CHARS
        or re.search(
            r"[。…；\n【】\[\]|丨｜@#_]|\.\.|记者|通讯员|编辑|来源|视频|[组多有高]图|图[集文片解）)]|[（(]图|^广告|^题[：:]|直播|作者|↓",
            head,
        )
        or head[-1] in _BAD_END
        or head[0] in "，。、：；）”》！？的了 "
        or not _is_balanced(head)
        or len(re.findall(f"[{HAN}]", head)) < 6
    ):
        return None
    return head


def _fits(headline: str, body: str) -> bool:
    """Return whether ``headline`` tells of ``body``: three of its character pairs stand there."""
    pairs = {headline[at : at + 2] for at in range(len(headline) - 1)}
    return sum(pair in body for pair in pairs) >= 3 and headline not in body


def _paragraphs(body: str, rng: random.Random) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for part in re.split(r"(?<=[。！？”])\n", body):
        group: list[str] = []
        size = rng.randint(1, 4)
        for sentence in sentences_of(part.replace("\n", "")):
            ended = re.search(r"[。！？][”’」）]*$", sentence)
            if not ended or sentence in seen or _UNFIT.search(sentence):
                continue
            seen.add(sentence)
            group.append(sentence)
            if len(group) >= size or sum(map(len, group)) > MAX_PARAGRAPH_CHARS // 2:
                found.append("".join(group))
                group, size = [], rng.randint(1, 4)
        if group:
            found.append("".join(group))
    return [text for text in found if len(text) <= MAX_PARAGRAPH_CHARS]


def _print_marks(text: str) -> str:
    """Return ``text`` with full-width marks between Chinese, and curly quotes."""
    text = _HALF_MARK.sub(lambda match: match[0].translate(_FULL_WIDTH), _SPACED_HAN.sub("", text))
    if text.count('"') % 2 == 0:
        sides = iter("“”" * (text.count('"') // 2))
        text = re.sub('"', lambda _: next(sides), text)
    return text


def _is_balanced(text: str) -> bool:
    return all(text.count(pair[0]) == text.count(pair[1]) for pair in _PAIRS) and '"' not in text
