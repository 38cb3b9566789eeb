"""New newspaper pages with their gold, composed from single articles, troubles and all.

``python -m evals.page_generator --data FOLDER --out DIR`` writes pages to look at.
"""

import argparse
import datetime
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals import page_fillings as fill
from evals.page_article import set_article, set_small
from evals.page_cuts import INDENT
from evals.page_gold import GoldLine, GoldPage, opening_of, write_gold
from evals.page_layout import between, furnish, halves, in_a_cut, in_sequence, intrude, move_heads
from evals.page_press import PARAGRAPH_ROLES, Block, Draft, Manner, Piece, Press
from evals.page_sources import SPLITS, Source, Split, load_sources, split_of
from index.types import CorpusError, DateSource, Page

# How often each trouble happens: drawn once for a page, or once for each article.
OF_A_PAGE: Mapping[str, float] = {
    "half-width marks": 0.3,
    "indented paragraphs": 0.3,
    "traditional": 0.1,
    "hard-wrapped": 0.08,
    "crlf": 0.1,
    "one place": 0.35,
    "furniture": 0.5,
    "furniture in between": 0.15,
    "date line": 0.6,
    "slogan": 0.25,
    "dated file name": 0.08,
    "interleaved": 0.3,
    "interleaved twice": 0.25,
    "exchanged headlines": 0.2,
    "displaced headline": 0.25,
    "headline after its body": 0.1,
    "foreign head in a cut": 0.25,
    "jump on the page": 0.15,
    "jump to elsewhere": 0.12,
    "jump from elsewhere": 0.12,
    "pull quote": 0.25,
    "caption": 0.35,
    "QR text": 0.12,
    "advert in a cut": 0.15,
    "notice": 0.3,
    "advert": 0.3,
    "weather": 0.1,
}
OF_AN_ARTICLE: Mapping[str, float] = {
    "brief": 0.2,
    "picture story": 0.05,
    "comment": 0.04,
    "kicker": 0.22,
    "no headline": 0.06,
    "only a deck": 0.02,
    "deck": 0.1,
    "shoulder": 0.15,
    "second headline": 0.12,
    "no byline": 0.12,
    "credit at the end": 0.1,
    "dateline": 0.65,
    "dateline on its own line": 0.06,
    "trailing credit": 0.4,
    "section heads": 0.15,
    "section head of two lines": 0.25,
    "table": 0.05,
    "cut": 0.45,
    "further cut": 0.35,
    "cut on a stop": 0.15,
}
TROUBLES: Mapping[str, float] = {**OF_A_PAGE, **OF_AN_ARTICLE}

ARTICLE_COUNTS = {3: 1, 4: 2, 5: 4, 6: 5, 7: 4, 8: 2, 9: 1}  # articles on a page, and how often
MAX_TRIES = 100
MINED_SHARE = 0.78  # of articles whose real headline is known


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that was made up, its gold, and what a reader should get.

    ``paragraphs`` holds the running text of each article: a paragraph that is cut on the
    end of a sentence counts as two. ``troubles`` counts what happened.
    """

    gold: GoldPage
    paragraphs: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]
    troubles: Mapping[str, int]

    @property
    def page(self) -> Page:
        """The page as it would be received."""
        return self.gold.page


class Shelf:
    """The articles to choose from, by whether their headline is real and by place."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.by_place: dict[str, list[Source]] = {}
        for source in sources:
            self.by_place.setdefault(source.place, []).append(source)
        self.mined = [source for source in sources if source.headline]
        self.others = [source for source in sources if not source.headline]

    def take(self, count: int, rng: random.Random, one_place: bool) -> list[Source]:
        """Return ``count`` articles, each once, or as many as there are."""
        chosen: dict[str, Source] = {}
        mined, others = self.mined, self.others
        if one_place and (large := sorted(p for p in self.by_place if len(self.by_place[p]) > 40)):
            near = self.by_place[rng.choice(large)]
            mined = [source for source in near if source.headline]
            others = [source for source in near if not source.headline]
        for _ in range(20 * count):
            shelf = mined if mined and (rng.random() < MINED_SHARE or not others) else others
            if shelf and len(chosen) < count:
                source = rng.choice(shelf)
                chosen[source.id] = source
        return list(chosen.values())


