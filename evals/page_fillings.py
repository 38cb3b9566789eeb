"""What a page holds besides articles, made up: furniture, bylines, adverts, notices.

Everything is a template: ``{name}`` stands for a value that :func:`filled` draws, and
``{n:3-9}`` for a number. Lines of a template become lines of the page.
"""

import datetime
import random
import re
from collections.abc import Mapping, Sequence

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁"
    "于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲红建国华志宇晨浩佳琪雨"
    "欣梓涵思远嘉怡子轩一诺俊熙博雅琴海燕晓东春梅永康立新世丹阳凯旋清源"
)
NUMERALS = "一二三四五六七八九十"
WEEKDAYS = "一二三四五六日"
CITIES = "清江 临湖 安宁 云川 东陵 金沙 汉阳 江州 南屏 海门 龙泉 平阳 永安 长乐 丰城".split()
PAPERS = "日报 晚报 晨报 商报 时报 都市报 新闻".split()

# What a template draws from; {city}, {street}, {company} and {day} are the same all over it.
WORDS: Mapping[str, Sequence[str]] = {
    "city": CITIES,
    "surname": SURNAMES,
    "street": "人民路 解放街 中山路 建设大道 和平巷 滨江路 文化街 工业大道 城北路 新华街".split(),
    "company": "宏达机械 恒丰纺织 新源电子 华盛物流 天成食品 百顺包装 瑞康医药 金辉五金".split(),
    "job": "车间主任 外贸业务员 会计 仓库管理员 电工 跟单员 数控操作工 客服 质检员".split(),
    "good": "纯棉衬衫 羊毛围巾 有机大米 高山云雾茶 手工红糖 智能门锁 保温杯 儿童书包".split(),
    "section": "要闻 综合 本地 民生 经济 社会 时政 文化 国际 教育 健康 体育 专题".split(),
    "sky": "多云 晴 阴 小雨 阵雨 雷阵雨 晴到多云 多云转阴 阴有小雨 中雨".split(),
    "wind": "东风 南风 西风 北风 东北风 西南风 偏东风 偏北风".split(),
    "moon": "正月 二月 三月 四月 五月 六月 七月 八月 九月 十月 冬月 腊月".split(),
    "night": "初一 初三 初五 初八 初十 十二 十五 十八 二十 廿一 廿三 廿六 廿九".split(),
    "han": NUMERALS[:8],
    "who": "第一中学教师 人民医院医生 劳动模范 社区党支部书记 个体经营户".split(),
}
SAME_ALL_OVER = frozenset("city street company day".split())

SLOGANS = (
    "坚持稳中求进 推动高质量发展",
    "学思想 强党性 重实践 建新功",
    "深入实施“八大工程” 奋力谱写现代化新篇章",
    "讲文明 树新风 公益广告",
    "全力以赴拼经济 真抓实干开新局",
    "牢记嘱托 感恩奋进",
)
KICKERS = (
    "■实干论英雄 奋战第一线",
    "■奋战二季度 实干创实绩",
    "特别报道 ②",
    "特别报道③",
    "聚焦两会",
    "“千万工程”20年·时代答卷",
    "“千万工程”20年·见证",
    "走基层·一线见闻",
    "新时代 新征程 新伟业",
    "●一线传真",
    "◆民生直通车",
    "高质量发展调研行",
    "【记者调查】",
    "文明实践在身边",
    "平安建设进行时",
    "喜迎二十大·奋进新征程",
)
COMMENT_LABELS = ("今日谈", "来论", "街谈巷议", "【评论】", "时评")
COMMENT_BYLINES = ("{paper}评论员", "本报评论员", "本报评论员 {name}", "□ {name}")

