"""Regular expressions that are compiled when they are first used.

WenBao has some five hundred, and compiling them takes longer than answering a question, which
needs a few dozen: a command that answers one should not wait for the others.
"""

import re
from typing import Any, cast


class _Pattern:
    """Stands for a compiled expression, and becomes it: what is asked of it once is kept."""

    def __init__(self, text: str, flags: int) -> None:
        self._source = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._source), name)
        self.__dict__[name] = found  # the next time this method is not asked
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what ``re.compile`` does, compiled at its first use; a wrong one is told then."""
    return cast(re.Pattern[str], _Pattern(text, flags))
