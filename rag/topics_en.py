"""What an English question is about: its subject stands behind the auxiliary.

Where something is counted, it stands behind the verb.
"""

import re
from collections.abc import Sequence

from index.patterns import regex
from index.text import HAN

MAX_TITLE_WORDS = 8  # a text without a question word of so many is a thing to talk about
TIME_EN = regex(
    r"\b(?:(?:in|on|during|since|by|until|for)\s+)?(?:(?:early|late|mid)[ -])?"
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?:\s+\d{1,2})?(?:,?\s+\d{4})?|(?:19|20)\d{2}|(?:last|this|next|that) "
    r"(?:year|month|week|spring|summer|autumn|winter|season|quarter)|the (?:year|month|week) before"
    r"|yesterday|today)\b",
    re.IGNORECASE,
)
_LAST_TIME_EN = regex(
    rf"(?:\s+(?!(?:19|20)\d\d$)(?:{TIME_EN.pattern}|in total|so far|altogether|now|then))+$",
    re.IGNORECASE,
)
# "It" stands for what is claimed behind it: is it true that the fair was cancelled.
CLAIM_EN = (
    r"(?:(?:is|was) it|it(?: is| was|['’]s)) (?:\w+ )?(?:true"
    r"|(?:possible|likely|necessary|right|correct|clear|known|said|allowed|a fact|the case)"
    r"(?=\s+(?:that|to|if|whether|who|what|when|where|why|how)\b))(?: that)?"
)
_CLAIMED_EN = regex(rf"^{CLAIM_EN}(?<=true|that)\s+(.+)$", re.IGNORECASE)
ORDINAL_EN = regex(r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|previous|last)\b", re.IGNORECASE)
_AUX = r"(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|may|must)"
_BARE = frozenset(("be", "do", "have"))  # verbs, behind another auxiliary
_BE = frozenset(("is", "are", "was", "were"))
_DO = frozenset("did does do will would can could should may must".split())  # a verb comes behind
_BASE_VERBS = """
    accept add admit agree aim announce answer appear apply approve arrive attend attract
    award ban become begin belong bring build buy call carry cause celebrate change charge
    choose claim close collect come compete complete confirm connect consist contain cost
    count cover create cross cut deal decide deliver deny depart describe develop die
    donate draw drive earn eat elect employ end enter exhibit expand expect export fall
    feature fill find finish fly follow found get give go graduate grow handle happen have
    help hire hold host import improve include increase inspect install introduce invent
    invest invite issue join keep know last launch lay lead learn leave lend lie like live
    lose make manage mean measure meet mention mix move name need occur offer open operate
    organise organize own paint pay perform plan plead print process produce promise
    promote propose protect provide publish put raise reach read receive recommend recruit
    reduce refuse reject release remain replace represent resign retire return rise run
    sail say see sell send serve set settle ship show sign sing sit speak spend stand
    start stay stop take teach tell think trade travel use visit vote wait want warn wash
    wear weigh win work write
""".split()
_IRREGULAR = """
    came went made took held won sold built bought brought began became found founded gave
    got grew had kept knew laid led left lent lost meant met paid ran rose said saw sent
    shown spent spoke stood taught told thought wrote written drawn driven eaten flown
    given grown known risen seen sung taken worn cut put set read let hit used born broke
    broken chosen chose fell fallen fought flew drew caught
""".split()
_VERBS = frozenset((*_BASE_VERBS, *_IRREGULAR))
_PREPOSITIONS = frozenset(
    "to at in on from for of by with into about during since between through over under".split()
)
_AFTER_VERB = _PREPOSITIONS - {"of"} | frozenset(
    "according after against among around as because before behind if out off until up when while "
    "within".split()
)
_NO_BASE_VERB = regex(r"^(?:[A-Z]|of$)|[^s]s$")
_ADVERB = regex(r"[a-z]+ly|also|ever|first|never|not|so|still|too|very")
_STOPS = frozenset("the a an this that these those its his her their".split())
_PRONOUNS_EN = frozenset("i you we he she it they there me us them this that".split())
_OF_EN = regex(
    r"^(?:the|an?)\s+((?:[\w'’-]+\s+){0,3}?[\w'’-]+)\s+(of|for|behind)\s+(?=\S)(.+)$", re.IGNORECASE
)
_POSSESSED = regex(r"^(.{2,60}?)['’]s\s+([\w -]+)$", re.IGNORECASE)
_RELATIONAL_EN = regex(
    r"(?:[a-z]+ )?(?:price|cost|turnover|size|founder|date|name|venue|number|length|height|age|"
    r"owner|director|mayor|address|location|capacity|value|reason|budget|population|area|rate|"
    r"weight|speed|time|winner|capital|president|head|chief|chairman|manager|history|purpose|aim|"
    r"theme|cause|percentage|share|role|leader|reporter|title|organi[sz]er|author|result|total)s?",
    re.IGNORECASE,
)
_ASKED_EN = regex(
    rf"^(?:(?:in|on|at|for|to|from|of|by)\s+)?(?:who|whom|whose|what|when|where|which|why|how)\b"
    rf"(?:\s+(?!{_AUX}\b)[\w'’-]+){{0,5}}?\s+({_AUX})\s+(.*)$",
    re.IGNORECASE,
)
_YES_NO_EN = regex(rf"^({_AUX})\s+(.*)$", re.IGNORECASE)
_ASKS_EN = regex(rf"(?:who|what|when|where|which|why|how|{_AUX})\b", re.IGNORECASE)
_IS_THERE_EN = regex(
    r"^(?:is|are|was|were|will) there (?:be )?(?:(?:an?|any|some|the) )?(?P<thing>.+)$",
    re.IGNORECASE,
)
_WH_EN = regex(r"^(?:who|what|which|how (?:many|much)|whose)\b\s*(.*)$", re.IGNORECASE)
_NAME_EN = regex(
    r"(?:(?<=\s)|(?<=^)|(?<=[“\"]))(?!(?:I|How|What|When|Where|Who|Which|Why|And|The|Did|Is|Are|Was|"
    r"Does|Do|Has|Have|Were|Whose)\b)[A-Z][\w'’-]*"
    r"(?:\s+(?:(?:of|the|and|in|for|at|from|to)\s+)*(?:[A-Z0-9][\w'’-]*))*"
)
_PERSON_EN = regex(
    r"(?<!the )(?<!The )\b((?:Mr|Mrs|Ms|Dr)\.? )?([A-Z][a-z]+(?: [A-Z][a-z'’-]+){1,2})\b"
)
_NOT_PEOPLE = regex(
    r"\b(?:Fair|Museum|Bridge|Company|Association|City|River|Street|University|School|Port|Hall|"
    r"Market|Festival|Committee|Group|Library|Tunnel|Park|Club|How|What|When|Where|Who|Which|Why)\b"
)


