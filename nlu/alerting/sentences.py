"""Which sentences are about alerts: one that asks for a new one, for the list, to stop one, or to take the last change
of the rules back. Pure."""

import re

_ASKS = re.compile(
    r"^(?:请|帮我|麻烦|给我|我要|我想)*(?:再)?(?:新增|新建|增加|添加|新加|加|设置|设定|设|建立|建|做)(?:上)?(?:一?[个条则])?"
    r"(?:自动)?(?:提醒|预警|告警)(?:规则)?[：:，,\s]*(?P<rule>.+)$",
    re.S,
)
_ROLLS_BACK = re.compile(
    r"^(?:把)?(?:规则|规则库|刚才的?规则|刚才的?提醒|刚发布的(?:规则|提醒))?(?:退回|回滚|撤回|恢复)"
    r"(?:到)?(?:上一?个?(?:版本|版)|上个版本|刚才的?(?:规则|提醒)|刚发布的(?:规则|提醒)|规则|提醒)(?:规则)?[吧了。！]*$|^规则(?:回滚|退回)[吧。！]*$"
)
_LISTS = re.compile(
    r"^(?:现在)?(?:都)?(?:有|设了?|开了?)(?:哪些|什么)(?:自动)?提醒[？?。]*$|^提醒(?:规则)?列表$|^(?:查看|看看)提醒规则[。]*$"
)
_STOPS = re.compile(
    r"^(?:停用|停掉|关掉|关闭|删除|删掉|取消)提醒(?:规则)?[：:，,\s“「]*(?P<label>[^”」。！]+?)[”」]?[。！]*$"
)


def asks(text: str) -> str:
    """The rule of a sentence that asks for an alert; empty where it asks for none."""
    match = _ASKS.match(text.strip()) if len(text) <= 300 else None
    return match["rule"].strip() if match else ""


def rolls_back(text: str) -> bool:
    return _ROLLS_BACK.match(text.strip()) is not None


def lists(text: str) -> bool:
    return _LISTS.match(text.strip()) is not None


def stops(text: str) -> str:
    """The label of the alert that is to be stopped."""
    match = _STOPS.match(text.strip()) if len(text) <= 80 else None
    return match["label"].strip() if match else ""
