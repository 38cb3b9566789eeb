"""JSON Lines: an article a row, its words where they stand, its mistakes named by line."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.formats import read
from index.jsonl import articles_of
from index.types import Article, CorpusError, Page

TEXT = '　　本报讯 “义乌”发展经验\\/\t再出发。\n\n　　第二段😀有 "引号"。\r\n第三段。'


def page(text: str) -> Page:
    return Page("a.jsonl", text, "utf-8", "0" * 64)


def words(got: Page, article: Article) -> list[str]:
    return [got.text[span.start : span.end] for span in article.spans]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_row_is_an_article(tmp_path: Path, ascii_only: bool) -> None:
    row = {"headline": "题“甲”", "date": "2026-03-05", "byline": "张三", "text": TEXT}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=ascii_only) + "\n", "utf-8")
    got = read(path, path.name)
    (article,) = articles_of(got)
    assert (article.headline, article.byline, article.genre) == ("题“甲”", "张三", "news")
    assert (article.date, article.date_source) == ("2026-03-05", "front matter")
    assert "\\u" not in got.text
    assert article.body.text == (
        '本报讯 “义乌”发展经验\\/再出发。\u3000第二段😀有 "引号"。第三段。'
    )
    assert words(got, article)[:3] == ["题“甲”", "张三", "本报讯 “义乌”发展经验"]


def test_rows_may_use_other_names_and_leave_out_all_but_the_text() -> None:
    articles = articles_of(
        page(
            '{"title": "甲", "author": ["张三", "李四"], "published": 20260305, "content": "一。"}'
            '\r\n\r\n{"body": "二。", "headline": null, "date": "昨天", "more": {"text": [1]}}\n'
        )
    )
    assert [a.body.text for a in articles] == ["一。", "二。"]
    assert [a.headline for a in articles] == ["甲", ""]
    assert [a.byline for a in articles] == ["张三 李四", ""]
    assert [a.date for a in articles] == ["2026-03-05", None]


def test_equal_rows_have_different_identities_that_stay() -> None:
    row = '{"text": "同样的正文。"}\n'
    ids = [article.id for article in articles_of(page(row * 3))]
    assert len(set(ids)) == 3
    assert [article.id for article in articles_of(page(row * 2))] == ids[:2]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{'text': '单引号'}", "not a JSON object"),
        ('{"text": "没有结束', "not a JSON object"),
        ('["不是对象"]', "not a JSON object"),
        ('{"text": "一。"} {"text": "二。"}', "more follows"),
        ('{"text": "一。",}', "in quotes"),
        ('{"text" "一。"}', ": is missing"),
        ('{"text": "一\t。"}', "control character"),
        ("{", "in quotes"),
        ("[" * 100_000, "not a JSON object"),
        ('{"text": ' + "[" * 100_000, "nested too deeply"),
        ("{}", "no text"),
        ('{"headline": "只有题"}', "no text"),
        ('{"text": "  \\n "}', "no text"),
        ('{"text": ["一。"]}', "no text"),
        ('{"text": null, "content": 5}', "no text"),
    ],
)
def test_a_bad_row_is_named_by_its_line_with_a_remedy(row: str, says: str) -> None:
    with pytest.raises(CorpusError, match=says) as caught:
        articles_of(page('{"text": "好。"}\n\n' + row + '\n{"text": "好。"}'))
    message = str(caught.value)
    assert message.startswith("a.jsonl: line 3 ")
    assert "remove the line" in message
    assert "\n" not in message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=4), st.text(min_size=1), st.booleans())
def test_undoing_escapes_changes_no_value_and_leaves_no_escaped_letter(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any], text: str, is_short: bool
) -> None:
    row["text"] = f"义乌{text}"
    line = json.dumps(row, ensure_ascii=True)
    if not is_short:  # as other programs write it
        codes = {"n": "000A", '"': "0022", "\\": "005c"}
        line = re.sub(r'\\([n"\\])', lambda escape: "\\u" + codes[escape[1]], line)
    path = tmp_path_factory.mktemp("rows") / "a.jsonl"
    path.write_text(line, "utf-8")
    got = read(path, path.name)
    assert json.loads(got.text) == json.loads(line) == row
    (article,) = articles_of(got)
    assert list(filter(str.isprintable, "".join(article.body.text.split()))) == list(
        filter(str.isprintable, "".join(row["text"].split()))
    )


def test_half_of_a_pair_and_control_characters_stay_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(r'{"text": "\ud83d\ude00\ud83d\\u4e2d\u0007\u4E2D\u002F\udE00。"}', "utf-8")
    got = read(path, path.name)
    assert got.text == r'{"text": "😀\ud83d\\u4e2d\u0007中/\ude00。"}'
    assert articles_of(got)[0].body.text == r"😀\u4e2d中/。"


def test_a_large_collection_is_read_in_linear_time() -> None:
    text = "义乌市场的正文，" * 87 + "。"
    rows = "".join(f'{{"headline": "题{n}", "text": "{n}{text}\\n{text}"}}\n' for n in range(3000))
    start = time.process_time()
    assert len(articles_of(page(rows))) == 3000
    assert time.process_time() - start < 5
