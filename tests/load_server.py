"""A server of its own process for tests of load: ``python -m tests.load_server --pause 0.1``.

Settings come from the environment. Without ``--real`` the fake newspaper answers, in ``--pause``
seconds a citation; 无尽 grows without an end, 沉默 says nothing and heeds only that it is to stop.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from rag.config import load_settings
from rag.filters import NO_FILTERS, Filters
from rag.stopping import check
from rag.types import Answer, Language, Question
from tests.fakes import FakeAnswerer

if TYPE_CHECKING:
    from rag.answering import Answerer
    from ui.startup import Startup

FAIR = "第20届文旅博览会来了多少采购商？"
ENDLESS, SILENT = "无尽的问题", "沉默的问题"


class Paused(FakeAnswerer):
    """The fake, with questions that do not end, and without a memory of what it was asked."""

    def stream(
        self,
        text: str,
        history: Sequence[Question] = (),
        filters: Filters = NO_FILTERS,
        answer_in: Language | None = None,
    ) -> Iterator[Answer]:
        """Yield an answer growing."""
        known = FAIR if text in (ENDLESS, SILENT) else text
        first, *rest = super().stream(known, history, filters, answer_in)
        self.asked.clear()
        while text == SILENT:
            check()
            time.sleep(0.05)
        while text == ENDLESS:
            time.sleep(0.05)
            yield replace(first, growing=True)
        yield from (first, *rest)


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--patience", type=float, help="seconds for headers, and for a body")
    given = parser.parse_args()
    from ui import limits, server
    from ui.app import serve

    if given.patience:
        server.HEADERS_S = limits.BODY_S = given.patience
    settings = load_settings()

    def load(_: "Startup") -> "Answerer":
        if not given.real:
            return cast("Answerer", Paused(pause_s=given.pause))
        from rag.answering import load_answerer

        return load_answerer(settings)

    serve(load, settings)


if __name__ == "__main__":
    main()
