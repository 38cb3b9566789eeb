"""Pages of every kind are read into articles whose words stand in the received file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.decoding import MAX_PAGE_BYTES, read_page
from index.formats import SUFFIXES, articles_in, read
from index.types import Article, CorpusError, Excerpt, Page
from tests.growth import grows_linearly

MARKS = "#*_`[]()!>~-+.\\|&;:<>/=\"'\n\r\t {},?1a义乌。\u3000\0\ud800\u2028😀"
PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<article>", "</article>", "<h1>", "</h1>", "<h2>", "<nav>", "</nav>"),
        *("<script>", "</script>", "<!--", "-->", "<title>", "</title>", "<li>", "<td>", "<br>"),
        *("<span class=author>", "</span>", "<p hidden>", "<a href='x'>", "</a>", "<meta name="),
        *("&nbsp;", "&amp;", "&#22831;", "&#0;", "<time datetime=2026-03-05>", "<![CDATA[", "<?"),
        *("# 题\n", "## 节\n", "---\n", "title: 题\n", "date: 2026-03-05\n", "```\n", "- ", "> "),
        *("| a | b |\n", "|---|---|\n", "[文](http://x)", "![图](y)", "**", "`", "\n\n", "\r\n"),
        *('{"text": "', '"}', '{"headline": "', '", "text": "', "\\n", "\\u4e2d", "\\ud83d"),
        *('\\"', "\\\\", "\\u0000", "null", "[", "]", '{"text": ["a"]}', '{"text": "文。"}\n'),
        *("本报记者 张三\n", "——副题\n", "2026年3月5日\n", "正文在此。", "word word\nword"),
    ]
)
TEXTS = st.one_of(
    st.text(MARKS, max_size=80), st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60)
)


def page(file: str, text: str) -> Page:
    return Page(file, text, "utf-8", "0" * 64)


def read_or_refusal(received: Page) -> tuple[list[Article], str]:
    """Return the articles of a page, or none and why it is refused."""
    try:
        return articles_in(received) or [], ""
    except CorpusError as error:
        return [], str(error)


def hold_to_the_page(articles: list[Article], text: str) -> None:
    """Check that every word and place of ``articles`` is one of ``text``."""
    assert len({article.id for article in articles}) == len(articles)
    for article in articles:
        assert article.body
        assert_stands(article.body, text)
        starts = [span.start for span in article.body.spans]
        assert starts == sorted(starts)
        for span in article.spans:
            assert 0 <= span.start < span.end <= len(text)
        covered = {at for span in article.spans for at in range(span.start, span.end)}
        for span in article.body.spans:
            assert covered.issuperset(range(span.start, span.end))
        assert (article.date is None) == (article.date_source is None)
        assert article.complete
        assert article.joins == ()


def assert_stands(excerpt: Excerpt, text: str) -> None:
    assert excerpt.text == "".join(text[span.start : span.end] for span in excerpt.spans)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["a.md", "a.html", "a.jsonl"]), TEXTS)
@example("a.md", "---\na: [\n---\n")
@example("a.md", "a `b\n> c` d")
@example("a.md", "> `a\n>  b`\n")
@example("a.html", "<p>甲<p hidden>乙<p>丙")
@example("a.jsonl", '{"text": "\\ud800"}')
def test_any_text_is_read_or_refused_and_every_word_stands_in_it(file: str, text: str) -> None:
    articles, refusal = read_or_refusal(page(file, text))
    hold_to_the_page(articles, text)
    if refusal:
        assert refusal.startswith(f"{file}: ")
        assert len(refusal.splitlines()) == 1


@pytest.mark.parametrize("file", ["a.txt", "a.pdf", "a", "a.text", "md/a.TXT"])
def test_plain_text_and_pdf_are_left_to_the_reassembly(file: str) -> None:
    assert articles_in(page(file, "# 题\n\n正文在此。\n")) is None


@pytest.mark.parametrize("file", ["a.MD", "folder.txt/a.Markdown", "a.b.md"])
def test_the_ending_decides_in_either_case(file: str) -> None:
    articles = articles_in(page(file, "# 题\n\n正文在此。\n"))
    assert articles is not None
    assert [article.headline for article in articles] == ["题"]


@pytest.mark.parametrize("suffix", sorted(set(SUFFIXES) - {".pdf"}))
def test_every_kind_is_decoded_as_a_page_is(tmp_path: Path, suffix: str) -> None:
    text = '{"headline": "题", "text": "义乌市场的正文在此。"}\r\n'
    path = tmp_path / f"page{suffix}"
    path.write_bytes(text.encode("gb18030"))
    got = read(path, path.name)
    assert got == read_page(path, path.name)
    assert (got.text, got.encoding) == (text, "gb18030")
    for data, says in ((b"", "empty"), (bytes(range(256)) * 9, "text")):
        path.write_bytes(data)
        with pytest.raises(CorpusError, match=says):
            read(path, path.name)
    with pytest.raises(CorpusError, match="cannot be read"):
        read(tmp_path / "none", f"none{suffix}")


@pytest.mark.parametrize("suffix", sorted(set(SUFFIXES) - {".jsonl"}))
def test_a_page_that_is_too_large_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"large{suffix}"
    with path.open("wb") as file:
        file.truncate(MAX_PAGE_BYTES + 1)
    with pytest.raises(CorpusError, match="split the file"):
        read(path, path.name)


def test_the_name_of_the_file_dates_an_article_that_says_nothing() -> None:
    for file, text in (
        ("2026-03-05.md", "# 题\n\n正文在此。"),
        ("2026-03-05.html", "<h1>题</h1><p>正文在此。</p>"),
        ("2026-03-05.jsonl", '{"text": "正文在此。"}'),
    ):
        (article,) = articles_in(page(file, text)) or []
        assert (article.date, article.date_source) == ("2026-03-05", "file name")


HOSTILE: dict[str, Callable[[int], str]] = {
    "comments.html": lambda n: "<!--" * n,
    "tags.html": lambda n: "<a " * n,
    "quotes.html": lambda n: "<a b=' " * n,
    "depth.html": lambda n: "<div><ul><li>" * n + "文。" + "</p>" * n + "</li>" * n,
    "articles.html": lambda n: "<article><h2>题</h2><p>文。</p></article>" * (n // 5),
    "blanks.html": lambda n: "<p>" + "&nbsp; \n" * n + "。",
    "hidden.html": lambda n: "<p hidden><nav>" * n,
    "quotes.md": lambda n: ">" * n + "文",
    "lists.md": lambda n: "- " * n + "文",
    "brackets.md": lambda n: "![" * (n // 2) + "](x)" * (n // 2) + "[" * (n // 2),
    "stars.md": lambda n: "**a _" * (n // 2),
    "lines.md": lambda n: "文\n" * n,
    "front.md": lambda n: "---\na: " + "[{" * n + "\n---\n",
    "heads.md": lambda n: "# 题\n\n文。\n\n" * (n // 5),
    "depth.jsonl": lambda n: '{"text":' + "[" * n,
    "escapes.jsonl": lambda n: '{"text": "' + '\\"\\n文' * n + '"}',
    "rows.jsonl": lambda n: '{"text": "文。"}\n' * n,
}


@pytest.mark.parametrize("file", HOSTILE)
def test_hostile_text_takes_time_in_proportion_and_no_recursion(file: str) -> None:
    assert grows_linearly(lambda n: read_or_refusal(page(file, HOSTILE[file](n))), 2_000)
