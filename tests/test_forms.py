"""The forms in which newspapers set their lines, and what only looks like one of them."""

import time
from collections.abc import Callable

import pytest

from index import bylines, forms

PREDICATES: list[Callable[[str], bool]] = [
    forms.closes,
    bylines.credits_photo,
    bylines.ends_article,
    forms.exhorts,
    forms.goes_on_from_qr,
    forms.has_dateline,
    forms.heads_advert,
    forms.heads_notice,
    forms.heads_table,
    forms.is_advert,
    bylines.is_byline,
    forms.is_caption,
    forms.is_date,
    forms.is_dateline,
    forms.is_deck,
    forms.is_finished,
    forms.is_end_mark,
    forms.is_furniture,
    forms.is_head_like,
    forms.is_jump,
    forms.is_kicker,
    forms.is_listed,
    bylines.is_names,
    forms.is_notice,
    forms.is_numbered,
    forms.is_offer,
    forms.is_open,
    forms.is_ornamented,
    forms.is_qr,
    forms.is_salutation,
    forms.is_signature,
    bylines.is_source,
    forms.is_weather,
    forms.is_weather_head,
    forms.jumps_in,
    forms.jumps_out,
    forms.stops,
]


# Datelines


@pytest.mark.parametrize(
    "text",
    [
        "本报讯 昨日，大桥合龙。",
        "本报讯（记者 张三）昨日，大桥合龙。",
        "（本报讯）昨日，大桥合龙。",
        "新华社北京5月1日电 国务院近日印发意见。",
        "据新华社电 国务院近日印发意见。",
        "中新社杭州3月4日电 省政府召开会议。",
        "本报北京3月4日电 大会今日开幕。",
        "[本报讯]大桥合龙。",
        "【本报讯】大桥合龙。",
        "〔记者林某某/台北报导〕捷运昨日通车。",
        "据法新社报道，巴黎昨日降雪。",
    ],
)
def test_a_news_item_starts_with_its_dateline(text: str) -> None:
    assert forms.has_dateline(text)


@pytest.mark.parametrize(
    "text",
    [
        "昨日，大桥合龙。",
        "本报电话 85381000",
        "本报电子版上线",
        "记者从市交通局获悉，大桥合龙。",
        "新华社区居民中心启用",
        "讯息发达的今天",
        "据悉，大桥年底通车。",
        "",
    ],
)
def test_other_text_has_no_dateline(text: str) -> None:
    assert not forms.has_dateline(text)


@pytest.mark.parametrize(
    "text", ["本报讯", "本报讯（记者 张三）", "新华社北京5月1日电", "【本报讯】"]
)
def test_a_line_may_be_only_a_dateline(text: str) -> None:
    assert forms.is_dateline(text)


@pytest.mark.parametrize("text", ["本报讯 昨日，大桥合龙。", "本报记者 张三", "大桥合龙"])
def test_a_dateline_with_text_behind_it_is_not_alone(text: str) -> None:
    assert not forms.is_dateline(text)


# Page jumps


@pytest.mark.parametrize(
    ("text", "into"),
    [
        ("（下转第二版）", False),
        ("(下转2版)", False),
        ("下转第3版", False),
        ("▶下转A4版", False),
        ("►►►下转第4版", False),
        ("（紧接第一版）", True),
        ("（上接第一版）", True),
        ("上接1版", True),
        ("(上接A01版)", True),
        ("◀上接第1版", True),
        ("（接第1版）", True),
        ("（接1版）", True),
        ("（接自第一版）", True),
        ("接到第3版", False),
    ],
)
def test_a_page_jump_is_told_with_its_direction(text: str, into: bool) -> None:
    assert forms.is_jump(text)
    assert forms.jumps_in(text) is into
    assert forms.jumps_out(text) is not into


@pytest.mark.parametrize(
    "text",
    [
        "第二版",
        "下一步怎么走",
        "上接天线，下接地气",
        "转型升级第一版图",
        "详情见明日本报",
        "版面费",
        "（接12345热线）市民反映，路灯不亮。",
        "（承接单位：市水务局）工程昨日完工。",
    ],
)
def test_what_only_speaks_of_pages_is_no_jump(text: str) -> None:
    assert not forms.is_jump(text)
    assert not forms.jumps_in(text)
    assert not forms.jumps_out(text)


