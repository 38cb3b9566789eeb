"""Who wrote, photographed or sent an article, as newspapers say it."""

import pytest

from index.bylines import credits_photo, ends_article, is_byline, is_names, is_source


@pytest.mark.parametrize(
    "text",
    [
        "全媒体记者 张三",
        "本报记者 李晓明",
        "本报记者李晓明",
        "通讯员 陈国强",
        "见习记者 王芳",
        "本报首席记者 吴建国",
        "记者 张三 摄",
        "本报记者 林晓 摄",
        "张三 文/摄",
        "文/张三 图/李四",
        "记者 张三/文 李四/摄",
        "金华日报记者 何百林",
        "〔记者林某某/台北报导〕",
        "□ 张某",
        "□本报记者 周立",
        "●记者 黄蓉",
        "记者 张三 李四",
        "本报记者 欧阳明 通讯员 王小红",
        "记者 张三 通讯员 李四 王五",
        "记者：张三",
        "新华社记者 何雨欣",
        "融媒体记者 龚艳",
        "驻京记者 赵敏",
        "特约评论员 陈平",
        "本报评论员",
        "本报编辑部",
        "（记者 张三）",
        "（张三）",
        "（本报记者 张三 李四）",
        "【记者 张三】",
        "记者 阿卜杜拉·买买提",
        "实习生 徐静",
    ],
)
def test_a_line_that_names_who_wrote_is_a_byline(text: str) -> None:
    assert is_byline(text)


@pytest.mark.parametrize(
    "text",
    [
        "记者从市科技局获悉",
        "记者调查",
        "记者走访了十二家菜场",
        "记者手记",
        "记者节",
        "大桥合龙，两岸居民过江只要五分钟",
        "市图书馆延长开放时间",
        "通讯员队伍建设座谈会召开",
        "张三说，他在这里住了三十年。",
        "记者 张三。",
        "本报讯",
        "第2版",
        "下转第二版",
        "电动公交车三十辆上线运行",
        "■系列报道",
        "记者 张三" + " 李四" * 20,
    ],
)
def test_a_line_that_only_mentions_reporters_or_people_is_no_byline(text: str) -> None:
    assert not is_byline(text)


@pytest.mark.parametrize(
    "text",
    [
        "□ 计 然",
        "（校友工作办公室 平川 宣传部 屈小桥）",
        "（省消费维权服务中心 供稿）",
        "(新闻中心 江 迟 学生记者 白露霜)",
        "大井镇读者 古长河",
    ],
)
def test_who_signs_an_essay_a_letter_or_a_dispatch_is_a_byline(text: str) -> None:
    assert is_byline(text)


@pytest.mark.parametrize("text", ["（广告）", "（下转第二版）", "□ 关于举办春季运动会", "读者来信"])
def test_what_stands_in_brackets_or_behind_a_mark_may_be_no_byline(text: str) -> None:
    assert not is_byline(text)


@pytest.mark.parametrize("text", ["张 三", "欧阳明", "王小红", "张三 李四", "何\u3000丽"])
def test_names_are_told(text: str) -> None:
    assert is_names(text)


@pytest.mark.parametrize(
    "text", ["的确", "张三丰传奇的故事", "张", "Zhang San", "张三，李四", "", "讨价还价"]
)
def test_what_is_no_name_is_told(text: str) -> None:
    assert not is_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "来源：浙江宣传",
        "（来源：人民日报）",
        "稿源：新华社",
        "转自《光明日报》",
        "来源:央视新闻客户端",
        "据新华社",
        "据新华社客户端",
        "（据新华社报道）",
        "（据《光明日报》）",
        "据中国新闻网",
    ],
)
def test_a_line_that_credits_a_reprint_is_a_source(text: str) -> None:
    assert is_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "来源于生活，高于生活",
        "收入来源更加多元",
        "据悉，大桥年底通车。",
        "据悉",
        "据市统计局",
        "据乐清市纪委监委办案人员介绍",
        "据新华社，大桥年底通车",
    ],
)
def test_a_line_about_sources_is_none(text: str) -> None:
    assert not is_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "来源：人民日报",
        "据新华社",
        "（据《光明日报》）",
        "（作者系浙江大学教授）",
        "（作者为市委党校教师）",
        "作者单位：市茶叶研究所",
    ],
)
def test_a_source_and_a_word_on_the_author_stand_below_an_article(text: str) -> None:
    assert ends_article(text)


@pytest.mark.parametrize(
    "text", ["本报记者 张三", "作者 张三", "（记者 张三）", "张三 摄", "大桥合龙"]
)
def test_a_byline_that_names_the_writer_may_stand_above(text: str) -> None:
    assert not ends_article(text)


@pytest.mark.parametrize(
    "text",
    [
        "张三 摄",
        "记者 张三 摄",
        "（记者 张三 摄）",
        "张三 供图",
        "张三 文/摄",
        "（张三 图）",
        "本报记者 张三 摄影报道",
        "林某某 攝",
    ],
)
def test_a_byline_may_credit_a_picture(text: str) -> None:
    assert credits_photo(text)


@pytest.mark.parametrize("text", ["记者 张三", "本报记者 张三 文", "图书馆馆长 张三", "（张三）"])
def test_a_byline_without_a_camera_credits_none(text: str) -> None:
    assert not credits_photo(text)
