"""A received file is read as it was meant, or refused with a reason."""

from pathlib import Path

import pytest

from index import decoding
from index.decoding import MAX_PAGE_BYTES, MAX_PAGE_LINES, decode, read_bytes, read_page
from index.types import CorpusError

SIMPLIFIED = "本报讯 昨日,第20届中国义乌文化和旅游产品交易博览会在义乌国际博览中心圆满收官。"
TRADITIONAL = "本報訊 昨日，第20屆中國義烏文化和旅遊產品交易博覽會在義烏國際博覽中心圓滿收官。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gbk"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-16-le"),
        (TRADITIONAL, "gb18030"),
    ],
)
def test_every_usual_encoding_comes_out_as_it_went_in(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("В городе открылась новая библиотека, она работает до девяти часов.", "koi8-r"),
        ("В городе открылась новая библиотека, она работает до девяти часов.", "cp1251"),
        ("市立図書館は毎日午後九時まで開いています。", "shift_jis"),
        ("시립 도서관은 매일 밤 아홉 시까지 문을 엽니다.", "euc_kr"),
        ("The city’s café opens at nine – and closes when the last guest leaves.", "cp1252"),
    ],
)
def test_a_declared_encoding_is_used_for_what_is_no_chinese(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding) * 3, "page.html", encoding) == (text * 3, encoding)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF, not text; give it the ending .pdf"),
        (b"PK\x03\x04" + bytes(60), "EPUB, not text; unpack it"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "not text; save it as UTF-8 plain text"),
    ],
)
def test_what_is_no_text_is_named_with_a_way_out(data: bytes, told: str) -> None:
    with pytest.raises(CorpusError, match=told):
        decode(data, "page.txt")


def test_every_seed_page_is_told_apart_in_every_encoding(seeds: Path) -> None:
    for path in sorted(seeds.glob("*.txt")):
        text = path.read_bytes().decode()
        for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
            assert decode(text.encode(encoding))[0] == text, (path.name, encoding)


def test_line_ends_stay_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes("一。\r\n二。\r三。\n".encode())
    assert read_page(tmp_path / "page.txt", "page.txt").text == "一。\r\n二。\r三。\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (bytes(range(256)) * 40, "not text"),
        (b"\x00" * 1000, "binary"),
        (b"PK\x03\x04" + bytes(range(200)) * 20, "text"),
        (b"\xff\xfe" + "题".encode("utf-16-le") + b"\x00", "damaged"),
        (b"\xef\xbb\xbf\xff\xff", "damaged"),
    ],
)
def test_what_is_no_text_is_refused_with_its_name_and_a_remedy(
    tmp_path: Path, data: bytes, says: str
) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=says) as caught:
        read_page(path, "bad.txt")
    assert str(caught.value).startswith("bad.txt: ")
    assert "\n" not in str(caught.value)


def test_a_missing_or_too_large_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_page(tmp_path / "none.txt", "none.txt")
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(MAX_PAGE_BYTES + 1)
    with pytest.raises(CorpusError, match="split the file"):
        read_page(large, "large.txt")


def test_a_file_of_exactly_the_size_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("新闻")
    assert read_bytes(path, "page.txt", max_bytes=6) == "新闻".encode()
    with pytest.raises(CorpusError, match=r"\(5\)"):
        read_bytes(path, "page.txt", max_bytes=5)


def test_a_page_of_exactly_the_lines_allowed_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.txt").write_bytes("一。\r二。\r三。\n四。\n".encode())
    monkeypatch.setattr(decoding, "MAX_PAGE_LINES", 4)
    assert len(read_page(tmp_path / "page.txt", "page.txt").text) == 12
    monkeypatch.setattr(decoding, "MAX_PAGE_LINES", 3)
    with pytest.raises(CorpusError, match=r"4 lines are more than a page may have \(3\)"):
        read_page(tmp_path / "page.txt", "page.txt")


def test_a_stray_control_character_makes_no_binary() -> None:
    assert decode(("\x01" + "新" * 199).encode())[0].endswith("新")
    with pytest.raises(CorpusError, match=r"binary data, not text \(1 control character"):
        decode(("\x01" + "新" * 198).encode())


def test_the_limits_are_those_of_the_contract() -> None:
    assert MAX_PAGE_BYTES == 32 * 2**20
    assert MAX_PAGE_LINES == 200_000
