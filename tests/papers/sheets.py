"""Invoices and tickets, each in the layout that the tax office, the railway or the airline prescribes."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.papers.contents import (
    AIRLINES,
    AIRPORTS,
    BUYERS,
    CENT,
    CITIES,
    PEOPLE,
    PINYIN,
    STATIONS,
    Bill,
    Chance,
    bill,
    capital,
    plain,
    yuan,
)
from tests.papers.drawn import Drawn
from tests.papers.paper import BROWN, RED, SANS, SERIF, Paper, Picture, qr, stamp

WHITE = (255, 255, 255)
BLUE = (70, 90, 160)
CIPHER = "0123456789+-*/<>"


def digital(chance: Chance, coded: bool = True, *, special: bool = False) -> Drawn:
    """A fully digital invoice (数电票): buyer and seller side by side, a number of 20 digits and no code."""
    made = bill(chance)
    number = chance.digital_number(made.day)
    title = "电子发票（增值税专用发票）" if special else "电子发票（普通发票）"
    paper = Paper(1400, 1000, WHITE, face=chance.choice((SANS, SERIF)))
    kind = "31" if special else "32"
    code = qr(f"01,{kind},,{number},{yuan(made.total)},{made.day:%Y%m%d},,{chance.digits(4)}")
    _head(paper, title, code if coded else None)
    paper.y = 40
    paper.put((1000, f"发票号码：{number}"), size=22)
    paper.y += 6
    paper.put((1000, f"开票日期：{_day(made)}"), size=22)
    top, middle, right = 150, 720, 1370
    paper.frame((30, top, 80, 250), (80, top, 680, 250), (680, top, 730, 250), (730, top, right, 250))
    for x, words in ((44, "购买方信息"), (694, "销售方信息")):
        paper.column(x, top + 4, words, 16, BROWN)
    paper.y = top + 14
    paper.put((92, f"名称：{made.buyer}"), (742, f"名称：{made.seller}"), size=21)
    paper.y += 8
    label = "统一社会信用代码/纳税人识别号："
    paper.put((92, label + made.buyer_id), (742, label + made.seller_id), size=21)
    paper.y = 262
    rows = 320
    columns = (60, 400, 540, 640, 760, 900, 1060, -50)
    heads = ("项目名称", "规格型号", "单位", "数量", "单价", "金额", "税率/征收率", "税额")
    paper.put(*zip(columns, heads, strict=True), size=19, ink=BROWN)
    paper.y = 300
    for name, quantity, price, amount, tax in made.lines:
        paper.put(
            (44, name), (540, made.trade.unit), (650, str(quantity)), (750, yuan(price)), (900, yuan(amount)),
            (1080, made.rate), (-50, yuan(tax)), size=20,
        )  # fmt: skip
    bottom = max(paper.y + chance.choice((20, 90)), rows)
    paper.y = bottom
    paper.put((120, "合        计"), (880, f"¥{yuan(made.net)}"), (-50, f"¥{yuan(made.tax)}"), size=21)
    paper.y += 12
    paper.put((100, "价税合计（大写）"), (400, "ⓧ " + capital(made.total)),
              (900, f"（小写）¥{yuan(made.total)}"), size=21)  # fmt: skip
    paper.frame((30, 250, right, bottom + 42), (30, bottom + 42, right, paper.y + 4))
    paper.frame((30, paper.y + 4, right, paper.y + 90))
    paper.column(44, paper.y + 12, "备注", 20, BROWN)
    paper.y += 14
    paper.put((middle - 620, chance.choice(("", "订单号：" + chance.digits(8)))), size=18)
    paper.y += 70
    paper.put((120, f"开票人：{chance.choice(PEOPLE)}"), size=20)
    fields = {"invoice_number": number} | made.fields()
    return Drawn("invoice_digital", fields, paper, code if coded else None)


def digital_special(chance: Chance, coded: bool = True) -> Drawn:
    return digital(chance, coded, special=True)


def vat_electronic(chance: Chance, coded: bool = True) -> Drawn:
    """增值税电子普通发票, of before the fully digital ones: buyer above, seller below, a code of 12 digits."""
    return _vat(chance, coded, f"{chance.choice(CITIES)}增值税电子普通发票", digits=12)


def vat_general(chance: Chance, coded: bool = True) -> Drawn:
    return _vat(chance, coded, f"{chance.choice(CITIES)}增值税普通发票", digits=10)


def vat_special(chance: Chance, coded: bool = True) -> Drawn:
    return _vat(chance, coded, f"{chance.choice(CITIES)}增值税专用发票", digits=10, special=True)


def _vat(chance: Chance, coded: bool, title: str, *, digits: int, special: bool = False) -> Drawn:
    made = bill(chance)
    code, number = chance.choice(("0", "1")) + chance.digits(digits - 1), chance.digits(8)
    check = chance.digits(20)
    paper = Paper(1400, 1000, (252, 250, 244), face=chance.choice((SANS, SERIF)))
    kind = "01" if special else "10" if digits == 12 else "04"
    amount = yuan(made.net)
    image = qr(
        f"01,{kind},{code},{number},{amount},{made.day:%Y%m%d},{'' if special else check},{chance.digits(4)}",
        3,
    )
    _head(paper, title, image if coded else None, seal=chance.random() < 0.5)
    paper.y = 22
    if digits == 12:
        for label, value in (("发票代码：", code), ("发票号码：", number), ("开票日期：", _day(made))):
            paper.put((1010, label + value), size=20)
        grouped = " ".join(check[at : at + 5] for at in range(0, 20, 5))
        paper.put((1010, f"校验码：{grouped}"), size=18)
    else:
        paper.put((180, code), (1000, f"No {number}"), size=30)
        paper.put((1200, code), size=16)
        paper.put((1200, number), size=16)
        if not special:
            paper.write(180, f"校验码 {' '.join(check[at : at + 5] for at in range(0, 20, 5))}", 17)
        paper.put((1000, f"开票日期：{_day(made)}"), size=20)
    paper.frame((30, 160, 80, 300), (80, 160, 820, 300), (820, 160, 860, 300), (860, 160, 1370, 300))
    paper.column(44, 176, "购买方", 24, BROWN)
    paper.column(830, 176, "密码区", 24, BROWN)
    _party(paper, 166, made.buyer, made.buyer_id, chance)
    paper.y = 170
    for _ in range(4):
        paper.put((880, "".join(chance.choices(CIPHER, k=28))), size=22)
    paper.y = 308
    columns = (60, 420, 540, 650, 760, 920, 1090, -50)
    heads = ("货物或应税劳务、服务名称", "规格型号", "单位", "数量", "单价", "金额", "税率", "税额")
    paper.put(*zip(columns, heads, strict=True), size=18, ink=BROWN)
    for name, quantity, price, amount_, tax in made.lines:
        paper.put(
            (44, name), (545, made.trade.unit), (660, str(quantity)), (750, yuan(price)), (910, yuan(amount_)),
            (1095, made.rate), (-50, yuan(tax)), size=20,
        )  # fmt: skip
    paper.y = max(paper.y + 30, 460)
    paper.put((140, "合    计"), (895, f"¥{yuan(made.net)}"), (-50, f"¥{yuan(made.tax)}"), size=20)
    paper.y += 10
    paper.put((110, "价税合计（大写）"), (420, "⊗" + capital(made.total)),
              (930, f"（小写） ¥{yuan(made.total)}"), size=20)  # fmt: skip
    top = paper.y + 6
    paper.frame(
        (30, 300, 1370, top), (30, top, 80, top + 140), (80, top, 820, top + 140), (820, top, 1370, top + 140)
    )
    paper.column(44, top + 16, "销售方", 24, BROWN)
    _party(paper, top + 6, made.seller, made.seller_id, chance)
    paper.y = top + 150
    paper.put((60, f"收款人：{chance.choice(PEOPLE)}"), (400, f"复核：{chance.choice(PEOPLE)}"),
              (720, f"开票人：{chance.choice(PEOPLE)}"), (1050, "销售方：（章）"), size=18)  # fmt: skip
    fields = {"invoice_code": code, "invoice_number": number} | made.fields()
    return Drawn("invoice_vat", fields, paper, image if coded else None)


def _party(paper: Paper, top: int, name: str, number: str, chance: Chance) -> None:
    paper.y = top
    for label, value in (
        ("名        称：", name),
        ("纳税人识别号：", number),
        ("地 址、电 话：", f"{chance.choice(CITIES)}市和平路{chance.randrange(1, 200)}号 {chance.digits(8)}"),
        ("开户行及账号：", f"中国银行{chance.choice(CITIES)}分行 {chance.digits(18)}"),
    ):
        paper.put((92, label + value), size=19)


def _head(paper: Paper, title: str, code: Picture | None, *, seal: bool = True) -> None:
    if code is not None:
        paper.picture.paste(code.resize((124, 124)), (30, 14))
    paper.y = 36
    paper.centre(title, 38, BROWN)
    if seal:
        mark = stamp("全国统一发票监制章国家税务总局", 150, oval=True)
        paper.picture.paste(mark, (round(paper.width / 2) - 75, 20), mark)
    half = round(len(title) * 20)
    for y in (88, 94):
        paper.draw.line((700 - half, y, 700 + half, y), fill=BROWN, width=2)


def _day(made: Bill) -> str:
    return f"{made.day.year}年{made.day.month:02d}月{made.day.day:02d}日"


def rail_digital(chance: Chance, coded: bool = True) -> Drawn:
    """电子发票（铁路电子客票): a fully digital invoice in the form of a ticket."""
    issued = chance.day()
    travel = issued - timedelta(days=chance.randrange(0, 20))
    number, total = chance.digital_number(issued), chance.money(20, 1200)
    start, end = chance.sample(STATIONS, 2)
    buyer, buyer_id = chance.choice(BUYERS), chance.credit_code()
    paper = Paper(1000, 760, WHITE, face=chance.choice((SANS, SERIF)))
    code = qr(f"01,51,,{number},{yuan(total)},{issued:%Y%m%d},,{chance.digits(4)}")
    paper.centre("电子发票（铁路电子客票）", 34, BROWN)
    mark = stamp("全国统一发票监制章国家税务总局", 140, oval=True)
    paper.picture.paste(mark, (430, 10), mark)
    paper.y = 110
    paper.put((50, f"发票号码：{number}"), (-50, f"开票日期：{_date(issued)}"), size=22)
    paper.y += 20
    train = chance.choice("GDCZ") + chance.digits(3)
    paper.put((90, start + "站"), (440, train), (700, end + "站"), size=34)
    paper.put((100, PINYIN[start]), (710, PINYIN[end]), size=18)
    leaves = chance.clock()
    paper.put((60, f"{_date(travel)} {leaves}开"), (520, f"{chance.randrange(1, 17):02d}车{chance.randrange(1, 20):02d}"
              f"{chance.choice('ABCDF')}号"), (760, "二等座"), size=24)  # fmt: skip
    paper.y += 8
    paper.put((60, f"票价：￥{yuan(total)}"), size=26)
    paper.put((60, chance.passenger()), size=24)
    paper.put((60, f"电子客票号：{chance.digits(21)}"), size=22)
    paper.y += 12
    paper.put((60, f"购买方名称：{buyer}"), (560, f"统一社会信用代码：{buyer_id}"), size=20)
    paper.y += 10
    if coded:
        paper.picture.paste(code.resize((130, 130)), (800, 286))
    paper.put((60, "买票请到12306 发货请到95306"), size=18)
    paper.put((60, "中国铁路祝您旅途愉快"), size=18)
    fields = {
        "invoice_number": number, "date": issued.isoformat(), "total": yuan(total), "buyer_name": plain(buyer),
        "buyer_tax_id": buyer_id, "category": "交通",
    }  # fmt: skip
    return Drawn("itinerary", fields, paper, code if coded else None)


def _date(day: object) -> str:
    return f"{day:%Y年%m月%d日}"


def train_ticket(chance: Chance, coded: bool = False) -> Drawn:
    """The blue or the red ticket of paper."""
    travel, leaves = chance.day(), chance.clock()
    total = Decimal(chance.randrange(20, 1800)) / 2
    start, end = chance.sample(STATIONS, 2)
    blue = chance.random() < 0.7
    paper = Paper(860, 560, (206, 226, 240) if blue else (246, 222, 220), face=chance.choice((SANS, SERIF)))
    paper.put((40, chance.choice("ZEAF") + chance.digits(6)), size=30, ink=RED)
    paper.y -= 48
    paper.put((-60, f"检票：{chance.randrange(1, 30)}{chance.choice('AB')}"), size=24)
    train = chance.choice("GDCK") + chance.digits(3)
    paper.put((70, start + "站"), (370, train), (580, end + "站"), size=36)
    paper.put((80, PINYIN[start]), (590, PINYIN[end]), size=18)
    paper.put((50, f"{_date(travel)}{leaves}开"), (520, f"{chance.randrange(1, 17):02d}车{chance.randrange(1, 20):02d}"
              f"{chance.choice('ABCDF')}号"), size=27)  # fmt: skip
    price = f"{total:.2f}" if chance.random() < 0.2 else f"{total:.1f}"
    paper.put((50, f"￥{price}元"), (330, "网"), (560, "二等座"), size=27)
    paper.put((50, "限乘当日当次车"), size=22)
    paper.put((50, chance.passenger().replace(" ", "")), size=26)
    paper.rule()
    paper.put((90, chance.choice(("报销凭证 遗失不补", "仅供报销使用"))), size=20)
    paper.put((90, "退票改签时须交回车站"), size=20)
    paper.put((50, chance.digits(14) + chance.choice("ABCE") + chance.digits(6) + f" {start}售"), size=20)
    fields = {"date": travel.isoformat(), "time": leaves, "total": yuan(total), "category": "交通"}
    return Drawn("itinerary", fields, paper)


def air(chance: Chance, coded: bool = True) -> Drawn:
    """电子发票（航空运输电子客票行程单): a fully digital invoice."""
    return _air(chance, coded, digital=True)


def air_paper(chance: Chance, coded: bool = False) -> Drawn:
    """The itinerary of paper, of before."""
    return _air(chance, False, digital=False)


def _air(chance: Chance, coded: bool, *, digital: bool) -> Drawn:
    issued = chance.day()
    travel = issued - timedelta(days=chance.randrange(0, 10))
    number = chance.digital_number(issued)
    fare, fuel, fund = chance.money(300, 2200), chance.money(10, 80), Decimal(50)
    tax = ((fare + fuel) * 9 / 100).quantize(CENT, ROUND_HALF_UP)
    total = fare + fuel + fund + (tax if digital else 0)
    (prefix, airline), (start, end) = chance.choice(AIRLINES), chance.sample(AIRPORTS, 2)
    buyer, buyer_id = chance.choice(BUYERS), chance.credit_code()
    paper = Paper(1400, 760, WHITE if digital else (236, 242, 248), face=chance.choice((SANS, SERIF)))
    code = qr(f"01,61,,{number},{yuan(total)},{issued:%Y%m%d},,{chance.digits(4)}")
    if digital:
        if coded:
            paper.picture.paste(code.resize((124, 124)), (30, 14))
        paper.centre("电子发票（航空运输电子客票行程单）", 34, BROWN)
        paper.y = 30
        paper.put((1010, f"发票号码：{number}"), size=21)
        paper.put((1010, "国内国际标识：国内"), size=19)
    else:
        paper.centre("航空运输电子客票行程单", 34, BLUE)
        paper.put((1000, f"印刷序号：{chance.digits(11)}"), size=21)
    paper.y = 150
    paper.put((50, f"旅客姓名：{chance.choice(PEOPLE)}"), (400, f"有效身份证件号码：110101********{chance.digits(4)}"),
              (1000, "签注：不得签转"), size=21)  # fmt: skip
    paper.rule()
    columns = (180, 420, 560, 720, 860, 1060, 1220)
    heads = ("承运人", "航班号", "座位等级", "日期", "时间", "客票级别", "免费行李")
    paper.put(*zip(columns, heads, strict=True), size=19)
    clock = chance.clock()
    paper.put((50, f"自：{start}"), (560, prefix + chance.digits(4)), (600 + 90, "Y"), (780, f"{travel:%Y-%m-%d}"),
              (960, clock), (1090, "Y"), (1240, "20KG"), size=21)  # fmt: skip
    paper.put((50, f"至：{end}"), size=21)
    paper.rule()
    cells: tuple[tuple[str, Decimal], ...]
    if digital:
        cells = (("票价", fare), ("燃油附加费", fuel), ("增值税税额", tax), ("民航发展基金", fund))
    else:
        cells = (("票价", fare), ("民航发展基金", fund), ("燃油附加费", fuel))
    at, heads_, values = 50, [], []
    for label, amount in cells:
        heads_.append((at, label))
        values.append((at, f"CNY {yuan(amount)}"))
        at += 220
    if digital:
        heads_.append((at, "增值税税率"))
        values.append((at, "9%"))
        at += 160
    heads_.append((at, "合计"))
    values.append((at, f"CNY {yuan(total)}"))
    paper.put(*heads_, size=20)
    paper.put(*values, size=21)
    paper.rule()
    paper.put((50, f"电子客票号码：{chance.digits(3)}-{chance.digits(10)}"), (620, f"验证码：{chance.digits(4)}"),
              (900, "保险费：XXX"), size=20)  # fmt: skip
    paper.put((50, f"销售网点代号：{chance.choice(('PEK', 'SHA', 'CAN'))}{chance.digits(3)}"),
              (500, f"填开单位：{airline}"), (1050, f"填开日期：{_date(issued)}"), size=20)  # fmt: skip
    fields = {"date": issued.isoformat(), "total": yuan(total), "seller_name": airline, "category": "交通"}
    if digital:
        paper.put((50, f"购买方名称：{buyer}"), (620, f"统一社会信用代码/纳税人识别号：{buyer_id}"), size=20)
        fields |= {"invoice_number": number, "buyer_name": plain(buyer), "buyer_tax_id": buyer_id,
                   "tax": yuan(tax), "rate": "9%"}  # fmt: skip
    return Drawn("itinerary", fields, paper, code if coded and digital else None)
