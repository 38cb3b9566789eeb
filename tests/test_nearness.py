"""How near the head lines of a page are to its articles, by words and by meaning."""

import numpy as np
import pytest

from index.likeness import likeness_of
from index.lines import lines_of, pieces_of
from index.nearness import LEAD_PIECES, NEAREST_PIECES, Nearness, nearness_of
from index.ngrams import bundled_ngrams
from index.roles import Role
from index.stream import Stream, stream_of
from index.threads import Thread
from index.types import Page

HEAD, KICKER, DECK, BODY, BYLINE = (
    Role.HEADLINE,
    Role.KICKER,
    Role.DECK,
    Role.BODY,
    Role.BYLINE,
)
LINES = (
    (KICKER, "高质量发展看清江"),
    (HEAD, "清江大桥主桥合龙"),
    (DECK, "——访老船工郑水根"),
    (BYLINE, "本报记者 李晓明"),
    (BODY, "清江大桥主桥昨日合龙，大桥全长2160米，桥面宽33米。"),
    (BODY, "“以前过江要等渡船。”家住北岸的老人说，“以后走路也能过去了。”"),
    (BODY, "老船工郑水根摆渡三十年，看着大桥的桥墩一根根立起来。"),
    (HEAD, "临湖茶农用上植保无人机"),
    (BODY, "云雾茶场的山坡上，两架植保无人机来回穿梭，给茶树施肥。"),
    (BODY, "临湖茶农说，今年春茶产量减少一成，茶叶价格上涨了15%。"),
)
BRIDGE, TEA = Thread((4, 5, 6)), Thread((8, 9))
TABLES = ("share", "lead", "alike", "meant")


def stream_in(*lines: tuple[Role, str]) -> Stream:
    text = "\n\n".join(words for _, words in lines) + "\n"
    pieces, ngrams = pieces_of(lines_of(Page("page.txt", text, "utf-8", ""))), bundled_ngrams()
    return stream_of(pieces, [role for role, _ in lines], likeness_of(pieces, ngrams), ngrams)


@pytest.fixture(scope="module")
def stream() -> Stream:
    return stream_in(*LINES)


@pytest.fixture(scope="module")
def near(stream: Stream) -> Nearness:
    return nearness_of(stream, [BRIDGE, TEA])


def test_each_head_line_has_a_row_and_each_thread_a_column(near: Nearness) -> None:
    assert list(near.rows) == [0, 1, 2, 7], "kickers and decks are head lines, bylines are none"
    for name in TABLES:
        table = getattr(near, name)
        assert table.shape == (4, 2)
        assert table.dtype == np.float32


@pytest.mark.parametrize("table", TABLES)
def test_a_headline_is_nearest_to_the_thread_that_holds_its_words(
    near: Nearness, table: str
) -> None:
    bridge, tea = near.of(getattr(near, table), [1, 7])
    assert bridge[0] > bridge[1]
    assert tea[1] > tea[0]


def test_the_order_of_threads_is_the_order_of_columns(stream: Stream, near: Nearness) -> None:
    turned = nearness_of(stream, [TEA, BRIDGE])
    for name in TABLES:
        assert np.allclose(getattr(turned, name)[:, ::-1], getattr(near, name))


def test_rows_come_in_the_order_in_which_they_are_asked_for(near: Nearness) -> None:
    rows = near.of(near.share, [7, 1])
    assert np.array_equal(rows, near.share[[3, 1]])
    with pytest.raises(KeyError):
        near.of(near.share, [4])


def test_a_share_is_that_of_the_terms_that_any_piece_of_the_thread_holds(
    stream: Stream, near: Nearness
) -> None:
    terms = np.asarray(stream.likeness.terms.todense())
    for position, row in near.rows.items():
        for column, thread in enumerate((BRIDGE, TEA)):
            held = (terms[list(thread.pieces)] > 0).any(axis=0)
            share = terms[position][held].sum() / terms[position].sum()
            assert near.share[row, column] == pytest.approx(share, abs=1e-6)


def test_what_only_the_end_of_an_article_tells_is_not_in_its_lead(near: Nearness) -> None:
    (share,), (lead,) = near.of(near.share, [2]), near.of(near.lead, [2])
    assert len(BRIDGE.pieces) > LEAD_PIECES
    assert share[0] > 0.4
    assert lead[0] < share[0] / 2
    assert lead[1] == share[1], "an article of two pieces is all lead"


def test_an_article_of_one_piece_is_as_near_as_that_piece(stream: Stream) -> None:
    near = nearness_of(stream, [Thread((4,))])
    likeness = stream.likeness
    for position, row in near.rows.items():
        assert near.share[row, 0] == pytest.approx(float(likeness.held[position, 4]), abs=1e-6)
        assert near.lead[row, 0] == near.share[row, 0]
        assert near.alike[row, 0] == likeness.alike[position, 4]
        assert near.meant[row, 0] == likeness.meant[position, 4]


def test_a_long_article_is_as_near_as_its_nearest_pieces() -> None:
    strange = [(BODY, "龙舟赛在小雨中开桨，桡手们划得浑身是劲。")] * 6
    stream = stream_in(*LINES, *strange)
    whole = Thread((*BRIDGE.pieces, *range(len(LINES), len(stream.pieces))))
    near = nearness_of(stream, [BRIDGE, whole])
    for position, row in near.rows.items():
        words = sorted(stream.likeness.alike[position, list(whole.pieces)])[-NEAREST_PIECES:]
        meanings = sorted(stream.likeness.meant[position, list(whole.pieces)])[-NEAREST_PIECES:]
        assert near.alike[row, 1] == pytest.approx(sum(words), abs=1e-6)
        assert near.meant[row, 1] == pytest.approx(np.mean(meanings), abs=1e-6)
    assert (near.meant[:, 1] >= near.meant[:, 0] - 1e-6).all(), "what is strange takes nothing away"


def test_one_thread_has_one_column(stream: Stream) -> None:
    near = nearness_of(stream, [TEA])
    assert all(getattr(near, name).shape == (4, 1) for name in TABLES)
    assert int(near.share[:, 0].argmax()) == near.rows[7]


def test_a_page_without_head_lines_has_no_rows() -> None:
    near = nearness_of(stream_in((BODY, "大桥昨日合龙。"), (BODY, "茶园开园。")), [Thread((0, 1))])
    assert not near.rows
    assert all(getattr(near, name).shape == (0, 1) for name in TABLES)
    assert near.of(near.share, []).shape == (0, 1)


def test_a_page_without_text_has_no_columns() -> None:
    near = nearness_of(stream_in((HEAD, "清江大桥主桥合龙")), [])
    assert all(getattr(near, name).shape == (1, 0) for name in TABLES)


def test_a_headline_without_rare_words_shares_nothing() -> None:
    near = nearness_of(stream_in((HEAD, "的"), (BODY, "大桥昨日合龙。")), [Thread((1,))])
    assert near.share.tolist() == near.lead.tolist() == near.alike.tolist() == [[0.0]]
    assert np.isfinite(near.meant).all()
