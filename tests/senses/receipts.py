"""A few receipts and invoices whose every word a test chooses, and the samples of the playground.

Hundreds of random ones are drawn by tests/papers. Everything on them is made up.
`python -m tests.senses.receipts FOLDER` writes the two samples of the playground.
"""

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tests.papers.contents import Goods
from tests.papers.files import as_jpeg, as_pdf, as_text_pdf
from tests.papers.paper import RED, Paper, Picture, qr

__all__ = ["Goods", "Paper", "Picture", "as_jpeg", "as_pdf", "as_text_pdf", "qr"]


def till(
    *,
    seller: str = "惠民超市朝阳店",
    when: str = "2026-03-20 12:31:05",
    goods: Sequence[Goods] = (Goods("原味酸奶", 2, Decimal("5.50")), Goods("全麦面包", 1, Decimal("12.80"))),
    tendered: Decimal | None = None,
    total: Decimal | None = None,
    title: str = "购物小票",
) -> Picture:
    """A supermarket's or restaurant's receipt. With `tendered` it was paid in cash and has change."""
    due = sum((line.amount for line in goods), Decimal(0)) if total is None else total
    paper = Paper(560, 1600)
    paper.centre(seller, 36)
    paper.centre(title, 26)
    paper.put((28, "单号：0320-0186"), (-28, "收银员：03"))
    paper.put((28, f"日期：{when}"))
    paper.rule()
    paper.put((28, "品名"), (290, "数量"), (380, "单价"), (-28, "金额"))
    for line in goods:
        paper.put(
            (28, line.name),
            (300, str(line.quantity)),
            (380, f"{line.price:.2f}"),
            (-28, f"{line.amount:.2f}"),
        )
    paper.rule()
    paper.put((28, "数量合计"), (-28, str(sum(line.quantity for line in goods))))
    paper.put((28, "应收金额"), (-28, f"¥{due:.2f}"), size=30)
    if tendered is not None:
        paper.put((28, "实收现金"), (-28, f"{tendered:.2f}"))
        paper.put((28, "找零"), (-28, f"{tendered - due:.2f}"))
    else:
        paper.put((28, "微信支付"), (-28, f"{due:.2f}"))
    paper.rule()
    paper.centre("谢谢惠顾 欢迎再次光临", 24)
    return paper.cut()


def taxi(
    *,
    city: str = "北京市",
    date: str = "2026-03-20",
    start: str = "20:11",
    end: str = "20:37",
    total: Decimal = Decimal("46.50"),
    code: str = "111002681234",
    number: str = "08651237",
) -> Picture:
    paper = Paper(420, 1200, (244, 246, 248))
    paper.centre(f"{city}出租汽车专用发票", 30, RED)
    paper.centre("发票联", 28, RED)
    paper.put((30, "发票代码"), (170, code))
    paper.put((30, "发票号码"), (170, number))
    paper.rule()
    for label, value in (
        ("单位", "0087"),
        ("电话", "87654321"),
        ("车号", "京B·T5126"),
        ("证号", "263518"),
        ("日期", date),
        ("上车", start),
        ("下车", end),
        ("单价", "2.30元/公里"),
        ("里程", "14.6公里"),
        ("等候", "00:04:12"),
        ("金额", f"¥{total:.2f}元"),
    ):
        paper.put(
            (
                30,
                label,
            ),
            (-30, value),
        )
    paper.rule()
    paper.centre("手写无效", 22)
    return paper.cut()


def hotel(
    *,
    seller: str = "青城国际酒店",
    arrival: str = "2026-03-18",
    departure: str = "2026-03-20",
    rate: Decimal = Decimal("368.00"),
    nights: int = 2,
) -> Picture:
    total = rate * nights
    paper = Paper(800, 1400)
    paper.centre(seller, 40)
    paper.centre("客人账单", 30)
    paper.put((40, "客人姓名：李明"), (440, "房号：1208"))
    paper.put((40, f"入住日期：{arrival}"), (440, f"离店日期：{departure}"))
    paper.rule()
    paper.put((40, "日期"), (260, "项目"), (-40, "金额"))
    first = int(arrival[-2:])
    for night in range(nights):
        paper.put((40, f"{arrival[:-2]}{first + night:02d}"), (260, "房费"), (-40, f"{rate:.2f}"))
    paper.rule()
    paper.put((40, "消费合计"), (-40, f"¥{total:.2f}"), size=30)
    paper.put((40, "付款方式：支付宝"))
    paper.rule()
    paper.put((40, "客人签名："))
    return paper.cut()


@dataclass(frozen=True)
class Invoice:
    number: str = "26112000000123456789"
    date: str = "20260320"
    seller: str = "北京青城餐饮管理有限公司"
    seller_id: str = "91110000600037341L"
    buyer: str = "青禾乳业有限公司"
    buyer_id: str = "91330100799655058B"
    item: str = "*餐饮服务*餐费"
    net: Decimal = Decimal("217.92")
    tax: Decimal = Decimal("13.08")
    rate: str = "6%"
    total: Decimal = Decimal("231.00")
    capital: str = "贰佰叁拾壹圆整"
    code: str = ""
    qr_amount: Decimal | None = None
    qr: bool = True

    @property
    def payload(self) -> str:
        kind = "10" if self.code else "32"
        amount = self.qr_amount if self.qr_amount is not None else (self.net if self.code else self.total)
        return f"01,{kind},{self.code},{self.number},{amount:.2f},{self.date},{'8' * 20 if self.code else ''},3C1A"

    @property
    def day(self) -> str:
        return f"{self.date[:4]}年{self.date[4:6]}月{self.date[6:]}日"


