"""What of an article is read with a passage: how it begins, and what stands around the passage.

Reports say at their beginning who, where and when; a passage from the middle says "the company".
What stands around it is read for that alone: it is the sentences of the passage that may answer.
"""

from dataclasses import dataclass

from index.text import sentences
from index.types import Chunk

MAX_CHARS = 400  # of a passage with what is read around it: what the reader takes in


@dataclass(frozen=True, slots=True)
class Surrounded:
    """The words of a passage, and those of its article that are read before and after them."""

    text: str
    before: str = ""
    after: str = ""

    @property
    def whole(self) -> str:
        """All that is read."""
        return self.before + self.text + self.after


def surrounded(chunk: Chunk) -> Surrounded:
    """Return the words of ``chunk`` with the first sentence of its article and its neighbours.

    Whole sentences, :data:`MAX_CHARS` in all where the chunk itself leaves room: the first one
    of the article, then by turns those before and those after the chunk, the nearest first.
    """
    body = chunk.article.body.text
    text = body[chunk.start : chunk.end]
    room = max(0, MAX_CHARS - len(text))
    # One character more than there is room for: a sentence that is cut off never fits.
    opening = _sentences(body[: min(chunk.start, room + 1)])
    lead = opening[0] if opening and len(opening[0]) <= room else ""
    room -= len(lead)
    earlier = _sentences(body[max(len(lead), chunk.start - room - 1) : chunk.start])
    later = _sentences(body[chunk.end : chunk.end + room + 1])[::-1]
    before: list[str] = []  # the nearest first, as in the other
    after: list[str] = []
    while earlier or later:
        for beside, taken in ((earlier, before), (later, after)):
            if beside and len(beside[-1]) <= room:
                taken.append(beside.pop())
                room -= len(taken[-1])
            else:
                beside.clear()
    return Surrounded(text, "".join((lead, *reversed(before))), "".join(after))


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]
