"""A sentence that asks for an alert: 新增提醒：春节前30天，A类客户库存不足15天就提醒负责人. Pure.

Every part must be understood: what is left over is told to the author, never guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

from domain.alerts import FESTIVALS as PUBLIC
from domain.alerts import Alert
from domain.forms import Form, Rulebook
from nlu.language import numbers
from nlu.language.lexicon import Lexicon

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
_FESTIVAL = "|".join(sorted(map(re.escape, FESTIVALS), key=len, reverse=True))
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
_FILLER = re.compile(
    r"如果|要是|假如|只要|凡是|一旦|当|每当|的时候|时候|并且|而且|同时|以及|时|就|且|则|对于|对|"
    r"所有的?|全部的?|每家|每个|各家|客户|门店|店铺|的店|终端|请|帮我|麻烦|自动|及时|马上|立刻|系统|一下|"
    r"我们的?|公司|他们|的|了|话|给|还|也|要|都|和|跟|与|有|是|那|这|其|吧|内|里|在|[，。；、,;：:！!\s+＋“”「」]"
)
CAN = (
    "能用的条件有：节日前几天、A/B/C 类客户、库存不足几天、去年同期多订百分之几、几天没拜访（下单、盘点）、"
    "某种记录的数量或金额超过多少。"
)


@dataclass
class Asked:
    """The alert that a sentence asks for, and in words how each part was understood; else `problem`."""

    alert: Alert | None = None
    meaning: tuple[tuple[str, str], ...] = ()
    problem: str = ""


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


def asked(rule: str, author: str, rulebook: Rulebook, lexicon: Lexicon) -> Asked:
    """Understand the rule of `asks`. `author` is who says 提醒我."""
    reading = _Reading(rule, author, rulebook, lexicon)
    try:
        for step in (
            reading.people, reading.period, reading.festival, reading.growth, reading.stock, reading.since,
            reading.level, reading.place, reading.records,
        ):  # fmt: skip
            step()
        return reading.result()
    except _Unclear as unclear:
        return Asked(problem=str(unclear))


class _Unclear(Exception):
    """In the words that the author is told."""


@dataclass
class _Reading:
    rule: str
    author: str
    rulebook: Rulebook
    lexicon: Lexicon
    rest: str = ""
    conditions: list[str] = field(default_factory=list)
    meaning: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Parts of the alert's words."""
    tell: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    season: str = ""
    form: Form | None = None
    once: str = ""

    def __post_init__(self) -> None:
        self.rest = self.rule.replace("　", " ").upper().replace("％", "%")

    def _take(self, pattern: str) -> re.Match[str] | None:
        match = re.search(pattern, self.rest)
        if match:
            self.rest = f"{self.rest[: match.start()]}，{self.rest[match.end() :]}"
        return match

    def _condition(self, text: str, label: str, words: str) -> None:
        self.conditions.append(text)
        self.meaning.append((label, words))

    # who and how often ------------------------------------------------------------------------------------------

    def people(self) -> None:
        names = {name: p.id for p in self.lexicon.people.values() for name in (p.name, *p.nicknames)}
        words = {word: key for key, found in WHO.items() for word in found} | names | {"我": self.author}
        one = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        several = rf"(?P<who>(?:{one})(?:(?:[、和跟及，,]|以及|还有)(?:{one}))*)"
        while match := self._take(
            rf"(?:并且?|同时|再|也|并)?(?:抄送|抄给|同时告诉|也告诉|也通知)(?:给)?{several}"
        ):
            self.also += self._named(match["who"], one, words)
        while match := self._take(
            rf"(?:就|请|要|自动|及时|马上|立刻|第一时间)*(?:提醒|通知|告诉|告知|推送给|发给|报给)(?:一下|给)?{several}"
        ):
            self.tell += self._named(match["who"], one, words)
        while match := self._take(
            rf"(?:就|请|要|自动|及时|马上)*(?:给|向){several}(?:发|推送)?(?:个|一条|一个)?(?:提醒|通知|消息)"
        ):
            self.tell += self._named(match["who"], one, words)
        if not self.tell:
            if match := re.search(r"(?:提醒|通知|告诉)(?P<who>[^，。,；]{1,8})", self.rest):
                raise _Unclear(
                    f"“{match['who']}”是谁没听懂。可以说：负责人、主管、总监、运营、财务，或者同事的名字。"
                )
            raise _Unclear("提醒谁？请在最后加上，比如“就提醒负责人”。")

    def _named(self, text: str, one: str, words: dict[str, str]) -> list[str]:
        return [words[word] for word in re.findall(one, text)]

    def period(self) -> None:
        if self._take(r"只(?:提醒|说|通知)一次"):
            self.once = "ever"
        elif match := self._take(
            r"(?:同一?家?)?(?:客户)?每(?P<u>天|日|周|星期|个星期|个?月|年)(?:最多|只)?(?:提醒|说|通知)?一次"
        ):
            self.once = PERIODS[match["u"]]
        elif self._take(r"每个?节日?(?:只)?(?:提醒|说)?一次"):
            self.once = "festival"

    # conditions about customers ------------------------------------------------------------------------------------

    def festival(self) -> None:
        within = r"(?:[内里]|以内|之内)?"
        match = self._take(
            rf"(?:离|距离|距|到)?(?P<f>{_FESTIVAL})节?(?:还有|还剩|不到|只剩|之?前的?|前最后){N}{U}{within}(?:起|开始)?"
        )
        match = match or self._take(rf"(?P<f>{_FESTIVAL})节?(?:来临|到来)?之?前(?:的)?{N}{U}{within}")
        if match is None:
            if re.search(r"节前|节日前", self.rest):
                raise _Unclear("“节前”是哪个节？请说出来，比如“春节前30天”。")
            return
        self.season = FESTIVALS[match["f"]]
        days = self._days(match)
        self._condition(
            f"days_to.{self.season} <= {days}", "什么时候", f"{self.season}前 {days} 天内，每天看一次"
        )
        self.said.append(f"离{self.season}还有{{days_to.{self.season}}}天")

    def growth(self) -> None:
        match = self._take(
            rf"(?:去年|上年)(?:的)?(?:同期|同时期|这时候|节前|{_FESTIVAL}节?前?)?(?:的)?"
            rf"(?:销量|销售|订货量?|订量|进货量?)?(?:的)?(?:增量|增长率?|增幅|涨幅|多卖了?|多订了?|多进了?|涨了?)(?:的)?"
            rf"(?:{MORE})?(?:了)?(?:百分之)?{N}(?P<p>%|个百分点|成|倍)?(?:以上)?"
        )
        if match is None:
            return
        if not self.season:
            raise _Unclear("“去年同期”要跟着节日算，请加上哪个节前多少天，比如“春节前30天”。")
        share = self._number(match) * {"成": 10, "倍": 100}.get(match["p"] or "", 1)
        self._condition(
            f"growth.{self.season} > {_plain(share)}%",
            "去年同期",
            f"节前 30 天比之前多订 {_plain(share)}% 以上",
        )
        self.said.append(f"去年节前30天比之前多订了{{growth.{self.season}}}")

    def stock(self) -> None:
        what = r"(?:可用|可售|可卖)?(?:的)?(?:库存|存货)(?:的)?(?:可用|可售|可卖)?(?:天数|量)?(?:还)?"
        match = (
            self._take(rf"{what}{LESS}(?:够?卖|用)?{N}{U}(?:的量|的货|卖)?")
            or self._take(rf"{what}(?:在)?{N}{U}(?:以下|以内|之内)")
            or self._take(rf"(?:可用|可售|可卖)?(?:库存|存货)(?:可用|可售)?(?P<u>天)数{LESS}{N}")
        )
        if match is None:
            if word := re.search(rf"{what}{LESS}{N}(?P<x>[^，。,]{{0,3}})", self.rest):
                raise _Unclear(f"“{word[0]}”的库存要按能卖几天算，请说成“库存不足15天”。")
            return
        days = self._days(match)
        self._condition(f"stock_days < {days}", "库存", f"按近 60 天的订货量，盘点的货不够卖 {days} 天")
        self.said.append("{stock_product}大约还够卖{stock_days}天（{stock_age}天前盘点{stock}{stock_unit}）")
        if self._take(r"(?:并|同时|还)?(?:给出?|加上?|附上?)?(?:一个)?建议(?:备货|补货|订货)?的?(?:数量|量)"):
            if not self.season:
                raise _Unclear("建议量要算到节日那天，请加上哪个节前多少天，比如“春节前30天”。")
            self.said.append(f"建议再备{{suggested.{self.season}}}{{stock_unit}}")

    def since(self) -> None:
        for name, (words, verbs) in SINCE.items():
            none = rf"(?:都)?(?:还)?(?:没有?|未|无)(?:人)?(?:再)?{verbs}过?(?:的)?"
            match = self._take(
                rf"(?P<more>{MORE})?(?:连续|已经|有)?{N}{U}(?P<up>以上|多)?{none}"
            ) or self._take(rf"(?:没有?|未){verbs}过?(?P<more>{MORE}){N}{U}")
            if match is None:
                continue
            days, sign = self._days(match), ">" if match["more"] else ">="
            how_long = f"{'超过' if sign == '>' else '满'} {days} 天{words}"
            self._condition(f"{name} {sign} {days}", words, how_long)
            self.said.append(f"已经{{{name}}}天{words}")

    def level(self) -> None:
        if match := self._take(
            r"(?P<l>[A-D](?:(?:[类级等]?[、/和或及，,\s]*)[A-D])*)(?:[类级等]|级别)(?:的)?"
        ):
            levels = list(dict.fromkeys(re.findall(r"[A-D]", match["l"])))
            quoted = ", ".join(f'"{one}"' for one in levels)
            self._condition(f"customer.level in ({quoted})", "哪些客户", f"{'、'.join(levels)} 类客户")

    def place(self) -> None:
        known = {(c.city, "city") for c in self.lexicon.customers.values()}
        known |= {(c.district, "district") for c in self.lexicon.customers.values()}
        for words, part in sorted(known, key=lambda one: (-len(one[0]), one[1])):
            if words and self._take(rf"{re.escape(words)}[市区县]?(?=的|客户|门店|店|[，,])"):
                self._condition(f'customer.{part} == "{words}"', "哪里的客户", words)

    # conditions about records -----------------------------------------------------------------------------------

    def records(self) -> None:
        """客诉一来就提醒主管; 单笔订单超过100箱就提醒主管."""
        labels = {
            part: form for form in self.rulebook.forms.values() if not form.retired for part in _names(form)
        }
        one = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
        match = self._take(
            rf"(?:单笔|单张|一次|每次|每笔|一笔|新的?|收到)?(?:的)?(?P<form>{one})(?:单|的)?(?:金额|数量|量|总额|价格)?(?:一次)?"
            rf"(?:(?P<cmp>{MORE}|{LESS})(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百千万半]+)(?P<w>万)?(?P<unit>元|块钱?|[^\W\d_A-Z，。就的以]{{1,2}}?)?(?P<up>以上)?(?=[，。,就的时以]|$))?"
        )
        if match is None:
            return
        if any(not one.startswith("customer.") for one in self.conditions):
            raise _Unclear(f"“{match['form']}”是一条记录，不能和客户的条件写在一起，请拆成两条提醒。")
        form = self.form = labels[match["form"]]
        self._take(r"(?:一)?(?:来|出现|发生|提交|录入|记录|登记)")
        if match["cmp"] is None:
            self._condition(f'form == "{form.key}"', "什么时候", f"有新的{form.label}记录时")
        else:
            self._amount(form, match)
        self.said.append(
            f"{{reporter}}记了一条{form.label}" + ("：「{customer}」" if form.field("customer") else "")
        )

    def _amount(self, form: Form, match: re.Match[str]) -> None:
        value = self._number(match) * (10_000 if match["w"] else 1)
        unit = match["unit"] or ""
        money = unit.startswith(("元", "块")) or (not unit and "金额" in match[0])
        wanted = "money" if money else "quantity"
        named = next((f for f in form.fields if f.type == wanted and (f.id != "price" or not money)), None)
        if named is None:
            raise _Unclear(f"「{form.label}」里没有{'金额' if money else '数量'}，不能按它提醒。")
        sign = ">" if re.fullmatch(MORE, match["cmp"]) else "<"
        if not money and unit:
            self.conditions.append(f'unit == "{unit}"')
        words = f"{named.label}{'超过' if sign == '>' else '不到'} {_plain(value)}{unit or ('元' if money else '')}"
        self._condition(f"{named.id} {sign} {_plain(value)}", "什么时候", f"{form.label}的{words}时")
        self.said.append(
            f"{named.label}{{{named.id}}}" + ("元" if money else "{unit}" if form.field("unit") else "")
        )

    # the whole --------------------------------------------------------------------------------------------------

    def result(self) -> Asked:
        left = [part for part in re.split(r"[，]+", _FILLER.sub("，", self.rest)) if part]
        if "或" in self.rest:
            raise _Unclear("“或者”要拆成两条提醒，请分开说。")
        if left:
            whole = "”“".join(_whole(part, self.rule) for part in left[:3])
            raise _Unclear(f"“{whole}”我没看懂，不敢猜。{CAN}")
        if not self.conditions:
            raise _Unclear(f"什么情况下提醒？{CAN}")
        alert = self._alert()
        who = "、".join(self._called(one) for one in alert.tell)
        also = "，抄送" + "、".join(self._called(one) for one in alert.also) if alert.also else ""
        self.meaning.append(("提醒谁", who + also))
        self.meaning.append(("多久一次", self._how_often(alert)))
        return Asked(alert, tuple(self.meaning))

    def _alert(self) -> Alert:
        when = " and ".join(self.conditions)
        about = "record" if self.form else "customer"
        swap = {"owner": "reporter"} if self.form and self.form.field("customer") is None else {}
        tell = tuple(dict.fromkeys(swap.get(one, one) for one in self.tell))
        digest = sha256(f"{when}|{tell}|{self.also}".encode()).hexdigest()[:8]
        lead = [] if self.form else ["「{customer}」"]
        return Alert.model_validate(
            {
                "key": f"said_{digest}",
                "label": self._label(),
                "about": about,
                "triggers": (self.form.key,) if self.form else ("daily",),
                "when": when,
                "tell": tell,
                "also": tuple(one for one in dict.fromkeys(self.also) if one not in tell),
                "once_per": self._once(),
                "words": "".join(lead) + "，".join(self.said) + "。",
            }
        )

    def _once(self) -> str:
        if self.form:
            return "ever"
        if self.once == "festival" or not self.once:
            return self.season or "week"
        return self.once

    def _label(self) -> str:
        words = re.split(r"就?(?:自动|马上|立刻|及时)*(?:提醒|通知|告诉|抄送)", self.rule)[0]
        return re.sub(r"[，。,；;：:\s就时的]+$", "", words)[:24] or "提醒"

    def _called(self, who: str) -> str:
        if who == "manager" and self.form:
            return "业务员的主管"
        person = self.lexicon.people.get(who)
        return WHO_WORDS.get(who) or (person.name if person else who)

    def _how_often(self, alert: Alert) -> str:
        if alert.about == "record":
            return "每条记录一次"
        if alert.once_per in PERIOD_WORDS:
            return f"同一家客户{PERIOD_WORDS[alert.once_per]}最多一次"
        return "同一家客户只提醒一次" if alert.once_per == "ever" else f"同一家客户每个{alert.once_per}一次"

    def _number(self, match: re.Match[str]) -> Decimal:
        found = numbers.exact(match["n"])
        if found is None:
            raise _Unclear(f"“{match['n']}”是多少没看懂，请写成数字。")
        return found

    def _days(self, match: re.Match[str]) -> int:
        if match["n"] == "半":
            return 15 if "月" in match["u"] else 183
        days = self._number(match) * UNITS[match["u"]]
        if days != days.to_integral_value() or not 0 < days <= 366:
            raise _Unclear(f"“{match['n']}{match['u']}”不像是提醒能用的天数，请写 1 到 366 天。")
        return int(days)


def _names(form: Form) -> Iterator[str]:
    """What people call records of this form, from its own label: 下单/补货 and 订单意向 are both of them."""
    yield from form.label.split("/")
    short = {"order": "订单", "complaint": "投诉", "expense": "报销"}
    if form.key in short:
        yield short[form.key]


def _whole(part: str, rule: str) -> str:
    at = rule.upper().find(part)
    return rule[at : at + len(part)] if at >= 0 else part


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
