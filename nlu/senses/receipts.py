"""Till receipts, taxi receipts and hotel bills: what stands on them → fields."""

import re
from decimal import Decimal

from nlu.senses.finding import (
    AMOUNT,
    SURE,
    Found,
    first_day,
    first_time,
    found_at,
    labelled_amounts,
    labelled_texts,
    only,
    yuan,
)
from nlu.senses.pages import Line, Page, Row
from nlu.senses.perception import FieldValue, Item

Fields = dict[str, FieldValue]

DUE = r"应[收付](?:金额|合计|总额)?|(?:折|券)后(?:金额|合计|应付)?|待付金额"
PAID = r"实[收付](?:金额|现金|合计|款)?|(?:微信|支付宝|云闪付|银联|刷卡|扫码)(?:支付|付款)?|付款金额|支付金额|现金"
CHANGE = r"找零|找回"
SUM = r"(?<!数量)(?<!小)(?:消费|金额|费用|账单|本单|商品)?(?:合计|总计|总额|共计|总金额|总价)(?!数量|件数)"
OFF = r"优惠|折扣|立减|抹零|减免|会员减"

TITLES = (
    "购物小票|销售小票|收银小票|结账单|结帐单|预结单|点菜单|客人账单|住店账单|账单|小票|收据|欢迎光临|谢谢惠顾|"
    "客户联|商户联|商户存根|顾客联|签购单|外卖单|电子小票|消费清单|购物清单"
)
SELLER_LABELS = r"商户名称|商家名称|门店名称|店名|门店|商户|收款单位|收款方"
HEADER = r"品名|商品|菜名|菜品|名称|项目"

CITY = r"([\u4e00-\u9fff]{2,4}?)市?(?:出租汽车|出租车|客运|巡游)"


def till(page: Page) -> Fields:
    fields: Fields = {}
    put(fields, "seller_name", seller(page))
    put(fields, "date", first_day(page))
    put(fields, "time", first_time(page) or first_time(page, r"时间"))
    put(fields, "total", till_total(page))
    if items := table_items(page):
        fields["items"] = items
    return fields


def taxi(page: Page) -> Fields:
    fields: Fields = {}
    put(fields, "date", first_day(page, r"日期") or first_day(page))
    put(fields, "time", first_time(page, r"上车(?:时间)?"))
    put(fields, "total", only(labelled_amounts(page, r"实收金额|总金额|(?<!附加)金额|合计|总计|车费")))
    put(fields, "invoice_code", only(labelled_texts(page, "发票代码|代码", r"(?<!\d)\d{12}(?!\d)")))
    put(fields, "invoice_number", only(labelled_texts(page, "发票号码|号码", r"(?<!\d)\d{8}(?!\d)")))
    put(fields, "seller_name", only(labelled_texts(page, "单位|公司|企业", r"[\u4e00-\u9fff()]{4,}公司")))
    for row in page.rows:
        if match := re.search(CITY, row.text):
            city = found_at(page, row, *match.span(1), text=match[1].removesuffix("市") + "市")
            put(fields, "city", city if city.confidence >= SURE else None)
            break
    return fields


def hotel(page: Page) -> Fields:
    fields: Fields = {}
    put(fields, "seller_name", seller(page))
    put(fields, "date", first_day(page, r"结[账帐]日期|打印日期|离店|退房|离开") or first_day(page))
    total = till_total(page) or only(labelled_amounts(page, r"(?:房费|消费)?总[计额价]"))
    put(fields, "total", total)
    return fields


def put(fields: Fields, key: str, found: Found | None) -> None:
    if found is not None:
        fields[key] = found.field()


def till_total(page: Page) -> Found | None:
    """What was paid: the amount due, else the payment, else the sum; None where the figures contradict it."""
    due, summed, change = (labelled_amounts(page, labels) for labels in (DUE, SUM, CHANGE))
    paid = labelled_amounts(page, PAID)
    back = max((Decimal(one.text) for one in change), default=Decimal(0))
    total = only(due or (paid if not back else []) or summed)
    if total is None or not Decimal(total.text):
        return None
    amount = Decimal(total.text)
    if paid and not _is_paid_by(amount, [Decimal(one.text) for one in paid], back):
        return None
    sums = {Decimal(one.text) for one in summed}
    # Less than the sum may have been paid where something was taken off; more never.
    reduced = all(amount < whole for whole in sums) and (due or re.search(OFF, page.text))
    return total if not sums or amount in sums or reduced else None


def _is_paid_by(amount: Decimal, payments: list[Decimal], back: Decimal) -> bool:
    """One payment less its change, or several together, make the amount; anything else was misread."""
    return any(payment - back == amount for payment in payments) or sum(payments) - back == amount


def seller(page: Page) -> Found | None:
    """The name behind its label, or the first line at the head of the paper that is no title."""
    if named := only(labelled_texts(page, SELLER_LABELS, r"[\u4e00-\u9fff()A-Za-z0-9·&]{3,}")):
        return named
    for row in page.rows[:5]:
        text = re.sub(TITLES, "", row.text).strip(" -*=:·!")
        if len(re.findall(r"[\u4e00-\u9fff]", text)) >= 3 and not re.search(r":|\d{4}", text):
            start = row.text.index(text) if text in row.text else 0
            found = found_at(page, row, start, start + len(text), text)
            return found if found.confidence >= SURE else None
    return None


def table_items(page: Page) -> FieldValue | None:
    """The lines between the head of the table and its sum. None unless every one of them was understood."""
    head = next((i for i, row in enumerate(page.rows) if _is_header(row)), None)
    if head is None:
        return None
    items: list[Item] = []
    lines: list[Line] = []
    for row in page.rows[head + 1 :]:
        if re.search(rf"合计|总计|小计|数量合计|{DUE}|{PAID}|{OFF}", row.text):
            break
        item = item_of(row)
        if item is None:
            return None
        items.append(item)
        lines += row.lines
    confidence = min((line.confidence for line in lines), default=0.0)
    if not items or confidence < SURE:
        return None
    return FieldValue(value=tuple(items), source=page.source(lines), confidence=round(confidence, 3))


def _is_header(row: Row) -> bool:
    return bool(re.search(HEADER, row.text)) and bool(re.search(r"数量|单价|金额|小计", row.text))


def item_of(row: Row) -> Item | None:
    """`name quantity price amount`, `name price quantity amount`, `name quantity amount` or `name amount`."""
    match = re.match(r"^(.*?[\u4e00-\u9fffA-Za-z)].*?)((?:\s+[¥x*×]?-?[\d,]+(?:\.\d+)?){1,3})$", row.text)
    if match is None:
        return None
    name = match[1].strip()
    figures = [Decimal(figure.lstrip("¥x*×").replace(",", "")) for figure in match[2].split()]
    amount = figures[-1]
    if not re.search(AMOUNT + "$", row.text):
        return None
    if len(figures) == 3 and figures[0] * figures[1] == amount:
        price, count = sorted(figures[:2], key=lambda figure: figure == figure.to_integral(), reverse=False)
        if "." not in match[2].split()[0]:
            count, price = figures[:2]
        return Item(name=name, quantity=plain(count), price=yuan(str(price)), amount=yuan(str(amount)))
    if len(figures) == 2 and "." not in match[2].split()[0] and figures[0]:
        return Item(name=name, quantity=plain(figures[0]), amount=yuan(str(amount)))
    return Item(name=name, amount=yuan(str(amount))) if len(figures) == 1 else None


def plain(count: Decimal) -> str:
    return format(count.normalize(), "f")
