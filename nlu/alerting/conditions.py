"""The parts of an alert that say when it speaks. Each takes its words out of the draft, or leaves it as it is."""

import re
from collections.abc import Iterator
from decimal import Decimal

from domain.forms import Form
from nlu.alerting.draft import Draft, Unclear
from nlu.alerting.vocabulary import ANY_FESTIVAL, FESTIVALS, LESS, MORE, SINCE, N, U


def festival(draft: Draft) -> None:
    within = r"(?:[内里]|以内|之内)?"
    match = draft.take(
        rf"(?:离|距离|距|到)?(?P<f>{ANY_FESTIVAL})节?(?:还有|还剩|不到|只剩|之?前的?|前最后){N}{U}{within}(?:起|开始)?"
    )
    match = match or draft.take(rf"(?P<f>{ANY_FESTIVAL})节?(?:来临|到来)?之?前(?:的)?{N}{U}{within}")
    if match is None:
        if re.search(r"节前|节日前", draft.rest):
            raise Unclear("“节前”是哪个节？请说出来，比如“春节前30天”。")
        return
    draft.season = FESTIVALS[match["f"]]
    days = draft.days(match)
    draft.condition(
        f"days_to.{draft.season} <= {days}", "什么时候", f"{draft.season}前 {days} 天内，每天看一次"
    )
    draft.said.append(f"离{draft.season}还有{{days_to.{draft.season}}}天")


def growth(draft: Draft) -> None:
    match = draft.take(
        rf"(?:去年|上年)(?:的)?(?:同期|同时期|这时候|节前|{ANY_FESTIVAL}节?前?)?(?:的)?"
        rf"(?:销量|销售|订货量?|订量|进货量?)?(?:的)?(?:增量|增长率?|增幅|涨幅|多卖了?|多订了?|多进了?|涨了?)(?:的)?"
        rf"(?:{MORE})?(?:了)?(?:百分之)?{N}(?P<p>%|个百分点|成|倍)?(?:以上)?"
    )
    if match is None:
        return
    if not draft.season:
        raise Unclear("“去年同期”要跟着节日算，请加上哪个节前多少天，比如“春节前30天”。")
    share = draft.number(match) * {"成": 10, "倍": 100}.get(match["p"] or "", 1)
    draft.condition(
        f"growth.{draft.season} > {_plain(share)}%",
        "去年同期",
        f"节前 30 天比之前多订 {_plain(share)}% 以上",
    )
    draft.said.append(f"去年节前30天比之前多订了{{growth.{draft.season}}}")


def stock(draft: Draft) -> None:
    what = r"(?:可用|可售|可卖)?(?:的)?(?:库存|存货)(?:的)?(?:可用|可售|可卖)?(?:天数|量)?(?:还)?"
    match = (
        draft.take(rf"{what}{LESS}(?:够?卖|用)?{N}{U}(?:的量|的货|卖)?")
        or draft.take(rf"{what}(?:在)?{N}{U}(?:以下|以内|之内)")
        or draft.take(rf"(?:可用|可售|可卖)?(?:库存|存货)(?:可用|可售)?(?P<u>天)数{LESS}{N}")
    )
    if match is None:
        if word := re.search(rf"{what}{LESS}{N}(?P<x>[^，。,]{{0,3}})", draft.rest):
            raise Unclear(f"“{word[0]}”的库存要按能卖几天算，请说成“库存不足15天”。")
        return
    days = draft.days(match)
    draft.condition(f"stock_days < {days}", "库存", f"按近 60 天的订货量，盘点的货不够卖 {days} 天")
    draft.said.append("{stock_product}大约还够卖{stock_days}天（{stock_age}天前盘点{stock}{stock_unit}）")
    if draft.take(r"(?:并|同时|还)?(?:给出?|加上?|附上?)?(?:一个)?建议(?:备货|补货|订货)?的?(?:数量|量)"):
        if not draft.season:
            raise Unclear("建议量要算到节日那天，请加上哪个节前多少天，比如“春节前30天”。")
        draft.said.append(f"建议再备{{suggested.{draft.season}}}{{stock_unit}}")