def test_a_jump_may_close_or_open_a_paragraph() -> None:
    assert forms.jumps_out("大桥全长2160米，桥面宽33（下转第二版）")
    assert forms.jumps_in("（上接第一版）米，设计时速60公里。")
    assert forms.jumps_in("（接第一版）米，设计时速60公里。")
    assert not forms.is_jump("大桥全长2160米，桥面宽33（下转第二版）")
    assert not forms.jumps_out("（上接第一版）米，设计时速60公里。")


# Furniture


@pytest.mark.parametrize(
    "text",
    [
        "2026年3月5日 星期四",
        "2026年3月5日　星期四　第2版",
        "民国一一四年三月五日 星期三",
        "2026年3月5日（星期四）今日8版",
        "2026年3月5日第3版",
        "2026年3月5日 要闻",
        "清江日报2026年3月5日",
        "星期四 2026-03-05",
        "创刊于1949年5月1日",
        "清江大学主办 校内发行 第1187期 2026年9月15日",
        "日期：2026年3月5日",
        "出版日期：2026年3月5日",
        "第2版",
        "第二版：要闻",
        "A01",
        "03",
        "要闻",
        "综合新闻",
        "责任编辑：张三 版式：李四",
        "责编 张三 美编 李四",
        "本版编辑：王芳 电话：0579-85381000",
        "总第5231期",
        "今日8版",
        "国内统一刊号 CN33-0000",
        "新闻热线：85381000",
        "www.example.com",
        "清江日报",
        "清江晚报",
        "星期四",
        "农历正月十七",
        "－3－",
        "* * *",
        "————————",
        "社址：清江市人民路1号",
        "下期预告：走进老码头",
        "明日预告:云雾茶场开园",
    ],
)
def test_what_belongs_to_the_page_is_furniture(text: str) -> None:
    assert forms.is_furniture(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026义博会印尼展收官",
        "第20届文旅博览会",
        "25个电商园区全部复工复产",
        "第二版画展开幕",
        "1.2万个岗位虚位以待",
        "12345热线一年接听百万次",
        "新闻发布会昨日召开",
        "清江日报社举行读者节",
        "社会各界捐款捐物",
        "经济增长提速",
        "星期四的早市",
        "大桥合龙",
        "第3名花落谁家",
        "编辑部的故事",
        "2025年，全市生产总值突破千亿元。",
        "电话诈骗案告破",
        "下期预告片首映",
        "明日预告有雨",
        "共享雨伞管理规定2026年7月1日起施行",
        "从2026年7月1日起在全市三十二个公交站点",
        "2026年7月1日（星期三）起施行",
        "2026年7月1日第十届车展开幕",
        "1921年7月1日 中国共产党成立",
        "开奖日期：2026年5月19日",
        "开奖日期 2026年5月19日",
    ],
)
def test_what_only_begins_like_furniture_is_none(text: str) -> None:
    assert not forms.is_furniture(text)


@pytest.mark.parametrize(
    "text",
    [
        "扫一扫二维码 看视频",
        "扫码阅读全文",
        "长按识别QR",
        "扫码加入“清江帮办”读者群",
        "扫描下方二维码 下载客户端",
        "微信扫一扫 关注我们",
        "更多内容请扫码",
        "扫描QR Code看地图",
    ],
)
def test_a_line_that_asks_to_scan_a_code_is_told(text: str) -> None:
    assert forms.is_qr(text)


@pytest.mark.parametrize(
    "text",
    [
        "市民扫码即可借书。",
        "市民在图书馆门口扫码" + "，就能把想看的书借回家" * 5,
        "小区门口装上二维码 居民扫码报修",
        "扫描二维码，就能在三秒内借到一把",
        "扫码报修进小区",
        "扫码看病不用排队",
        "扫描仪进了档案馆",
    ],
)
def test_a_line_about_codes_does_not_ask_to_scan_one(text: str) -> None:
    assert not forms.is_qr(text)


@pytest.mark.parametrize("text", ["2026年3月5日", "二〇二六年三月五日", "3月5日", "2026-03-05"])
def test_a_day_by_itself_is_told(text: str) -> None:
    assert forms.is_date(text)
    assert not forms.is_date(text + "，大桥合龙")


# Captions


