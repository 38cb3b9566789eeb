"""An index of a former format answers as it is, and the next build writes it in today's."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from index import former_formats
from index.build import build_index, remove
from index.manifest import FORMAT_VERSION
from index.store import load_index, load_manifest, switch_back, verify_index
from tests.embedders import BigramEmbedder
from tests.issue import FRONT_FILE, INSIDE_FILE, write_issue

FORMATS = Path(__file__).parent / "formats"


@pytest.fixture(params=former_formats.VERSIONS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(FORMATS / str(request.param), tmp_path / "index"))


def test_there_is_a_sample_of_every_former_format() -> None:
    assert tuple(range(1, FORMAT_VERSION)) == former_formats.VERSIONS


def test_it_is_read_as_it_is(folder: Path) -> None:
    index = load_index(folder)
    assert verify_index(folder) == []
    assert len(index.articles) == index.manifest.counts["articles"]
    assert len(index.chunks) == index.manifest.counts["chunks"]
    bridge = next(a for a in index.articles.values() if "大桥" in a.headline)
    printed = "".join(index.pages[s.file].text[s.start : s.end] for s in bridge.body.spans)
    assert printed == bridge.body.text
    vectors = BigramEmbedder().encode_passages([chunk.search_text for chunk in index.chunks])
    np.testing.assert_allclose(index.matrix(range(len(vectors))), vectors, rtol=1e-5)
    assert index.characters.rows_with("大桥").size


def test_the_next_build_writes_todays_format(folder: Path, tmp_path: Path) -> None:
    issue = write_issue(tmp_path / "issue")
    for name in (FRONT_FILE, INSIDE_FILE):  # what does not change stays as it was read then
        (issue / name).write_text((issue / name).read_text("utf-8") + "另有新闻。\n", "utf-8")
    build_index([issue], folder, BigramEmbedder())
    assert load_manifest(folder).format_version == FORMAT_VERSION
    assert verify_index(folder) == []
    build_index([issue], tmp_path / "fresh", BigramEmbedder())
    again, fresh = load_index(folder), load_index(tmp_path / "fresh")
    assert list(again.articles.values()) == list(fresh.articles.values())
    switch_back(folder)
    assert load_manifest(folder).format_version != FORMAT_VERSION


def test_an_article_can_be_removed_from_it(folder: Path) -> None:
    gone = next(iter(load_index(folder).articles))
    remove([gone], folder, BigramEmbedder())
    assert gone not in load_index(folder).articles
    assert verify_index(folder) == []


@pytest.mark.parametrize("name", ["pages.jsonl", "chunks.jsonl", "vectors.faiss"])
def test_damage_in_it_is_noticed(folder: Path, name: str) -> None:
    path = folder / "generations" / "000001" / name
    path.write_bytes(path.read_bytes()[:-2])
    (problem,) = verify_index(folder)
    assert name in problem
