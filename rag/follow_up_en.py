"""English follow-ups as questions that stand alone."""

import re

from index.patterns import regex
from index.text import replaced
from rag.kinds import ORGANISATIONS_EN
from rag.topics import ENDS, person_of, subject_of
from rag.topics_en import CLAIM_EN, ORDINAL_EN, TIME_EN, counted_en, is_relational_en, is_verb
from rag.types import Question

_AUX = "did|does|do|is|are|was|were|has|have|had|will|would|can|could|should"
OPENER_EN = regex(
    r"^(?:(?:and|but|so|also|then|or|ok|okay|now)\b[,\s]*)+(?:(?:what|how) about\s+)?"
    r"|^(?:what|how) about\s+",
    re.IGNORECASE,
)
ASKS_EN = regex(
    r"^(?:(?:in|on|at|for|to|from|of|by|since)\s+)?(?:who|whom|whose|what|when|where|which|why|"
    r"how)\b"
    rf"|^(?:{_AUX})\b",
    re.IGNORECASE,
)
_PEOPLE_EN = regex(r"\b(?:(he|she)|(him)|(his|hers?))\b", re.IGNORECASE)
_THINGS_EN = regex(
    r"\b(?:(its|their|theirs)|(?:it|they|them|that one|this one|"
    r"(?:this|that|these|those)(?: (?:company|firm|project|system|platform|event|fair|place|city|"
    r"school|association|organi[sz]ation|market|product|train|line|bridge|museum|one|"
    r"ones))?)(?! (?:year|month|week|day|time|way|season|morning|evening)\b)"
    r"(?=\s+(?:is|was|are|were|has|had|have|did|does|do|will|would|can|could|get|got|make|made|"
    r"open|start|begin|cost|sell|sold|come|came|go|went|take|took|end|receive|in|on|at|for|to|last|"
    r"work|use|pay|built|held|founded|founder|be|run)\b|\W*$|\s+[a-z]+(?:ed)?\b))",
    re.IGNORECASE,
)
# Here "it" points to nothing: is it true that, does it take to, did it rain.
IMPERSONAL_EN = regex(
    rf"\b(?i:{CLAIM_EN}"
    r"|(?:do|does|did|will|would) it (?:take|cost)(?=\s.*\bto\b)"
    r"|it (?:(?:is|was|be|been|going|to) )*(?:rain|snow)(?:s|y|ed|ing)?)\b"
)
_SPOKE_EN = regex(
    r"\b(?:say|said|think|thought|feel|felt|write|written|tell|told|talk|speak) (?:about|of) (.+)$",
    re.IGNORECASE,
)
SEVERAL_EN = regex(r"\b(?:they|them|these|those)\b", re.IGNORECASE)
_BODY_EN = regex(rf"\b{ORGANISATIONS_EN}$", re.IGNORECASE)  # is called "they" itself
_WHICH_EN = regex(r"^which (?:ones?|of (?:them|these|those))\b", re.IGNORECASE)
_MADE_EN = regex(
    r"\b(?:buy|bought|get|got|built?|build|opene?d?|launch(?:ed)?|made?|make|introduced?|"
    r"develop(?:ed)?|publish(?:ed)?|sign(?:ed)?|create[ds]?|design(?:ed)?|found(?:ed)?) an? (.+)$",
    re.IGNORECASE,
)
EXISTS_EN = regex(
    r"\b(?:is|are|was|were|be|been)\s+there\b|\bthere\s+(?:is|are|was|were)\b", re.IGNORECASE
)
_THERE_EN = regex(r"\b(?:over )?there\b", re.IGNORECASE)
_PREPOSITION_EN = regex(r"^(in|at|on|for|from|to|by|with|during|among)\s+(.+)$", re.IGNORECASE)
# The Tea Fair in Hull, how many buyers went to that one?
_OWN_SUBJECT_EN = regex(
    rf"^(?P<subject>[^,]{{2,80}}),\s+(?P<asks>(?:who|whose|what|when|where|which|why|how|{_AUX})\b.+)$",
    re.IGNORECASE,
)
_OWNER_EN = regex(r"^(.+)['’]s\s+[\w -]+$")  # of Yiwu's exports it is Yiwu
_ASK_ONLY_EN = regex(
    r"^(why|when|where|who|how|since when|until when|by whom|what for)$", re.IGNORECASE
)