# Styles of byline, and how often each is met. {title} is what the page calls its reporters.
BYLINES: Mapping[str, int] = {
    "{title} {name}": 30,
    "{title} {spaced}": 10,
    "{title} {name} {name}": 10,
    "{title} {name} 通讯员 {name}": 9,
    "{title} {name} 通讯员 {name} {name}": 5,
    "见习记者 {name}": 5,
    "{title} {name} 文/图": 3,
    "{title} {name} 文/摄": 3,
    "{title} {name} /文": 2,
    "□ {title} {name}": 5,
    "□{title} {name}": 3,
    "○ {name}": 4,
    "{title} {name}\n{name}": 5,
    "{title} {name}\n通讯员 {name} {name}": 4,
    "{title} {name} {name}\n实习生 {name} {name}": 3,
    "{other}日报记者 {name} {name}\n{title} {name}": 4,
    "{title} {name} 实习生 {name}": 4,
}
CLOSING_CREDITS = (
    "来源：{city}发布",
    "来源：{city}日报",
    "来源：新华社客户端",
    "{title} {name}",
    "{title} {name} 图",
    "（{title} {name}）",
    "（作者单位：{city}市委党校）",
    "（{name}）",
    "（据{city}晚报）",
)
PICTURE_CREDITS = (
    "{title} {name} 图",
    "{title} {name} 摄",
    "通讯员 {name} 摄",
    "{title} {name} 摄影报道",
)
TRAILING_CREDITS = ("（记者 {name}）", "（本报记者 {name}）", "（通讯员 {name}）", "（{name}）")
PHOTO_CREDITS = ("{title} {name} 摄", "记者 {name} 摄", "{name} 摄", "通讯员 {name} 供图")
DECKS = ("访{city}市{who}{name}", "记{city}市{who}{name}")

# How a news item begins; those with names only stand where no byline does.
DATELINES: Mapping[str, int] = {
    "本报讯": 30,
    "本报{city}{eve}电": 6,
    "新华社北京{eve}电": 6,
    "据新华社电": 3,
    "据新华社{city}{eve}电": 3,
    "本报讯（记者 {name}）": 14,
    "本报讯（记者 {name} 通讯员 {name}）": 8,
    "本报讯（通讯员 {name}）": 5,
    "本报{city}{eve}电（记者{name}）": 4,
    "新华社{city}{eve}电（记者{name}、{name}）": 5,
}

PAGE_NUMBERS = (
    "第{n:1-12}版",
    "第{han}版",
    "A0{n:1-9}",
    "A{n:10-24}版",
    "{n:1-12} {section}",
    "0{n:1-9} {section}",
    "{section} B{n:1-8}",
    "{n:1-12}版·{section}",
)
STAFF = (
    "责编：{name} 版式：{name} 校对：{name}",
    "责任编辑 {name}　版式 {name}　校对 {name}",
    "编辑：{name} 美编：{name} 校对：{name}",
    "值班编委 {name} 责编 {name} 版式 {name}",
    "责编/{name} 版式/{name}",
    "本版编辑 {name} 电话 {phone}",
)
HOTLINES = (
    "新闻热线：{phone}",
    "广告热线 {phone}",
    "读者服务热线：{phone}",
    "投稿邮箱：news{n:10-99}@example.cn",
    "国内统一连续出版物号：CN 33-00{n:10-99}",
    "邮发代号：31-{n:10-99}",
    "零售每份1.50元",
)
WEATHER_LINES = (
    "今日{sky} {n:3-14}℃～{n:15-28}℃",
    "今日{sky}，{n:3-14}到{n:15-28}度，{wind}{n:1-3}级",
    "{sky} {n:3-14}-{n:15-28}℃ {wind}2-3级",
)
DATE_LINES = (
    "{date} {week}",
    "{date}　{week}　农历{moon}{night}",
    "{date}",
    "{date} {week} 第{n:1000-19999}期",
    "{y}.{m}.{d} {week}",
    "{y}-{mm}-{dd}",
    "{week} {date}",
    "{han_date} {week}",
    "{date}（{week}）今日{n:4-12}版",
    "{y}年{mm}月{dd}日{week}",
)

LOST = (
    "{name}遗失身份证，证号33{digits:16}，声明作废。",
    "{city}市{company}有限公司遗失公章一枚，编号{digits:10}，声明作废。",
    "遗失营业执照正本，注册号{digits:10}，{name}，声明作废。",
    "遗失出生医学证明，编号Q33{digits:7}，{name}，声明作废。",
    "{name}遗失残疾证一本，证号{digits:9}，特此声明作废。",
    "浙G{digits:5}号车遗失道路运输证，声明作废。",
)
LOST_HEADINGS = ("遗失声明", "遗失启事", "声明作废")

