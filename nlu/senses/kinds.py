"""What kind of document a page is, and which field every kind cannot do without."""

import re
from collections.abc import Callable

from nlu.senses import invoices, itineraries, receipts, tolls
from nlu.senses.invoices import code_of
from nlu.senses.pages import Page
from nlu.senses.perception import FieldValue, Kind

# Signs and what they weigh; a kind counts from 3 on, and the heaviest wins.
SIGNS: dict[Kind, tuple[tuple[str, int], ...]] = {
    "invoice_digital": (
        (r"电子发票\s*\(?(?:普通发票|增值税专用发票)", 4),
        (r"发票号码:?\s*\d{20}(?!\d)", 4),
        (r"价税合计", 2),
        (r"统一社会信用代码", 1),
    ),
    "invoice_vat": (
        (r"增值税(?:电子)?(?:普通|专用)发票", 4),
        (r"发票代码:?\s*\d{10,12}(?!\d)", 1),
        (r"校验码|密码区|机打号码", 2),
        (r"价税合计", 2),
        (r"货物或应税劳务", 2),
        (r"纳税人识别号", 1),
    ),
    "itinerary": (
        (r"铁路电子客票|航空运输电子客票", 5),
        (r"行程单", 3),
        (r"电子客票号", 2),
        (r"\d\d:\d\d\s*开", 2),
        (r"\d{1,2}车\d{1,3}[A-F]?号", 2),
        (r"限乘当日|改签|12306", 2),
        (r"[一二]等座|商务座|[硬软][座卧]", 1),
        (r"[\u4e00-\u9fff]站.*[\u4e00-\u9fff]站", 1),
        (r"民航发展基金|燃油附加费", 3),
        (r"承运人|航班号", 2),
    ),
    "receipt_toll": (
        (r"通行费|过路费|过桥费", 3),
        (r"(?i)ETC", 2),
        (r"入口", 2),
        (r"出口", 2),
        (r"收费[站员]", 2),
        (r"车型", 1),
    ),
    "receipt_taxi": (
        (r"出租|巡游", 3),
        (r"上车", 2),
        (r"下车", 2),
        (r"里程", 1),
        (r"车号|车牌", 1),
        (r"等候|候时", 1),
    ),
    "hotel_folio": (
        (r"入住", 2),
        (r"离店|退房", 2),
        (r"房费|房租|住宿", 2),
        (r"房号|房间号|间夜", 1),
        (r"酒店|宾馆|旅馆|民宿", 1),
    ),
    "receipt_till": (
        (r"小票|结[账帐]单|收银|购物清单|消费清单|签购单", 2),
        (r"找零|实[收付]|应[收付]", 2),
        (r"品名|菜名|菜品|单价", 1),
        (r"微信支付|支付宝|现金|会员", 1),
        (r"合计|总计|小计", 1),
        (r"谢谢惠顾|欢迎|光临", 1),
    ),
}
ENOUGH = 3

EXTRACT: dict[Kind, Callable[[Page], dict[str, FieldValue]]] = {
    "invoice_digital": invoices.invoice,
    "invoice_vat": invoices.invoice,
    "itinerary": itineraries.itinerary,
    "receipt_toll": tolls.toll,
    "receipt_taxi": receipts.taxi,
    "hotel_folio": receipts.hotel,
    "receipt_till": receipts.till,
}

# What stands on papers with a code, whatever the code says.
PRINTED: dict[Kind, Callable[[Page], dict[str, FieldValue]]] = {
    "invoice_digital": invoices.printed,
    "invoice_vat": invoices.printed,
    "itinerary": itineraries.printed,
}

# Without these a document is no evidence: a new picture is asked for.
REQUIRED: dict[Kind, tuple[str, ...]] = {
    "invoice_digital": ("invoice_number", "total"),
    "invoice_vat": ("invoice_number", "total"),
    "itinerary": ("total",),
    "receipt_toll": ("total",),
    "receipt_taxi": ("total",),
    "hotel_folio": ("total",),
    "receipt_till": ("total",),
}
CALLED = {"total": "金额", "invoice_number": "发票号码"}

CATEGORY_OF_KIND: dict[Kind, str] = {
    "receipt_taxi": "交通",
    "receipt_toll": "交通",
    "itinerary": "交通",
    "hotel_folio": "住宿",
}
CATEGORIES = (
    ("住宿", r"住宿|酒店|宾馆|旅馆|客房|房费"),
    ("交通", r"出租|客运|交通|运输服务|铁路|航空|机票|火车|高铁|停车|加油|成品油|通行费|网约车|打车"),
    ("通讯", r"电信|通信|联通|话费|流量|宽带"),
    ("办公", r"文具|办公|打印|复印|纸制品|耗材|硒鼓|墨盒|书写"),
    ("餐饮", r"餐|饭|菜馆|酒楼|食府|火锅|烧烤|小吃|面馆|咖啡|茶|奶茶|烤鸭|饺子|外卖|厨房"),
)


def weights_on(page: Page) -> dict[Kind, int]:
    return {
        kind: sum(weight for sign, weight in signs if re.search(sign, page.text))
        for kind, signs in SIGNS.items()
    }


def looks_like_receipt(page: Page) -> bool:
    """Some signs of one, even where they are too few to tell which."""
    return max(weights_on(page).values()) >= ENOUGH - 1


def kind_of_page(page: Page) -> Kind:
    weights = weights_on(page)
    code = code_of(page)
    if code is not None:
        if not code.digital:
            return "invoice_vat"
        ticket = itineraries.is_ticket(code) or weights["itinerary"] > weights["invoice_digital"]
        return "itinerary" if ticket else "invoice_digital"
    kind = max(weights, key=lambda kind: weights[kind])
    return kind if weights[kind] >= ENOUGH else "other"


def category(kind: Kind, fields: dict[str, FieldValue], page: Page) -> FieldValue | None:
    """餐饮, 住宿, 交通, 办公, 通讯 or 其他: from the kind, else from what was bought, else from who sold it."""
    if known := CATEGORY_OF_KIND.get(kind):
        return FieldValue(value=known, source=page.source(()), confidence=0.99)
    items = fields.get("items")
    names = " ".join(getattr(item, "name", "") for item in items.value) if items else ""
    seller = fields.get("seller_name")
    for text, basis, confidence in ((names, items, 0.9), (seller.text if seller else "", seller, 0.9)):
        for name, signs in CATEGORIES:
            if basis is not None and re.search(signs, text):
                return FieldValue(value=name, source=basis.source, confidence=confidence)
    # Goods that were not understood may be of any category: only understood ones, or a shop's, are 其他.
    basis = items or (seller if kind == "receipt_till" else None)
    return FieldValue(value="其他", source=basis.source, confidence=0.5) if basis else None
