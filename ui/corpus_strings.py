"""The words of the corpus pages: 中文, English, 繁體, as in ``ui/strings.py``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rag.self_test import ProbeKind, Verdict
from rag.wording import Frame, day_in_english, in_traditional


@dataclass(frozen=True, slots=True)
class CorpusStrings:
    """Every label of the corpus pages in one language; ``_of`` fields are templates."""

    title: str
    intro: str
    navigation: str
    doubts: str
    health: str
    bench: str
    search: str
    search_hint: str
    find: str
    narrow: str
    any: str
    since: str
    until: str
    file: str
    genre: str
    series: str
    reporter: str
    page: str
    clear: str
    found_of: str
    none: str
    page_of: str
    pages: str
    newer: str
    older: str
    undated: str
    articles_of: str
    briefing: str
    briefing_latest: str
    briefing_none: str
    whole_issue: str
    number_of: str
    chars_of: str
    untitled: str
    held: str
    held_pages: str
    held_articles: str
    held_issues: str
    held_chunks: str
    held_model: str
    held_generation: str
    held_built: str
    held_undated: str
    reasons: Mapping[str, str]
    doubts_intro: str
    doubts_none: str
    doubts_closely: str
    doubts_close_of: str
    doubts_close_none: str
    doubts_close: str
    doubt_of: str
    health_intro: str
    health_run: str
    health_again: str
    health_running_of: str
    health_asked_of: str
    health_cut_of: str
    health_kind: str
    health_probes: str
    health_least: str
    health_misses: str
    health_rank_of: str
    health_not_found: str
    health_instead: str
    kinds: Mapping[ProbeKind, str]
    verdicts: Mapping[Verdict, str]
    bench_intro: str
    bench_run: str
    bench_fused: str
    bench_arms: str
    bench_none: str
    bench_terms: str
    bench_dense: str
    bench_rank: str
    bench_probability: str
    bench_read: str
    bench_unread: str
    bench_final: str
    arms: Mapping[str, str]
    not_found: str
    wrong: str
    weekdays: str


_ZH = CorpusStrings(
    title="翻阅报纸",
    intro="收录的每一期、每一篇，都在这里。",
    navigation="其他页面",
    doubts="待核之处",
    health="检索自检",
    bench="检索台",
    search="查找",
    search_hint="标题或正文里的词",
    find="查找",
    narrow="缩小范围",
    any="不限",
    since="从这天起",
    until="到这天止",
    file="版面文件",
    genre="体裁",
    series="栏题",
    reporter="记者",
    page="版次",
    clear="全部取消",
    found_of="共 {n} 篇",
    none="没有符合条件的报道。换个词，或放宽条件再试。",
    page_of="第 {at} / {of} 页",
    pages="翻页",
    newer="上一页",
    older="下一页",
    undated="未标日期",
    articles_of="{n} 篇",
    briefing="要闻",
    briefing_latest="最新一期要闻",
    briefing_none="这一期没有可以列为要闻的报道。",
    whole_issue="这一期的全部报道",
    number_of="第 {n} 版",
    chars_of="{n} 字",
    untitled="（无标题）",
    held="收录了什么",
    held_pages="版面",
    held_articles="报道",
    held_issues="期数",
    held_chunks="检索片段",
    held_model="向量模型",
    held_generation="索引版本",
    held_built="建成时间",
    held_undated="未标日期的报道",
    reasons={
        "headline": "没有标题",
        "half": "另一半在没有收录的版面上",
        "join": "有一处拼接把握不大",
    },
    doubts_intro="机器把版面拼成文章时没有把握的地方，值得人看一眼。",
    doubts_none="没有待核之处。",
    doubts_closely="逐版细看",
    doubts_close_of="{file}：{n} 处",
    doubts_close_none="这个版面没有待核之处。",
    doubts_close="细看这个版面",
    doubt_of="第 {line} 行，把握 {share}%",
    health_intro="用报纸自己的标题和句子出题，看能不能找回原文。不超过一分钟。",
    health_run="开始自检",
    health_again="再检一次",
    health_running_of="正在自检：{asked} / {planned} 题……本页会自动刷新。",
    health_asked_of="索引版本 {generation}，报道 {articles} 篇；{asked} 题，用时 {seconds} 秒。",
    health_cut_of="时间到，{planned} 题里只问了 {asked} 题。",
    health_kind="题型",
    health_probes="题数",
    health_least="合格线（R@5）",
    health_misses="没有排在第一的题",
    health_rank_of="排在第 {rank}",
    health_not_found="前十篇里没有",
    health_instead="排在第一的是",
    kinds={
        "headline": "标题找原文",
        "keywords": "生僻词找原文",
        "cloze": "残句找原文",
        "english": "英文词找中文报道",
    },
    verdicts={
        "healthy": "检索正常",
        "look": "需要查看：{kinds}",
        "nothing": "没有可以出题的报道。",
    },
    bench_intro="一个问题在每条检索路上各找到什么，合起来如何，读过以后又如何。",
    bench_run="检索",
    bench_fused="合并以后",
    bench_arms="各路结果",
    bench_none="这一路没有找到什么。",
    bench_terms="查找的词",
    bench_dense="整句的向量，不查词",
    bench_rank="合并名次",
    bench_probability="概率",
    bench_read="阅读器",
    bench_unread="未读",
    bench_final="最后名次",
    arms={
        "dense": "向量",
        "characters": "字词",
        "translation": "译词",
        "names": "专名",
        "pinyin": "拼音",
        "abbreviations": "简称",
        "typos": "同音",
        "figures": "数字",
    },
    not_found="没有这一期",
    wrong="这样查不了",
    weekdays="一二三四五六日",
)

_EN = CorpusStrings(
    title="Browse the papers",
    intro="Every issue and every article that is indexed.",
    navigation="Other pages",
    doubts="To be checked",
    health="Self-test",
    bench="Retrieval bench",
    search="Search",
    search_hint="words of a headline or a text",
    find="Search",
    narrow="Narrow the list",
    any="any",
    since="Printed from",
    until="until",
    file="File of the page",
    genre="Genre",
    series="Series",
    reporter="Reporter",
    page="Page",
    clear="Clear all",
    found_of="Articles: {n}",
    none="No article is of this kind. Try another word, or ask for less.",
    page_of="{at} of {of}",
    pages="Pages of the list",
    newer="Previous",
    older="Next",
    undated="Without a date",
    articles_of="articles: {n}",
    briefing="Main news",
    briefing_latest="Main news of the latest issue",
    briefing_none="There is no main news in this issue.",
    whole_issue="The whole issue",
    number_of="Page {n}",
    chars_of="{n} characters",
    untitled="(no headline)",
    held="What is indexed",
    held_pages="Pages",
    held_articles="Articles",
    held_issues="Issues",
    held_chunks="Chunks",
    held_model="Embedding model",
    held_generation="Generation",
    held_built="Built",
    held_undated="Articles without a date",
    reasons={
        "headline": "no headline",
        "half": "its other half is on a page that is not indexed",
        "join": "put together at a place that is not sure",
    },
    doubts_intro="Where the reading of a page is unsure, and a person should look.",
    doubts_none="There is nothing to be checked.",
    doubts_closely="Page by page, line by line",
    doubts_close_of="{file}: {n} to be checked",
    doubts_close_none="There is nothing to be checked on this page.",
    doubts_close="Look closely at this page",
    doubt_of="line {line}, {share} % sure",
    health_intro=(
        "Headlines and sentences of the papers are asked for: are their articles found? "
        "It takes less than a minute."
    ),
    health_run="Start the self-test",
    health_again="Test again",
    health_running_of="Testing: {asked} of {planned}… This page refreshes by itself.",
    health_asked_of=(
        "Generation {generation}, articles: {articles}; {asked} probes in {seconds} seconds."
    ),
    health_cut_of="Time was up: {asked} of {planned} probes were asked.",
    health_kind="Kind of probe",
    health_probes="Probes",
    health_least="Least R@5",
    health_misses="Probes whose article was not first",
    health_rank_of="at place {rank}",
    health_not_found="not among the first ten",
    health_instead="first came",
    kinds={
        "headline": "A headline finds its article",
        "keywords": "Rare words find their article",
        "cloze": "A broken sentence finds its article",
        "english": "English words find the Chinese article",
    },
    verdicts={
        "healthy": "Retrieval is healthy",
        "look": "Look at: {kinds}",
        "nothing": "There is no article to make a probe of.",
    },
    bench_intro=(
        "What each arm of retrieval finds for a question, what they find together, and what "
        "the reader makes of it."
    ),
    bench_run="Retrieve",
    bench_fused="Fused",
    bench_arms="Arm by arm",
    bench_none="This arm found nothing.",
    bench_terms="Looked for",
    bench_dense="the vector of the whole question",
    bench_rank="Fused rank",
    bench_probability="Probability",
    bench_read="Reader",
    bench_unread="not read",
    bench_final="Final rank",
    arms={
        "dense": "Dense",
        "characters": "Characters and words",
        "translation": "Translation",
        "names": "Names",
        "pinyin": "Pinyin",
        "abbreviations": "Abbreviations",
        "typos": "Homophones",
        "figures": "Figures",
    },
    not_found="There is no such issue",
    wrong="That cannot be searched",
    weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
)

CORPUS_STRINGS: Mapping[Frame, CorpusStrings] = MappingProxyType(
    {"zh": _ZH, "en": _EN, "zh-Hant": in_traditional(_ZH)}
)

# What index/doubts.py says, in Chinese.
_DOUBTS_ZH = (
    (r"its first half stands on another page", "上半篇在另一个版面"),
    (r"its second half stands on another page", "下半篇在另一个版面"),
    (r"may not carry on the paragraph of line (\d+)", r"未必接着第 \1 行的段落"),
    (r"this article has no headline", "这篇报道没有标题"),
    (r"the whole text has (\d+) characters", r"全文只有 \1 个字"),
    (r"the text ends in mid-sentence", "文字断在句子中间"),
    (r"another byline than that of line (\d+)", r"署名与第 \1 行的不同"),
    (r"this .+ may belong to another article", "这一行可能属于另一篇报道"),
)


def doubt_in(message: str, frame: Frame) -> str:
    """Return what a doubt says in the language of the page; one that is not known as it is."""
    if frame == "en":
        return message
    for pattern, told in _DOUBTS_ZH:
        match = re.fullmatch(pattern, message)
        if match:
            said = match.expand(told)
            return str(in_traditional(said)) if frame == "zh-Hant" else said
    return message


def day_in(day: str, frame: Frame) -> str:
    """Return a day of issue with its weekday; the words for none for an empty one."""
    strings = CORPUS_STRINGS[frame]
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day or strings.undated
    if frame == "en":
        return f"{strings.weekdays.split()[found.weekday()]}, {day_in_english(day)}"
    weekday = strings.weekdays[found.weekday()]
    return f"{found.year}年{found.month}月{found.day}日 星期{weekday}"
