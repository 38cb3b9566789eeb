"""PDF: the text layer in the order of reading, or a reason why there is none."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from index import decoding
from index.formats import articles_in, read
from index.lines import lines_of
from index.reading_order import Piece, ordered, text_of
from index.types import CorpusError

LEFT = [
    "本报讯昨日，文交会在",
    "义乌国际博览中心收官",
    "，吸引采购商五万人次",
    "，成交额创下了新高。",
]
RIGHT = [
    "数据显示，今年的外商",
    "人数同比增长一成多，",
    "参展企业共六百三十家",
    "，展位全部由市场招商",
]

needs_library = pytest.mark.skipif(
    find_spec("pypdfium2") is None, reason='the extra is missing: pip install "wenbao[pdf]"'
)

Line = tuple[float, float, float, str]  # left, bottom, size, words


def written(path: Path, *sheets: Sequence[Line], trailer: str = "") -> Path:
    """Write a PDF whose lines are set in a Chinese font that every reader knows."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(sheets)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H"
        " /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000"
        " /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox"
        " [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93"
        " >> >>] >>",
    ]
    for number, lines in enumerate(sheets):
        stream = "\n".join(
            f"BT /F {size} Tf {left} {bottom} Td <{words.encode('utf-16-be').hex()}> Tj ET"
            for left, bottom, size, words in lines
        )
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800]"
            f" /Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    data = "%PDF-1.7\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    path.write_text(
        f"{data}xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{len(data)}\n%%EOF\n",
        "ascii",
    )
    return path


def columns(top: float = 700) -> list[Line]:
    """Return two columns of text side by side, a gutter of one character between them."""
    return [
        (50 + 110 * number, top - 16 * row, 10, words)
        for number, column in enumerate((LEFT, RIGHT))
        for row, words in enumerate(column)
    ]


@needs_library
@pytest.mark.parametrize("order", ["columns", "rows", "backwards"])
def test_columns_are_read_one_after_the_other(tmp_path: Path, order: str) -> None:
    lines = [(120.0, 740.0, 24.0, "文交会收官"), *columns()]
    if order == "rows":
        lines.sort(key=lambda line: (-line[1], line[0]))
    elif order == "backwards":
        lines.reverse()
    path = written(tmp_path / "a.pdf", lines)
    page = read(path, "a.pdf")
    assert page.text == "\n\n".join(["文交会收官", "\n".join(LEFT), "\n".join(RIGHT)])
    assert page.encoding == "pdf"
    assert articles_in(page) is None


@needs_library
def test_sheets_are_parted_by_a_form_feed_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pdf", [(50, 700, 10, "第一版。")], [], [(50, 700, 10, "第三版。")])
    page = read(path, "a.pdf")
    assert page.text == "第一版。\n\f\n\n\f\n第三版。"
    assert [line.text for line in lines_of(page)] == ["第一版。", "第三版。"]


@needs_library
def test_a_pdf_has_no_more_lines_than_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.pdf", [(50, 700, 10, "第一版。")], [(50, 700, 10, "第二版。")])
    monkeypatch.setattr(decoding, "MAX_PAGE_LINES", 1)
    with pytest.raises(CorpusError, match="2 lines are more than a page may have"):
        read(path, "a.pdf")


@needs_library
def test_two_articles_below_each_other_are_not_mixed(tmp_path: Path) -> None:
    lines = [*columns(700), (120.0, 600.0, 24.0, "另一篇题目"), *columns(560)]
    text = read(written(tmp_path / "a.pdf", sorted(lines)), "a.pdf").text
    first, second = text.split("另一篇题目")
    assert first.split() == second.split() == [*LEFT, *RIGHT]


@needs_library
def test_paragraphs_keep_their_indent_and_headlines_set_vertically_are_one_line(
    tmp_path: Path,
) -> None:
    body = [(70.0, 700.0, 10.0, LEFT[0]), (50.0, 684.0, 10.0, LEFT[1]), (50.0, 668.0, 10.0, "完。")]
    vertical = [(300.0, 700.0 - 20 * row, 20.0, word) for row, word in enumerate("竖排题目")]
    text = read(written(tmp_path / "a.pdf", [*body, *vertical]), "a.pdf").text
    assert text == f"　　{LEFT[0]}\n{LEFT[1]}\n完。\n\n竖排题目"


@needs_library
def test_words_far_apart_in_a_line_stay_in_it_and_rare_characters_are_whole(tmp_path: Path) -> None:
    lines = [(50.0, 700.0, 10.0, "记者"), (85.0, 700.0, 10.0, "张三"), (50.0, 600.0, 10.0, "𠮷")]
    assert read(written(tmp_path / "a.pdf", lines), "a.pdf").text == "记者 张三\n\n𠮷"


@needs_library
def test_a_scanned_page_needs_its_text_recognised_first(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"^a\.pdf: 1 pages? without a text layer.*OCR"):
        read(written(tmp_path / "a.pdf", []), "a.pdf")


@needs_library
def test_an_encrypted_page_is_refused(tmp_path: Path) -> None:
    secret = "00" * 32
    path = written(
        tmp_path / "a.pdf",
        columns(),
        trailer=f"/ID [<{secret}> <{secret}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4"
        f" /O <{secret}> /U <{secret}> >>",
    )
    with pytest.raises(CorpusError, match=r"^a\.pdf: encrypted; .*no password"):
        read(path, "a.pdf")


@needs_library
@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"<p>HTML</p>", b"%PDF" + bytes(range(256)) * 50])
def test_what_is_no_pdf_or_damaged_is_refused_in_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    with pytest.raises(CorpusError, match=r"^a\.pdf: no PDF, or a damaged one") as caught:
        read(tmp_path / "a.pdf", "a.pdf")
    assert "\n" not in str(caught.value)


@needs_library
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.8, 0.95])
def test_a_torn_page_is_read_or_refused(tmp_path: Path, keep: float) -> None:
    data = written(tmp_path / "a.pdf", columns()).read_bytes()
    (tmp_path / "a.pdf").write_bytes(data[: int(len(data) * keep)])
    try:
        text = read(tmp_path / "a.pdf", "a.pdf").text
    except CorpusError:
        return
    assert text.strip()


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(CorpusError, match=r'pip install "wenbao\[pdf\]"'):
        read(written(tmp_path / "a.pdf", columns()), "a.pdf")


def test_the_order_of_ten_thousand_pieces_is_found_quickly_and_loses_none() -> None:
    pieces = [
        Piece(f"{n}", 7.0 * (n * 37 % 101), 11.0 * (n * 53 % 97), 7.0 * (n * 37 % 101) + 5, 0.0, n)
        for n in range(10_000)
    ]
    pieces = [Piece(p.words, p.left, p.bottom, p.right, p.bottom + 9, p.line) for p in pieces]
    assert sorted(map(id, ordered(pieces))) == sorted(map(id, pieces))
    assert text_of([]) == ""
