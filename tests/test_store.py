"""An index on disk: exact, checked, and never half of a build."""

import gc
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import store
from index.articles import articles_of
from index.build import build_index
from index.decoding import read_page
from index.jumps import linked
from index.segments import Segment
from index.store import current, load_index, verify_index
from index.tensors import Buffer
from index.types import CorpusError
from tests.embedders import BigramEmbedder
from tests.issue import INSIDE_FILE, write_issue


@pytest.fixture
def folder(tmp_path: Path, seeds: Path) -> Path:
    build_index([seeds], tmp_path / "index", BigramEmbedder())
    return tmp_path / "index"


def live(folder: Path) -> Path:
    return folder / "generations" / current(folder)


def segment(folder: Path) -> Path:
    return folder / "segments" / current(folder)


def test_an_index_comes_back_as_it_was_saved(folder: Path, seeds: Path) -> None:
    index = load_index(folder)
    assert {page.file for page in index.pages.values()} == {p.name for p in seeds.glob("*.txt")}
    assert len(index.articles) == index.manifest.counts["articles"] == 30
    assert len(index.chunks) == len(index.words.lengths) == index.manifest.counts["chunks"]
    expected = BigramEmbedder().encode_passages([c.search_text for c in index.chunks])
    np.testing.assert_allclose(index.matrix(range(len(index.chunks))), expected, rtol=1e-6)
    for row in (0, 57, len(index.chunks) - 1):
        ((found,),) = index.nearest(expected[[row]], 1)
        assert found[1] == pytest.approx(1.0, abs=1e-5)
    for article in index.articles.values():
        page = index.pages[article.file]
        printed = "".join(page.text[s.start : s.end] for s in article.body.spans)
        assert printed == article.body.text


def test_a_sound_index_has_no_problems(folder: Path) -> None:
    assert verify_index(folder) == []


@pytest.mark.parametrize("name", ["pages.txt", "vectors.faiss", "arrays.safetensors", "heads.json"])
def test_a_flipped_bit_is_noticed_and_the_remedy_named(folder: Path, name: str) -> None:
    path = segment(folder) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(CorpusError, match=r"damaged.*wenbao index"):
        load_index(folder)
    assert name in verify_index(folder)[0]


@pytest.mark.parametrize("name", ["manifest.json", "articles.jsonl"])
def test_a_missing_or_cut_file_is_noticed(folder: Path, name: str) -> None:
    path = (live(folder) if name == "manifest.json" else segment(folder)) / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CorpusError, match="damaged"):
        load_index(folder)
    path.unlink()
    with pytest.raises(CorpusError, match="wenbao index"):
        load_index(folder)


def test_what_was_checked_is_what_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer may remove a former generation while a reader opens it."""
    vectors = load_index(folder).matrix(range(5))
    real = store.segment_of

    def segment_of(contents: Mapping[str, Buffer]) -> Segment:
        shutil.rmtree(folder)
        return real(contents)

    monkeypatch.setattr(store, "segment_of", segment_of)
    index = load_index(folder)
    gc.collect()
    np.testing.assert_array_equal(index.matrix(range(5)), vectors)
    assert [found[0][0] for found in index.nearest(vectors, 1)] == list(range(5))


def test_no_index_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="build one with: wenbao index"):
        load_index(tmp_path)


def test_a_later_format_says_how_to_rebuild(folder: Path) -> None:
    path = live(folder) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 99}))
    with pytest.raises(CorpusError, match=r"format 99, .*remove .*wenbao index"):
        load_index(folder)


def test_a_second_writer_is_turned_away(folder: Path, seeds: Path) -> None:
    with (
        store.writer_lock(folder),
        pytest.raises(CorpusError, match="another process is writing"),
    ):
        build_index([seeds], folder, BigramEmbedder())


def test_an_article_in_two_files_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    build_index([write_issue(tmp_path / "issue")], folder, BigramEmbedder())
    index = load_index(folder)
    pages = {name: read_page(tmp_path / "issue" / name, name) for name in index.pages}
    read = {name: list(articles_of(page).articles) for name, page in pages.items()}
    expected = linked([article for found in read.values() for article in found], pages)
    assert list(index.articles.values()) == expected
    assert {name: list(found) for name, found in index.unlinked.items()} == read
    whole = expected[0]
    assert len(whole.files) == 2
    assert whole.joins
    assert "".join(pages[s.file].text[s.start : s.end] for s in whole.body.spans) == whole.body.text


@pytest.mark.parametrize(
    ("place", "problem"),
    [([0, 9, "gone.txt"], "gone.txt"), ([0, 10**6, INSIDE_FILE], "is not its page")],
)
def test_a_place_that_is_not_in_its_file_is_noticed(
    tmp_path: Path, place: list[object], problem: str
) -> None:
    folder = tmp_path / "index"
    build_index([write_issue(tmp_path / "issue")], folder, BigramEmbedder())
    index = load_index(folder)
    (part,) = index.parts
    first = json.loads(part.segment.article_row(0))
    row = json.dumps({**first, "body": [place]}, ensure_ascii=False).encode()
    rows = row.ljust(len(part.segment.article_row(0)))
    rest = part.segment.contents["articles.jsonl"][len(rows) :]
    contents = {name: bytes(data) for name, data in part.segment.contents.items()}
    contents["articles.jsonl"] = rows + bytes(rest)
    with store.writer_lock(folder):
        manifest = replace(index.manifest, generation=store.next_generation(folder))
        store.write_generation(folder, manifest, [contents])
    (found,) = verify_index(folder)
    assert problem in found
    assert "wenbao index" in found