@pytest.mark.parametrize(
    "text",
    [
        "图为大桥合龙现场。",
        "左图：工人在吊装拱肋。",
        "上图为孩子们在检查视力。",
        "图①：无人机在茶园里施肥。",
        "资料图",
        "▲孩子们在图书馆里看书，座位已经坐满。",
        "▲龙舟赛现场 王小红 摄",
        "昨日，工人在大桥上铺设桥面。（记者 张三 摄）",
        "昨日，工人在大桥上铺设桥面。本报记者 张三 摄",
        "读者在自习室里看书。 受访者李四供图",
    ],
)
def test_a_line_under_a_photograph_is_a_caption(text: str) -> None:
    assert forms.is_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "图书馆延长开放时间",
        "图强路昨日通车",
        "右侧车道封闭施工，请绕行。",
        "他喜欢摄影，家里有三台照相机。",
        "企图闯关的货车被拦下。",
        "▲",
        "大桥昨日合龙。",
        "图为" + "大桥合龙现场的工人" * 30,
    ],
)
def test_what_only_speaks_of_pictures_is_no_caption(text: str) -> None:
    assert not forms.is_caption(text)


# Notices, adverts and the weather


@pytest.mark.parametrize(
    "text",
    [
        "遗失声明",
        "遗 失 声 明",
        "公\u3000告",
        "停水通知",
        "清江市自然资源局拍卖公告",
        "关于征集地方立法建议项目的公告",
        "关于部分路段封闭施工的通告",
        "讣告",
        "招领启事",
        "更正",
        "任前公示",
    ],
)
def test_a_notice_has_a_heading(text: str) -> None:
    assert forms.heads_notice(text)


@pytest.mark.parametrize(
    "text",
    [
        "两部门联合发布通告",
        "国务院印发通知",
        "多国回应声明",
        "他把声明读了三遍",
        "公告栏前的老人",
        "遗失的村庄",
        "大桥合龙",
    ],
)
def test_news_of_a_notice_is_no_heading_of_one(text: str) -> None:
    assert not forms.heads_notice(text)


@pytest.mark.parametrize(
    "text",
    ["诚聘", "招 聘", "旺铺出租", "厂房出租", "房屋出售", "招聘启事", "分类广告", "年货大促！"],
)
def test_an_advertisement_has_a_heading(text: str) -> None:
    assert forms.heads_advert(text)


@pytest.mark.parametrize("text", ["招聘会吸引万名求职者", "转让定价规则出台，企业受益", "大桥合龙"])
def test_news_of_trade_is_no_heading_of_an_advertisement(text: str) -> None:
    assert not forms.heads_advert(text)


@pytest.mark.parametrize(
    "text",
    [
        "王某某遗失身份证，声明作废。",
        "特此公告",
        "公示期自3月5日至3月11日。",
        "不慎遗失营业执照正本，特此声明。",
        "证券代码：600000",
    ],
)
def test_the_words_of_a_notice_are_told(text: str) -> None:
    assert forms.is_notice(text)


@pytest.mark.parametrize(
    "text",
    [
        "临街旺铺出租，面积80平方米，联系电话13800000000",
        "招聘营业员若干名，待遇面议，电话：85381000",
        "全场八折，买一送一，地址：人民路1号",
        "电话：0579-85381000",
    ],
)
def test_the_words_of_an_advertisement_are_told(text: str) -> None:
    assert forms.is_advert(text)


@pytest.mark.parametrize(
    "text",
    [
        "昨日，大桥合龙，两岸居民过江只要五分钟。",
        "公司今年招聘了三百名大学生，月薪比去年上涨一成。",
        "大桥全长2160米，桥面宽33米，总投资12亿元。",
    ],
)
def test_news_is_neither_notice_nor_advertisement(text: str) -> None:
    assert not forms.is_notice(text)
    assert not forms.is_advert(text)


def test_offers_and_signatures_are_told() -> None:
    assert forms.is_offer("地址：人民路1号")
    assert not forms.is_offer("大桥昨日合龙")
    assert forms.is_signature("清江市水务有限公司")
    assert not forms.is_signature("大桥昨日合龙")


@pytest.mark.parametrize(
    "text",
    [
        "今天白天多云到阴，气温12到19℃",
        "明天：小雨，偏北风3级",
        "晴到多云 8~17℃",
        "阵雨转阴 最低气温6度",
    ],
)
def test_the_weather_is_told(text: str) -> None:
    assert forms.is_weather(text)


@pytest.mark.parametrize(
    "text",
    ["晴空万里，游人如织", "雨中开桨的龙舟赛", "阴差阳错", "今天大桥合龙", "多云服务平台上线3年"],
)
def test_what_only_sounds_like_the_weather_is_none(text: str) -> None:
    assert not forms.is_weather(text)


