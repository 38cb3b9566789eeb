"""HTML: articles, their heads and words; what is not part of them is left out."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.html import articles_of
from index.html import read as read_page
from index.tags import Words, tokens
from index.types import Article, Page

NEWS = """\
<!doctype html><html><head><meta charset="utf-8"><title>文交会收官_浙江在线</title>
<meta property="article:published_time" content="2026-03-05T08:00:00+08:00">
<style>p { color: red }</style><script>document.write("<p>脚本。</p>")</script></head>
<body class="news"><header><h1>浙江在线</h1></header>
<nav><ul><li><a href="/">首页</a></li></ul></nav>
<div class="path"><a href="/">新闻</a> &gt; 正文</div>
<div class="main">
<h3>特别报道</h3>
<h1>文交会<em>收官</em> &amp; 再出发</h1>
<div class="info">2026-03-05 08:00&nbsp;&nbsp;来源：浙江日报</div>
<p>&emsp;&emsp;本报讯（记者 张三）第20届<a href="x">文交会</a>在义乌
   国际博览中心&ldquo;收官&rdquo;。<!-- 注释。 --></p>
<p style="display: none">隐藏一。</p><p hidden>隐藏二。</p>
<div aria-hidden="true"><p>隐藏三。</p></div>
<h2>数据</h2>
<p>采购商 58092 人次。<br>
成交额 1.4975 亿元。</p>
<figure><img src="a.jpg" alt="图"><figcaption>图为展会现场。</figcaption></figure>
<ul>
<li>要点一</li>
<li><a href="y">相关新闻</a></li>
</ul>
<blockquote>引文在此。</blockquote>
<table><tr><td>甲</td> <td>1</td></tr></table>
<div>散落的一句话。</div>
<div class="share">分享到</div>
<form><p>登录表单。</p></form><template><p>模板。</p></template>
</div>
<aside><p>推荐阅读。</p></aside><footer><p>版权所有。</p></footer></body></html>
"""


def page(text: str, file: str = "a.html") -> Page:
    return Page(file, text, "utf-8", "0" * 64)


def read(text: str) -> list[Article]:
    articles = articles_of(page(text))
    for article in articles:
        spans = article.body.spans
        assert article.body.text == "".join(text[span.start : span.end] for span in spans)
    return articles


def test_a_page_of_a_news_site() -> None:
    (article,) = read(NEWS)
    assert article.headline == "文交会收官 & 再出发"
    assert (article.date, article.date_source) == ("2026-03-05", "front matter")
    assert article.byline == "来源：浙江日报"
    assert article.subheads == ("数据",)
    assert article.body.text.split("\n") == [
        "本报讯（记者 张三）第20届文交会在义乌国际博览中心&ldquo;收官&rdquo;。",
        "数据",
        "采购商 58092 人次。",
        "成交额 1.4975 亿元。",
        "图为展会现场。",
        "要点一",
        "引文在此。",
        "甲 1",
        "散落的一句话。",
    ]


def test_every_article_element_is_an_article() -> None:
    first, second = read(
        "<title>第一版</title><p>报头。</p>"
        "<article><header><h2>甲文</h2><span class='byline'>张三</span>"
        "<time datetime='2026-01-02'>二日</time></header><p>正文甲在此，也不短。</p></article>"
        "<article><h1>乙文</h1><h2>小节</h2><p>正文乙在此。<article><p>评论。</p></article></article>"
    )
    assert (first.headline, first.byline, first.date) == ("甲文", "张三", "2026-01-02")
    assert first.body.text == "正文甲在此，也不短。"
    assert (second.headline, second.subheads, second.date) == ("乙文", ("小节",), None)
    assert second.body.text.endswith("评论。")


def test_cards_of_other_articles_do_not_hide_the_main_text() -> None:
    (article,) = read(
        "<h1>题</h1><div><p>很长的正文一。</p><p>很长的正文二。</p></div>"
        "<article><p>卡片。</p></article>"
    )
    assert "很长的正文一。很长的正文二。" in article.body.text


@pytest.mark.parametrize(
    ("head", "body", "headline"),
    [
        ("<title>页题</title>", "<h1>题</h1>", "题"),
        ("<title>页题</title><meta property=og:title content='社交&amp;题'>", "", "社交&题"),
        ("<title>页&middot;题</title>", "", "页·题"),
        ("<title>页题</title>", "<header><h1>站名</h1></header>", "页题"),
        ("<title>页题</title>", "<svg><title>图标</title></svg><h2>节</h2>", "页题"),
        ("", "", ""),
    ],
)
def test_where_the_headline_comes_from(head: str, body: str, headline: str) -> None:
    (article,) = read(f"<head>{head}</head><body>{body}<p>正文在此。</p></body>")
    assert article.headline == headline


@pytest.mark.parametrize(
    ("markup", "byline"),
    [
        ("<p>本报记者 张三</p>", "本报记者 张三"),
        ("<p class='meta author'>张三</p>", "张三"),
        ("<a rel=author href=x>张三</a>", "张三"),
        ("<span itemprop='author'><span>张</span>三</span>", "张三"),
        ("<p>来源：浙江日报</p>", "来源：浙江日报"),
        ("<p>发布时间：2026年3月5日 记者：张三</p>", "记者：张三"),
    ],
)
def test_where_the_byline_comes_from(markup: str, byline: str) -> None:
    text = f"<h1>题</h1>{markup}<p>正文在此。</p>"
    (article,) = read(text)
    assert (article.byline, article.body.text) == (byline, "正文在此。")
    spanned = "".join(text[span.start : span.end] for span in article.spans)
    assert spanned.startswith("题")
    assert byline in spanned


def test_the_author_of_the_page_signs_when_nobody_else_does() -> None:
    text = "<meta name=author content='张三'><h1>题</h1><p>正文在此。</p>"
    assert read(text)[0].byline == "张三"
    assert read(text.replace("<p>", "<p class=byline>李四</p><p>"))[0].byline == "李四"


def test_references_stay_as_received_and_those_for_white_space_are_breaks() -> None:
    (article,) = read("<p>甲&nbsp;乙&#12288;丙&amp;丁&#x4e2d; New&nbsp;&nbsp;York, A&nbsp;文。</p>")
    assert article.body.text == "甲乙丙&amp;丁&#x4e2d; New&nbsp;York, A文。"


def test_a_page_that_lies_in_one_form_is_read_all_the_same() -> None:
    (article,) = read("<form id=aspnetForm><h1>题</h1><div>正文在此。</div></form>")
    assert (article.headline, article.body.text) == ("题", "正文在此。")


def test_a_page_of_links_holds_no_article() -> None:
    assert read("<ul><li><a href=a>新闻一。</a><li><a href=b>新闻二。</a></ul>") == []


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("<p>甲<p>乙<li>丙<li>丁", "甲乙丙丁"),
        ("<p>甲</b></i></p></p>乙。", "甲乙。"),
        ("<p>1 < 2，a<b 与 <3 </ 4。", "1 < 2，a"),
        ("<p>甲<!-- 乙 --!>丙<!-->丁<!--->戊<!x><?y></ z>己", "甲丙丁戊己"),
        ("<p>甲<!-- 没有结束 <p>乙", "甲"),
        ("<p>甲<a title='1 > 0'>乙</a><a b=\"'\">丙</a>", "甲乙丙"),
        ("<p>甲<a title='没有结束>乙", "甲"),
        ("<p>甲<script>乙</scrip></script >丙<SCRIPT>丁</Script\n>戊", "甲丙戊"),
        ("<p>甲<style>乙", "甲"),
        ("<p>甲<textarea><p>乙</textarea>丙", "甲丙"),
        ("<p hidden>甲<p>乙", "乙"),
        ("<nav><nav>甲</nav>乙</nav><p>丙", "丙"),
        ("<p>甲<nav>乙", "甲"),
        ("<P CLASS=x>甲\0乙</P>", "甲\0乙"),
        ("<p>甲</div\t>乙。", "甲 乙。"),
    ],
)
def test_broken_html_is_read_as_a_browser_does(text: str, body: str) -> None:
    (article,) = read(text)
    assert article.body.text.replace("\t", " ") == body


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("big5", "big5hkscs"),
        ("utf-8", "utf-8"),
        ("shift_jis", "cp932"),
        ("iso-8859-1", "cp1252"),
    ],
)
def test_the_declared_encoding_is_used(tmp_path: Path, declared: str, encoding: str) -> None:
    words = "Café" if declared == "iso-8859-1" else "大会"
    text = f'<html><meta http-equiv=x content="text/html; charset={declared}"><p>{words}'
    (tmp_path / "a.html").write_bytes(text.encode(encoding))
    got = read_page(tmp_path / "a.html", "a.html")
    assert (got.text, got.encoding) == (text, encoding)


@pytest.mark.parametrize("declared", ["gbk", "rot13", "unicode_escape", "utf-16", "nonsense"])
def test_a_wrong_or_odd_declaration_gives_way_to_the_bytes(tmp_path: Path, declared: str) -> None:
    text = f"<meta charset='{declared}'><p>义乌市场的正文在此，第20届文交会。"
    (tmp_path / "a.html").write_bytes(text.encode())
    got = read_page(tmp_path / "a.html", "a.html")
    assert (got.text, got.encoding) == (text, "utf-8")
    (tmp_path / "a.html").write_bytes(text.encode("utf-8-sig"))
    assert read_page(tmp_path / "a.html", "a.html").encoding == "utf-8"


class _Reference(HTMLParser):
    """The words of HTML as the standard library reads it: the outside truth."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_entityref(self, name: str) -> None:
        self.words.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.words.append(f"&#{name};")


TAGS = st.sampled_from(
    [
        *("<p>", "</p>", "<b class='a > b'>", '<a href="x">', "</a>", "<br/>", "<img src=a/b>"),
        *("<!-- x -->", "<!doctype html>", "<td\nb = 'c'\nd>", "&amp;", "&#22831;", "<B c=d>"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(TAGS, st.text("文 a。\n\"'=/", min_size=1, max_size=5)), max_size=20))
def test_the_words_of_well_formed_html_are_those_of_the_standard_library(parts: list[str]) -> None:
    text = "".join(parts)
    reference = _Reference()
    reference.feed(text)
    reference.close()
    found = [t for t in tokens(text, 0, len(text)) if isinstance(t, Words)]
    received = "".join(text[words.start : words.end] for words in found)
    assert received == "".join(reference.words)
    assert not re.search("<[a-z/!]", received)
