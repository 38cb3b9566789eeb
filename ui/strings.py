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
    view_printed: str
    view_words: str
    open_page: str
    copy_link: str
    copied: str
    fetching: str
    fetch_failed: str
    previous_citation: str
    next_citation: str
    previous_article: str
    next_article: str
    neighbours: str
    words_from_of: str
    joins_of: str
    join_from: str
    join_to: str
    join_unsure: str
    lines_own: str
    lines_of_others: str
    lines_of_page: str
    lines_left_out_of: str
    words_hint: str
    words_cut: str
    moved: str
    words_gone: str
    words_changed: str
    gone: str
    gone_detail: str
    gone_of_file: str
    to_the_chat: str
    skip: str
    retry: str
    edit: str
    editing: str
    editing_cancel: str
    asking_again: str
    copy_answer: str
    copy_text: str
    copy_markdown: str
    copy_reference: str
    answer_copied: str
    copy_failed: str
    ask_alone: str
    asked_alone: str
    follow_ups: str
    better_questions: str
    citation_gone: str
    answer_language: str
    answer_auto: str
    stopped: str
    broken: str
    busy_of: str
    busy_rate_of: str
    busy_share_of: str
    busy_late: str
    busy_stopping: str
    body_slow: str
    headers_large: str
    days_crossed_of: str
    # For programs: what chat completions add, and the page of the API
    sources_listed: str
    replaced: str
    api_title: str
    api_intro: str
    api_machine: str
    api_routes: str
    api_records: str
    api_sent: str
    api_name: str
    api_type: str
    api_meaning: str
    api_required: str
    api_replies: str
    api_example: str
    filter_page: str
    corpus_link: str
    feedback_ask: str
    feedback_up: str
    feedback_down: str
    feedback_why: str
    feedback_reasons: tuple[str, ...]  # in the order of ui.feedback.REASONS
    feedback_note: str
    feedback_send: str
    feedback_thanks: str
    feedback_failed: str
    starting: str
    starting_detail: str
    starting_loading: str
    starting_reading_of: str
    starting_embedding_of: str
    starting_writing: str
    library_title: str
    library_short: str
    library_closed: str
    library_closed_detail: str
    library_choose: str
    library_limits_of: str
    library_send: str
    library_sending: str
    library_sent_nothing: str
    library_failed: str
    library_too_large_of: str
    library_twice_of: str
    library_hidden_of: str
    library_invisible_of: str
    library_long_name_of: str
    library_other_kind_of: str
    library_readme_of: str
    library_files: str
    library_more_of: str
    library_articles_of: str
    library_remove: str
    library_remove_ask_of: str
    library_remove_detail: str
    library_reindex: str
    library_reindex_ask: str
    library_reindex_detail: str
    library_undo: str
    library_undo_ask: str
    library_undo_detail: str
    library_yes: str
    library_no: str
    library_unknown_of: str
    library_job_unknown: str
    library_waiting: str
    library_running: str
    library_done: str
    library_not_done: str
    library_nothing_done: str
    library_added: str
    library_changed: str
    library_unchanged: str
    library_removed: str
    library_undone: str
    library_refused: str
    library_replaced: str


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
    view_printed="版面原样",
    view_words="逐词释义",
    open_page="单独打开",
    copy_link="复制链接",
    copied="已复制",
    fetching="正在读取……",
    fetch_failed="没能读取，请再试一次。",
    previous_citation="上一处",
    next_citation="下一处",
    previous_article="上一篇",
    next_article="下一篇",
    neighbours="相邻的报道",
    words_from_of="载于 {file}",
    joins_of="正文有 {count} 处在版面上断开，这里已接上；“版面原样”中标有位置。",
    join_from="上接 {file}第 {line} 行",
    join_to="下接 {file}第 {line} 行",
    join_unsure="（不太确定）",
    lines_own="本篇",
    lines_of_others="其他报道",
    lines_of_page="报头、页码等",
    lines_left_out_of="此处略去 {count} 行",
    words_hint="指向或轻点一个词，看读音和英文释义；用键盘时按左右方向键逐词移动。释义取自词典，不是翻译。",
    words_cut="文章较长，以下不再逐词释义。",
    moved="版面已重新整理，这是现在载有这段文字的报道。",
    words_gone="链接所指的文字已不在这篇报道之中，版面可能更换过。",
    words_changed="请注意：链接生成之后，版面上这里的文字改动过。",
    gone="找不到这篇报道",
    gone_detail="它可能已被移出索引，或者版面换过。",
    gone_of_file="这个版面文件现有的报道",
    to_the_chat="提问",
    skip="跳到提问框",
    retry="重新回答",
    edit="修改问题",
    editing="正在修改上一个问题，发送后会替换原来的回答。",
    editing_cancel="不改了",
    asking_again="正在重新回答",
    copy_answer="复制",
    copy_text="答案和出处",
    copy_markdown="Markdown",
    copy_reference="参考文献（GB/T 7714）",
    answer_copied="已复制",
    copy_failed="浏览器不允许复制，请选中文字后手动复制。",
    ask_alone="不联系上文",
    asked_alone="按原话单独提问，没有联系上文",
    follow_ups="还可以问",
    better_questions="换个问题：下面这些，报上有答案",
    citation_gone="这篇报道或这句话已不在索引里，无法再核对。",
    answer_language="用什么语言回答",
    answer_auto="随问题",
    stopped="已停止，回答不完整。",
    broken="出了意外，没能回答。请再试一次；如果仍然不行，请告诉管理员。",
    busy_of="现在提问的人太多，请等 {seconds} 秒左右再问。",
    busy_rate_of="您问得太快了，请等 {seconds} 秒再问。",
    busy_share_of="您还有好几个问题正在回答，请等 {seconds} 秒左右再问。",
    busy_late="这个问题用时太久，已停止。请过一会儿再问，或者问得简单些。",
    busy_stopping="服务即将停止，暂时不能回答，请稍后再问。",
    body_slow="内容发送得太慢，已断开。请检查网络后再试一次。",
    headers_large="请求的头部太大。请清除本站的 Cookie 后再试一次。",
    days_crossed_of="起始日期 {since} 晚于截止日期 {until}，请对调后再试。",
    sources_listed="出处：",
    replaced="（以上未能全部核实，改为以下回答：）",
    api_title="程序接口",
    api_intro=(
        "程序可以像读者一样提问：得到的是同一份答案、同样的原文引文。请求和答复都是 JSON（UTF-8）；"
        '出错时答复 {"detail": …}，说明错在哪里、怎么改。各项说明为英文。'
    ),
    api_machine="机器可读的说明（OpenAPI）",
    api_routes="接口",
    api_records="数据",
    api_sent="发送",
    api_name="名称",
    api_type="类型",
    api_meaning="含义",
    api_required="必填",
    api_replies="答复",
    api_example="示例",
    filter_page="版次",
    corpus_link="翻阅报纸",
    feedback_ask="这个回答",
    feedback_up="有帮助",
    feedback_down="没帮助",
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
    starting="正在准备报纸",
    starting_detail="准备好以后，这里会自动变成对话。",
    starting_loading="正在打开索引和模型……",
    starting_reading_of="正在读版面：{done} / {total} 个文件",
    starting_embedding_of="正在编入索引：{done} / {total} 段",
    starting_writing="正在写入磁盘……",
    library_title="添加和移除报纸",
    library_short="添加报纸",
    library_closed="这里现在不能添加报纸",
    library_closed_detail=(
        "如需开放，请管理员把环境变量 WENBAO_UPLOADS 设为存放新版面的文件夹，然后重新启动 "
        "wenbao serve。也可以在服务器上运行：wenbao index 文件夹"
    ),
    library_choose="选择文件，或把文件拖到这里",
    library_limits_of=(
        "可以添加 {kinds}；一次最多 {files} 个文件，每个不超过 {size} MB。"
        "同名文件会取代原来的版面。"
    ),
    library_send="添加",
    library_sending="正在上传……",
    library_sent_nothing="没有选择文件。请先选择要添加的文件。",
    library_failed="没能完成。请检查网络后再试一次。",
    library_too_large_of="{file}：文件太大，最大 {size} MB",
    library_twice_of="{file}：同一次里有两个同名文件，只收下第一个",
    library_hidden_of="{file!r}：文件需要名称，且不能以点开头",
    library_invisible_of="{file!r}：文件名含有看不见的字符，请改名",
    library_long_name_of="{file}……：文件名超过 {size} 字节，请缩短",
    library_other_kind_of="{file}：这种文件不能编入索引，可以添加 {kinds}",
    library_readme_of="{file}：README 不是版面；如果是，请改名",
    library_files="已有的文件",
    library_more_of="还有 {count} 个文件没有列出。",
    library_articles_of="{count} 篇报道",
    library_remove="移除",
    library_remove_ask_of="要移除 {name} 吗？",
    library_remove_detail="移除后不再用来回答问题；收到的文件仍留在文件夹里。可以撤销。",
    library_reindex="全部重新读取",
    library_reindex_ask="要把所有版面重新读一遍吗？",
    library_reindex_detail="没有改动的版面会跳过。期间仍可以提问。",
    library_undo="撤销上一次改动",
    library_undo_ask="要撤销上一次改动吗？",
    library_undo_detail=(
        "报纸会回到上一次改动之前；由此添加的文件不再使用，被取代的文件会恢复。再撤销一次，"
        "就恢复这次改动。"
    ),
    library_yes="确定",
    library_no="取消",
    library_unknown_of="没有叫 {name} 的文件或报道。",
    library_job_unknown="没有这项操作的记录了。",
    library_waiting="正在等待前一项操作完成……",
    library_running="正在更新报纸",
    library_done="报纸已更新",
    library_not_done="没有完成",
    library_nothing_done="报纸没有变化",
    library_added="已添加",
    library_changed="已更新",
    library_unchanged="没有变化，已跳过",
    library_removed="已移除",
    library_undone="已复原",
    library_refused="未接收",
    library_replaced="取代了同名的版面",
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
    view_printed="As printed",
    view_words="Word by word",
    open_page="Open as a page",
    copy_link="Copy link",
    copied="Copied",
    fetching="Fetching…",
    fetch_failed="This could not be fetched. Please try again.",
    previous_citation="Previous",
    next_citation="Next",
    previous_article="Previous article",
    next_article="Next article",
    neighbours="Neighbouring articles",
    words_from_of="in {file}",
    joins_of="Breaks on the page that were joined here: {count}. “As printed” shows where.",
    join_from="carries on from {file}line {line}",
    join_to="carried on at {file}line {line}",
    join_unsure=" (not certain)",
    lines_own="This article",
    lines_of_others="Other articles",
    lines_of_page="Masthead, page numbers and the like",
    lines_left_out_of="{count} lines left out here",
    words_hint=(
        "Point at a word or tap it for its sound and its English; with the keyboard, the left "
        "and right arrows go from word to word. A dictionary speaks here, not a translator."
    ),
    words_cut="This is a long article: from here on the words have no notes.",
    moved="The pages have been read anew: this is the article that holds these words now.",
    words_gone="The words of this link are not in the article any more; its page may have changed.",
    words_changed="Please note: the words at this place have changed since the link was made.",
    gone="This article is not here",
    gone_detail="It may have been taken out of the index, or its page may have changed.",
    gone_of_file="Articles that this file holds now",
    to_the_chat="Ask",
    skip="Skip to the question box",
    retry="Ask again",
    edit="Edit the question",
    editing="You are editing the last question; sending it replaces its answer.",
    editing_cancel="Keep it",
    asking_again="Asking again",
    copy_answer="Copy",
    copy_text="Answer with sources",
    copy_markdown="Markdown",
    copy_reference="References (GB/T 7714)",
    answer_copied="Copied",
    copy_failed="The browser does not allow copying; please select the text and copy it by hand.",
    ask_alone="Ask on its own",
    asked_alone="Asked as typed, on its own, without the conversation before",
    follow_ups="You could ask next",
    better_questions="Other questions that these pages do answer",
    citation_gone="This article or sentence is no longer in the index and cannot be checked here.",
    answer_language="Answer in",
    answer_auto="language of the question",
    stopped="Stopped; the answer is not whole.",
    broken="Something went wrong. Please try again; if it stays so, tell whoever runs this.",
    busy_of="Too many questions just now. Please ask again in about {seconds} s.",
    busy_rate_of="That is too many questions in a short time. Please ask again in {seconds} s.",
    busy_share_of=(
        "Several questions of yours are being answered. Please ask again in about {seconds} s."
    ),
    busy_late=(
        "This took too long and was stopped. Please ask again in a while, or something simpler."
    ),
    busy_stopping="The server is about to stop and takes no questions. Please ask again later.",
    body_slow="The request came too slowly and was dropped. Please check the network, try again.",
    headers_large="The headers of the request are too large. Please clear this site's cookies.",
    days_crossed_of="The first day, {since}, is after the last, {until}. Please exchange them.",
    sources_listed="Sources:",
    replaced="(Not all of the above could be confirmed; the answer is this instead:)",
    api_title="For programs",
    api_intro=(
        "Programs can ask as readers do, and get the same answers with the same quotes. Requests "
        'and replies are JSON (UTF-8); what goes wrong is told as {"detail": …}, with what to do.'
    ),
    api_machine="For machines (OpenAPI)",
    api_routes="Routes",
    api_records="Records",
    api_sent="Sent",
    api_name="Name",
    api_type="Type",
    api_meaning="Meaning",
    api_required="required",
    api_replies="Replies",
    api_example="Example",
    filter_page="Page",
    corpus_link="Browse the papers",
    feedback_ask="This answer is",
    feedback_up="Helpful",
    feedback_down="Not helpful",
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
    starting="Getting the pages ready",
    starting_detail="The chat opens here by itself as soon as they are.",
    starting_loading="Opening the index and the model…",
    starting_reading_of="Reading pages: {done} of {total} files",
    starting_embedding_of="Indexing passages: {done} of {total}",
    starting_writing="Writing to disk…",
    library_title="Add and remove pages",
    library_short="Add pages",
    library_closed="Pages cannot be added here",
    library_closed_detail=(
        "To allow it, whoever runs this server sets the environment variable WENBAO_UPLOADS "
        "to a folder for new pages and starts wenbao serve again. On the server itself, "
        "pages can be added with: wenbao index FOLDER"
    ),
    library_choose="Choose files, or drop them here",
    library_limits_of=(
        "{kinds}; up to {files} files at a time, {size} MB each. A file of the same name "
        "replaces its page."
    ),
    library_send="Add",
    library_sending="Sending…",
    library_sent_nothing="No file was chosen. Choose the files to add first.",
    library_failed="This did not work. Check the connection and try again.",
    library_too_large_of="{file}: too large; the limit is {size} MB",
    library_twice_of="{file}: two files of this name were sent; the first was taken",
    library_hidden_of="{file!r}: a page needs a name that does not begin with a dot",
    library_invisible_of="{file!r}: the name holds characters that do not print; rename it",
    library_long_name_of="{file}…: the name is longer than {size} bytes; shorten it",
    library_other_kind_of="{file}: not a kind that can be indexed ({kinds})",
    library_readme_of="{file}: a README is no page; rename it if it is",
    library_files="Files in the corpus",
    library_more_of="{count} more files are not listed.",
    library_articles_of="articles: {count}",
    library_remove="Remove",
    library_remove_ask_of="Remove {name}?",
    library_remove_detail=(
        "It will not be used for answers any more; the received file stays in its folder. "
        "This can be undone."
    ),
    library_reindex="Read all pages again",
    library_reindex_ask="Read all pages again?",
    library_reindex_detail=(
        "Pages that have not changed are skipped. Questions are answered meanwhile."
    ),
    library_undo="Undo the last change",
    library_undo_ask="Undo the last change?",
    library_undo_detail=(
        "The corpus goes back to what it was before: files that were added are put aside, "
        "files that were replaced come back. Undo again to restore the change."
    ),
    library_yes="Yes",
    library_no="Cancel",
    library_unknown_of="There is no file or article {name}.",
    library_job_unknown="There is no record of this any more.",
    library_waiting="Waiting for the change before it…",
    library_running="Changing the corpus",
    library_done="The corpus has changed",
    library_not_done="This did not work",
    library_nothing_done="The corpus has not changed",
    library_added="added",
    library_changed="changed",
    library_unchanged="unchanged, skipped",
    library_removed="removed",
    library_undone="put back",
    library_refused="refused",
    library_replaced="replaced the page of this name",
)

LANGUAGE_NAMES: Mapping[Frame, str] = MappingProxyType(
    {"zh": "中文", "en": "English", "zh-Hant": "繁體"}
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


def frame_in(strings: Strings) -> Frame:
    """Return the language of ``strings``, which is one of :data:`STRINGS`."""
    return next(f for f, each in STRINGS.items() if each.html_lang == strings.html_lang)