def rewrite_en(said: str, before: Question, subject: str, person: str, topic: str) -> str:
    """Return what was ``said`` after the question ``before``, as one that stands alone.

    A pronoun points to ``subject`` or ``person``; what has no subject is put behind ``topic``.
    """
    said = OPENER_EN.sub("", said).strip() or said
    said = re.sub(r"\s+(?:then|though|too|as well)$", "", said)
    asked = before.standalone.strip(ENDS) if before.language == "en" else ""
    if match := _ASK_ONLY_EN.match(said):
        return _with_other_ask_en(match[1].lower(), asked, subject)
    if (own := _OWN_SUBJECT_EN.match(said)) and not ASKS_EN.match(said):
        named = _with_names_en(own["asks"], own["subject"], own["subject"])
        return named if named != own["asks"] else f"{own['subject']}: {own['asks']}"
    if (which := _WHICH_EN.match(said)) and (counted := counted_en(asked)):
        return f"which of the {asked[counted]} of {subject}{said[which.end() :]}"
    called = person or subject_of(before.standalone, before.language, whole=True)
    several = _those_counted_en(asked, subject, said)
    if ASKS_EN.match(said):
        named = _with_names_en(said, subject, called, several)
        return named if named != said else f"{topic}: {said[:1].lower()}{said[1:]}"
    named = said if TIME_EN.fullmatch(said) else _with_names_en(said, subject, called, several)
    if named != said:
        return f"What about {named}"
    return _with_other_en(said, asked, subject, person)


def thing_in_en(before: Question, subject: str) -> str:
    """Return the thing that "it" is when the subject spoke of it, or made it; empty without one."""
    if before.language != "en":
        return ""
    asked = before.standalone.strip(ENDS)
    if match := _SPOKE_EN.search(asked):
        return match[1]
    match = _MADE_EN.search(asked)
    if not match:
        return ""
    return f"the {match[1]}" if subject in match[1] else f"the {match[1]} of {subject}"


def _with_other_ask_en(ask: str, asked: str, subject: str) -> str:
    adverbs = (
        r"^(?:when|where|why|how(?: much| long| far| often)?)\b"
        r"(?=\s+(?:d[io]|is|are|was|were|ha[sd]|have|will))"
    )
    if asked and ask in ("when", "where", "why", "how") and re.match(adverbs, asked, re.IGNORECASE):
        return re.sub(adverbs, ask, asked, count=1, flags=re.IGNORECASE)
    return f"{subject}: {ask}"


def called_again_en(said: str, subject: str) -> re.Match[str] | None:
    """Return where the last word of the subject's own name points to it: the committee."""
    words = re.sub(r"^the ", "", subject, flags=re.IGNORECASE).split()
    if len(words) < 2 or not re.fullmatch(r"[A-Za-z-]{3,}", words[-1]):
        return None
    whole = f"the {words[-1]}"
    match = re.search(
        rf"\b{re.escape(whole)}\b(?!['’-]?\w)(?!\s+(?:of|for|in|at|that|which|who|on)\b)",
        said,
        re.IGNORECASE,
    )
    return None if subject.lower() in said.lower() else match


def _with_names_en(said: str, subject: str, person: str, several: str = "") -> str:
    """Return the text with what its first pronoun stands for; as it is without one.

    "They" points to ``several`` where there are some.
    """
    if match := called_again_en(said, subject):
        return replaced(said, match, subject)
    if match := _PEOPLE_EN.search(said):
        name = person or subject
        possessive = match[3] and not re.match(
            r"\W*$|\s+(?:in|at|on|for|to)\b", said[match.end() :]
        )
        return replaced(said, match, f"{name}'s" if possessive else name)
    plain = IMPERSONAL_EN.sub(lambda match: "#" * len(match[0]), said)
    if match := _pointing_to(subject, plain):
        thing = several if several and SEVERAL_EN.fullmatch(match[0]) else subject
        owner = _OWNER_EN.match(subject) if match[0].lower() == "its" else None
        return replaced(said, match, f"{owner[1] if owner else subject}'s" if match[1] else thing)
    if EXISTS_EN.search(said):
        return f"{said} at {subject}"
    if match := _THERE_EN.search(said):
        goes = re.search(
            r"\b(?:get|go|went|come|came|travel|drive|walk|fly)\s+$", said[: match.start()]
        )
        return replaced(said, match, f"{'to' if goes else 'at'} {subject}")
    return said


