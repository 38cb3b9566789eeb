"""The names in a generated sentence, and in an English question, held against the print.

Only what is sure counts as a wrong name: a person with a surname in a place where names
stand, a Latin name whose Chinese forms are known. A name that nothing here can read passes.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from index.bylines import SURNAMES
from index.lexical import pair_codes
from index.patterns import regex
from index.text import HAN, bigrams, fold, is_han
from rag.claims import mistitled, prose
from rag.names import Names
from rag.pinyin import Sounds, readings, syllables
from rag.question import ASKING_EN
from rag.translation import Translations, Translator

_POST = (
    r"(?:记者|[省市县区镇乡村部局厅处科院校馆会董事秘书]+长|书记|主席|总理|总统|主任|总经理|经理|总裁|"
    r"总监|教授|专家|博士|医生|律师|工程师|创始人|负责人|经营户|商户|店主|老板|农户|村民|居民|同学|代表)"
)
_SURNAME = f"[{''.join(sorted(SURNAMES))}]"
_SAYS = r"(?:告诉|表示|介绍|认为|指出|透露|宣布|强调|坦言|感慨|回忆|说道|说[，,：:])"
_PERSON = regex(
    rf"{_POST}(?P<posted>{_SURNAME}[{HAN}]{{1,2}})"
    rf"(?=先生|女士|{_SAYS}|说|称|在|于|[，,。、；;：:\s（()）)]|$)"
    rf"|(?:^|[，,。；;：:、\s据])(?P<saying>{_SURNAME}[{HAN}]{{1,2}})(?={_SAYS})"
    rf"|(?P<courteous>{_SURNAME}[{HAN}]{{1,2}})(?=先生|女士|教授)"
)
_LATIN = regex(r"[A-Za-z][A-Za-z]+(?:[.&'’-][A-Za-z]+)*")
_CAPITAL = r"[A-Z][A-Za-zÀ-ɏ]*(?:['’-][A-Za-zÀ-ɏ]+)*"
_CAPITALS = regex(rf"{_CAPITAL}(?:[ \t]+{_CAPITAL})*")
_TITLED = regex(
    r"\b(?:(?:Mr|Ms|Mrs|Dr|Prof)\.?|Professor|President|Mayor|Minister|Secretary|Chair(?:wo)?man"
    rf"|Director|Manager|CEO|Governor|Premier)[ \t]+({_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,2}})"
)
_SAYING = regex(
    rf"({_CAPITAL}(?:[ \t]+{_CAPITAL}){{1,3}})(?=[ \t]+(?:said|says|told|noted|added|explained"
    rf"|announced|stated|believes|recalled)\b)"
    rf"|\b[Aa]ccording to ({_CAPITAL}(?:[ \t]+{_CAPITAL}){{1,3}})"
)
_HAN_RUN = regex(rf"[{HAN}]{{2,}}(?:·[{HAN}]+)*")
_BLANKS = regex(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
MAX_ACRONYM = 5
MIN_NAME_CHARS = 3  # of a word that is more than initials
_NO_PERSON = {"hong kong"}  # a place in an old spelling, which sounds like two syllables


@dataclass(frozen=True)
class Lexicon:
    """What is known of names: the newsroom's list, and the bilingual table."""

    names: Names
    translations: Translations

    @cached_property
    def translator(self) -> Translator:
        """The table by any spelling of an English word."""
        return Translator(self.translations)


def unprinted_names(claim: str, printed: str, lexicon: Lexicon | None = None) -> list[str]:
    """Return the names and titles of ``claim`` that are surely not in what is ``printed``.

    As written, in no order. A name may be printed in the other language: by the list of
    names, in pinyin, or by the table. Without a ``lexicon`` only Chinese names are judged.
    """
    said = prose(claim)
    found = _Print(printed, lexicon)
    wrong = mistitled(claim, printed)
    wrong += [name for name in _people(said) if name not in found.text]
    if lexicon is None:
        return wrong
    if sum(map(is_han, said)) / 2 > len(_LATIN.findall(said)):
        return wrong + [word for word in _latin_names(said) if not found.has(word)]
    wrong += [run for run in _HAN_RUN.findall(said) if not found.has_chinese(run)]
    wrong += [" ".join(name) for name in _spelled_people(said) if found.lacks_person(name)]
    wrong += [name for name in _told_people(said) if found.lacks_told(name)]
    return list(dict.fromkeys(wrong))


def names_asked(question: str) -> tuple[str, ...]:
    """Return the names in an English question: its runs of capitalised words, as written.

    The first word alone is none, but an acronym: it has a capital anyway. Nor is it part of a
    name where it asks: "Did Tesla" names Tesla.
    """
    found = []
    for match in _CAPITALS.finditer(question):
        first, _, behind = match[0].partition(" ")
        opens = not match.start() and not first.isupper()
        name = behind if opens and (not behind or not _bare(first)) else match[0]
        if _bare(name) or name.isupper():
            found.append(name)
    return tuple(found)


def words_not_printed(names: Sequence[str], printed: str, lexicon: Lexicon) -> list[str]:
    """Return the words of Latin ``names`` that can be read, and are ``printed`` in no form.

    In lower case. What is spelled in pinyin or stands in the table can be read; a name of the
    list that is printed is printed with all its words.
    """
    found = _Print(printed, lexicon)
    return [
        word
        for name in names
        if not found.lists(name)
        for word in _bare(name)
        if found.lacks_word(word)
    ]


