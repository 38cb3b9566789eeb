"""The words of the app: 中文, English, 繁體.

One frozen record a language, so that a label which is missing in one of them is a type
error and not an empty button. Those in Traditional characters are the Chinese ones converted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rag.wording import Frame, in_traditional


@dataclass(frozen=True, slots=True)
class Strings:
    """Every label, hint and message that the app itself says, in one language.

    Fields that end in ``_of`` hold a ``str.format`` template.
    """

    html_lang: str
    tagline: str
    corpus_of: str
    chat_label: str
    welcome: str
    welcome_detail: str
    examples: tuple[str, ...]
    filters_label: str
    filter_any: str
    filter_since: str
    filter_until: str
    filter_genre: str
    filter_series: str
    filter_reporter: str
    question_label: str
    question_placeholder: str
    ask: str
    stop: str
    clear: str
    language_label: str
    sources_label: str
    sources_empty: str
    sources_empty_detail: str
    sources_missing: str
    refused: str
    refused_detail: str
    leads: str
    lead: str
    citations: str
    context_of: str
    read_as: str
    source_of: str
    place_of: str
    headline_missing: str
    incomplete: str
    back: str
    confidence_of: str
    confidence_high: str
    confidence_medium: str
    confidence_low: str
    mode_extractive: str
    mode_llm: str
    seconds_of: str
    failed: str
    checking: str
    question_too_long_of: str
    question_without_words: str
    feedback_ask: str
    feedback_up: str
    feedback_down: str
    feedback_why: str
    feedback_reasons: tuple[str, ...]  # in the order of ui.feedback.REASONS
    feedback_note: str
    feedback_send: str
    feedback_thanks: str
    feedback_failed: str


_ZH = Strings(
    html_lang="zh-Hans",
    tagline="向报纸提问，每个答案都有原文为证",
    corpus_of="{pages} 个版面 · {articles} 篇报道",
    chat_label="对话",
    welcome="想从报上知道什么？",
    welcome_detail="中文、英文都可以问。答案只来自报纸原文，点开编号就能看到那句话；报上没有的，会直接告诉您。",
    examples=(
        "第20届文旅博览会来了多少采购商？",
        "“义乌—沙特”海铁联运班列多少天能到吉达港？",
        "浙江中欧班列（义新欧）是哪一天首次开行的？",
        "义乌外调委的调解成功率是多少？",
    ),
    filters_label="缩小范围",
    filter_any="不限",
    filter_since="从这天起",
    filter_until="到这天止",
    filter_genre="体裁",
    filter_series="栏题",
    filter_reporter="记者",
    question_label="问题",
    question_placeholder="输入问题，回车发送",
    ask="提问",
    stop="停止",
    clear="清空对话",
    language_label="界面语言",
    sources_label="原文",
    sources_empty="原文会显示在这里",
    sources_empty_detail="点击答案里的编号，即可读到整篇报道，被引用的句子会标出来。",
    sources_missing="这条引用太久远，已不在页面上。请再问一次。",
    refused="报上没有答案",
    refused_detail="这些版面里没有能证明答案的原文，因此没有可引用的来源。",
    leads="最接近的报道",
    lead="线索",
    citations="出处",
    context_of="接着问：{question}",
    read_as="理解为：{question}",
    source_of="出处 {n}",
    place_of="第 {start}–{end} 字",
    headline_missing="（无标题）",
    incomplete="这篇报道转自或续至其他版面，此处可能不全。",
    back="回到答案",
    confidence_of="把握：{level}",
    confidence_high="高",
    confidence_medium="中",
    confidence_low="低",
    mode_extractive="摘自原文",
    mode_llm="语言模型撰写，引文为原文",
    seconds_of="{seconds} 秒",
    failed="这个问题没能回答",
    checking="还在撰写，只显示核对过的句子……",
    question_too_long_of="问题太长了：{length} 字，最多 {limit} 字。请缩短后再问。",
    question_without_words="没有看到文字。请用中文或英文提问。",
    feedback_ask="这个回答怎么样？",
    feedback_up="回答得好",
    feedback_down="回答得不好",
    feedback_why="哪里不好？",
    feedback_reasons=(
        "引错了句子",
        "数字不对",
        "本该说没有答案",
        "报上明明有答案",
        "没听懂我的问题",
        "其他",
    ),
    feedback_note="想补充的话（可不填）",
    feedback_send="提交",
    feedback_thanks="已记下，谢谢。",
    feedback_failed="没能记下，请稍后再试。",
)

_EN = Strings(
    html_lang="en",
    tagline="Ask the newspaper; every answer is proved by its printed words",
    corpus_of="{pages} pages · {articles} articles",
    chat_label="Conversation",
    welcome="What would you like to know from the paper?",
    welcome_detail=(
        "Ask in English or Chinese. Answers come from the printed pages only: open a number "
        "to see the sentence. What the paper does not say, you will be told so."
    ),
    examples=(
        "How many buyers came to the culture and tourism fair?",
        "How many days does the Yiwu–Saudi Arabia rail-sea service take to reach Jeddah?",
        "When did the China–Europe freight train from Yiwu first run?",
        "What is the success rate of Yiwu's foreign-related mediation committee?",
    ),
    filters_label="Narrow the search",
    filter_any="any",
    filter_since="Printed from",
    filter_until="until",
    filter_genre="Genre",
    filter_series="Series",
    filter_reporter="Reporter",
    question_label="Question",
    question_placeholder="Type a question, press Enter",
    ask="Ask",
    stop="Stop",
    clear="Clear",
    language_label="Language of the interface",
    sources_label="The printed words",
    sources_empty="The printed words appear here",
    sources_empty_detail=(
        "Choose a number in an answer to read the whole article, with the cited sentence marked."
    ),
    sources_missing="This citation is too old to be on the page still. Please ask again.",
    refused="Not in these pages",
    refused_detail="No printed sentence here proves an answer, so there is no source to cite.",
    leads="Nearest articles",
    lead="Lead",
    citations="Sources",
    context_of="Following on: {question}",
    read_as="Read as: {question}",
    source_of="Source {n}",
    place_of="characters {start}–{end}",
    headline_missing="(no headline)",
    incomplete="This article continues from or on another page and may not be whole here.",
    back="Back to the answer",
    confidence_of="Confidence: {level}",
    confidence_high="high",
    confidence_medium="medium",
    confidence_low="low",
    mode_extractive="Quoted from the page",
    mode_llm="Written by a language model, quotes from the page",
    seconds_of="{seconds} s",
    failed="This question could not be answered",
    checking="Being written: only checked sentences are shown…",
    question_too_long_of=(
        "The question is too long: {length} characters, at most {limit}. Please shorten it."
    ),
    question_without_words="There are no words in this. Please ask in English or Chinese.",
    feedback_ask="How was this answer?",
    feedback_up="Good answer",
    feedback_down="Bad answer",
    feedback_why="What is wrong?",
    feedback_reasons=(
        "Wrong sentence",
        "Wrong figure",
        "It should have said no",
        "The paper does answer this",
        "That was not my question",
        "Something else",
    ),
    feedback_note="Anything to add (optional)",
    feedback_send="Send",
    feedback_thanks="Noted, thank you.",
    feedback_failed="This could not be kept. Please try again later.",
)

STRINGS: Mapping[Frame, Strings] = MappingProxyType(
    {"zh": _ZH, "en": _EN, "zh-Hant": replace(in_traditional(_ZH), html_lang="zh-Hant")}
)
TRADITIONAL = ("hant", "tw", "hk", "mo")  # scripts and regions of a language tag of Chinese


def preferred_language(accept_language: str) -> Frame:
    """Return the language for an ``Accept-Language`` header: Chinese where it is preferred.

    The header ranks languages by weight (RFC 9110, 12.5.4); the first of Chinese and
    English in that order wins. English when the header is empty or names neither.
    """
    ranked: list[tuple[float, int, Frame]] = []
    for position, entry in enumerate(accept_language.split(",")):
        tag, _, parameter = entry.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        primary, *parts = tag.strip().lower().split("-")
        if weight > 0 and primary in ("zh", "en"):
            chinese: Frame = "zh-Hant" if set(parts) & set(TRADITIONAL) else "zh"
            ranked.append((-weight, position, chinese if primary == "zh" else "en"))
    return min(ranked)[2] if ranked else "en"
