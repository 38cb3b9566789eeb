"""Indexing is incremental, reports every file, and loses nothing to bad input."""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import embedding
from index.build import BuildReport, NothingIndexedError, build_index, remove
from index.probes import probe
from index.store import load_index, verify_index
from index.types import CorpusError
from tests.embedders import BigramEmbedder
from tests.issue import ACROSS, FRONT_FILE, INSIDE, INSIDE_FILE, write_issue

FIRST = "000_361fbcaa1fcc6c1b.txt"
MARKDOWN = "# 茶农用上无人机\n\n茶场负责人说，一天能干完半个月的活。\n"
DATED = '[[page]]\nfile = "{file}"\ndate = "{date}"\n'


@pytest.fixture
def pages(tmp_path: Path, seeds: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for page in seeds.glob("*.txt"):
        shutil.copy(page, folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def statuses(report: BuildReport) -> dict[str, str]:
    return {file.file: file.status for file in report.files}


def test_unchanged_pages_are_skipped(pages: Path, folder: Path) -> None:
    first = build_index([pages], folder, BigramEmbedder())
    embedder = BigramEmbedder()
    second = build_index([pages], folder, embedder)
    assert set(statuses(first).values()) == {"added"}
    assert set(statuses(second).values()) == {"unchanged"}
    assert second.generation == first.generation
    assert embedder.encoded == []


def test_a_build_is_silent_unless_a_bar_is_wanted(
    pages: Path, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    build_index([pages], folder, BigramEmbedder())
    assert capfd.readouterr() == ("", "")
    build_index([pages], folder.with_name("other"), BigramEmbedder(), progress=True)
    assert "embedding" in capfd.readouterr().err


def test_a_changed_page_is_replaced_and_only_its_new_words_are_embedded(
    pages: Path, folder: Path
) -> None:
    build_index([pages], folder, BigramEmbedder())
    page = pages / FIRST
    page.write_text(page.read_text("utf-8").replace("58092", "68092"), "utf-8")
    embedder = BigramEmbedder()
    report = build_index([pages], folder, embedder)
    assert statuses(report)[FIRST] == "changed"
    assert len(embedder.encoded) == 1
    assert "68092" in embedder.encoded[0]
    texts = [chunk.excerpt.text for chunk in load_index(folder).chunks]
    assert any("68092" in text for text in texts)
    assert not any("58092" in text for text in texts)


def test_a_vanished_page_is_removed(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    (pages / FIRST).unlink()
    report = build_index([pages], folder, BigramEmbedder())
    assert statuses(report)[FIRST] == "removed"
    assert FIRST not in load_index(folder).pages


def test_pages_of_another_folder_are_added_and_stay(
    pages: Path, folder: Path, tmp_path: Path
) -> None:
    build_index([pages], folder, BigramEmbedder())
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.txt").write_text("另一个题目\n\n本报记者 甲乙\n\n正文在此。\n", "utf-8")
    build_index([other], folder, BigramEmbedder())
    report = build_index([pages], folder, BigramEmbedder())
    assert report.article_count == 31
    assert "more.txt" not in statuses(report)


def test_pages_that_were_moved_belong_to_where_they_are_now(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    pages = pages.rename(pages.with_name("moved"))
    assert set(statuses(build_index([pages], folder, BigramEmbedder())).values()) == {"unchanged"}
    assert set(load_index(folder).manifest.roots.values()) == {str(pages)}
    (pages / FIRST).unlink()
    assert statuses(build_index([pages], folder, BigramEmbedder()))[FIRST] == "removed"


def test_another_model_embeds_everything_anew(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder("one"))
    embedder = BigramEmbedder("two")
    build_index([pages], folder, embedder)
    assert set(embedder.encoded) >= {chunk.search_text for chunk in load_index(folder).chunks}
    index = load_index(folder)
    assert index.manifest.model_identity == "two"
    assert index.probes is not None
    np.testing.assert_allclose(index.probes, probe(embedder))


def test_a_model_of_another_size_takes_over_with_its_probes(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder("one"))
    longer = BigramEmbedder("two")
    longer.dimension = 80
    build_index([pages], folder, longer)
    index = load_index(folder)
    assert index.probes is not None
    assert index.probes.shape[1] == index.manifest.dimension == 80


def test_a_bad_page_is_reported_and_the_good_ones_are_indexed(pages: Path, folder: Path) -> None:
    (pages / "bad.txt").write_bytes(bytes(range(256)) * 10)
    report = build_index([pages], folder, BigramEmbedder())
    assert [file.file for file in report.failed] == ["bad.txt"]
    assert report.article_count == 30


def test_the_first_of_all_bad_pages_is_told_and_how_many_more(tmp_path: Path, folder: Path) -> None:
    for name, told in (
        ("1.txt", r"^1\.txt: (?!.* more\))"),
        ("2.txt", r"^1\.txt: .* \(and 1 more\)$"),
    ):
        (tmp_path / "bad").mkdir(exist_ok=True)
        (tmp_path / "bad" / name).write_bytes(bytes(range(256)) * 10)
        with pytest.raises(NothingIndexedError, match=told) as caught:
            build_index([tmp_path / "bad"], folder, BigramEmbedder())
    assert [file.file for file in caught.value.files] == ["1.txt", "2.txt"]


def test_a_page_that_turns_bad_keeps_its_former_version(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    (pages / FIRST).write_bytes(b"\x00\x01\x02" * 100)
    report = build_index([pages], folder, BigramEmbedder())
    assert statuses(report)[FIRST] == "failed"
    assert report.article_count == 30


@pytest.mark.parametrize("bad", ["missing", "empty folder", "binary", "empty file"])
def test_when_nothing_can_be_indexed_the_former_index_is_untouched(
    pages: Path, folder: Path, tmp_path: Path, bad: str
) -> None:
    before = build_index([pages], folder, BigramEmbedder())
    path = tmp_path / "bad"
    if bad == "empty folder":
        path.mkdir()
    elif bad == "binary":
        path.write_bytes(bytes(range(256)) * 10)
    elif bad == "empty file":
        path.write_bytes(b"")
    with pytest.raises(CorpusError) as caught:
        build_index([path], folder, BigramEmbedder())
    assert "bad" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert load_index(folder).manifest.generation == before.generation


def test_two_files_of_one_name_are_told_apart_or_refused(pages: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(pages / FIRST, other)
    with pytest.raises(CorpusError, match="same name"):
        build_index([pages, other], tmp_path / "index", BigramEmbedder())


def test_a_link_out_of_the_folder_is_not_followed(
    pages: Path, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("秘密的正文在此。", "utf-8")
    (pages / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert "link.txt" not in statuses(build_index([pages], folder, BigramEmbedder()))


def test_a_removed_article_stays_out_until_its_file_is_named(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    gone = next(iter(load_index(folder).articles))
    remove([gone], folder)
    assert build_index([pages], folder, BigramEmbedder()).article_count == 29
    restored = build_index([pages / FIRST], folder, BigramEmbedder())
    assert restored.article_count == 30
    assert gone in load_index(folder).articles


def test_a_removed_file_stays_out_until_it_is_named(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    assert remove([FIRST], folder).article_count == 25
    report = build_index([pages], folder, BigramEmbedder())
    assert report.article_count == 25
    assert [file.article_count for file in report.files if file.file == FIRST] == [0]
    assert build_index([pages / FIRST], folder, BigramEmbedder()).article_count == 30


def test_a_file_whose_only_article_was_taken_out_stays_out(pages: Path, folder: Path) -> None:
    (pages / "short.md").write_text(MARKDOWN, "utf-8")
    build_index([pages], folder, BigramEmbedder())
    (gone,) = load_index(folder).articles_of["short.md"]
    remove([gone], folder)
    for _ in range(2):
        report = build_index([pages], folder, BigramEmbedder())
        assert statuses(report)["short.md"] == "unchanged"
        assert "short.md" not in load_index(folder).pages
    back = build_index([pages / "short.md"], folder, BigramEmbedder())
    assert (statuses(back), back.article_count) == ({"short.md": "added"}, 31)


def test_a_file_named_in_a_folder_below_keeps_its_name(pages: Path, folder: Path) -> None:
    (pages / "may").mkdir()
    (pages / "may" / "short.md").write_text(MARKDOWN, "utf-8")
    build_index([pages], folder, BigramEmbedder())
    again = build_index([pages / "may" / "short.md"], folder, BigramEmbedder())
    assert (statuses(again), again.article_count) == ({"may/short.md": "unchanged"}, 31)
    remove(["may/short.md"], folder)
    back = build_index([pages / "may" / "short.md"], folder, BigramEmbedder())
    assert (statuses(back), back.article_count) == ({"may/short.md": "added"}, 31)


@pytest.mark.parametrize("named_first", [True, False])
def test_the_order_of_paths_and_names_does_not_matter(
    pages: Path, folder: Path, named_first: bool
) -> None:
    build_index([pages], folder, BigramEmbedder())
    own = load_index(folder).articles_of[FIRST][0]
    names = [FIRST, own, FIRST] if named_first else [own, FIRST, own]
    assert remove(names, folder).article_count == 25
    paths = [pages / FIRST, pages] if named_first else [pages, pages / FIRST]
    assert build_index(paths, folder, BigramEmbedder()).article_count == 30


def test_the_pages_of_a_folder_that_cannot_be_read_are_not_gone(
    pages: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pages / "may").mkdir()
    (pages / "may" / "short.md").write_text(MARKDOWN, "utf-8")
    (pages / ".cache").mkdir()
    build_index([pages], folder, BigramEmbedder())
    scandir = os.scandir

    def closed(path: str) -> Any:
        if Path(path).name in ("may", ".cache"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(CorpusError, match=r"may: cannot be read \(Permission denied\); let it"):
        build_index([pages], folder, BigramEmbedder())
    assert "may/short.md" in load_index(folder).pages


def test_of_a_folder_only_pages_are_taken(tmp_path: Path, folder: Path) -> None:
    taken = ["a.TXT", "b.md", "c.markdown", "d/e.md"]
    for name in (*taken, "README.md", "readme.zh-CN.md", ".draft.md", ".d/a.md", "a.tsv", "a.md~"):
        (tmp_path / "pages" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pages" / name).write_text(MARKDOWN, "utf-8")
    report = build_index([tmp_path / "pages"], folder, BigramEmbedder())
    assert sorted(statuses(report)) == sorted(taken)


def test_an_unknown_name_removes_nothing(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    with pytest.raises(CorpusError, match="nonsense"):
        remove([FIRST, "nonsense"], folder)
    assert len(load_index(folder).articles) == 30


def linked_files(folder: Path) -> list[tuple[str, ...]]:
    """Return the files of each article that stands in several."""
    articles = load_index(folder).articles.values()
    return [article.files for article in articles if len(article.files) > 1]


def test_an_article_that_jumps_to_another_file_is_one(tmp_path: Path, folder: Path) -> None:
    report = build_index([write_issue(tmp_path / "issue")], folder, BigramEmbedder())
    index = load_index(folder)
    assert linked_files(folder) == [(FRONT_FILE, INSIDE_FILE)]
    assert report.article_count == len(index.articles) == 3
    assert [file.article_count for file in report.files] == [2, 2]
    assert any(ACROSS in chunk.excerpt.text for chunk in index.chunks)
    assert verify_index(folder) == []


def test_an_issue_that_did_not_change_is_neither_read_nor_linked_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = write_issue(tmp_path / "issue")
    first = build_index([issue], folder, BigramEmbedder())
    for name in ("build.articles_of", "revision.linked"):
        monkeypatch.delattr(f"index.{name}")
    second = build_index([issue], folder, BigramEmbedder())
    assert second.generation == first.generation
    assert {file.article_count for file in second.files} == {2}


def test_a_half_that_comes_later_is_linked(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    inside = (issue / INSIDE_FILE).read_text("utf-8")
    (issue / INSIDE_FILE).unlink()
    build_index([issue], folder, BigramEmbedder())
    assert [a.complete for a in load_index(folder).articles.values()] == [False, True]
    (issue / INSIDE_FILE).write_text(inside, "utf-8")
    report = build_index([issue], folder, BigramEmbedder())
    assert statuses(report) == {FRONT_FILE: "unchanged", INSIDE_FILE: "added"}
    assert linked_files(folder) == [(FRONT_FILE, INSIDE_FILE)]


def test_a_changed_half_is_linked_anew_to_the_one_that_did_not_change(
    tmp_path: Path, folder: Path
) -> None:
    issue = write_issue(tmp_path / "issue")
    build_index([issue], folder, BigramEmbedder())
    page = issue / INSIDE_FILE
    page.write_text(page.read_text("utf-8").replace("计划年底通车", "计划明年通车"), "utf-8")
    embedder = BigramEmbedder()
    report = build_index([issue], folder, embedder)
    assert statuses(report) == {FRONT_FILE: "unchanged", INSIDE_FILE: "changed"}
    assert linked_files(folder) == [(FRONT_FILE, INSIDE_FILE)]
    texts = [article.body.text for article in load_index(folder).articles.values()]
    assert any(ACROSS in text and "计划明年通车" in text for text in texts)
    assert all("明年通车" in text for text in embedder.encoded)


def test_a_half_that_vanishes_leaves_the_other_incomplete(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    build_index([issue], folder, BigramEmbedder())
    (issue / FRONT_FILE).unlink()
    report = build_index([issue], folder, BigramEmbedder())
    assert statuses(report) == {INSIDE_FILE: "unchanged", FRONT_FILE: "removed"}
    assert linked_files(folder) == []
    half = next(iter(load_index(folder).articles.values()))
    assert (half.taken_up, half.complete) == (True, False)
    assert verify_index(folder) == []


@pytest.mark.parametrize("name", [FRONT_FILE, INSIDE_FILE])
def test_removing_the_file_of_one_half_leaves_the_other_incomplete(
    tmp_path: Path, folder: Path, name: str
) -> None:
    issue = write_issue(tmp_path / "issue")
    build_index([issue], folder, BigramEmbedder())
    report = remove([name], folder, BigramEmbedder())
    assert [(file.file, file.article_count) for file in report.files] == [(name, 2)]
    index = load_index(folder)
    assert name not in index.pages
    assert sorted(article.complete for article in index.articles.values()) == [False, True]
    assert build_index([issue], folder, BigramEmbedder()).article_count == 2
    assert build_index([issue / name], folder, BigramEmbedder()).article_count == 3
    assert linked_files(folder) == [(FRONT_FILE, INSIDE_FILE)]


def test_what_is_left_of_an_article_is_embedded_by_the_model_of_the_index_alone(
    tmp_path: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    build_index([write_issue(tmp_path / "issue")], folder, BigramEmbedder("one"))
    monkeypatch.setattr(embedding, "load_embedder", lambda _: BigramEmbedder("two"))
    with pytest.raises(CorpusError, match="'bigrams' has other weights"):
        remove([INSIDE_FILE], folder)
    monkeypatch.setattr(embedding, "load_embedder", lambda _: BigramEmbedder("one"))
    assert remove([INSIDE_FILE], folder).article_count == 2
    assert verify_index(folder) == []
    assert capfd.readouterr() == ("", "")


def test_a_removed_article_stays_out_with_both_its_halves(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    build_index([issue], folder, BigramEmbedder())
    gone = next(a for a in load_index(folder).articles.values() if len(a.files) > 1)
    assert remove([gone.id], folder).article_count == 2
    (issue / INSIDE_FILE).write_text(INSIDE + "\n", "utf-8")
    assert build_index([issue], folder, BigramEmbedder()).article_count == 2
    assert all(article.complete for article in load_index(folder).articles.values())


def test_pages_of_different_folders_are_not_one_issue(tmp_path: Path, folder: Path) -> None:
    issue, other = write_issue(tmp_path / "issue"), tmp_path / "other"
    other.mkdir()
    (issue / INSIDE_FILE).rename(other / INSIDE_FILE)
    assert build_index([issue, other], folder, BigramEmbedder()).article_count == 4


def test_a_markdown_file_beside_the_pages_is_indexed(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    (issue / "more.md").write_text(MARKDOWN, "utf-8")
    (issue / "README.md").write_text("# 说明\n\n这个文件夹里是报纸。\n", "utf-8")
    (issue / "notes.doc").write_text("不是版面。", "utf-8")
    report = build_index([issue], folder, BigramEmbedder())
    assert set(statuses(report)) == {FRONT_FILE, INSIDE_FILE, "more.md"}
    headlines = {article.headline for article in load_index(folder).articles.values()}
    assert "茶农用上无人机" in headlines


def test_an_index_within_the_folder_of_the_pages_is_not_read_as_pages(tmp_path: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    build_index([issue], issue / "index", BigramEmbedder())
    report = build_index([issue], issue / "index", BigramEmbedder())
    assert set(statuses(report)) == {FRONT_FILE, INSIDE_FILE}


def test_a_folder_without_pages_says_what_a_page_is(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match=r"no pages in this folder \(\*\.txt .*\*\.md .*\*\.pdf"):
        build_index([tmp_path / "empty"], folder, BigramEmbedder())


def correct(issue: Path, text: str) -> None:
    (issue / "corrections.toml").write_text(text, "utf-8")


def test_corrections_are_applied_when_they_come_change_and_go(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    first = build_index([issue], folder, BigramEmbedder())
    expected = {article.date for article in load_index(folder).articles.values()}
    for date in ("2026-03-07", "2026-03-08"):
        correct(issue, DATED.format(file=INSIDE_FILE, date=date))
        report = build_index([issue], folder, BigramEmbedder())
        assert statuses(report) == {FRONT_FILE: "unchanged", INSIDE_FILE: "changed"}
        index = load_index(folder)
        assert {a.date for a in index.articles.values() if a.file == INSIDE_FILE} == {date}
        assert list(index.manifest.corrections) == [INSIDE_FILE]
        again = build_index([issue], folder, BigramEmbedder())
        assert again.generation == report.generation
    (issue / "corrections.toml").unlink()
    assert statuses(build_index([issue], folder, BigramEmbedder()))[INSIDE_FILE] == "changed"
    dates = {article.date for article in load_index(folder).articles.values()}
    assert dates == expected
    assert load_index(folder).manifest.counts["articles"] == first.article_count


def test_a_damaged_corrections_file_stops_before_anything_is_touched(
    tmp_path: Path, folder: Path
) -> None:
    issue = write_issue(tmp_path / "issue")
    before = build_index([issue], folder, BigramEmbedder())
    (issue / INSIDE_FILE).unlink()
    correct(issue, "[[page]\nfile =")
    with pytest.raises(CorpusError, match=r"corrections\.toml"):
        build_index([issue], folder, BigramEmbedder())
    index = load_index(folder)
    assert index.manifest.generation == before.generation
    assert INSIDE_FILE in index.pages


def test_corrections_of_a_page_that_is_not_there_are_reported(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    correct(issue, DATED.format(file="20260305_09.txt", date="2026-03-05"))
    report = build_index([issue], folder, BigramEmbedder())
    assert [file.file for file in report.failed] == ["20260305_09.txt"]
    assert "corrections.toml" in report.failed[0].message
    assert report.article_count == 3


def test_a_file_that_marks_its_articles_takes_no_corrections(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    (issue / "more.md").write_text(MARKDOWN, "utf-8")
    correct(issue, DATED.format(file="more.md", date="2026-03-05"))
    report = build_index([issue], folder, BigramEmbedder())
    assert [file.file for file in report.failed] == ["more.md"]


def test_corrections_are_no_page(tmp_path: Path, folder: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    correct(issue, DATED.format(file=INSIDE_FILE, date="2026-03-05"))
    with pytest.raises(CorpusError, match="no page"):
        build_index([issue / "corrections.toml"], folder, BigramEmbedder())
