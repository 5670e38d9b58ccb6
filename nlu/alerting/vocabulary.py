"""The words in which people ask for alerts, as patterns and tables."""

import re

from domain.alerts import FESTIVALS as PUBLIC

N = r"(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百千半]+)"
LESS = r"(?:只够用?卖?|只剩下?|不足|不到|低于|少于|小于|不够卖?|够不了|撑不[过到]|剩不到|<|＜)"
MORE = r"(?:超过|超出|大于|高于|多于|超|>|＞|满|达到)"
UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "个星期": 7, "个礼拜": 7, "个月": 30, "月": 30}
U = r"(?P<u>天|日|周|个?星期|个?礼拜|个?月)"
FESTIVALS = {
    **{name: name for name in PUBLIC},
    "过年": "春节",
    "年": "春节",
    "大年初一": "春节",
    "新年": "元旦",
    "劳动节": "五一",
    "十一": "国庆",
}
ANY_FESTIVAL = "|".join(sorted(map(re.escape, FESTIVALS), key=len, reverse=True))
WHO = {
    "owner": (
        "客户负责人",
        "负责人",
        "负责的业务员",
        "负责的业务",
        "业务代表",
        "业务员",
        "业务",
        "销售",
        "跟进人",
    ),
    "manager": ("他的主管", "主管", "经理", "上级", "领导", "队长"),
    "director": ("总监",),
    "operations": ("运营", "销售运营"),
    "finance": ("财务", "会计"),
    "admin": ("管理员",),
}
WHO_WORDS = {
    "owner": "客户负责人", "reporter": "记录的业务员", "manager": "他的主管", "director": "总监",
    "operations": "销售运营", "finance": "财务", "admin": "管理员",
}  # fmt: skip
PERIODS = {
    "天": "day",
    "日": "day",
    "周": "week",
    "星期": "week",
    "个星期": "week",
    "月": "month",
    "个月": "month",
    "年": "year",
}
PERIOD_WORDS = {"day": "一天", "week": "一周", "month": "一个月", "year": "一年"}
SINCE = {
    "days_since_visit": ("没有拜访", r"(?:拜访|去过?|跑过?|上门|走访|到店)"),
    "days_since_order": ("没有下单", r"(?:下单|下过单|订货|进货|补货|要货|拿货|复购)"),
    "days_since_stock_check": ("没有盘点", r"(?:盘点|盘库|盘货|查库存)"),
}
FILLER = re.compile(
    r"如果|要是|假如|只要|凡是|一旦|当|每当|的时候|时候|并且|而且|同时|以及|时|就|且|则|对于|对|"
    r"所有的?|全部的?|每家|每个|各家|客户|门店|店铺|的店|终端|请|帮我|麻烦|自动|及时|马上|立刻|系统|一下|"
    r"我们的?|公司|他们|的|了|话|给|还|也|要|都|和|跟|与|有|是|那|这|其|吧|内|里|在|[，。；、,;：:！!\s+＋“”「」]"
)
CAN = (
    "能用的条件有：节日前几天、A/B/C 类客户、库存不足几天、去年同期多订百分之几、几天没拜访（下单、盘点）、"
    "某种记录的数量或金额超过多少。"
)