# The first line is the heading.
NOTICES = (
    "公告\n因{street}供水管道改造施工，定于{day}22时至次日6时对沿线用户停水，"
    "请提前做好储水准备。不便之处，敬请谅解。\n{city}市自来水有限公司\n{day}",
    "停电公告\n{day}8:00—17:00，{street}沿线及周边小区停电检修。\n抢修电话：{phone}\n国网{city}市供电公司",
    "{company}有限公司清算公告\n经股东会决议，{city}市{company}有限公司拟注销登记，"
    "请债权人自公告之日起45日内向清算组申报债权。\n联系人：{name}，电话：{phone}",
    "公示\n根据有关规定，现将{city}市{street}地块规划方案予以公示，公示期自{day}起7个工作日。\n"
    "如有异议，请于公示期内向市自然资源局书面反映，联系电话{phone}。",
    "讣告\n{city}市第一中学退休教师{name}同志因病医治无效，于{day}逝世，享年{n:70-98}岁。\n"
    "定于后日上午9时在市殡仪馆举行告别仪式。",
    "寻人启事\n{name}，男，{n:60-85}岁，身高1.6{n:0-9}米，{day}于{street}走失，"
    "走失时身穿灰色外套。\n知情者请与家属联系：{phone}，必有重谢。",
    "关于{street}封闭施工的通知\n因道路改造，{street}自{day}起封闭施工，工期{n:10-90}天，"
    "过往车辆请提前绕行。\n{city}市公安局交通警察大队",
)
ADVERTS = (
    "{company}有限公司招聘启事\n{job}{n:1-5}名，月薪{n:5-12}000元；{job}{n:2-20}名，包食宿。\n"
    "地址：{city}市{street}{n:1-400}号\n电话：{phone}",
    "诚聘\n{job}、{job}、{job}若干名，待遇面议。\n联系电话：{phone} {surname}女士",
    "房屋招租\n{street}{n:1-300}号沿街店面{n:30-300}平方米招租，水电齐全，价格面议。\n"
    "联系人：{surname}先生 {phone}",
    "厂房出租\n{city}工业园区标准厂房{n:1000-9000}平方米，可分租，证件齐全。\n电话{phone}",
    "旺铺转让\n因店主另有发展，现将{street}{n:50-200}平方米餐饮店低价转让，接手即可营业。\n"
    "有意者请电{phone}",
    "{company}年中大促\n全场{n:3-8}折起，{good}买一送一，{good}低至{n:9-99}元！\n"
    "活动地址：{street}{n:1-99}号\n订购热线：{phone}",
    "{good}厂家直销\n{good}{n:19-199}元、{good}{n:19-199}元，送货上门。\n咨询电话：{phone}",
    "二手车出售\n20{n:15-23}年上牌家用轿车一辆，行驶{n:2-12}万公里，车况良好，"
    "售{n:3-15}.8万元。\n手机{phone}",
)
WEATHERS = (
    "天气预报\n今天：{sky}，{n:3-14}℃到{n:15-28}℃，{wind}{n:1-4}级\n"
    "明天：{sky}，{n:3-14}℃到{n:15-28}℃，{wind}{n:1-4}级\n"
    "后天：{sky}，{n:3-14}℃到{n:15-28}℃，{wind}{n:1-4}级",
    "{city}天气\n今天{sky}，{wind}{n:1-4}级，最高气温{n:15-28}℃，最低气温{n:3-14}℃。\n"
    "明天{sky}转{sky}，{n:3-14}到{n:15-28}℃。",
    "未来三天天气预报\n市气象台预计，今天白天{sky}，夜里{sky}，{wind}{n:1-4}级；明天{sky}，"
    "气温{n:3-14}～{n:15-28}℃；后天{sky}。",
)
QR_TEXTS = (
    "扫一扫二维码\n查看完整名单",
    "扫一扫二维码\n查看更多精彩内容",
    "扫码看视频",
    "扫一扫 关注本报公众号",
    "扫描二维码\n下载客户端",
    "扫码阅读更多新闻",
)
# A heading and a row that is filled again and again; | parts the columns.
TABLES = (
    ("名次|单位|得分", "{n:1-9}|{other}队|{n:60-99}"),
    ("品名|规格|价格（元）", "{good}|{n:1-10}kg|{n:5-300}.{n:0-9}"),
    ("姓名|组别|成绩", "{name}|甲组|{n:10-59}.{n:10-99}"),
    ("地区|产值（亿元）|增速（%）", "{other}|{n:20-900}.{n:0-9}|{n:1-19}.{n:0-9}"),
)
JUMPS_OUT = ("（下转第{to}版）",) * 2 + (
    "（下转{to}版·综合）",
    "▶下转A{to}版",
    "下转第{to}版",
    "【下转第{to}版】",
)
JUMPS_IN = ("（上接第{to}版）",) * 2 + (
    "（上接{to}版·要闻）",
    "▶上接A{to}版",
    "上接第{to}版",
    "【上接第{to}版】",
)

