"""Receipts of toll gates and of electronic toll lanes: what stands on them → fields."""

from nlu.senses.finding import first_day, first_time, labelled_amounts, labelled_texts, only
from nlu.senses.pages import Page
from nlu.senses.receipts import Fields, put

PAID = r"实收金额|交易金额|收费金额|通行费金额|(?<!余)(?<!卡内)金额|通行费(?!发票|专用|收据|票据)|合计"
LEFT = r"出口时间|通行时间|交易时间|日期|时间"


def toll(page: Page) -> Fields:
    fields: Fields = {}
    put(
        fields,
        "invoice_code",
        only(labelled_texts(page, "发票代码|票据代码|代码", r"(?<!\d)(?:\d{12}|\d{10})(?!\d)")),
    )
    put(fields, "invoice_number", only(labelled_texts(page, "发票号码|票据号码|号码", r"(?<!\d)\d{8}(?!\d)")))
    put(fields, "date", first_day(page, LEFT) or first_day(page))
    put(fields, "time", first_time(page) or first_time(page, LEFT))
    put(fields, "total", only(labelled_amounts(page, PAID)))
    return fields
