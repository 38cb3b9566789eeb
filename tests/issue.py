"""Two pages of one issue, a file each: the report on a bridge jumps from one to the other."""

from pathlib import Path

FRONT_FILE, INSIDE_FILE = "20260305_01.txt", "20260305_02.txt"

# Real events are not told here: places, firms and people are made up.
FRONT = """\
清江大桥主桥顺利合龙
两岸居民过江只要五分钟

本报记者 郑水根

昨日，记者从市交通局获悉，清江大桥主桥顺利合龙。大桥全长2160米，桥面宽33米，设计时速60公里。
据介绍，清江大桥于2021年开工，建设者孟庆山带领团队先后攻克了深水基础和大跨度拱肋吊装两道难题。施工高峰期有四百多名工人同时在
（下转第二版）

南屏图书馆延长开放时间

本报记者 陶静

日前，南屏市图书馆宣布每周五、周六延长开放到晚上十点。馆长陶静介绍，暑假以来每天进馆的读者超过五千人次。
图书馆因此把三楼的报告厅改成了自习室，增加座位220个。
"""
INSIDE = """\
（上接第一版）

江上作业。孟庆山说，目前桥面铺装已经开始，计划年底通车。
清江大桥通车以后，两岸之间的公交线路将由三条增加到八条，全长2160米的大桥只要五分钟就能走完。

东陵破获电动车连环盗窃案

本报记者 祝明

近日，东陵县公安局通报一起电动车连环盗窃案。今年6月以来，县城多个小区接连发生电动车被盗案件。
民警调取了两百多个小时的监控录像，最终锁定嫌疑人祝某。
"""
ACROSS = "施工高峰期有四百多名工人同时在江上作业。"


def write_issue(folder: Path) -> Path:
    """Write both pages into ``folder``, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FRONT_FILE).write_text(FRONT, "utf-8")
    (folder / INSIDE_FILE).write_text(INSIDE, "utf-8")
    return folder
