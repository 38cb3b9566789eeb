"""A small archive for the tests of the corpus: three issues, and hostile words in one headline."""

import json
from pathlib import Path

from index.build import build_index
from index.index import Index
from index.store import load_index
from rag.answering import Answerer, answerer_over
from rag.config import load_settings
from tests.embedders import BigramEmbedder

HOSTILE = "<img src=x onerror=alert(1)></a></h4><script>alert(2)</script>\u202e\"' {{7*7}}"
STORIES = (
    ("2025-05-27", "清江渡轮停航一年以后昨日复航", "记者 李大明", "港湾十年",
     "本报讯 昨日，停航一年的清江渡轮正式复航，三百名乘客登船。渡轮每天开行十二班，首班六点，"
     "末班二十一点，票价两元，老人免费。船长郑水根说，发动机换了新的，开得比从前更稳。"),
    ("2025-05-27", "城南灯会开幕首夜来了一万人", "记者 王小红", "港湾十年",
     "本报讯 城南灯会昨晚开幕，首夜来了一万名游客。灯会展出四十组花灯，最高的一组十二米，"
     "由三位老师傅用了两个月扎成。展期两周，市民可以乘地铁前往，沿途设有路标。"),
    ("2025-05-28", "云雾茶场用无人机施肥", "记者 李大明", "",
     "本报讯 云雾茶场的山坡上，两架无人机昨日开始施肥。负责人孟庆山说，一天干完半个月的活，"
     "成本降了三成，茶农也不用背着肥料上山。全县新添无人机四十六架，覆盖茶园三万亩。"),
    ("", "南屏图书馆延长夜间开放时间", "记者 王小红", "",
     "本报讯 南屏图书馆宣布延长夜间开放时间，每周五开到二十二点。馆长陶静介绍，暑假以来，"
     "进馆的读者每天超过五千人次，座位常常不够用，因此增设自习室，新添座位两百个。"),
    ("2025-05-27", HOSTILE, HOSTILE, HOSTILE,
     "本报讯 网站昨日检修，" + HOSTILE + "，技术人员说，一切照旧，读者不必担心，页面可以打开。"),
)  # fmt: skip


def archive(folder: Path, stories: tuple[tuple[str, ...], ...] = STORIES) -> Index:
    """Return the index of ``stories``, each (day, headline, byline, kicker, text)."""
    by_day: dict[str, list[str]] = {}
    keys = ("date", "headline", "byline", "kicker", "text")
    for story in stories:
        row = {key: value for key, value in zip(keys, story, strict=True) if value}
        by_day.setdefault(story[0], []).append(json.dumps(row, ensure_ascii=False))
    (folder / "pages").mkdir()
    for day, rows in by_day.items():
        (folder / "pages" / f"{day or 'undated'}.jsonl").write_text("\n".join(rows), "utf-8")
    build_index([folder / "pages"], folder / "index", BigramEmbedder())
    return load_index(folder / "index")


def answerer_of(folder: Path, stories: tuple[tuple[str, ...], ...] = STORIES) -> Answerer:
    """Return an answerer over :func:`archive`; it finds by shared characters."""
    settings = load_settings(index=folder / "index")
    return answerer_over(archive(folder, stories), BigramEmbedder(), settings)
