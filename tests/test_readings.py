"""The pages that a person names are found and read, with what the index knows of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from index.articles import articles_of
from index.doubts import FIRST_HALF, SECOND_HALF
from index.lines import lines_of
from index.reading import Doubt, PlacedLine, Reading
from index.roles import Role
from index.types import Article, CorpusError, Page, Span
from ui import readings
from ui.readings import Named, articles_named, drawn, other_files, pages_named, reading_of

TEXT = "题目在此\n\n正文在此，还没有写完，转到第二版去。\n"


def page_in(folder: Path, file: str = "a.txt", text: str = TEXT) -> Page:
    (folder / file).write_text(text, "utf-8")
    return Page(file, text, "utf-8", "")


def half(page: Page) -> tuple[Article, Reading]:
    """Return an article of ``page`` that jumps, and the reading that holds only it."""
    head, text = lines_of(page)
    article = Article(
        "half",
        page.file,
        "题目在此",
        (),
        "",
        "",
        None,
        "news",
        complete=False,
        body=text.excerpt,
        spans=(*head.excerpt.spans, *text.excerpt.spans),
        broken_off=True,
    )
    placed = (
        PlacedLine(head, Role.HEADLINE, "half"),
        PlacedLine(text, Role.BODY, "half", at=0),
    )
    doubts = (Doubt(3, "half", SECOND_HALF, 0.5), Doubt(3, "half", "no headline", 0.5))
    return article, Reading(page, (article,), placed, doubts)


@pytest.fixture
def read_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Reading], None]:
    """Return what makes every page be read as one reading, whatever its corrections."""

    def use(reading: Reading) -> None:
        monkeypatch.setattr(readings, "articles_of", lambda *_: reading)

    return use


def shown(named: Named, only_doubts: bool = False) -> str:
    parts = drawn(named, reading_of(named), 80, only_doubts)
    texts = (part if isinstance(part, Text) else getattr(part, "renderable", "") for part in parts)
    return "\n".join(str(text) for text in texts)


def test_a_jump_is_no_doubt_where_the_index_has_the_other_half(
    tmp_path: Path, read_as: Callable[[Reading], None]
) -> None:
    article, reading = half(page_in(tmp_path))
    read_as(reading)
    alone = Named(reading.page, tmp_path, (article,), frozenset({"half"}))
    found = reading_of(alone)
    assert found is not None
    assert found.doubts == reading.doubts
    assert other_files(alone, reading.articles) == {}
    whole = replace(article, spans=(*article.spans, Span("b.txt", 0, 9)))
    linked = replace(alone, indexed=(whole,))
    found = reading_of(linked)
    assert found is not None
    assert [doubt.message for doubt in found.doubts] == ["no headline"]
    assert "together with b.txt" in shown(linked)
    assert "not in the index" not in shown(linked)
    assert SECOND_HALF != FIRST_HALF


def test_an_article_that_was_taken_out_is_marked(
    tmp_path: Path, read_as: Callable[[Reading], None]
) -> None:
    _, reading = half(page_in(tmp_path))
    read_as(reading)
    assert "not in the index" in shown(Named(reading.page, tmp_path, (), frozenset()))
    assert shown(Named(reading.page, tmp_path)).strip().endswith("This file is not in the index.")


def test_doubts_alone_name_the_page_and_the_lines(
    tmp_path: Path, read_as: Callable[[Reading], None]
) -> None:
    _, reading = half(page_in(tmp_path))
    read_as(reading)
    rows = shown(Named(reading.page, tmp_path), only_doubts=True).splitlines()
    assert rows[0] == "a.txt: 2 doubts"
    assert [row.split("(")[0].strip() for row in rows[1:]] == [
        f"line 3  A  {SECOND_HALF}",
        "line 3  A  no headline",
    ]


def test_articles_are_those_of_the_index_or_those_that_are_read(tmp_path: Path) -> None:
    page = page_in(tmp_path)
    article, _ = half(page)
    assert articles_named(Named(page, tmp_path, (article,))) == (article,)
    assert articles_named(Named(page, tmp_path)) == articles_of(page).articles
    marked = page_in(tmp_path, "a.md", "# 题目\n\n正文在此结束。\n")
    assert reading_of(Named(marked, tmp_path)) is None
    assert [found.headline for found in articles_named(Named(marked, tmp_path))] == ["题目"]


def test_files_are_read_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    page_in(tmp_path, "b.txt")
    page_in(tmp_path, "a.txt")
    names = [tmp_path / "b.txt", tmp_path / "a.txt"]
    found = list(pages_named(names, tmp_path / "none"))
    assert [each.page.file for each in found] == ["b.txt", "a.txt"]
    assert all(each.indexed is None and each.root == tmp_path for each in found)
    with pytest.raises(CorpusError, match="no such file"):
        list(pages_named([*names, tmp_path / "c.txt"], tmp_path / "none"))


def test_corrections_beside_a_page_that_are_damaged_are_told_and_may_be_left_out(
    tmp_path: Path,
) -> None:
    named = Named(page_in(tmp_path), tmp_path)
    (tmp_path / "corrections.toml").write_text("[[page]", "utf-8")
    with pytest.raises(CorpusError, match="not TOML"):
        reading_of(named)
    assert reading_of(named, corrected=False) is not None


def test_a_file_is_read_although_the_index_cannot_be(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    (index / "CURRENT").write_text("no such generation\n", "utf-8")
    page_in(tmp_path)
    (named,) = pages_named([tmp_path / "a.txt"], index)
    assert named.page.text == TEXT
    assert named.indexed is None
    with pytest.raises(CorpusError, match="CURRENT"):
        list(pages_named([Path("a.txt")], index))


def test_corrections_of_a_page_that_marks_its_articles_are_refused(tmp_path: Path) -> None:
    page = page_in(tmp_path, "a.md", "# 题目\n\n正文在此。\n")
    (tmp_path / "corrections.toml").write_text('[[page]]\nfile = "a.md"\ndate = 2026-03-04\n')
    with pytest.raises(CorpusError, match=r"a\.md marks its articles itself"):
        reading_of(Named(page, tmp_path))