def invoice(made: Invoice | None = None) -> Picture:
    """A fully digital invoice; with `code` an older electronic VAT invoice, the seller below."""
    return invoice_paper(made or Invoice()).cut()


def invoice_paper(made: Invoice) -> Paper:
    paper = Paper(1240, 820, (255, 255, 255))
    if made.qr:
        code = qr(made.payload)
        paper.picture.paste(code, (30, 16))
    paper.centre("增值税电子普通发票" if made.code else "电子发票（普通发票）", 36, RED)
    paper.y = 30
    if made.code:
        paper.put((860, f"发票代码：{made.code}"), size=22)
    paper.put((860, f"发票号码：{made.number}"), size=22)
    paper.put((860, f"开票日期：{made.day}"), size=22)
    if made.code:
        paper.put((860, "校验码：88888 88888 88888 88888"), size=22)
    paper.y = 215
    buyer, seller = f"名称：{made.buyer}", f"名称：{made.seller}"
    label = "纳税人识别号" if made.code else "统一社会信用代码/纳税人识别号"
    buyer_id, seller_id = f"{label}：{made.buyer_id}", f"{label}：{made.seller_id}"
    if made.code:
        paper.put((40, "购买方"), (150, buyer), size=22)
        paper.put((150, buyer_id), size=22)
    else:
        paper.put((40, buyer), (640, seller), size=22)
        paper.put((40, buyer_id), (640, seller_id), size=22)
    paper.y += 24
    paper.put(
        (60, "项目名称"),
        (420, "单位"),
        (500, "数量"),
        (600, "单价"),
        (760, "金额"),
        (900, "税率"),
        (-60, "税额"),
        size=22,
    )
    paper.put(
        (60, made.item),
        (420, "次"),
        (510, "1"),
        (600, f"{made.net:.2f}"),
        (760, f"{made.net:.2f}"),
        (900, made.rate),
        (-60, f"{made.tax:.2f}"),
        size=22,
    )
    paper.y += 60
    paper.put((60, "合计"), (750, f"¥{made.net:.2f}"), (-60, f"¥{made.tax:.2f}"), size=22)
    paper.put((60, "价税合计（大写）"), (330, made.capital), (800, f"（小写）¥{made.total:.2f}"), size=22)
    paper.y += 24
    if made.code:
        paper.put((40, "销售方"), (150, seller), size=22)
        paper.put((150, seller_id), size=22)
    paper.put((40, "收款人：王芳" if made.code else ""), (500, "开票人：张伟"), size=22)
    return paper


def photographed(
    picture: Picture, seed: int, *, degrees: float = 0.0, blur: float = 0.0, light: float = 1.0
) -> Picture:
    """The paper on a table: turned, shaded, with the grain of a phone's camera."""
    chance = random.Random(seed)
    margin = 90
    table = Image.new("RGB", (picture.width + 2 * margin, picture.height + 2 * margin), (118, 92, 70))
    draw = ImageDraw.Draw(table)
    for y in range(0, table.height, 3):
        shade = chance.randint(-10, 10)
        draw.line([(0, y), (table.width, y)], fill=(118 + shade, 92 + shade, 70 + shade))
    shadow = Image.new("L", table.size, 0)
    ImageDraw.Draw(shadow).rectangle(
        [margin + 10, margin + 14, margin + picture.width + 12, margin + picture.height + 16], fill=150
    )
    table.paste((30, 22, 16), mask=shadow.filter(ImageFilter.GaussianBlur(9)))
    table.paste(picture, (margin, margin))
    table = table.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(110, 86, 66))
    grain = np.random.default_rng(seed).normal(0, 3, (table.height, table.width, 3))
    table = Image.fromarray((np.asarray(table) + grain).clip(0, 255).astype(np.uint8))
    slope = Image.linear_gradient("L").resize(table.size).point(lambda v: 205 + v // 5)
    table = Image.composite(table, ImageEnhance.Brightness(table).enhance(0.82), slope)
    if blur:
        table = table.filter(ImageFilter.GaussianBlur(blur))
    return ImageEnhance.Brightness(table).enhance(light) if light != 1 else table


RESTAURANT = (
    Goods("宫保鸡丁", 1, Decimal("48.00")),
    Goods("清蒸草鱼", 1, Decimal("98.00")),
    Goods("蒜蓉西兰花", 1, Decimal("32.00")),
    Goods("酸辣汤", 1, Decimal("28.00")),
    Goods("米饭", 4, Decimal("3.00")),
    Goods("菊花清茶", 2, Decimal("6.00")),
)

SAMPLES: dict[str, Callable[[], Picture]] = {
    "receipt_taxi.jpg": lambda: photographed(taxi(), 7, degrees=1.6),
    "receipt_restaurant.jpg": lambda: photographed(
        till(seller="老北京家常菜馆", title="结账单", when="2026-03-20 19:42:10", goods=RESTAURANT),
        11,
        degrees=-1.2,
    ),
}

if __name__ == "__main__":
    for name, draw_sample in SAMPLES.items():
        (Path(sys.argv[1]) / name).write_bytes(as_jpeg(draw_sample()))
