"""A corrections file says what its editor wrote, or what is wrong with it and what to do."""

from pathlib import Path

import pytest

from index.corrections import GENRES, Corrections, PageCorrections, read_corrections
from index.edits import About, Edit, Joint, Lines, Merge, Split
from index.roles import Role
from index.types import CorpusError

EVERY_KIND = """
# Page 1 of 20 May
[[page]]
file = "a.txt"
date = "2026-05-20"

[[page.edit]]
lines = "39-41"
starts = "三年可获"
to = 10
role = "headline"

[[page.edit]]
merge = [10, 45]
[[page.edit]]
split = 98
[[page.edit]]
join = [51, 53]
[[page.edit]]
part = [57, 59]
[[page.edit]]
article = 113
genre = "comment"
complete = true

[[page]]
file = "2026/五月/b.txt"
date = 2026-05-21
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corrections.toml"


def read(file: Path, text: str) -> Corrections:
    file.write_text(text, "utf-8")
    return read_corrections(file)


def digest(corrections: Corrections, name: str) -> str:
    page = corrections.of(name)
    assert page is not None
    return page.digest


def edit_of(file: Path, text: str) -> Edit:
    corrections = read(file, f'[[page]]\nfile = "a.txt"\n[[page.edit]]\n{text}\n')
    (edit,) = corrections.pages[0].edits
    return edit


def test_every_kind_of_edit_is_read_in_the_order_of_the_file(file: Path) -> None:
    first, second = read(file, EVERY_KIND).pages
    assert (first.file, first.date) == ("a.txt", "2026-05-20")
    assert [edit.change for edit in first.edits] == [
        Lines(((39, 41),), to=10, role=Role.HEADLINE),
        Merge((10, 45)),
        Split(98),
        Joint(51, 53, joined=True),
        Joint(57, 59, joined=False),
        About(113, "comment", complete=True),
    ]
    assert [edit.starts for edit in first.edits] == ["三年可获", "", "", "", "", ""]
    assert [edit.first_line for edit in first.edits] == [39, 10, 98, 51, 57, 113]
    assert first.joins == {(51, 53): True, (57, 59): False}
    assert second == PageCorrections("2026/五月/b.txt", "2026-05-21")


@pytest.mark.parametrize(
    ("written", "ranges"),
    [
        ("7", ((7, 7),)),
        ('"7"', ((7, 7),)),
        ('"39-41"', ((39, 41),)),
        ('"7, 9-11"', ((7, 7), (9, 11))),
        ('" 7,9 - 11 "', ((7, 7), (9, 11))),
        ('"7，9－11、20–22"', ((7, 7), (9, 11), (20, 22))),
        ('"３９—４１"', ((39, 41),)),
    ],
)
def test_lines_are_named_as_an_editor_writes_them(
    file: Path, written: str, ranges: tuple[tuple[int, int], ...]
) -> None:
    assert edit_of(file, f"lines = {written}\nto = 3").change == Lines(ranges, to=3)


def test_lines_may_go_to_the_page_or_to_an_article_of_their_own_or_behind_a_line(
    file: Path,
) -> None:
    assert edit_of(file, 'lines = 7\nto = "page"').change == Lines(((7, 7),), to="page")
    assert edit_of(file, 'lines = 7\nto = "new"').change == Lines(((7, 7),), to="new")
    assert edit_of(file, "lines = 7\nafter = 20").change == Lines(((7, 7),), after=20)
    only_role = Lines(((7, 7),), role=Role.KICKER)
    assert edit_of(file, 'lines = 7\nrole = "kicker"').change == only_role


def test_a_folder_without_the_file_has_no_corrections(file: Path) -> None:
    assert read_corrections(file) == Corrections()
    assert Corrections().of("a.txt") is None


def test_a_page_is_found_by_its_name(file: Path) -> None:
    corrections = read(file, EVERY_KIND)
    assert corrections.of("a.txt") is corrections.pages[0]
    assert corrections.of("b.txt") is None


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_file_saved_on_any_system_says_the_same(file: Path, mark: str, line_break: str) -> None:
    plain = read(file, EVERY_KIND)
    file.write_bytes((mark + EVERY_KIND.replace("\n", line_break)).encode())
    assert read_corrections(file) == plain


# The digest


def test_the_digest_tells_what_is_said_and_not_how_it_is_written(file: Path) -> None:
    former = digest(read(file, EVERY_KIND), "a.txt")
    assert len(former) == 64
    rewritten = EVERY_KIND.replace("# Page", "#  The page").replace('"39-41"', '" 39 - 41"')
    rewritten = rewritten.replace('"2026-05-20"', "2026-05-20").replace("to = 10", "to   =   10")
    assert rewritten != EVERY_KIND
    assert digest(read(file, rewritten), "a.txt") == former


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("39-41", "39-42"),
        ("三年可获", "三年"),
        ("to = 10", "after = 10"),
        ('"headline"', '"deck"'),
        ("[10, 45]", "[45, 10]"),
        ("join", "part"),
        ("complete = true", "complete = false"),
        ("2026-05-20", "2026-05-21"),
        ("split = 98", "article = 98\ncomplete = true"),
    ],
)
def test_the_digest_changes_with_what_is_said(file: Path, old: str, new: str) -> None:
    former = digest(read(file, EVERY_KIND), "a.txt")
    assert digest(read(file, EVERY_KIND.replace(old, new, 1)), "a.txt") != former


def test_the_digest_of_a_page_is_its_own(file: Path) -> None:
    before = read(file, EVERY_KIND)
    after = read(file, EVERY_KIND.replace("2026-05-21", "2026-05-22"))
    assert digest(after, "a.txt") == digest(before, "a.txt")
    assert digest(after, "2026/五月/b.txt") != digest(before, "2026/五月/b.txt")


def test_a_page_of_which_nothing_is_said_has_no_digest(file: Path) -> None:
    assert digest(read(file, '[[page]]\nfile = "a.txt"'), "a.txt") == ""


# Mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lines = 7\nto = 3\ngenre = 'news'", ["'genre'", "after, lines, role, starts, to"]),
        ("to = 3", ["just one of lines, merge", "found none"]),
        ("split = 7\nmerge = [1, 2]", ["found merge and split"]),
        ("lines = 7", ["give a role, or one of to and after"]),
        ("lines = 7\nto = 3\nafter = 4", ["one of to and after"]),
        ("lines = 0\nto = 3", ["0 is no line number"]),
        ("lines = true\nto = 3", ["true is no line number"]),
        ("lines = 7.5\nto = 3", ["7.5 is no line number"]),
        ('lines = "41-39"\nto = 3', ['"41-39" is no range', "7, 9-11"]),
        ('lines = "seven"\nto = 3', ['"seven" is no range']),
        ('lines = ""\nto = 3', ['"" is no range']),
        ('lines = "7,"\nto = 3', ["is no range"]),
        ("lines = 7\nto = -3", ["-3 is no line number"]),
        ('lines = 7\nto = "nowhere"', ['"nowhere"', "page"]),
        ('lines = 7\nafter = "page"', ['"page" is no line number']),
        ('lines = 7\nrole = "title"', ['"title"', "headline, kicker"]),
        ("lines = 7\nrole = 3", ["3 is none of"]),
        ('lines = 7\nto = "page"\nrole = "body"', ["body belongs to an article"]),
        ('lines = 7\nto = 3\nrole = "furniture"', ["furniture belongs to no article"]),
        ('lines = 7\nto = 3\nstarts = ""', ["starts", "opening words"]),
        ("lines = 7\nto = 3\nstarts = 7", ["starts is no text"]),
        ("merge = 10", ["line numbers in brackets"]),
        ("merge = [10]", ["line numbers in brackets"]),
        ("merge = [10, 10]", ["different line numbers"]),
        ('merge = [10, "45"]', ['"45" is no line number']),
        ("join = [1, 2, 3]", ["an edit for each two"]),
        ('join = "1-2"', ["in brackets"]),
        ("split = [98]", ["[98] is no line number"]),
        ("article = 3", ["genre or complete"]),
        ('article = 3\ngenre = "essay"', ['"essay"', "feature"]),
        ("article = 3\ngenre = 1", ["1 is none of"]),
        ('article = 3\ncomplete = "yes"', ['"yes"', "true or false"]),
    ],
)  # fmt: skip
def test_a_wrong_edit_is_named_with_its_value(file: Path, text: str, said: list[str]) -> None:
    with pytest.raises(CorpusError) as error:
        edit_of(file, text)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(f"{file}: page a.txt, edit 1")
    assert all(part in message for part in said), message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[pages]]\nfile = 'a.txt'", ["'pages'", "page"]),
        ("[page]\nfile = 'a.txt'", ["[[page]]"]),
        ("page = ['a.txt']", ["[[page]]"]),
        ("[[page]]\ndate = '2026-05-20'", ["page 1", "file ="]),
        ("[[page]]\nfile = 7", ["page 1", "file ="]),
        ("[[page]]\nfile = 'a.txt'\n[[page]]\nfile = 'a.txt'", ["page a.txt", "twice"]),
        ("[[page]]\nfile = 'a.txt'\nheadline = '题'", ["'headline'", "date, edit, file"]),
        ("[[page]]\nfile = 'a.txt'\n[page.edit]\nsplit = 3", ["[[page.edit]]"]),
        ("[[page]]\nfile = 'a.txt'\ndate = '20 May'", ['"20 May"', "2026-05-20"]),
        ("[[page]]\nfile = 'a.txt'\ndate = '2026-02-30'", ["2026-02-30"]),
        ("[[page]]\nfile = 'a.txt'\ndate = '20260520'", ["20260520"]),
        ("[[page]]\nfile = 'a.txt'\ndate = 2026-05-20T10:00:00", ["is no day"]),
        ("[[page]]\nfile = 'a.txt'\ndate = 2026", ["2026 is no day"]),
        ("[[page]]\nfile = “a.txt”", ["not TOML", "line 2", "straight quotes"]),
        ("[[page]]\nfile = 'a.txt'\nfile = 'b.txt'", ["not TOML"]),
        ("a = " + "[" * 5000, ["not TOML"]),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_the_place(file: Path, text: str, said: list[str]) -> None:
    with pytest.raises(CorpusError) as error:
        read(file, text)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(str(file))
    assert all(part in message for part in said), message


def test_a_file_in_another_encoding_is_to_be_saved_as_utf_8(file: Path) -> None:
    file.write_bytes(EVERY_KIND.encode("gb18030"))
    with pytest.raises(CorpusError, match="save the file as UTF-8"):
        read_corrections(file)


def test_a_folder_in_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir()
    with pytest.raises(CorpusError, match="cannot be read"):
        read_corrections(file)


def test_a_long_value_is_cut_in_the_message(file: Path) -> None:
    with pytest.raises(CorpusError) as error:
        edit_of(file, f'lines = "{"7," * 500}x"\nto = 3')
    assert len(str(error.value)) < len(str(file)) + 200


def test_the_worked_example_for_editors_is_read(file: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "corrections.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    (page,) = read(file, example).pages
    assert [edit.change for edit in page.edits] == [
        Lines(((56, 56),), after=51),
        Joint(51, 56, joined=True),
        Lines(((54, 54),), to=58),
    ]
    told = text.replace("`", "")
    assert all(role in told for role in Role)
    assert all(genre in told for genre in GENRES)
