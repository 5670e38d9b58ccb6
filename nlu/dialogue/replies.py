"""Answers of a word or two to a card: 确认, 算了, 改一下, 同意, 驳回：发票抬头不对."""

import re
from typing import Literal

ReplyWord = Literal["confirm", "drop", "modify", "approve", "reject", "skip", "hand_over"]

WORDS: dict[ReplyWord, str] = {
    "confirm": """
        确认 确定 对 对的 对对 对对对 对啊 是 是的 是啊 好 好的 好嘞 好呀 好吧 行 行的 行吧 可以 可以的 没问题 没错
        没毛病 正确 准确 都对 全对 嗯 嗯嗯 嗯好 嗯对 嗯好的 ok okay yes 保存 提交 就这样 就这么记 记吧 存吧 记上 记下吧
        对就这样 好就这样 确认提交 确认保存 没问题确认 对的确认 好的确认
    """,
    "drop": """
        放弃 算了 算了吧 不要了 不记了 不记 别记 别记了 不用记了 不用了 取消 取消吧 作罢 删了吧 不保存 不存了 不提交
        不提交了 不用保存
    """,
    "modify": """
        修改 改 改改 改一下 要改 我要改 要修改 我要修改 需要修改 我改一下 不对 错了 不是 有误 有错 记错了 不正确
    """,
    "approve": "同意 批准 通过 准 准了 批 批了 可以批 审批通过 同意报销 没问题同意",
    "reject": "驳回 驳回吧 不同意 拒绝 退回 退回去 不批 不准 不通过 不予通过 打回 打回去",
    "skip": """
        跳过 先跳过 跳过吧 跳过这个 下一个 不知道 不清楚 不确定 没问 没问到 忘了 忘记了 记不清了 记不清 没说 他没说
        还没定 不好说 先空着 空着吧 先不填 不填了 不填 没有 暂时没有 以后再补 回头再补 回头补 待补 稍后补 晚点补
    """,
    "hand_over": """
        人工 转人工 找人工 人工客服 转人工客服 找客服 客服 找真人 我要找人 找管理员 联系管理员 找运营 我要人工 真人
        转接人工 帮我找个人
    """,
}
"""What counts as which answer. Only a text that says nothing else is one."""

_BY_WORD = {word: name for name, words in WORDS.items() for word in words.split()}
_NOISE = re.compile(r"[\s，。！？、,.!?~～…]+")
_REJECTIONS = "|".join(sorted(WORDS["reject"].split(), key=len, reverse=True))
_REASON = re.compile(
    rf"^\s*(?:{_REJECTIONS})(?:[，,：:。\s]+|，?(?:因为|原因是|理由是|理由：))+(?P<reason>.+)$", re.DOTALL
)
_LONGEST = 500


def reply_word(text: str) -> ReplyWord | None:
    """Which answer the whole text is; None where it says anything more (but 驳回 may carry its reason)."""
    if len(text) > _LONGEST:
        return None
    if rejection_reason(text):
        return "reject"
    return _BY_WORD.get(_NOISE.sub("", text).lower())


def rejection_reason(text: str) -> str:
    """The reason given together with a rejection (驳回，发票抬头不对), empty where there is none."""
    match = _REASON.match(text[:_LONGEST])
    return match["reason"].strip() if match else ""
