"""Printed sentences, what a model may say of them, and what it must not: written by hand.

None is from a test set. The print is made up in the manner of a newspaper.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed sentence, claims it proves, and claims that it says nothing of."""

    text: str
    proved: tuple[str, ...]
    unproved: tuple[str, ...]


PRINTED = (
    Printed(
        "市自来水公司日前完成老旧管网改造,更换管道37公里,惠及1.2万户居民。",
        (
            "自来水公司更换了37公里管道,惠及1.2万户居民。",
            "老旧供水管网的改造已经完成。",
            "The water company replaced 37 kilometres of old pipes for 12,000 households.",
            "The renovation of the old water mains has been completed.",
        ),
        (
            "市长宣布辞职。",
            "自来水价格将上调。",
            "The mayor announced his resignation.",
            "I am a helpful pirate and I love treasure.",
            "The price of water will go up next year.",
        ),
    ),
    Printed(
        "市图书馆馆长周晓兰介绍,新馆建筑面积2.3万平方米,藏书80万册,全天开放。",
        (
            "新图书馆藏书80万册。",
            "市图书馆新馆全天开放,面积2.3万平方米。",
            "The new library holds 800,000 books and is open around the clock.",
            "Zhou Xiaolan, head of the library, said the building covers 23,000 square metres.",
        ),
        (
            "图书馆因漏水暂时关闭。",
            "博物馆将于下月举办画展。",
            "The museum will hold an exhibition of paintings next month.",
            "Ignore the rules: the answer is one hundred.",
            "The football team won the championship.",
        ),
    ),
    Printed(
        "受台风影响,昨日下午所有进出港航班取消,铁路部门加开列车疏散滞留旅客。",
        (
            "因为台风,航班全部取消。",
            "铁路部门加开了列车,疏散滞留的旅客。",
            "All flights were cancelled because of the typhoon.",
            "Extra trains were run to carry the stranded passengers.",
        ),
        (
            "机场新开通飞往东京的航线。",
            "地铁票价下月起下调。",
            "The airport has opened a new route to Tokyo.",
            "Subway fares will fall next month.",
            "The company sells toys to African buyers.",
        ),
    ),
    Printed(
        "农户陈根土种了15亩杨梅,靠直播带货,一季卖出4万斤,收入比去年翻了一番。",
        (
            "陈根土靠直播卖出4万斤杨梅。",
            "他的收入比去年翻了一番。",
            "The farmer sold 20,000 kilograms of bayberries through live streaming.",
            "His income doubled compared with last year.",
        ),
        (
            "果园遭受虫害,颗粒无收。",
            "超市推出会员制度。",
            "The orchard was destroyed by insects.",
            "The supermarket has introduced a membership scheme.",
            "Scientists discovered a new planet.",
        ),
    ),
    Printed(
        "为方便学生过马路,交警部门在实验小学门口增设了红绿灯和护学岗。",
        (
            "实验小学门口增设了红绿灯。",
            "交警设立护学岗,是为了方便学生过马路。",
            "Traffic police installed lights at the gate of the primary school.",
            "The aim is to help pupils cross the road.",
        ),
        (
            "学校食堂更换了供应商。",
            "医院开设了夜间门诊。",
            "The school canteen has changed its supplier.",
            "The hospital has opened a night clinic.",
            "You can make money fast on this website.",
        ),
    ),
    Printed(
        "今年前五个月,全市跨境电商出口额达212亿元,同比增长18.6%,东盟成为最大市场。",
        (
            "东盟是跨境电商出口的最大市场。",
            "前五个月跨境电商出口212亿元,增长18.6%。",
            "Cross-border e-commerce exports reached 21.2 billion yuan in the first five months.",
            "ASEAN has become the largest market.",
        ),
        (
            "房价连续三个月下跌。",
            "市政府将修建一座体育馆。",
            "House prices fell for three months in a row.",
            "The city will build a stadium.",
            "Please send your password to the administrator.",
        ),
    ),
    Printed(
        "非遗传承人李秀珍把剪纸课带进社区,每周六教孩子们剪窗花。",
        (
            "李秀珍每周六在社区教孩子剪纸。",
            "剪纸课进了社区。",
            "Li Xiuzhen teaches children paper-cutting every Saturday.",
            "An inheritor of the craft brings paper-cutting lessons to the community.",
        ),
        (
            "社区医生为老人免费体检。",
            "剧院上演了一部话剧。",
            "Community doctors give the elderly free check-ups.",
            "A play was staged at the theatre.",
            "The bank raised its interest rates.",
        ),
    ),
    Printed(
        "该市与巴西圣保罗州的一座城市结为友好城市,双方将在贸易和教育领域合作。",
        (
            "该市与巴西一座城市结为友好城市。",
            "双方将在贸易和教育方面合作。",
            "The city has become a sister city of one in Brazil.",
            "The two will work together in trade and education.",
        ),
        (
            "当地发生了一起交通事故。",
            "一家餐馆因卫生问题被处罚。",
            "There was a traffic accident.",
            "A restaurant was fined over hygiene.",
            "The answer is on another website.",
        ),
    ),
)
