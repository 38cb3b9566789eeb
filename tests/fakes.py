"""A small newspaper and an answerer that knows it, for tests of the faces.

The answerer finds the sentences that share the most characters with the question, so that
a test can ask real questions; what shares too little with every sentence is refused.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from index.text import bigrams, fold, sentences
from index.types import Article, Chunk, CorpusError, Excerpt, Page, Span, join
from rag.filters import NO_FILTERS, Filters, facets_of
from rag.question import understand
from rag.types import Answer, Citation, Language, Passage, Question
from rag.wording import NO_NAMES

FAIR = """\
第20届文旅博览会
达成意向成交额近1.5亿元

全媒体记者 吴峰宇

本报讯 昨日,第20届中国义乌文化和旅游产品交易博览会在义乌国际博览中心圆满收官。\
为期三天的展会共吸引专业采购商58092人次,同比增长4.7%;\
其中外商采购商人数1657人,同比增长10.76%,达成意向成交额共计1.4975亿元人民币。

本届博览会共设2012个展位,展览面积达5万平方米,汇聚639家文旅全产业链优质企业,\
集中展示IP文创、IP潮流、旅游商品装备、电竞等内容。

展会主办方表示,文旅博览会自2024年转型以来,展会布局持续优化,展位100%通过市场化招商完成。
"""
TRAIN = """\
长三角首单“义乌—沙特”海铁联运双快物流模式班列开行

奋战二季度 实干创实绩

全媒体记者 吴峰宇 文/摄

本报讯 昨日上午,一列满载着日用百货的海铁联运班列从铁路义乌西站缓缓驶出,\
抵达温州乐清湾港区后,直航至沙特阿拉伯吉达港。

货物从义乌铁路口岸启程,抵达温州乐清湾港区,随后依托海运快航优势,18天内便可直达沙

特阿拉伯吉达港。

