"""Narrow papers: till, taxi, toll, invoice roll and hotel, each in several layouts."""

from datetime import timedelta
from decimal import Decimal

from tests.papers.contents import (
    CITIES,
    DISHES,
    EXPRESSWAYS,
    HOTELS,
    PEOPLE,
    RESTAURANTS,
    SHOPS,
    TOLLGATES,
    WARES,
    Chance,
    Goods,
    bill,
    capital,
    plain,
    yuan,
)
from tests.papers.drawn import Drawn
from tests.papers.paper import RED, SANS, SERIF, Paper, qr, stamp

THERMAL = (248, 248, 246)


def till(chance: Chance, coded: bool = False) -> Drawn:
    """A supermarket's receipt, or a restaurant's bill, paid in cash or by telephone."""
    eaten = chance.random() < 0.5
    seller = chance.choice(RESTAURANTS if eaten else SHOPS)
    choice = chance.sample(DISHES if eaten else WARES, k=chance.randint(2, 6))
    goods = [Goods(name, chance.choice((1, 1, 2, 3)), Decimal(str(price))) for name, price in choice]
    due = sum((line.amount for line in goods), Decimal(0))
    off = chance.choice((Decimal(0), Decimal(0), Decimal("5.00"), (due * 100 % 100) / 100))
    if due - off <= 1:
        off = Decimal(0)
    day, clock = chance.day(), chance.clock()
    form = chance.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"))
    paper = Paper(chance.choice((520, 560, 620)), 1800, THERMAL, face=chance.choice((SANS, SANS, SERIF)))
    size = chance.choice((22, 24, 26))
    paper.centre(seller, 34)
    paper.centre(chance.choice(("结账单", "点菜单") if eaten else ("购物小票", "销售小票", "欢迎光临")), 26)
    if eaten:
        paper.put(
            (28, f"桌号：{chance.randrange(1, 40)}"), (-28, f"人数：{chance.randrange(1, 12)}"), size=size
        )
    else:
        paper.put((28, f"单号：{chance.digits(8)}"), (-28, f"收银员：{chance.digits(2)}"), size=size)
    when = f"{day.strftime(form)} {clock}:{chance.randrange(60):02d}"
    paper.put((28, chance.choice(("日期：", "时间：", "")) + when), size=size)
    paper.rule()
    right = paper.width
    paper.put((28, chance.choice(("菜名", "菜品") if eaten else ("品名", "商品"))), (right // 2, "数量"),
              (right * 2 // 3, "单价"), (-28, chance.choice(("金额", "小计"))), size=size)  # fmt: skip
    for line in goods:
        paper.put((28, line.name), (right // 2 + 12, str(line.quantity)), (right * 2 // 3, yuan(line.price)),
                  (-28, yuan(line.amount)), size=size)  # fmt: skip
    paper.rule()
    total = due - off
    paper.put((28, chance.choice(("合计", "总计", "消费合计"))), (-28, yuan(due)), size=size)
    if off:
        paper.put((28, "优惠"), (-28, f"-{yuan(off)}"), size=size)
    paper.put((28, chance.choice(("应收", "应付金额", "应收金额"))), (-28, f"¥{yuan(total)}"), size=size + 6)
    if chance.random() < 0.4:
        given = (total // 50 + 1) * 50
        paper.put((28, chance.choice(("实收现金", "现金"))), (-28, yuan(given)), size=size)
        paper.put((28, "找零"), (-28, yuan(given - total)), size=size)
    else:
        paper.put((28, chance.choice(("微信支付", "支付宝"))), (-28, yuan(total)), size=size)
    paper.rule()
    paper.centre("谢谢惠顾 欢迎再次光临", 22)
    fields = {"seller_name": seller, "date": day.isoformat(), "time": clock, "total": yuan(total),
              "category": "餐饮" if eaten else "其他"}  # fmt: skip
    return Drawn("receipt_till", fields, paper)


def taxi(chance: Chance, coded: bool = False) -> Drawn:
    city, day = chance.choice(CITIES), chance.day()
    start, minutes = chance.clock(), chance.randrange(5, 50)
    hour, minute = map(int, start.split(":"))
    end = f"{(hour + (minute + minutes) // 60) % 24:02d}:{(minute + minutes) % 60:02d}"
    metres = chance.randrange(30, 400)
    total = Decimal(13 + metres * 23 // 100)
    if chance.random() < 0.6:
        total += Decimal(chance.choice(("0.50", "0.40", "0.80")))
    code, number = "1" + chance.digits(11), chance.digits(8)
    paper = Paper(chance.choice((400, 420, 460)), 1300, chance.choice(((244, 246, 248), (250, 244, 240))),
                  face=chance.choice((SANS, SANS, SERIF)))  # fmt: skip
    paper.centre(chance.choice((f"{city}市出租汽车专用发票", f"{city}市出租汽车统一发票")), 29, RED)
    paper.centre("发票联", 26, RED)
    paper.put((30, "发票代码"), (165, code))
    paper.put((30, "发票号码"), (165, number))
    paper.rule()
    colon = chance.choice(("", "："))
    for label, value in (
        ("单位", chance.digits(4)),
        ("电话", chance.digits(8)),
        ("车号", f"京B·T{chance.digits(4)}"),
        ("证号", chance.digits(6)),
        ("日期", day.strftime(chance.choice(("%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d")))),
        ("上车", start),
        ("下车", end),
        ("单价", "2.30元/公里"),
        ("里程", f"{metres / 10:.1f}公里"),
        ("等候", f"00:0{chance.randrange(10)}:{chance.randrange(10, 60)}"),
        (
            chance.choice(("金额", "实收金额")),
            f"¥{yuan(total)}元" if chance.random() < 0.7 else f"{yuan(total)}元",
        ),
    ):
        paper.put((30, label + colon), (-30, value))
    paper.rule()
    paper.centre("手写无效", 20)
    fields = {"invoice_code": code, "invoice_number": number, "date": day.isoformat(), "time": start,
              "total": yuan(total), "city": f"{city}市", "category": "交通"}  # fmt: skip
    return Drawn("receipt_taxi", fields, paper)


def toll(chance: Chance, coded: bool = False) -> Drawn:
    """The receipt of a toll gate: expressway, or bridge and tunnel."""
    way, (enter, leave) = chance.choice(EXPRESSWAYS), chance.sample(TOLLGATES, 2)
    day, clock = chance.day(), chance.clock()
    total = Decimal(chance.randrange(5, 400))
    code, number = "1" + chance.digits(11), chance.digits(8)
    paper = Paper(chance.choice((480, 540)), 1100, (250, 246, 236), face=chance.choice((SANS, SANS, SERIF)))
    paper.centre(way, 32, RED)
    paper.centre(chance.choice(("通行费发票", "车辆通行费专用收据")), 28, RED)
    paper.put((30, "发票代码：" + code), size=23)
    paper.put((30, "发票号码：" + number), size=23)
    paper.rule()
    for label, value in (
        ("入口站", enter),
        ("出口站", leave),
        ("车型", chance.choice(("一型", "客1"))),
        ("收费员", chance.digits(6)),
    ):
        paper.put((30, label + "："), (190, value), size=24)
    if chance.random() < 0.5:
        paper.put((30, f"日期：{day:%Y-%m-%d}"), (300, clock), size=23)
    else:
        paper.put((30, f"出口时间：{day:%Y-%m-%d} {clock}:{chance.randrange(10, 60)}"), size=23)
    form = chance.choice(("¥{}元", "{}元", "¥{}"))
    amount = yuan(total) if chance.random() < 0.6 else str(total)
    paper.put((30, chance.choice(("金额：", "实收金额：", "通行费："))), (190, form.format(amount)), size=28)
    paper.rule()
    paper.centre("一路平安", 22)
    fields = {"invoice_code": code, "invoice_number": number, "date": day.isoformat(), "time": clock,
              "total": yuan(total), "category": "交通"}  # fmt: skip
    return Drawn("receipt_toll", fields, paper)


def toll_etc(chance: Chance, coded: bool = False) -> Drawn:
    """The slip of an electronic toll lane."""
    enter, leave = chance.sample(TOLLGATES, 2)
    day, clock = chance.day(), chance.clock()
    total = chance.money(3, 300)
    paper = Paper(520, 1000, THERMAL, face=SANS)
    paper.centre("ETC通行凭证", 32)
    paper.put((30, f"卡号：{chance.digits(20)}"), size=22)
    paper.put((30, f"车牌：京A·{chance.digits(5)}"), size=22)
    paper.rule()
    paper.put((30, f"入口：{enter}"), size=22)
    paper.put((30, f"出口：{leave}"), size=22)
    paper.put((30, f"通行时间：{day:%Y-%m-%d} {clock}:{chance.randrange(10, 60)}"), size=22)
    paper.put((30, f"交易金额：{yuan(total)}元"), size=26)
    paper.put((30, f"卡内余额：{yuan(chance.money(300, 900))}元"), size=22)
    paper.rule()
    fields = {"date": day.isoformat(), "time": clock, "total": yuan(total), "category": "交通"}
    return Drawn("receipt_toll", fields, paper)


def roll(chance: Chance, coded: bool = True) -> Drawn:
    """增值税普通发票（卷票): a till's strip that is an invoice. Its prices hold the tax."""
    made = bill(chance, most_lines=2)
    code, number = "0" + chance.digits(11), chance.digits(8)
    total = sum((amount for _, _, _, amount, _ in made.lines), Decimal(0))
    check = chance.digits(20)
    paper = Paper(560, 1600, (252, 252, 250), face=chance.choice((SANS, SERIF)))
    paper.centre(f"{chance.choice(CITIES)}增值税普通发票（卷票）", 30, RED)
    mark = stamp("全国统一发票监制章国家税务总局", 130, oval=True)
    paper.picture.paste(mark, (215, 4), mark)
    paper.centre("发票联", 24, RED)
    size = 21
    for text in (
        f"发票代码：{code}",
        f"发票号码：{number}",
        f"机打号码：{number}",
        f"机器编号：{chance.digits(12)}",
        f"销售方名称：{made.seller}",
        f"纳税人识别号：{made.seller_id}",
        f"开票日期：{made.day:%Y-%m-%d}",
        f"收款员：{chance.choice(PEOPLE)}",
        f"购买方名称：{made.buyer}",
        f"纳税人识别号：{made.buyer_id}",
    ):
        paper.put((26, text), size=size)
    paper.rule()
    paper.put((26, "项目"), (250, "单价"), (380, "数量"), (-26, "金额"), size=size)
    for name, quantity, price, amount, _ in made.lines:
        paper.put(
            (26, name.rsplit("*", 1)[1]),
            (240, yuan(price)),
            (395, str(quantity)),
            (-26, yuan(amount)),
            size=size,
        )
    paper.rule()
    paper.put((26, f"合计金额（小写）：¥{yuan(total)}"), size=size + 2)
    paper.put((26, f"合计金额（大写）：{capital(total)}"), size=size)
    paper.put((26, "校验码：" + " ".join(check[at : at + 5] for at in range(0, 20, 5))), size=size)
    image = qr(f"01,11,{code},{number},{yuan(total)},{made.day:%Y%m%d},{check},{chance.digits(4)}", 3)
    if coded:
        paper.picture.paste(image.resize((180, 180)), (190, paper.y + 8))
        paper.y += 190
    fields = {"invoice_code": code, "invoice_number": number, "date": made.day.isoformat(), "total": yuan(total),
              "seller_name": plain(made.seller), "seller_tax_id": made.seller_id, "buyer_name": plain(made.buyer),
              "buyer_tax_id": made.buyer_id, "category": made.trade.category}  # fmt: skip
    return Drawn("invoice_vat", fields, paper, image if coded else None)


def hotel(chance: Chance, coded: bool = False) -> Drawn:
    seller, nights = chance.choice(HOTELS), chance.randint(1, 4)
    leaving, rate = chance.day(), chance.money(150, 800)
    arrival = leaving - timedelta(days=nights)
    extra = chance.choice((Decimal(0), Decimal("38.00"), Decimal("56.50")))
    total = rate * nights + extra
    paper = Paper(820, 1400, (253, 253, 251), face=chance.choice((SANS, SERIF)))
    paper.centre(seller, 38)
    paper.centre(chance.choice(("客人账单", "住店账单", "宾客账单")), 28)
    paper.put((40, f"客人姓名：{chance.choice(PEOPLE)}"), (440, f"房号：{chance.digits(4)}"))
    if chance.random() < 0.5:
        paper.put((40, f"入住日期：{arrival}"), (440, f"离店日期：{leaving}"))
    else:
        paper.put(
            (40, f"入住：{arrival:%Y/%m/%d} {chance.clock()}"),
            (440, f"退房：{leaving:%Y/%m/%d} {chance.clock()}"),
        )
    paper.rule()
    paper.put((40, "日期"), (260, "项目"), (-40, "金额"))
    for night in range(nights):
        paper.put((40, str(arrival + timedelta(days=night))), (260, "房费"), (-40, yuan(rate)))
    if extra:
        paper.put((40, str(leaving)), (260, "餐饮"), (-40, yuan(extra)))
    paper.rule()
    paper.put((40, chance.choice(("消费合计", "合计", "总计"))), (-40, f"¥{yuan(total)}"), size=30)
    paper.put((40, f"付款方式：{chance.choice(('支付宝', '微信', '现金'))}"))
    paper.rule()
    paper.put((40, "客人签名："))
    fields = {"seller_name": seller, "date": leaving.isoformat(), "total": yuan(total), "category": "住宿"}
    return Drawn("hotel_folio", fields, paper)
