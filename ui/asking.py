"""What ``wenbao ask`` does with one question, and with a file of them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import Settings
from rag.filters import Filters
from rag.question import understand
from rag.types import Question
from ui.batch import read_batch
from ui.harmless import json_line, visible

if TYPE_CHECKING:
    from rag.answering import Answerer


def sound_answerer(settings: Settings) -> "Answerer":
    """Return the answerer over the newest sound generation; one line on stderr if not the live."""
    from rag.answering import load_sound_answerer

    answerer, warning = load_sound_answerer(settings)
    if warning:
        print(f"wenbao: {visible(warning)}", file=sys.stderr)
    return answerer


def ask_one(text: str, settings: Settings, as_json: bool, filters: Filters) -> None:
    """Answer one question; one that cannot be asked is refused before the model is loaded."""
    understand(text)
    from ui.terminal import answer_text

    answer = sound_answerer(settings).ask(text, filters=filters)
    print(json_line(answer.to_json()) if as_json else answer_text(answer))


def ask_all(batch: Path, settings: Settings) -> None:
    """Answer every row of a batch file, as JSON lines; nothing is asked before all can be."""
    rows = read_batch(batch)
    answerer = sound_answerer(settings)
    conversations: dict[str | int, list[Question]] = {}
    for row in rows:
        history = [] if row.session is None else conversations.setdefault(row.session, [])
        answer = answerer.ask(row.question, tuple(history), row.filters)
        history.append(answer.question)
        print(json_line(answer.to_json() | {"id": row.id}))