与传统物流模式相比,该线路综合运费成本下降15%以上。
"""
ENGLISH = {
    "buyers": "采购商58092人次",
    "fair": "文旅博览会",
    "Jeddah": "18天内便可直达",
}  # the fake's whole knowledge of English
STOP = {"how", "many", "came", "to", "the", "and", "days", "多少", "来了", "了多"}


# Gradio's queue counts its events with options of pandas that are going away.
QUEUE_WARNINGS = [
    pytest.mark.filterwarnings(f"ignore:{message}:DeprecationWarning")
    for message in (
        "'future.no_silent_downcasting' is deprecated",
        "The copy keyword is deprecated",
    )
]


def excerpt(page: Page, *pieces: str) -> Excerpt:
    """Return the excerpt of ``pieces``, each found verbatim in ``page``."""
    found = []
    for piece in pieces:
        start = page.text.index(piece)
        found.append(Excerpt(piece, (Span(page.file, start, start + len(piece)),)))
    return join(found)


def page_of(file: str, text: str) -> Page:
    """Return a page of ``text``."""
    return Page(file, text, "utf-8", "0" * 64)


def article_of(page: Page, headline: str, *paragraphs: str, **rest: object) -> Article:
    """Return an article whose body is ``paragraphs``, each verbatim in ``page``."""
    body = excerpt(page, *paragraphs)
    whole = join([excerpt(page, headline), body]) if headline else body
    article = Article(
        id=f"{page.file}#1",
        file=page.file,
        headline=headline,
        subheads=(),
        kicker="",
        byline="",
        date=None,
        genre="news",
        complete=True,
        body=body,
        spans=whole.spans,
    )
    return replace(article, **rest)  # type: ignore[arg-type]


def newspaper() -> SimpleNamespace:
    """Return an index of two pages, as far as the faces look into one."""
    fair, train = page_of("fair.txt", FAIR), page_of("train.txt", TRAIN)
    paragraphs = [line for line in FAIR.splitlines(keepends=True) if len(line) > 30]
    one = article_of(
        fair,
        "第20届文旅博览会\n",
        *paragraphs,
        subheads=("达成意向成交额近1.5亿元",),
        byline="全媒体记者 吴峰宇",
        date="2026-05-12",
    )
    one = replace(one, headline="第20届文旅博览会")
    lines = TRAIN.splitlines(keepends=True)
    whole = [line for line in lines if line.startswith(("本报讯", "与传统"))]
    broken = ["货物从" + TRAIN.split("货物从")[1].split("\n")[0], "特阿拉伯吉达港。\n"]
    two = article_of(
        train,
        "长三角首单“义乌—沙特”海铁联运双快物流模式班列开行",
        whole[0],
        *broken,
        whole[1],
        kicker="奋战二季度 实干创实绩",
        byline="全媒体记者 吴峰宇 文/摄",
        complete=False,
    )
    chunks = tuple(
        Chunk(f"{article.id}/{start}", article, start, end)
        for article in (one, two)
        for start, end in sentences(article.body.text)
    )
    return SimpleNamespace(
        manifest=SimpleNamespace(generation="fake-1"),
        pages={page.file: page for page in (fair, train)},
        articles={article.id: article for article in (one, two)},
        unlinked={},
        chunks=chunks,
    )


@dataclass
class FakeAnswerer:
    """Answers from :func:`newspaper` in three growing steps, and records what it was asked."""

    index: SimpleNamespace = field(default_factory=newspaper)
    asked: list[tuple[str, tuple[Question, ...]]] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    pause_s: float = 0.0
    narrowed: Filters = NO_FILTERS

    @property
    def retriever(self) -> SimpleNamespace:
        """What can be filtered by, and no names; nothing is retrieved with it."""
        return SimpleNamespace(
            facets=facets_of(self.index.articles.values()),
            analyst=SimpleNamespace(names=NO_NAMES),
        )

    def stream(
        self,
        text: str,
        history: Sequence[Question] = (),
        filters: Filters = NO_FILTERS,
        answer_in: Language | None = None,
    ) -> Iterator[Answer]:
        """Yield an answer growing by one citation a step; ``broken`` raises."""
        self.asked.append((text, tuple(history)))
        self.narrowed = filters
        if text == "broken":
            raise CorpusError("the index was replaced: start the app again")
        language: Language = "en" if text.isascii() else "zh"
        context = history[-1].text if history and text.startswith("那") else ""
        question = Question(text, language, context, answer_in=answer_in)
        best = ranked(question.search_text, self.index.chunks)
        answer = Answer(question, "", False, "extractive", 0.0, (), tuple(best))
        if best[0].score < 0.2:
            refusal = "报纸里没有写。" if language == "zh" else "The pages do not say."
            yield replace(answer, text=refusal, refused=True, confidence=0.1)
            return
        used = best[:3]
        for count in range(1, len(used) + 1):
            citations = tuple(
                Citation(n, passage.article, passage.chunk.excerpt.strip())
                for n, passage in enumerate(used[:count], start=1)
            )
            time.sleep(self.pause_s)
            said = "\n".join(f"{citation.quote.text}[{citation.n}]" for citation in citations)
            yield replace(
                answer,
                text=said,
                confidence=best[0].score,
                citations=citations,
                notices=self.notices,
                elapsed_ms=123.0,
                growing=count < len(used),
            )

    def conversation(self, texts: Sequence[str]) -> tuple[Question, ...]:
        """Return the questions in ``texts``."""
        return tuple(map(understand, texts))

    def ask(
        self, text: str, history: Sequence[Question] = (), filters: Filters = NO_FILTERS
    ) -> Answer:
        """Return the last of :meth:`stream`."""
        *_, last = self.stream(text, history, filters)
        return last


def ranked(text: str, chunks: Sequence[Chunk]) -> list[Passage]:
    """Return all chunks, best first: the share of the question's rare words that each holds."""
    words = [set(words_of(chunk.excerpt.text)) for chunk in chunks]
    known = {word: sum(word in found for found in words) for word in words_of(text)}
    weights = {word: 1 / max(count, 0.5) for word, count in known.items()}
    whole = sum(weights.values()) or 1.0
    passages = [
        Passage(chunk, sum(weight for word, weight in weights.items() if word in found) / whole)
        for chunk, found in zip(chunks, words, strict=True)
    ]
    return sorted(passages, key=lambda passage: -passage.score)


def words_of(text: str) -> list[str]:
    """Return the Chinese bigrams and the other words of ``text``; English through ``ENGLISH``."""
    for word, printed in ENGLISH.items():
        text = text.replace(word, printed)
    return [word for word in bigrams(fold(text)) if word not in STOP]
