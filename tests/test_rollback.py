"""The former generation: kept whole, gone back to, and the help when the newest is damaged."""

from pathlib import Path

import pytest

from index import store
from index.build import build_index, remove
from index.store import current, load_index, load_sound_index, switch_back, verify_index
from index.types import CorpusError
from tests.embedders import BigramEmbedder


def page(folder: Path, number: int) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.txt"
    path.write_text(f"题目{number}\n\n本报记者 甲乙\n\n这是第{number}篇的正文。\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an index whose generations 1, 2, 3 … hold as many pages; two were made."""
    for number in (1, 2):
        grow(tmp_path / "index", number)
    return tmp_path / "index"


def grow(folder: Path, number: int) -> None:
    build_index([page(folder.parent / "pages", number)], folder, BigramEmbedder())


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "generations").iterdir())


def files_of(folder: Path) -> list[str]:
    return sorted(load_index(folder).pages)


def damage(folder: Path, generation: str) -> None:
    path = folder / "segments" / generation / "vectors.faiss"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


# Back, and forward again


def test_back_and_forward_again(folder: Path) -> None:
    assert files_of(folder) == ["1.txt", "2.txt"]
    assert switch_back(folder).generation == "000001"
    assert files_of(folder) == ["1.txt"]
    assert verify_index(folder) == []
    assert switch_back(folder).generation == "000002"
    assert files_of(folder) == ["1.txt", "2.txt"]


def test_exactly_the_former_generation_is_kept(folder: Path) -> None:
    for number in (3, 4, 5):
        grow(folder, number)
    assert kept(folder) == ["000004", "000005"]
    assert store.former_generation(folder) == "000004"


def test_after_going_back_the_next_build_keeps_what_it_was_made_of(folder: Path) -> None:
    grow(folder, 3)
    switch_back(folder)
    grow(folder, 4)
    assert files_of(folder) == ["1.txt", "2.txt", "4.txt"]
    assert kept(folder) == ["000002", "000004"]  # no name is given twice
    assert switch_back(folder).generation == "000002"
    assert files_of(folder) == ["1.txt", "2.txt"]


def test_a_removal_is_undone_and_stays_undone(folder: Path) -> None:
    remove(["2.txt"], folder, BigramEmbedder())
    switch_back(folder)
    build_index([folder.parent / "pages"], folder, BigramEmbedder())
    assert files_of(folder) == ["1.txt", "2.txt"]


def test_without_a_former_generation_nothing_is_switched(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="build one with: wenbao index"):
        switch_back(tmp_path / "index")
    assert not (tmp_path / "index").exists()
    grow(tmp_path / "index", 1)
    with pytest.raises(CorpusError, match="no former generation"):
        switch_back(tmp_path / "index")
    assert files_of(tmp_path / "index") == ["1.txt"]


def test_a_damaged_former_generation_is_not_switched_to(folder: Path) -> None:
    damage(folder, "000001")
    with pytest.raises(CorpusError, match="damaged"):
        switch_back(folder)
    assert current(folder) == "000002"


def test_going_back_waits_for_no_other_writer(folder: Path) -> None:
    with store.writer_lock(folder), pytest.raises(CorpusError, match="another process is writing"):
        switch_back(folder)


# The newest is damaged


def test_the_former_generation_answers_when_the_newest_is_damaged(folder: Path) -> None:
    assert load_sound_index(folder)[1] == ""
    damage(folder, "000002")
    index, warning = load_sound_index(folder)
    assert sorted(index.pages) == ["1.txt"]
    assert "vectors.faiss: damaged" in warning
    assert f"wenbao rollback --index {folder}" in warning
    assert "\n" not in warning
    with pytest.raises(CorpusError, match="damaged"):
        load_index(folder)
    assert verify_index(folder)


def test_the_remedy_of_the_warning_mends_the_index(folder: Path) -> None:
    damage(folder, "000002")
    switch_back(folder)
    assert load_sound_index(folder)[1] == ""
    build_index([folder.parent / "pages"], folder, BigramEmbedder())
    assert files_of(folder) == ["1.txt", "2.txt"]
    assert verify_index(folder) == []


@pytest.mark.parametrize("written", ["", "nonsense", "000009"])
def test_a_damaged_pointer_is_survived_and_mended(folder: Path, written: str) -> None:
    (folder / "CURRENT").write_text(written)
    index, warning = load_sound_index(folder)
    assert index.manifest.generation == "000002"
    assert "wenbao rollback" in warning
    switch_back(folder)
    assert files_of(folder) == ["1.txt", "2.txt"]


def test_when_both_are_damaged_the_live_one_is_told(folder: Path) -> None:
    for generation in ("000001", "000002"):
        damage(folder, generation)
    with pytest.raises(CorpusError, match=r"segments/000001.*damaged"):
        load_sound_index(folder)


def test_a_reader_is_not_hurt_by_generations_that_go_while_it_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = store._checked
    changes = iter(range(3, 14))

    def slow(*args: object) -> object:
        with monkeypatch.context() as patch:  # while files are read, others write and merge them
            patch.setattr(store, "_checked", read)
            for number in changes:
                grow(folder, number)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_checked", slow)
    assert len(load_index(folder).pages) == 13
