"""Markdown: headings part the articles, markup is left out, every word is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.markdown import articles_of, block_parser
from index.types import Article, CorpusError, Page

DAILY = """\
# 义乌文交会收官
——五万采购商到场
本报记者 张三 通讯员 李四

　　本报讯 **昨日**，第20届[文交会](http://a.example/b_c "标题")在`义乌`国际博览中心
收官，吸引采购商 58092 人次 &amp; 更多\\*。![现场](x.png)
　　第二段在此。

## 数据说话

- 第一条，*重点*
- 第二条<!-- 注
  释 -->完

> 引文一，
> 接着说。

| 名称 | 数 |
|------|---:|
| 甲 | 1 |
|乙|2|

```python
print("代码")
```

<!-- 整段

注释 -->
<div>块中的 <b>文字</b></div>

# 另一篇

2026年3月5日 10:00 来源：浙江日报

只有一段。
"""


def read(text: str, file: str = "a.md") -> list[Article]:
    articles = articles_of(Page(file, text, "utf-8", "0" * 64))
    for article in articles:
        spans = article.body.spans
        assert article.body.text == "".join(text[span.start : span.end] for span in spans)
    return articles


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_day_of_articles(line_break: str) -> None:
    first, second = read(DAILY.replace("\n", line_break))
    assert first.headline == "义乌文交会收官"
    assert first.byline == "本报记者 张三 通讯员 李四"
    assert first.subheads == ("——五万采购商到场", "数据说话")
    assert first.body.text.split(line_break) == [
        "本报讯 昨日，第20届文交会在义乌国际博览中心收官，吸引采购商 58092 人次 &amp; 更多*。",
        "　　第二段在此。",
        "数据说话",
        "第一条，重点",
        "第二条完",
        "引文一，接着说。",
        "名称 数",
        "甲 1",
        "乙|2",
        "块中的 文字",
    ]
    assert (second.headline, second.body.text) == ("另一篇", "只有一段。")
    assert (second.byline, second.date) == ("来源：浙江日报", "2026-03-05")
    assert (first.date, first.date_source) == (None, None)


def test_spans_cover_headline_byline_and_body_in_the_order_of_the_file() -> None:
    text = "# **题**目\n本报记者 张三\n\n正文`在`此。\n"
    (article,) = read(text)
    assert [text[span.start : span.end] for span in article.spans] == [
        *("题", "目", "本报记者 张三", "正文", "在", "此。")
    ]


def test_front_matter_says_what_the_article_is() -> None:
    text = (
        '---\ntitle: "义乌：走向 世界"\ndate: 2026-03-05 08:00\nauthor: [张三, 李四]\n'
        "kicker: 特别报道\ntags:\n  - 经济\n---\n\n正文一。\n\n# 一节\n\n正文二。\n"
    )
    (article,) = read(text)
    assert article.headline == "义乌：走向 世界"
    assert (article.date, article.date_source) == ("2026-03-05", "front matter")
    assert (article.byline, article.kicker) == ("张三 李四", "特别报道")
    assert article.subheads == ("一节",)
    assert article.body.text == "正文一。\n一节\n正文二。"
    spanned = [text[span.start : span.end] for span in article.spans]
    assert spanned[:3] == ["义乌：走向 世界", "张三", "李四"]


def test_front_matter_holds_for_every_article_below_it() -> None:
    text = "---\ntitle: 第一版\ndate: 2026-03-05\n---\n# 甲\n\n一。\n\n# 乙\n\n二。\n"
    articles = read(text)
    assert [(a.headline, a.date) for a in articles] == [("甲", "2026-03-05"), ("乙", "2026-03-05")]


def test_a_headline_repeated_below_the_front_matter_is_no_section() -> None:
    (article,) = read("---\ntitle: 题目\n---\n# 题目\n\n正文。\n")
    assert (article.headline, article.subheads, article.body.text) == ("题目", (), "正文。")


@pytest.mark.parametrize("value", ["a: b: c", "[", "@x", '"', "*a", "\tb: c", "a: &a [*a"])
def test_front_matter_that_is_not_yaml_is_refused_with_its_line(value: str) -> None:
    with pytest.raises(CorpusError, match=r"^a\.md: line \d: the front matter") as caught:
        read(f"---\ntitle: 题\n{value}\n---\n\n正文。\n")
    assert "\n" not in str(caught.value)


def test_a_rule_is_no_front_matter() -> None:
    (article,) = read("---\n本报讯，正文在此。\n\n---\n\n后文。\n")
    assert article.body.text == "本报讯，正文在此。\n后文。"


@pytest.mark.parametrize(
    ("text", "headlines"),
    [
        ("## 甲\n\n一。\n\n## 乙\n\n二。\n", ["甲", "乙"]),
        ("# 报名\n\n## 甲\n\n一。\n\n## 乙\n\n二。\n", ["报名"]),
        ("甲\n===\n\n一。\n\n乙\n===\n\n二。\n", ["甲", "乙"]),
        ("### 甲\n\n一。\n", ["甲"]),
        ("一。\n\n# 甲\n\n二。\n", ["", "甲"]),
        ("没有题目。\n", [""]),
        ("# 只有题目\n", []),
        ("> # 引文中的题\n>\n> 一。\n", [""]),
    ],
)
def test_headings_of_the_highest_level_start_articles(text: str, headlines: list[str]) -> None:
    assert [article.headline for article in read(text)] == headlines


def test_a_rule_right_below_a_paragraph_makes_no_headline_of_it() -> None:
    (article,) = read("# 题\n\n第一段在此。\n---\n第二段在此。\n")
    assert article.subheads == ()


def test_a_paragraph_indented_as_code_is_a_paragraph() -> None:
    (article,) = read("# 题\n\n    本报讯，正文在此。\n")
    assert article.body.text == "本报讯，正文在此。"


def test_wrapped_lines_join_without_a_blank_in_chinese_and_with_one_in_english() -> None:
    (article,) = read("义乌市\n场，GDP\n增长。\n\nYiwu market\n  is large.\n")
    assert article.body.text == "义乌市场，GDP增长。\nYiwu market\nis large."


def test_genre_is_news_unless_it_says_otherwise() -> None:
    for head, byline, genre in (
        ("文交会收官", "本报记者 张三", "news"),
        ("社论：再出发", "", "comment"),
        ("再出发", "本报评论员", "comment"),
        ("专访义乌市市长", "", "interview"),
    ):
        (article,) = read(f"# {head}\n\n{byline}\n\n正文在此。\n")
        assert article.genre == genre


# Marks whose words the library itself tells; what it leaves out is tested above.
MARKUP = st.text("文字。aB1 *_`[]()~-+.>\\\n", max_size=120)


@settings(max_examples=400, deadline=None)
@given(MARKUP)
def test_no_word_is_lost_or_added(text: str) -> None:
    """The outside truth is the text of the library's own inline tokens, which have no places."""
    text = f"# 题\n\n首段。\n\n{text}"
    parser = block_parser().enable(["inline"])
    told = "".join(
        child.content
        for token in parser.parse(text)
        for child in token.children or []
        if child.type in ("text", "text_special", "code_inline")
    )
    (article,) = read(text)
    received = "".join(text[span.start : span.end] for span in article.spans)
    assert "".join(received.split()) == "".join(told.split())