def generate(
    sources: Sequence[Source],
    count: int,
    seed: int = 1,
    split: Split = "test",
    troubles: Mapping[str, float] = TROUBLES,
) -> Iterator[GeneratedPage]:
    """Yield ``count`` pages from the articles of ``split``; the same for the same seed.

    Each page is drawn by itself: the first five of fifty are the five of five. Raises
    :class:`CorpusError` where the split has no articles.
    """
    shelf = _shelf(sources, split)
    for number in range(count):
        rng = random.Random(f"{seed}-{split}-{number}")
        manner, seen = _manner(rng, troubles)
        press = Press(manner, rng, troubles, seen)
        dated = press.happens("dated file name")
        name = f"{manner.day}_{number:04}" if dated else f"{split}-{seed}-{number:04}"
        yield _compose(shelf, press, name, manner.day if dated else None)


def generate_issues(
    sources: Sequence[Source],
    count: int,
    seed: int = 1,
    split: Split = "test",
    troubles: Mapping[str, float] = TROUBLES,
) -> Iterator[tuple[GeneratedPage, GeneratedPage]]:
    """Yield ``count`` pairs of pages of one issue; an article jumps from the first to the second.

    File names carry the day and the page, as in ``2026-03-04_01``; the article that jumps
    is ``part`` in both, and the same entry of ``sources`` names it.
    """
    shelf = _shelf(sources, split)
    for number in range(count):
        rng = random.Random(f"issue-{seed}-{split}-{number}")
        manner, seen = _manner(rng, troubles)
        first = Press(manner, rng, troubles, seen)
        second = Press(manner, rng, troubles, Counter())
        first_half, second_half = _jumping(shelf, first)
        yield (
            _compose(shelf, first, f"{manner.day}_01", manner.day, first_half),
            _compose(shelf, second, f"{manner.day}_02", manner.day, second_half),
        )


def _jumping(shelf: Shelf, press: Press) -> tuple[Draft, Draft]:
    """Return the halves of an article that jumps from page one to page two."""
    for _ in range(MAX_TRIES):
        for source in shelf.take(1, press.rng, one_place=False):
            first, second = halves(set_article(source, press), press, target="二", origin="一")
            if first and second:
                return first, second
    raise CorpusError("no article has two paragraphs to jump between; give longer articles")


def _shelf(sources: Sequence[Source], split: Split) -> Shelf:
    kept = [source for source in sources if split_of(source.id) == split]
    if not kept:
        raise CorpusError(f"no article belongs to the split {split!r}; give more articles")
    return Shelf(kept)


def _manner(rng: random.Random, troubles: Mapping[str, float]) -> tuple[Manner, Counter[str]]:
    """Return how a page is set, and what of it counts as a trouble."""
    drawn = {name: rng.random() < share for name, share in troubles.items()}
    city = rng.choice(fill.CITIES)
    day = datetime.date(2023, 1, 1) + datetime.timedelta(days=rng.randrange(1300))
    wrapped = drawn["hard-wrapped"]
    manner = Manner(
        paper=city + rng.choice(fill.PAPERS),
        city=city,
        day=day,
        reporter=rng.choice(
            ("全媒体记者", "全媒体记者", "本报记者", "记者", "首席记者", "融媒记者")
        ),
        byline_style=fill.weighed(fill.BYLINES, rng),
        section_mark=rng.choice(("", "", "◆", "● ", "■", "▶")),
        line_end="\r\n" if drawn["crlf"] else "\n",
        half_width=drawn["half-width marks"],
        traditional=drawn["traditional"],
        indent=drawn["indented paragraphs"] and not wrapped,
        tight_heads=rng.random() < 0.3,
        wrap=rng.randint(13, 22) if wrapped else 0,
        blank_lines_above=rng.choice((0, 0, 1, 2, 4)),
    )
    kept = ("half-width marks", "traditional", "hard-wrapped", "crlf")
    seen = Counter({name: 1 for name in kept if drawn[name]})
    if manner.indent:
        seen["indented paragraphs"] += 1
    return manner, seen