def test_a_weather_report_has_a_heading() -> None:
    assert forms.is_weather_head("天气预报")
    assert not forms.is_weather_head("大桥昨日合龙")
    assert not forms.is_weather_head("天气转暖，各地茶园迎来采摘高峰")


# Kickers, decks, numbers


@pytest.mark.parametrize(
    "text",
    [
        "■高质量发展看清江",
        "特别报道",
        "系列报道②",
        "深入学习贯彻全会精神",
        "“十五五”·开局之年",
        "走基层·新春见闻",
        "乡村振兴系列之三",
        "2026年·新春走基层",
        "“新春”·走进社区",
        "观察｜老街新生",
        "证券代码：600000",
        "股票代码:000001",
        "债券代码：110000 债券简称：清江转债",
    ],
)
def test_a_banner_of_a_series_is_a_kicker(text: str) -> None:
    assert forms.is_kicker(text)


@pytest.mark.parametrize(
    "text",
    [
        "大桥昨日合龙",
        "图书馆延长开放时间",
        "茶农用上无人机，一天干完半个月的活",
        "清江水务变更证券代码",
    ],
)
def test_a_headline_is_no_kicker(text: str) -> None:
    assert not forms.is_kicker(text)


@pytest.mark.parametrize(
    "text",
    [
        "乌什县举行“石榴籽·春蕾书包”发放活动",
        "“文艺｜惠民”活动走进社区",
        "《清江·两岸》首发",
        "「清江·两岸」摄影展开幕",
    ],
)
def test_a_dot_within_a_quoted_name_parts_no_series_from_its_theme(text: str) -> None:
    assert not forms.is_kicker(text)


def test_a_slogan_calls_upon_its_readers() -> None:
    assert forms.exhorts("深入学习贯彻全会精神")
    assert forms.exhorts("全市动员 奋力开创新局面")
    assert not forms.exhorts("大桥昨日合龙")


@pytest.mark.parametrize("text", ["——访茶农孟庆山", "──访茶农孟庆山", "--记老船工", "—记老船工"])
def test_a_line_after_a_dash_is_a_deck(text: str) -> None:
    assert forms.is_deck(text)


def test_a_dash_further_on_makes_no_deck() -> None:
    assert not forms.is_deck("大桥合龙——两岸的百年梦")


@pytest.mark.parametrize(
    "text", ["一、强化组织", "（二）压实责任", "3.加强督查", "第一，抓落实", "①学习"]
)
def test_a_numbered_line_is_told(text: str) -> None:
    assert forms.is_numbered(text)
    assert forms.is_ornamented(text)


@pytest.mark.parametrize("text", ["1.2万个岗位虚位以待", "一条大河", "3月5日", "第一条航线开通"])
def test_a_figure_at_the_start_is_no_number_of_a_line(text: str) -> None:
    assert not forms.is_numbered(text)


def test_an_ornament_is_no_number() -> None:
    assert forms.is_ornamented("◆两岸的百年梦")
    assert not forms.is_numbered("◆两岸的百年梦")


@pytest.mark.parametrize(
    "text", ["单位：万元", "单位:亿元", "（单位：万元）", "计量单位：吨", "(单位：元/吨"]
)
def test_a_line_that_tells_the_unit_heads_a_table(text: str) -> None:
    assert forms.heads_table(text)


@pytest.mark.parametrize(
    "text",
    [
        "单位",
        "单位：",
        "单位改革",
        "主办单位：市文旅局",
        "单位：市水务局，区水务局",
        "单位：市水务局。",
        "单位：" + "清江市" * 12,
    ],
)
def test_a_line_about_other_units_heads_none(text: str) -> None:
    assert not forms.heads_table(text)


# Head lines and ends


@pytest.mark.parametrize(
    "text",
    ["大桥合龙", "大桥何时合龙？", "“无中生有”修大港", "Bridge closed", "茶园三万亩 飞手两百名"],
)
def test_a_short_line_could_be_a_headline(text: str) -> None:
    assert forms.is_head_like(text)


@pytest.mark.parametrize(
    "text",
    [
        "大桥昨日合龙。",
        "大桥昨日合龙，",
        "他说：",
        "他说：“大桥",
        "本报讯 大桥昨日合龙",
        "桥" * 61,
        "大桥" * 15 + "合龙了吗？",
    ],
)
def test_text_that_is_open_ended_or_long_is_no_headline(text: str) -> None:
    assert not forms.is_head_like(text)