@dataclass(frozen=True)
class _Print:
    """What is printed, as names are looked up in it."""

    printed: str
    lexicon: Lexicon | None

    @cached_property
    def text(self) -> str:
        """The print folded, names that were spaced out drawn together."""
        return _BLANKS.sub("", fold(self.printed))

    @cached_property
    def _pairs(self) -> set[str]:
        return {pair for pair in bigrams(self.text) if len(pair) == 2 and is_han(pair[0])}

    @cached_property
    def _sounds(self) -> Sounds:
        return Sounds(pair_codes(self._pairs))

    @cached_property
    def _latin(self) -> set[str]:
        return {word.lower() for word in _LATIN.findall(self.text)}

    def has_chinese(self, run: str) -> bool:
        """Whether a Chinese name is printed, or is one of the list that names no person."""
        assert self.lexicon is not None
        folded = fold(run)
        if folded in self.text:
            return True
        listed = [name for name, _ in self.lexicon.names.find_chinese(folded)]
        return listed == [folded] and not _is_person(folded)

    def has(self, name: str) -> bool:
        """Whether any word of a Latin name is printed in some form."""
        words = _bare(name)
        return self.lists(name) or any(
            self._sounding(word) or self._translated(word) for word in words
        )

    def lacks_person(self, name: Sequence[str]) -> bool:
        """Whether a name in pinyin, given by its words, sounds like nothing printed."""
        whole = " ".join(name)
        if self.lists(whole):
            return False
        size = sum(len(syllables(word.lower())) for word in name)
        heard = self._sounds.names(whole, ())
        if any(len(pairs) == size - 1 for pairs in heard):
            return False
        return not all(self._sounding(word) or self._translated(word.lower()) for word in name)

    def lacks_told(self, name: str) -> bool:
        """Whether every word of a name can be read, and none is printed in any form."""
        words = _bare(name)
        return bool(words) and not self.has(name) and all(map(self._known, words))

    def lacks_word(self, word: str) -> bool:
        """Whether a word of a Latin name can be read, and is printed in no form."""
        readable = len(word) >= MIN_NAME_CHARS and self._known(word)
        return readable and not (self._translated(word) or self._sounding(word))

    def lists(self, name: str) -> bool:
        """Whether a Latin name is printed as it is, or in a form that the list of names has."""
        assert self.lexicon is not None
        folded = fold(name)
        return folded in self.text or any(
            fold(chinese) in self.text
            for _, names in self.lexicon.names.find(name)
            for chinese in names
        )

    def _sounding(self, word: str) -> bool:
        """Whether a word is printed in Latin letters, or sounds like two or more characters."""
        if word.lower() in self._latin:
            return True
        size = len(syllables(word.lower()))
        return size > 1 and any(
            len(pairs) == size - 1 for pairs in self._sounds.names(word.capitalize(), ())
        )

    def _translated(self, word: str) -> bool:
        return any(fold(form) in self.text for form in self._forms(word) if form)

    def _known(self, word: str) -> bool:
        return len(syllables(word)) > 1 or bool(self._forms(word))

    def _forms(self, word: str) -> Collection[str]:
        assert self.lexicon is not None
        return self.lexicon.translator.chinese(word)


def _people(said: str) -> Iterator[str]:
    """Yield the Chinese names of persons in ``said``, folded, where nothing else can stand."""
    for match in _PERSON.finditer(_BLANKS.sub("", said)):
        name = fold(match["posted"] or match["saying"] or match["courteous"])
        # In 客商卢先生 the name is only 卢.
        doubtful = match["courteous"] and name[-1] in SURNAMES
        if not doubtful and _is_person(name):
            yield name


def _is_person(name: str) -> bool:
    """Return whether a dictionary takes ``name`` for a person: 方面 and 应当 are none."""
    import rjieba

    if name[0] not in SURNAMES or not 2 <= len(name) <= 4:
        return False
    tags = rjieba.tag(name)
    return tags[0][1].startswith("nr") and (len(tags) == 1 or len(tags[0][0]) == 1)


def _latin_names(said: str) -> Iterator[str]:
    """Yield the Latin names in a Chinese sentence; an acronym may stand for Chinese words."""
    for match in _LATIN.finditer(said):
        word = match[0]
        acronym = word.isupper() and len(word) <= MAX_ACRONYM
        if len(word) > 2 and not word.islower() and not acronym:
            yield word


def _spelled_people(said: str) -> Iterator[list[str]]:
    """Yield the words of each name in pinyin: two or three capitalised, a surname at an end."""
    for match in _CAPITALS.finditer(said):
        run: list[str] = []
        for word in [*match[0].split(), ""]:
            bare = re.sub(r"['’]s$", "", word)
            cut = syllables(bare.lower()) if bare.lower() not in ASKING_EN else ()
            if cut and len(cut) <= 3 and not bare[1:].isupper():
                run.append(bare)
                continue
            size = sum(len(syllables(part.lower())) for part in run)
            named = len(run) in (2, 3) and (_surname(run[0]) or _surname(run[-1]))
            if named and size <= 4 and " ".join(run).lower() not in _NO_PERSON:
                yield run
            run = []


def _surname(word: str) -> bool:
    """Return whether one syllable sounds like a surname."""
    return word.lower() in _surname_sounds()


@lru_cache(maxsize=1)
def _surname_sounds() -> frozenset[str]:
    return frozenset(sound for surname in SURNAMES for sound in readings(surname))


def _told_people(said: str) -> Iterator[str]:
    """Yield the Latin names behind a title, or of who says something."""
    for pattern in (_TITLED, _SAYING):
        for match in pattern.finditer(said):
            name = next(filter(None, match.groups()))
            if pattern is _TITLED or len(_bare(name)) > 1:
                yield name


def _bare(name: str) -> list[str]:
    words = (re.sub(r"['’]s$", "", word).lower() for word in name.split())
    return [word for word in words if word not in ASKING_EN]
