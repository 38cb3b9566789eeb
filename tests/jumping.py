"""A newspaper in which an article jumps from one file to another, for tests of the reader."""

from dataclasses import replace
from types import SimpleNamespace

from index.types import Article, Join, join
from tests.fakes import article_of, excerpt, newspaper, page_of

FRONT = """\
小商品城日报

港口班列开通
今日特稿

记者 林一

本报讯 昨日,港口班列正式开通,首批货物共计八十二个标箱,预计每周

另一则消息的标题

另一则消息的正文在这里,与班列没有关系。
"""
INSIDE = """\
(上接第一版)
开行三列,全年可运输一万二千标箱。市民可以在车站报名参观。

第二版
"""


def jumping() -> tuple[SimpleNamespace, Article]:
    """Return the small newspaper with two more files, and the article that lies in both."""
    index = newspaper()
    front, inside = page_of("front.txt", FRONT), page_of("inside.txt", INSIDE)
    first = FRONT[FRONT.index("本报讯") : FRONT.index("\n\n另一则")]
    second = INSIDE[INSIDE.index("开行") : INSIDE.index("\n\n第二版")]
    body = join([excerpt(front, first), excerpt(inside, second)])
    heads = [excerpt(front, "港口班列开通"), excerpt(front, "记者 林一")]
    article = Article(
        id="abcdef012345",
        file="front.txt",
        headline="港口班列开通",
        subheads=(),
        kicker="今日特稿",
        byline="记者 林一",
        date="2026-05-12",
        genre="news",
        complete=True,
        body=body,
        spans=join([*heads, body]).spans,
        joins=(Join(len(first), 0.4),),
    )
    other = article_of(
        front, "另一则消息的标题", "另一则消息的正文在这里,与班列没有关系。", id="bbbbbbbbbbbb"
    )
    half = replace(article, id="cccccccccccc", file="inside.txt", spans=(body.spans[1],))
    index.pages |= {page.file: page for page in (front, inside)}
    index.articles |= {each.id: each for each in (article, other)}
    index.unlinked = {"inside.txt": (half,)}
    return index, article
