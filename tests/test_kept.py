"""What a long piece of work keeps is there when it goes on, and damage is as nothing kept."""

import json
from dataclasses import asdict
from pathlib import Path

from index.build import build_index
from index.kept import Kept
from index.records import page_from_json, whole_article_from_json
from index.store import load_index
from tests.embedders import BigramEmbedder


def test_values_are_there_for_the_next_process(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.add({"a": b"one", "b": b""})
    kept.add({})
    kept.add({"c": bytes(range(256)), "a": b"newer"})
    for each in (kept, Kept(tmp_path)):
        assert [each.get(key) for key in "abcd"] == [b"newer", b"", bytes(range(256)), None]
        assert "b" in each
        assert "d" not in each
        assert len(each) == 3


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    values = {f"{number:x}": b"value %d" % number for number in range(4)}
    Kept(tmp_path).add(values)
    part = next(tmp_path.glob("*.part"))
    whole = part.read_bytes()
    for at in range(len(whole)):
        for change in (1, 32, 128):
            damaged = bytearray(whole)
            damaged[at] ^= change
            part.write_bytes(bytes(damaged))
            again = Kept(tmp_path)
            assert all(again.get(key) in (value, None) for key, value in values.items()), at


def test_a_part_that_was_cut_gives_what_is_whole(tmp_path: Path) -> None:
    Kept(tmp_path).add({"a": b"one" * 50, "b": b"two" * 50})
    part = next(tmp_path.glob("*.part"))
    part.write_bytes(part.read_bytes()[:-40])
    again = Kept(tmp_path)
    assert again.get("a") == b"one" * 50
    assert again.get("b") is None
    again.add({"b": b"two" * 50})
    assert Kept(tmp_path).get("b") == b"two" * 50


def test_pages_and_articles_come_back_as_they_were(seeds: Path, tmp_path: Path) -> None:
    build_index([seeds], tmp_path, BigramEmbedder())
    index = load_index(tmp_path)
    for article in index.articles.values():
        assert whole_article_from_json(json.loads(json.dumps(asdict(article)))) == article
    for page in index.pages.values():
        assert page_from_json(json.loads(json.dumps(asdict(page)))) == page
