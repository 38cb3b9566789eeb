"""The genre of an article, so that an advert is never quoted as news."""

import re
from collections import Counter

from index import forms
from index.bylines import credits_photo
from index.roles import Role
from index.stories import Story

PICTURE_STORY_CHARS = 500  # a longer text with a photographer's credit is a report
OPENING_CHARS = 80

_COMMENT = re.compile(
    r"评论|时评|社论|快评|短评|锐评|来论|漫笔|漫谈|杂谈|随笔|大家谈|观点|热点|声音|街谈巷议|编辑部|读者投书|来信"
)
_INTERVIEW = re.compile(r"^[—―─-]+\s*(?:专?访|对话)|专访|^对话")
_FEATURE = re.compile(r"^[—―─-]+\s*(?:记|写在|来自)|纪实$|侧记$|见闻$|特写$")
_QUESTION = re.compile(r"^(?:问|记者|答|主持人)[:：]")
_DAY = re.compile(
    r"[近日]日|日前|昨[日天晚]|今[日天年]|前[日天]|连日来|\d{1,2}日|[月周][一二三四五六日]|截至|目前|记者"
)


def genre_of(story: Story) -> str:
    """Return news, feature, comment, interview, notice, advert, caption or weather."""
    if story.genre:
        return story.genre
    counts = Counter(placed.role for placed in story.body)
    small = counts[Role.NOTICE] + counts[Role.ADVERT]
    if small and 2 * small >= sum(counts.values()) - counts[Role.SECTION]:
        return "advert" if counts[Role.ADVERT] > counts[Role.NOTICE] else "notice"
    texts = [placed.piece.text for placed in story.body if placed.role is not Role.SECTION]
    heads = [placed.piece.text for placed in (*story.kickers, *story.heads)]
    bylines = [placed.piece.text for placed in story.bylines]
    if any(map(forms.is_weather_head, heads)) and any(map(forms.is_weather, texts)):
        return "weather"
    if not texts:
        return "caption"
    labels = [text for text in heads if len(text) <= 12]
    if any(_COMMENT.search(text) for text in labels) or any("评论员" in name for name in bylines):
        return "comment"
    asked = sum(bool(_QUESTION.match(text)) for text in texts)
    if asked >= 3 or any(_INTERVIEW.search(text) for text in heads):
        return "interview"
    opening = texts[0]
    dated = any(map(forms.has_dateline, texts[:2]))
    length = sum(map(len, texts))
    if bylines and credits_photo(bylines[-1]) and not dated and length <= PICTURE_STORY_CHARS:
        written = any(mark in bylines[-1] for mark in ("文/", "文／", "文并"))
        if not written:
            return "caption"
    if any(_FEATURE.search(text) for text in heads):
        return "feature"
    return "news" if dated or _DAY.search(opening[:OPENING_CHARS]) else "feature"
