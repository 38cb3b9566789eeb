"""Who speaks in a Chinese sentence, where the sentence says so beyond doubt."""

import re

from index.bylines import SURNAMES
from index.glossary import load_glossary
from index.text import HAN, tagged_words, to_simplified
from rag.names import Names
from rag.pinyin import readings

COMPOUND_SURNAMES = frozenset("欧阳 上官 诸葛 司马 司徒 端木 皇甫 尉迟 公孙 慕容 令狐".split())
MAX_NAME_CHARS = 4

_SAYS = re.compile(
    r"(?P<adverb>也|还|则|又|坦率地|坦言)?"
    r"(?:说|表示|介绍|告诉记者|指出|强调|认为|坦言|透露|回忆|感慨|解释|补充|称)"
    r"(?P<comes>道?(?:[，：:,]|[：:，,]?[“\"「])|。?$|。)"
)
_HAN_BEFORE = re.compile(rf"[{HAN}]+$")
# What may stand right before a name: nothing, a mark, or what the person is.
_TITLE = re.compile(
    "(?:经理|董事长|总裁|主任|局长|处长|科长|书记|市长|镇长|县长|部长|院长|校长|会长|主席|秘书长|理事长|"
    "负责人|创始人|工程师|教授|老师|记者|店主|老板|馆长|站长|队长|厂长|社长|所长|行长|代表|委员|专员|"
    "干部|研究员|医生|律师|设计师|商户|经营户|采购商|市民|村民|居民|员工|职工|客商|外商|店长|主管|总监)$"
)
_FOREIGN = frozenset("尔斯勒萨姆娅耶诺蒂茨弗")  # 孟罗 and 鲍威尔 are written, not named, in Chinese
# Behind no title, two characters are a name with these: 贝吉 and 巴方 are none.
_COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩邓冯曹彭肖董潘袁蔡蒋余杜叶魏吕沈姜"
)
_POLITE = {"先生": "Mr", "女士": "Ms", "小姐": "Ms"}
# The sound of a character as a family name, where it has another one in words.
_SURNAME_SOUNDS = {
    "单": "Shan", "曾": "Zeng", "仇": "Qiu", "解": "Xie", "任": "Ren", "查": "Zha", "翟": "Zhai",
    "区": "Ou", "朴": "Piao", "缪": "Miao", "尉": "Wei", "盖": "Ge", "乐": "Yue", "覃": "Qin",
    "华": "Hua", "燕": "Yan", "宁": "Ning", "尹": "Yin", "冼": "Xian", "员": "Yun", "种": "Chong",
    "秘": "Bi", "黑": "He", "折": "She", "繁": "Po", "重": "Chong", "尉迟": "Yuchi",
    "万": "Wan", "沈": "Shen", "贾": "Jia", "石": "Shi", "么": "Yao",
}  # fmt: skip


def speakers(text: str, names: Names) -> list[tuple[str, str]]:
    """Return ``(name as printed, in English)`` of those who speak in ``text``, each once.

    A speaker is a person of the list, or a word that jieba takes for a person's name, with
    a family name first, behind a mark or a title; the verb follows at once and the speech
    follows or goes before. In English it is the first name of the list, or pinyin in the
    order of the name.
    """
    plain = to_simplified(text)
    if len(plain) != len(text):  # offsets would be wrong
        plain = text
    found: dict[str, str] = {}
    for says in _SAYS.finditer(plain):
        ends = says["comes"].startswith("。") or not says["comes"]
        if ends and "”" not in plain[max(0, says.start() - 30) : says.start()]:
            continue  # told, but what was said does not go before
        length = _name_length(plain, says.start(), names)
        if length:
            start = says.start() - length
            name = plain[start : says.start()]
            found.setdefault(text[start : says.start()], names.english(name) or spelled(name))
    return list(found.items())


def _name_length(plain: str, end: int, names: Names) -> int:
    """Return of how many characters the name is that ends at ``end``; 0 where none does."""
    for length in range(min(MAX_NAME_CHARS, end), 1, -1):
        if plain[end - length : end] in names.people:
            return length
    before = _HAN_BEFORE.search(plain, max(0, end - 40), end)
    if before is None:
        return 0
    if plain[: before.start()].endswith("·"):
        return 0  # a foreign name: pinyin would be wrong
    *head, (word, kind) = tagged_words(before[0]) or [("", "")]
    title = "".join(part for part, _ in head)
    sure = _TITLE.search(title) is not None if title else len(word) > 2 or word[0] in _COMMON
    return len(word) if sure and kind.startswith("nr") and _is_full_name(word) else 0


def _is_full_name(word: str) -> bool:
    surname = 2 if word[:2] in COMPOUND_SURNAMES else 1
    if (surname == 1 and word[0] not in SURNAMES) or not 1 <= len(word) - surname <= 2:
        return False
    if _FOREIGN & set(word) or word[-1] in "某方":
        return False
    return word not in load_glossary()  # 蓝皮书, 高盛


def spelled(name: str) -> str:
    """Return a Chinese name in pinyin without tones, family name first: 张保顺 is Zhang Baoshun."""
    surname = 2 if name[:2] in COMPOUND_SURNAMES else 1
    polite = _POLITE.get(name[surname:])
    family = _SURNAME_SOUNDS.get(name[:surname]) or _joined(name[:surname])
    return f"{polite} {family}" if polite else f"{family} {_joined(name[surname:])}".strip()


def _joined(characters: str) -> str:
    word = ""
    for character in characters:
        sound = _sound(character)
        word += f"'{sound}" if word and sound[:1] in ("a", "e", "o") else sound
    return word[:1].upper() + word[1:]


def _sound(character: str) -> str:
    """Return the usual syllable of ``character`` without its tone, ü as in Lü."""
    return next(iter(readings(character)), character).replace("v", "ü")