def is_relational_en(noun: str) -> bool:
    """Return whether an English noun belongs to some thing: price, founder, opening date."""
    return _RELATIONAL_EN.fullmatch(noun.strip()) is not None


def is_verb(word: str) -> bool:
    """Return whether an English word is likely a verb."""
    low = word.lower()
    return (
        low in _VERBS
        or (low.endswith("ed") and len(low) > 4 and "-" not in low and not word[0].isupper())
        or (low.endswith("s") and low[:-1] in _VERBS and low not in ("works", "needs", "reports"))
    )


def subject_en(text: str, whole: bool) -> str:
    """Return what a question without its end mark is about (:func:`rag.topics.subject_of`)."""
    if topic := re.match(r"(.{2,120}?): ", text):
        return re.sub(r"^The ", "the ", topic[1])
    text = re.sub(
        r"^(?:please\s+)?(?:tell me|do you know|can you tell me)\s+", "", text, flags=re.IGNORECASE
    )
    found = ""
    asked, yes_no = _ASKED_EN.match(text), _YES_NO_EN.match(text)
    match = asked or yes_no
    if claimed := _CLAIMED_EN.match(text):
        found = _noun_phrase(re.split(rf"\s+{_AUX}\b", claimed[1])[0], by="")
    elif exists := _IS_THERE_EN.match(text):
        found = f"the {exists['thing']}"
    elif match:
        found = _noun_phrase(match[2], by=match[1].lower(), told=not asked)
        if not found or found.lower() in _PRONOUNS_EN:
            found = _object(match[2])
    if not found and (match := _WH_EN.match(text)):
        found = _object(match[1])
    if TIME_EN.fullmatch(found):
        found = ""
    if not found and not _ASKS_EN.match(text) and len(text.split()) <= MAX_TITLE_WORDS:
        found = re.sub(r"^about\s+", "", text, flags=re.IGNORECASE)
    if not found and (behind := re.search(r"\b(?:at|in|of|to|for) (the \S.*|[A-Z].*)$", text)):
        found = behind[1]
    if not found:
        name = _NAME_EN.search(text)
        found = name[0] if name else ""
    found = _LAST_TIME_EN.sub("", found.strip())
    found = re.sub(r"\s+(?:about|for|of|in|at|on|to|from|by|with)$|['’]s$", "", found)
    of = None if whole else _OF_EN.match(found)
    if of and (of[2] != "of" or is_relational_en(of[1])):
        found = of[3]
    elif (owner := _POSSESSED.match(found)) and is_relational_en(owner[2]):
        found = owner[1]
    return "" if found.lower().strip() in _PRONOUNS_EN else found.strip()