def _compose(
    shelf: Shelf,
    press: Press,
    name: str,
    named_day: datetime.date | None,
    given: Draft | None = None,
) -> GeneratedPage:
    rng = press.rng
    small = [
        set_small(kind, press) for kind in ("notice", "advert", "weather") if press.happens(kind)
    ]
    wanted = rng.choices(tuple(ARTICLE_COUNTS), tuple(ARTICLE_COUNTS.values()))[0]
    count = max(wanted - len(small) - (given is not None), 2)
    chosen = shelf.take(count, rng, press.happens("one place"))
    news = [set_article(one, press) for one in chosen if given is None or one != given.source]
    order, news = in_sequence(news, given, press)
    for draft in small:
        at = between(order, rng)
        if draft.genre == "advert" and press.happens("advert in a cut"):
            at = in_a_cut(order, rng, None) or at
        order[at:at] = [*draft.head, *draft.body]
    move_heads(order, news, press)
    intrude(order, [draft for draft in news if draft.source], press)
    date = furnish(order, press)
    text = _print(order, press)
    source: DateSource | None = "masthead" if date else "file name" if named_day else None
    day = date or named_day
    drafts = sorted(news + small, key=lambda draft: min(piece.number for piece in draft.reading))
    letters = [_letter(at) for at in range(len(drafts))]
    read: list[tuple[Piece, str | None]] = [
        (piece, letter)
        for draft, letter in zip(drafts, letters, strict=True)
        for piece in draft.reading
    ]
    read += [(piece, None) for block in order if block.owner is None for piece in block.pieces]
    gold = GoldPage(
        name,
        Page(f"{name}.txt", text, "utf-8", hashlib.sha256(text.encode()).hexdigest()),
        tuple(
            GoldLine(piece.number, piece.role, letter, piece.continues, opening_of(piece.text))
            for piece, letter in read
        ),
        {letter: draft.genre for draft, letter in zip(drafts, letters, strict=True)},
        {letter: draft.whole for draft, letter in zip(drafts, letters, strict=True)},
        str(day) if day else None,
        source,
    )
    return GeneratedPage(
        gold,
        {letter: tuple(draft.paragraphs) for draft, letter in zip(drafts, letters, strict=True)},
        {
            letter: draft.source.id
            for draft, letter in zip(drafts, letters, strict=True)
            if draft.source
        },
        +press.seen,
    )


def write_page(generated: GeneratedPage, folder: Path) -> None:
    """Write the page and its gold into ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    text = generated.page.text.encode("utf-8")
    (folder / generated.page.file).write_bytes(text)
    write_gold(generated.gold, folder / f"{generated.gold.name}.tsv")


def _print(order: Sequence[Block], press: Press) -> str:
    """Return the text of the page; each piece is told its line."""
    manner, rng = press.manner, press.rng
    lines = [""] * manner.blank_lines_above
    for at, block in enumerate(order):
        if at and not _is_tight(order[at - 1], block, manner):
            lines += [""] * (rng.randint(2, 3) if rng.random() < 0.05 else 1)
        for piece in block.pieces:
            starts = piece.role in PARAGRAPH_ROLES and not piece.continues
            indented = starts and bool(manner.indent or manner.wrap)
            lines.append((INDENT if indented else "") + piece.text)
            piece.number = len(lines)
    return manner.line_end.join([*lines, ""])


def _is_tight(before: Block, block: Block, manner: Manner) -> bool:
    """Return whether no blank line stands between two blocks."""
    if before.owner is not block.owner or block.owner is None or block.after_cut:
        return False
    if before.kind == block.kind == "body":
        return bool(manner.indent or manner.wrap) and not block.pieces[0].continues
    heads = ("kicker", "headline", "byline")
    return manner.tight_heads and before.kind in heads and block.kind in heads


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write pages as the command line says."""
    parser = argparse.ArgumentParser(description="Compose newspaper pages with their gold.")
    parser.add_argument("--data", type=Path, required=True, help="folder of news.jsonl.gz")
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--issues", action="store_true", help="pairs of pages of one issue")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    wanted = parser.parse_args(arguments)
    try:
        sources = load_sources(wanted.data, wanted.split)
        pages = (
            (
                page
                for pair in generate_issues(sources, wanted.count, wanted.seed, wanted.split)
                for page in pair
            )
            if wanted.issues
            else generate(sources, wanted.count, wanted.seed, wanted.split)
        )
        for page in pages:
            write_page(page, wanted.out)
    except CorpusError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
