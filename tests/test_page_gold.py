"""The gold of a page: what is written is read, and gold that cannot be right is refused."""

from pathlib import Path

import pytest

from evals.page_gold import GoldLine, GoldPage, gold_text, opening_of, read_gold, write_gold
from evals.page_suite import gold_pages
from index.lines import lines_of
from index.roles import Role
from index.types import CorpusError, Page

TEXT = "第3版\n\n大桥合龙\n记者 张三\n\n大桥昨日合\n\n龙，年底通车。\n\n扫一扫二维码\n"
PAGE = Page("a.txt", TEXT, "utf-8", "0" * 64)
ROWS = (
    "# Read by hand.",
    "date\t2026-03-05\tmasthead",
    "article\tA\tnews\twhole",
    "3\theadline\tA\t\t大桥合龙",
    "4\tbyline\tA\t\t记者 张三",
    "6\tbody\tA\t\t大桥昨日",
    "8\tbody\tA\t+\t龙，",
    "1\tfurniture\t-\t\t第3版",
    "10\tQR text\t-\t\t扫一扫",
)


def gold(tmp_path: Path, *rows: str) -> GoldPage:
    (tmp_path / "a.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return read_gold(tmp_path / "a.tsv", PAGE)


def changed(old: str, *new: str) -> list[str]:
    """Return the rows with ``new`` in place of the row that begins with ``old``."""
    assert sum(row.startswith(old) for row in ROWS) == 1
    return [each for row in ROWS for each in (new if row.startswith(old) else (row,))]


def test_gold_is_read(tmp_path: Path) -> None:
    found = gold(tmp_path, *ROWS)
    assert (found.name, found.page) == ("a", PAGE)
    assert found.genres == {"A": "news"}
    assert found.wholes == {"A": True}
    assert (found.date, found.date_source) == ("2026-03-05", "masthead")
    assert found.notes == ("Read by hand.",)
    assert [line.number for line in found.lines_of("A")] == [3, 4, 6, 8]
    assert found.lines_of("A")[3] == GoldLine(8, Role.BODY, "A", True, "龙，")
    assert [line.role for line in found.lines_of(None)] == [Role.FURNITURE, Role.QR]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    found = gold(tmp_path, *ROWS)
    assert gold_text(found).splitlines() == list(ROWS)
    write_gold(found, tmp_path / "a.tsv")
    assert read_gold(tmp_path / "a.tsv", PAGE) == found


def test_rows_may_end_as_windows_ends_them(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes("\r\n".join(ROWS).encode())
    assert gold_text(read_gold(tmp_path / "a.tsv", PAGE)).splitlines() == list(ROWS)


def test_an_opening_ends_before_a_tab() -> None:
    assert opening_of("品名\t规格\t价格") == "品名"
    assert opening_of("记者 张三 通讯员 李四 王五 ") == "记者 张三 通讯员 李四"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (changed("8", "8\tbody\tA\t+"), "a.tsv:7: a line row has 5 fields, not 4"),
        (changed("8", "x\tbody\tA\t+\t龙，"), "'x' is no line number"),
        (changed("8", "8\ttext\tA\t+\t龙，"), "role 'text'"),
        (changed("8", "8\tbody\tA\tyes\t龙，"), "'yes' is neither"),
        (changed("article", "article\tA\tnews"), "an article row has 4 fields"),
        (changed("article", "article\tA\tstory\twhole"), "genre 'story'"),
        (changed("article", "article\tA\tnews\thalf"), "'half' is neither"),
        (changed("article", "article\t-\tnews\twhole"), "article '-'"),
        (changed("article", *["article\tA\tnews\twhole"] * 2), "has a row already"),
        (changed("date", "date\t2026-03-05"), "a date row has 3 fields"),
        (changed("date", "date\t2026-02-30\tmasthead"), "a.tsv:2: "),
        (changed("date", "date\t2026-03-05\tguess"), "'guess'"),
        (changed("8"), "line 8 (龙，年底通车。) has no row"),
        (changed("8", *["8\tbody\tA\t\t龙，"] * 2), "line 8 has two rows"),
        (changed("8", "7\tbody\tA\t+\t龙，"), "line 7 is blank or not on the page"),
        (changed("8", "99\tbody\tA\t+\t龙，"), "line 99 is blank or not on the page"),
        (changed("8", "8\tbody\tA\t+\t虎，"), "line 8 begins with '龙，年底通车。', not '虎，'"),
        (changed("8", "8\tbody\tA\t+\t"), "line 8 begins with"),
        (changed("8", "8\tbody\t-\t\t龙，"), "line 8 is body and has no article"),
        (changed("8", "8\tbody\tB\t\t龙，"), "belongs to article 'B', which has no row"),
        (changed("1\tf", "1\tfurniture\tA\t\t第3版"), "line 1 is furniture and has an article"),
        (changed("3", "3\theadline\tA\t+\t大桥合龙"), "carries on a line of another article"),
        (changed("1\tf", "1\tkicker\t-\t+\t第3版"), "carries on a line of another article"),
        ([*ROWS, "article\tB\tnews\twhole"], "article B has no lines"),
    ],
)
def test_gold_that_cannot_be_right_is_refused(tmp_path: Path, rows: list[str], what: str) -> None:
    with pytest.raises(CorpusError, match=r"^a\.tsv") as error:
        gold(tmp_path, *rows)
    assert what in str(error.value)
    assert "\n" not in str(error.value)


def test_the_rows_of_an_article_stand_together(tmp_path: Path) -> None:
    parted = [row for row in ROWS if not row.startswith("8")] + ["8\tbody\tA\t\t龙，"]
    with pytest.raises(CorpusError, match="line 8 stands apart from article A"):
        gold(tmp_path, *parted)


def test_gold_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^a\.tsv: cannot read the gold"):
        read_gold(tmp_path / "a.tsv", PAGE)


# The gold that is part of the project


def test_every_committed_gold_fits_its_page(seeds: Path) -> None:
    folder = seeds.parent / "evals" / "pages"
    found = gold_pages(folder, seeds)
    assert {group for group, _ in found} >= {"seeds"}
    assert sorted(gold.page.file for group, gold in found if group == "seeds") == sorted(
        page.name for page in seeds.glob("*.txt")
    )
    for _, gold in found:
        assert {line.number for line in gold.lines} == {line.number for line in lines_of(gold.page)}


def test_a_folder_without_gold_and_gold_without_a_page_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no gold"):
        gold_pages(tmp_path, tmp_path)
    (tmp_path / "a.tsv").write_text("\n".join(ROWS), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"a\.tsv: there is no page a\.txt"):
        gold_pages(tmp_path, tmp_path)
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    ((group, found),) = gold_pages(tmp_path, tmp_path)
    assert (group, found.page.text) == ("written", TEXT)