_SLOT = re.compile(r"\{(\w+)(?::(\d+)(?:-(\d+))?)?\}")


def filled(template: str, rng: random.Random, **given: str) -> str:
    """Return ``template`` with every slot filled, from ``given`` where it is named there."""
    drawn = dict(given)

    def fill(slot: re.Match[str]) -> str:
        name, first, last = slot.groups()
        if name in drawn:
            return drawn[name]
        value = _drawn(name, first, last, rng)
        if name in SAME_ALL_OVER:
            drawn[name] = value
        return value

    return _SLOT.sub(fill, template)


def one_of(templates: Sequence[str], rng: random.Random, **given: str) -> str:
    """Return one of ``templates``, filled."""
    return filled(rng.choice(templates), rng, **given)


def weighed(templates: Mapping[str, int], rng: random.Random) -> str:
    """Return one of ``templates`` as often as it is met, not filled yet."""
    return rng.choices(tuple(templates), tuple(templates.values()))[0]


def dates(day: datetime.date) -> dict[str, str]:
    """Return the slots of a date line, and ``eve``, the day before as a dateline has it."""
    eve = day - datetime.timedelta(days=1)
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return {
        "y": str(day.year),
        "m": str(day.month),
        "d": str(day.day),
        "mm": f"{day.month:02}",
        "dd": f"{day.day:02}",
        "week": f"星期{WEEKDAYS[day.weekday()]}",
        "date": f"{day.year}年{day.month}月{day.day}日",
        "han_date": f"{year}年{in_chinese(day.month)}月{in_chinese(day.day)}日",
        "eve": f"{eve.month}月{eve.day}日",
    }


def furniture(rng: random.Random, paper: str) -> list[str]:
    """Return lines of the head or the foot of a page; the day is in none of them."""
    chances: tuple[tuple[Sequence[str], float], ...]
    chances = ((PAGE_NUMBERS, 1.0), ((paper,), 0.5), (STAFF, 0.5), (HOTLINES, 0.4))
    chances += ((WEATHER_LINES, 0.25), (("总第{n:1000-19999}期",), 0.15))
    return [one_of(templates, rng) for templates, share in chances if rng.random() < share]


def small(kind: str, rng: random.Random) -> tuple[str, list[str]]:
    """Return the heading and the lines of a ``notice``, an ``advert`` or a ``weather``."""
    if kind == "notice" and rng.random() < 0.35:
        items = rng.sample(LOST, rng.randint(2, 5))
        return rng.choice(LOST_HEADINGS), [filled(item, rng) for item in items]
    templates = {"notice": NOTICES, "advert": ADVERTS, "weather": WEATHERS}[kind]
    heading, *lines = one_of(templates, rng).split("\n")
    return heading, lines


def table(rng: random.Random) -> list[str]:
    """Return the three to eight rows of a table, columns parted by spaces or a tab."""
    gap = rng.choice(("\t", "  ", " ", "\u3000"))
    heading, row = rng.choice(TABLES)
    rows = [heading, *(filled(row, rng) for _ in range(rng.randint(2, 7)))]
    return [row.replace("|", gap) for row in rows]


def _drawn(name: str, first: str | None, last: str | None, rng: random.Random) -> str:
    if name == "name":
        return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
    if name == "spaced":
        return f"{rng.choice(SURNAMES)} {rng.choice(GIVEN)}"
    if name == "other":
        return rng.choice(CITIES)
    if name == "day":
        return f"{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    if name == "phone":
        if rng.random() < 0.5:
            return f"0{rng.randint(310, 898)}-{rng.randint(2000000, 89999999)}"
        return f"1{rng.choice('3589')}{rng.randint(100000000, 999999999)}"
    if name == "digits" and first:
        return str(rng.randint(10 ** (int(first) - 1), 10 ** int(first) - 1))
    if name == "n" and first and last:
        return str(rng.randint(int(first), int(last)))
    return rng.choice(WORDS[name])


def in_chinese(number: int) -> str:
    """Return a day or a month in Chinese numerals: 21 is 二十一."""
    tens, ones = divmod(number, 10)
    ten = ("", "十", "二十", "三十")[tens]
    return ten + (NUMERALS[ones - 1] if ones else "")