def _those_counted_en(asked: str, subject: str, said: str) -> str:
    """Return what ``asked`` counts, or counted before, which "they" are.

    Empty where they are the subject itself. So are a body of people, and who "they" are if
    the counted are named again beside them.
    """
    counted = counted_en(asked)
    noun = asked[counted] if counted else ""
    if noun and not (noun in subject or noun in said or _BODY_EN.search(subject)):
        return f"the {noun} of {subject}"
    before = re.fullmatch(
        rf"the (.+) of {re.escape(subject)}", subject_of(asked, "en", whole=True), re.IGNORECASE
    )
    return "" if not before or is_relational_en(before[1]) else before[0]


def _pointing_to(subject: str, said: str) -> re.Match[str] | None:
    """Return the pronoun of a thing that stands for ``subject``: the first that does.

    Beside an "it", "they" are others, unless the subject is several: what do they plan for it?
    """
    found = list(_THINGS_EN.finditer(said))
    one = [match for match in found if not re.match("the[ymi]", match[0], re.IGNORECASE)]
    return next(iter(found if subject.endswith("s") else one or found), None)


def _with_other_en(other: str, asked: str, subject: str, person: str) -> str:
    """Return the earlier question with ``other`` in the place of what is like it."""
    if time := TIME_EN.fullmatch(other):
        if not asked:
            return f"{subject}: {other}"
        old_time = TIME_EN.search(asked)
        same = time[0]
        if old_time and re.match(r"(?:in|on|during|since)\b", old_time[0]) is None:
            same = re.sub(r"^(?:in|on|during)\s+", "", same)
        changed = asked[: old_time.start()] + same + asked[old_time.end() :] if old_time else ""
        return changed or f"{asked} {other}"
    ordinal = re.fullmatch(
        rf"(?:the )?({ORDINAL_EN.pattern})"
        r"(?: (?:one|edition|time|year|quarter|half|day|round|session))?",
        other,
    )
    if ordinal and (old := ORDINAL_EN.search(asked)):
        return asked[: old.start()] + ordinal[1] + asked[old.end() :]
    bare = re.sub(r"^(?:the|its|their|his|her) ", "", other, flags=re.IGNORECASE)
    if is_relational_en(bare):
        return f"What is the {bare} of {subject}"
    if is_verb(other) and not other.endswith("s"):
        return f"{subject}: {other}"
    if not asked:
        return f"{subject}: {other}"
    if person and person in asked and person_of(f"{other} is", "en") == other:
        return asked.replace(person, other, 1)
    if match := _PREPOSITION_EN.match(other):
        old_place = re.search(rf"\b{match[1]}\s+(?!the (?:year|month)).*$", asked, re.IGNORECASE)
        put = f"{match[1].lower()} {match[2]}"
        return f"{asked[: old_place.start()]}{put}" if old_place else f"{asked} {put}"
    counted = counted_en(asked)
    if counted and _last_word(other) == _last_word(asked[counted]):
        more = re.sub(r"^(?:the|other)\s+", "", other, flags=re.IGNORECASE)
        return asked[: counted.start] + more + asked[counted.stop :]
    named = other[:1].isupper() or other.lower().startswith(("the ", "this ", "that "))
    if counted and not named:
        return asked[: counted.start] + other + asked[counted.stop :]
    place = re.search(re.escape(subject), asked, re.IGNORECASE)
    if not named and (owner := _OWNER_EN.match(subject)):
        other = f"{owner[1]}'s {other}"
    return replaced(asked, place, other) if place else f"{subject}: {other}"


def _last_word(words: str) -> str:
    return (words.lower().split() or [""])[-1].removesuffix("s")