@pytest.mark.parametrize(
    "text",
    [
        "大桥昨日合龙。",
        "大桥何时合龙？",
        "大桥合龙了！",
        "他说：“大桥合龙了。”",
        "他说：「大桥合龙了。」",
        "（大桥昨日合龙。）",
        "大桥昨日合龙。（记者 张三）",
        "大桥昨日合龙。（完）",
        "大桥昨日合龙。〔记者张三〕",
        "他说：“大桥合龙了。”（记者 张三 通讯员 李四）",
        "从此两岸……",
        "The bridge closed yesterday.",
    ],
)
def test_a_sentence_that_ends_is_finished(text: str) -> None:
    assert forms.stops(text)
    assert forms.is_finished(text)


@pytest.mark.parametrize(
    "text",
    [
        "大桥昨日合",
        "大桥昨日合龙，",
        "他说：",
        "大桥（主桥）",
        "大桥全长2.",
        "（记者 张三）",
        "",
        "”",
        "大桥昨日合龙.",
    ],
)
def test_a_sentence_that_is_cut_is_unfinished(text: str) -> None:
    if text == "大桥全长2.":  # as an English sentence may end on a figure
        assert forms.stops(text)
        return
    assert not forms.stops(text)
    assert not forms.is_finished(text)


def test_a_quote_left_open_is_unfinished_although_it_stops() -> None:
    text = "他说：“大桥合龙了。"
    assert forms.stops(text)
    assert forms.is_open(text)
    assert not forms.is_finished(text)
    assert not forms.is_open(text + "”")


@pytest.mark.parametrize(
    "text",
    [
        "去了。”他摆渡三十年。",
        "主桥）昨日合龙。",
        "价》一书出版。",
        "去了。」他说：「明天再来。」",
        "”“大桥",
        "”",
    ],
)
def test_the_rest_of_a_quote_closes_what_it_did_not_open(text: str) -> None:
    assert forms.closes(text)


@pytest.mark.parametrize(
    "text", ["大桥昨日合龙。", "他说：“大桥合龙了。”", "（主桥）昨日合龙。", "他说：“大桥", "", "“"]
)
def test_text_with_its_quotes_whole_closes_nothing(text: str) -> None:
    assert not forms.closes(text)


# Any text

RUNS = (
    "张|张三 | |\u3000|（|（（张|“|1|1月1日|℃|晴℃|记者|、|·|。|。（|A|第1版 |下转|（下转|"
    "电话|图|/|遗失|责编：|据新华社|据 |-|▲|。”|本报 |来源：|关于"
).split("|")


@pytest.mark.parametrize("predicate", PREDICATES, ids=lambda each: each.__name__)
def test_every_form_is_looked_for_in_linear_time(predicate: Callable[[str], bool]) -> None:
    slow = []
    for length in (30_000, 1_000_000):  # what is quadratic is found out at the first
        for run in RUNS:
            for before in ("", "（"):
                started = time.process_time()
                predicate(before + run * (length // len(run)) + "甲")
                if time.process_time() - started > 0.5:
                    slow.append((before, run, length))
        assert not slow


@pytest.mark.parametrize("predicate", PREDICATES, ids=lambda each: each.__name__)
def test_a_line_just_short_enough_to_be_looked_at_is_quickly_done(
    predicate: Callable[[str], bool],
) -> None:
    for run in RUNS:
        started = time.process_time()
        for length in (24, 30, 40, 60, 80, 160, 400):
            predicate((run * length)[: length - 1] + "甲")
        assert time.process_time() - started < 0.2, run


@pytest.mark.parametrize("text", ["编辑同志：", "同学们：", "尊敬的各位代表："])
def test_a_letter_opens_with_a_salutation(text: str) -> None:
    assert forms.is_salutation(text)


@pytest.mark.parametrize(
    "text",
    [
        "寰通社卡洛城10月20日电（记者奚望川）大选无人过半。",
        "【环讯社圣佩德拉3月26日电】三国决定禁捕。",
        "江州日报3日讯 昨天下午，大桥合龙。",
    ],
)
def test_a_dispatch_of_any_agency_has_a_dateline(text: str) -> None:
    assert forms.has_dateline(text)


def test_a_dispatch_may_say_that_it_ends_and_a_classified_what_it_offers() -> None:
    assert forms.is_end_mark("（完）")
    assert not forms.is_end_mark("（完成）")
    assert forms.is_listed("家教：退休教师辅导数学，一对一。")
    assert not forms.is_listed("他说：“明天再来。”" + "好" * 80)
