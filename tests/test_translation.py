"""The bilingual table, read where it is asked, from either language."""

import gzip
from pathlib import Path

import pytest

from rag.translation import Translations, Translator, load_translations

ROWS = {
    "apple": {"苹果": 0.75, "苹果公司": 0.25},
    "apples": {"苹果": 1.0},
    "fruit": {"水果": 0.5, "果": 0.25, "苹果": 0.25},
    "fruits company": {"水果公司总部大楼": 1.0},
    "headquarters": {"水果公司总部": 0.5, "总部": 0.5},
}


@pytest.fixture(params=["sorted", "unsorted", "no newline at the end"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Translations:
    lines = [
        "\t".join([en, *(f"{zh}:{p:.3f}" for zh, p in row.items())]) for en, row in ROWS.items()
    ]
    text = "\n".join(reversed(lines) if request.param == "unsorted" else lines)
    file = tmp_path / "table.tsv.gz"
    file.write_bytes(gzip.compress((text + "\n" * (request.param[0] != "n")).encode()))
    return load_translations(file)


def test_a_table_is_a_mapping(table: Translations) -> None:
    assert dict(table) == ROWS
    assert len(table) == len(ROWS)
    assert "fruit" in table
    for other in ("frui", "fruits", "fruits company hq", "", "苹果", "\t", 5):
        assert other not in table
    assert table.get("pear") is None
    with pytest.raises(KeyError):
        table["pear"]


def test_it_is_turned_round_as_a_table_in_memory_is(table: Translations) -> None:
    asked = {zh for row in ROWS.values() for zh in row} | {"", "苹", "果公司", "水果公司总", "无"}
    for chinese in sorted(asked):
        found, known = (Translator(each).english(chinese) for each in (table, ROWS))
        assert found == pytest.approx(known), chinese
        assert list(found) == list(known)


def test_words_of_the_bundled_table_are_turned_round_as_they_stand() -> None:
    bundled = load_translations()
    inverse: dict[str, dict[str, float]] = {}
    for english, row in list(bundled.items())[::40]:
        for chinese, p in row.items():
            inverse.setdefault(chinese, {})[english] = p
    assert inverse
    for chinese, forms in list(inverse.items())[::20]:
        assert forms.items() <= bundled.turned(chinese).items()  # type: ignore[attr-defined]
