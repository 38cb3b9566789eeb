"""Text that was read in a wrong encoding is told from text that is only rare."""

import pytest

from index.decoding import decode
from index.mojibake import is_plausible, misread
from index.types import CorpusError

SIMPLIFIED = "本报讯 昨日，第20届中国义乌文化和旅游产品交易博览会在义乌国际博览中心圆满收官。"
TRADITIONAL = "本報訊 昨日，第20屆中國義烏文化和旅遊產品交易博覽會在義烏國際博覽中心圓滿收官。"
OTHERS = (
    "Сегодня открылся рынок.",
    "오늘 시장이 열렸습니다.",
    "今日は市場が開きました。",
    "Le café “à la carte” – où ça ?",
    "醋酸、柠檬酸、乳酸、牛磺酸",
    "",
    "abc",
)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("utf-8", "gb18030"), ("utf-8", "latin-1"), ("gb18030", "latin-1"), ("gb18030", "utf-16-le")],
)
def test_a_wrong_reading_is_told_by_being_undone(written: str, read_as: str) -> None:
    wrong = SIMPLIFIED.encode(written).decode(read_as, "replace")
    assert misread(f"{SIMPLIFIED}\n{wrong}\n")
    with pytest.raises(CorpusError, match=r"^a\.txt: (read in a wrong encoding before|binary)"):
        decode(f"{SIMPLIFIED}\n{wrong}\n".encode(), "a.txt")


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, *OTHERS])
def test_what_somebody_wrote_is_no_wrong_reading(text: str) -> None:
    assert misread(text) == ""
    assert decode(f"{SIMPLIFIED}{text}".encode())[0] == f"{SIMPLIFIED}{text}"


def test_lost_characters_are_told_where_they_are_many() -> None:
    assert misread(SIMPLIFIED * 3 + "\ufffd") == ""
    assert misread(SIMPLIFIED + "\ufffd" * 9) == "9 characters that were lost"


def test_chinese_is_plausible_in_either_script_and_in_no_other_encoding() -> None:
    assert is_plausible(SIMPLIFIED)
    assert is_plausible(TRADITIONAL)
    assert is_plausible("plain English")
    assert not is_plausible(SIMPLIFIED.encode("gb18030").decode("big5hkscs", "ignore"))
    assert not is_plausible(TRADITIONAL.encode("big5hkscs").decode("gb18030", "ignore"))


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "utf-8", "utf-16-le"])
def test_text_that_is_cut_off_is_told_with_the_place(encoding: str) -> None:
    data = TRADITIONAL.encode(encoding)[:-1]
    with pytest.raises(CorpusError, match=rf"{encoding}, but damaged or cut off at byte \d+"):
        decode(data, "a.txt")


def test_english_with_letters_of_windows_is_read() -> None:
    text = "The café’s owner said: “We sold more – much more.”"
    assert decode(text.encode("cp1252")) == (text, "cp1252")


def test_a_little_that_is_wrong_does_not_refuse_all_the_rest() -> None:
    wrong = SIMPLIFIED.encode("gb18030").decode("latin-1")[:40]
    assert misread(SIMPLIFIED * 300 + f"\n{wrong}\n") == ""
    assert (
        misread("\n".join([SIMPLIFIED] * 300) + "\n\u9b51\u9b45\u9b4d\u9b4e" * 3 + "\ufffd") == ""
    )
