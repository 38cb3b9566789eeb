"""Indexing is incremental, reports every file, and loses nothing to bad input."""

import shutil
from pathlib import Path

import pytest

from index.build import BuildReport, build_index, remove
from index.store import load_index
from index.types import CorpusError
from tests.embedders import BigramEmbedder

FIRST = "000_361fbcaa1fcc6c1b.txt"


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


def test_another_model_embeds_everything_anew(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder("one"))
    embedder = BigramEmbedder("two")
    report = build_index([pages], folder, embedder)
    assert len(embedder.encoded) == report.chunk_count
    assert load_index(folder).manifest.model_identity == "two"


def test_a_bad_page_is_reported_and_the_good_ones_are_indexed(pages: Path, folder: Path) -> None:
    (pages / "bad.txt").write_bytes(bytes(range(256)) * 10)
    report = build_index([pages], folder, BigramEmbedder())
    assert [file.file for file in report.failed] == ["bad.txt"]
    assert report.article_count == 30


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
    assert build_index([pages], folder, BigramEmbedder()).article_count == 25
    assert build_index([pages / FIRST], folder, BigramEmbedder()).article_count == 30


def test_an_unknown_name_removes_nothing(pages: Path, folder: Path) -> None:
    build_index([pages], folder, BigramEmbedder())
    with pytest.raises(CorpusError, match="nonsense"):
        remove([FIRST, "nonsense"], folder)
    assert len(load_index(folder).articles) == 30