def since(draft: Draft) -> None:
    for name, (words, verbs) in SINCE.items():
        none = rf"(?:都)?(?:还)?(?:没有?|未|无)(?:人)?(?:再)?{verbs}过?(?:的)?"
        match = draft.take(rf"(?P<more>{MORE})?(?:连续|已经|有)?{N}{U}(?P<up>以上|多)?{none}") or draft.take(
            rf"(?:没有?|未){verbs}过?(?P<more>{MORE}){N}{U}"
        )
        if match is None:
            continue
        days, sign = draft.days(match), ">" if match["more"] else ">="
        how_long = f"{'超过' if sign == '>' else '满'} {days} 天{words}"
        draft.condition(f"{name} {sign} {days}", words, how_long)
        draft.said.append(f"已经{{{name}}}天{words}")


def level(draft: Draft) -> None:
    if match := draft.take(r"(?P<l>[A-D](?:(?:[类级等]?[、/和或及，,\s]*)[A-D])*)(?:[类级等]|级别)(?:的)?"):
        levels = list(dict.fromkeys(re.findall(r"[A-D]", match["l"])))
        quoted = ", ".join(f'"{one}"' for one in levels)
        draft.condition(f"customer.level in ({quoted})", "哪些客户", f"{'、'.join(levels)} 类客户")


def place(draft: Draft) -> None:
    known = {(c.city, "city") for c in draft.lexicon.customers.values()}
    known |= {(c.district, "district") for c in draft.lexicon.customers.values()}
    for words, part in sorted(known, key=lambda one: (-len(one[0]), one[1])):
        if words and draft.take(rf"{re.escape(words)}[市区县]?(?=的|客户|门店|店|[，,])"):
            draft.condition(f'customer.{part} == "{words}"', "哪里的客户", words)


def records(draft: Draft) -> None:
    """客诉一来就提醒主管; 单笔订单超过100箱就提醒主管."""
    labels = {
        part: form for form in draft.rulebook.forms.values() if not form.retired for part in _names(form)
    }
    one = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
    match = draft.take(
        rf"(?:单笔|单张|一次|每次|每笔|一笔|新的?|收到)?(?:的)?(?P<form>{one})(?:单|的)?(?:金额|数量|量|总额|价格)?(?:一次)?"
        rf"(?:(?P<cmp>{MORE}|{LESS})(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百千万半]+)(?P<w>万)?(?P<unit>元|块钱?|[^\W\d_A-Z，。就的以]{{1,2}}?)?(?P<up>以上)?(?=[，。,就的时以]|$))?"
    )
    if match is None:
        return
    if any(not one.startswith("customer.") for one in draft.conditions):
        raise Unclear(f"“{match['form']}”是一条记录，不能和客户的条件写在一起，请拆成两条提醒。")
    form = draft.form = labels[match["form"]]
    draft.take(r"(?:一)?(?:来|出现|发生|提交|录入|记录|登记)")
    if match["cmp"] is None:
        draft.condition(f'form == "{form.key}"', "什么时候", f"有新的{form.label}记录时")
    else:
        _amount(draft, form, match)
    draft.said.append(
        f"{{reporter}}记了一条{form.label}" + ("：「{customer}」" if form.field("customer") else "")
    )


def _amount(draft: Draft, form: Form, match: re.Match[str]) -> None:
    value = draft.number(match) * (10_000 if match["w"] else 1)
    unit = match["unit"] or ""
    money = unit.startswith(("元", "块")) or (not unit and "金额" in match[0])
    wanted = "money" if money else "quantity"
    named = next((f for f in form.fields if f.type == wanted and (f.id != "price" or not money)), None)
    if named is None:
        raise Unclear(f"「{form.label}」里没有{'金额' if money else '数量'}，不能按它提醒。")
    sign = ">" if re.fullmatch(MORE, match["cmp"]) else "<"
    if not money and unit:
        draft.conditions.append(f'unit == "{unit}"')
    words = (
        f"{named.label}{'超过' if sign == '>' else '不到'} {_plain(value)}{unit or ('元' if money else '')}"
    )
    draft.condition(f"{named.id} {sign} {_plain(value)}", "什么时候", f"{form.label}的{words}时")
    draft.said.append(
        f"{named.label}{{{named.id}}}" + ("元" if money else "{unit}" if form.field("unit") else "")
    )


def _names(form: Form) -> Iterator[str]:
    """What people call records of this form, from its own label: 下单/补货 and 订单意向 are both of them."""
    yield from form.label.split("/")
    short = {"order": "订单", "complaint": "投诉", "expense": "报销"}
    if form.key in short:
        yield short[form.key]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