def _noun_phrase(rest: str, by: str, told: bool = False) -> str:
    """Return the subject at the beginning of ``rest``, what stands behind an auxiliary.

    ``told``: behind it is what is said of it, as in "is the fair expensive".
    """
    words = list(re.finditer(r"\S+", rest))
    if words and ((by in _BE and is_verb(words[0][0])) or words[0][0].lower() in _BARE):
        return ""
    for at, word in enumerate(words):
        bare = word[0].strip("“”\"',;:")
        before = words[at - 1][0].lower() if at else ""
        if at and bare in _BARE:
            return rest[: word.start()].strip()
        if at and not _determines(before) and not bare[:1].isupper() and is_verb(bare):
            return rest[: word.start()].strip()
        if at and by in _BE and bare in ("in", "on", "at", "by", "from", "open", "located"):
            return rest[: word.start()].strip()
    end = _predicate_at([word[0] for word in words], by, told)
    return (rest[: words[end].start()] if end < len(words) else rest).strip()


def _predicate_at(words: Sequence[str], by: str, told: bool) -> int:
    """Return which of ``words`` begins what is said of the subject, where no verb is known.

    Behind a form of *do* it stands last, or before an object or a preposition, and has no s.
    Their number for none.
    """
    said = by in _BE and told
    if not said and (by not in _DO or not words or is_verb(words[0])):
        return len(words)
    ends = [*(word.lower() in _STOPS | _AFTER_VERB for word in words), True]
    for at in range(1, len(words)):
        verb = ends[at + 1] and not _NO_BASE_VERB.search(words[at].rstrip(","))
        begins = said if ends[at] else verb
        if begins and not _determines(words[at - 1].lower()):
            break
    else:
        return len(words)
    while at > 1 and _ADVERB.fullmatch(words[at - 1]) and not _determines(words[at - 2].lower()):
        at -= 1
    return at


def _determines(word: str) -> bool:
    """Return whether a noun follows an English word: the, Yiwu's."""
    return word in _STOPS or word.endswith(("'s", "’s"))


def _object(rest: str) -> str:
    """Return the last thing named in ``rest``, where what is asked stands before the verb."""
    words = list(re.finditer(r"\S+", rest))
    verb = next((at for at, w in enumerate(words) if is_verb(w[0]) or w[0].lower() in _BE), None)
    if verb is None:
        preposition = next(
            (at for at, w in enumerate(words) if w[0].lower() in _PREPOSITIONS - {"of"}), None
        )
        if preposition is None:
            return ""
        verb = preposition
    behind = rest[words[verb].end() :].strip() if verb < len(words) else ""
    named = re.search(rf"(?:(?:the|this|that)\s+\S.*|[“\"{HAN}A-Z0-9].*)$", behind, re.DOTALL)
    return (
        named[0]
        if named
        else re.sub(r"^(?:(?:part|place|out|up)\s+)?(?:\w+\s+)?(?:in|at|to)\s+", "", behind)
    )


def person_en(text: str) -> str:
    """Return the person that ``text`` names; empty where it names none."""
    names = [m for m in _PERSON_EN.finditer(text) if not _NOT_PEOPLE.search(m[2])]
    return re.sub(r"['’]s$", "", names[0][0].strip()) if names else ""


def counted_en(text: str) -> slice | None:
    """Return where ``text`` names what it counts, behind "how many"."""
    match = re.match(r"\s*how (?:many|much)\s+", text, re.IGNORECASE)
    if not match:
        return None
    end = match.end()
    for each in re.finditer(r"[\w'’-]+", text[match.end() :]):
        word = each[0]
        if is_verb(word) or word.lower() in _PREPOSITIONS or re.fullmatch(_AUX, word):
            break
        end = match.end() + each.end()
    return slice(match.end(), end) if end > match.end() else None
