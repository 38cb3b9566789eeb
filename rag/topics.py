"""What a question is about: its subject, and the person in it.

Read from the shape of the question, so that it works for names never seen.
"""

from functools import lru_cache

from rag.kinds import MAX_READ_CHARS
from rag.topics_en import person_en, subject_en
from rag.topics_zh import ASKS_ZH, person_zh, subject_zh
from rag.types import Language

SUBJECTS_KEPT = 1_000  # those of a conversation are asked for at every turn
ENDS = " \t?？!！。.,，;；"


@lru_cache(maxsize=SUBJECTS_KEPT)
def subject_of(question: str, language: Language, whole: bool = False) -> str:
    """Return what ``question`` is about, in its own words; empty where it names nothing.

    ``whole`` keeps what belongs to it: of 灯会的评委来自哪里, 灯会的评委 and not 灯会; of "When did
    the mayor of Alder speak?" the mayor of Alder.
    """
    text = question[:MAX_READ_CHARS].strip(ENDS)
    found = subject_zh(text, whole) if language == "zh" else subject_en(text, whole)
    found = found.strip(ENDS + "的")
    return "" if ASKS_ZH.match(found) else found


def person_of(question: str, language: Language) -> str:
    """Return the person that ``question`` names; empty where it names none."""
    text = question[:MAX_READ_CHARS]
    return person_zh(text) or ("" if language == "zh" else person_en(text))
