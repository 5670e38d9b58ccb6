"""Made-up invoices of any number, each with known contents, written as the originals that issuers deliver.

Nothing is drawn: a tax bureau's XML, an OFD with an attached XML, and an OFD with nothing but text on its page.
"""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from domain.capital_amounts import in_capitals
from domain.tax_ids import ALPHABET, check_character
from domain.tax_rates import percent
from nlu.senses.checks.amounts import due

PLACES = ("北京", "上海", "广州", "成都", "武汉", "南京", "西安", "杭州", "长沙", "青岛")
TRADES = ("餐饮管理", "商贸", "酒店管理", "办公用品", "物流", "食品")
GOODS = ("*餐饮服务*餐费", "*住宿服务*住宿费", "*纸制品*复印纸", "*乳制品*原味酸奶", "*运输服务*客运服务费")
RATES = ("1%", "3%", "6%", "9%", "13%")
REGIONS = ("11", "31", "33", "44", "51", "61", "95")


@dataclass(frozen=True)
class Row:
    name: str
    net: Decimal
    rate: str
    tax: Decimal


@dataclass(frozen=True)
class Invoice:
    """What an invoice says. Sums are stored, not computed: a defect is one of them that was changed."""

    number: str
    day: date
    seller: str
    seller_id: str
    buyer: str
    buyer_id: str
    rows: tuple[Row, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    capital: str
    qr: str = ""


def invoice(chance: random.Random, now: date, *, buyer: str, buyer_id: str) -> Invoice:
    """A clean one, with the oddities that clean ones have: discounts, rounding, several rates, other brackets."""
    day = now - timedelta(days=chance.randint(0, 100))
    rows = tuple(_row(chance) for _ in range(chance.randint(1, 5)))
    if chance.random() < 0.2:
        first = rows[0]
        off = (first.net / 10).quantize(Decimal("0.01"))
        rows += (Row(first.name, -off, first.rate, -due(off, percent(first.rate) or Decimal(0))),)
    net = sum((row.net for row in rows), Decimal(0))
    tax = sum((row.tax for row in rows), Decimal(0))
    brackets = buyer.translate(str.maketrans("（）", "()")) if chance.random() < 0.5 else buyer
    return Invoice(
        number=f"{day:%y}{chance.choice(REGIONS)}2{chance.randrange(10**15):015d}",
        day=day,
        seller=f"{chance.choice(PLACES)}{chance.randrange(10**6):06d}{chance.choice(TRADES)}有限公司",
        seller_id=tax_id(chance),
        buyer=brackets,
        buyer_id=buyer_id,
        rows=rows,
        net=net,
        tax=tax,
        total=net + tax,
        capital=capitals(net + tax, chance),
    )


def _row(chance: random.Random) -> Row:
    net = Decimal(chance.randint(100, 900_000)) / 100
    if chance.random() < 0.1:
        return Row("*蔬菜*白菜", net, "免税", Decimal("0.00"))
    rate = chance.choice(RATES)
    # Software rounds each line up or down as it likes.
    rounding = Decimal(chance.choice((0, 0, 0, 1, -1))) / 100
    tax = due(net, percent(rate) or Decimal(0))
    return Row(chance.choice(GOODS), net, rate, tax + rounding if tax > 1 else tax)


def capitals(amount: Decimal, chance: random.Random) -> str:
    """One of the usual ways of writing it."""
    words = in_capitals(amount)
    if chance.random() < 0.5:
        words = words.replace("元", "圆")
    return words.replace("整", "正") if chance.random() < 0.3 else words


def tax_id(chance: random.Random) -> str:
    head = "91" + "".join(chance.choice(ALPHABET) for _ in range(15))
    return head + check_character(head)


def as_xml(made: Invoice) -> bytes:
    """As the State Taxation Administration delivers it."""
    lines = "".join(
        f"<IssuItemInformation><ItemName>{row.name}</ItemName><Quantity>1</Quantity><UnPrice>{row.net:.2f}</UnPrice>"
        f"<Amount>{row.net:.2f}</Amount><TaxRate>{_fraction(row.rate)}</TaxRate><ComTaxAm>{row.tax:.2f}</ComTaxAm>"
        "</IssuItemInformation>"
        for row in made.rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><EInvoice><Header>'
        f"<EIid>{made.number}</EIid><InherentLabel><GeneralOrSpecialVAT><LabelCode>02</LabelCode>"
        "<LabelName>普通发票</LabelName></GeneralOrSpecialVAT></InherentLabel></Header><EInvoiceData>"
        f"<SellerInformation><SellerIdNum>{made.seller_id}</SellerIdNum>"
        f"<SellerName>{escape(made.seller)}</SellerName></SellerInformation>"
        f"<BuyerInformation><BuyerIdNum>{made.buyer_id}</BuyerIdNum>"
        f"<BuyerName>{escape(made.buyer)}</BuyerName></BuyerInformation>"
        f"<BasicInformation><TotalAmWithoutTax>{made.net:.2f}</TotalAmWithoutTax><TotalTaxAm>{made.tax:.2f}</TotalTaxAm>"
        f"<TotalTax-includedAmount>{made.total:.2f}</TotalTax-includedAmount>"
        f"<TotalTax-includedAmountInChinese>{made.capital}</TotalTax-includedAmountInChinese>"
        f"<RequestTime>{made.day} 10:11:12</RequestTime></BasicInformation>{lines}</EInvoiceData>"
        f"<TaxSupervisionInfo><InvoiceNumber>{made.number}</InvoiceNumber>"
        f"<IssueTime>{made.day} 10:11:12</IssueTime></TaxSupervisionInfo></EInvoice>"
    ).encode()


def _fraction(rate: str) -> str:
    found = percent(rate)
    return rate if found is None or "%" not in rate else f"{found / 100:f}"


def as_ofd(made: Invoice) -> bytes:
    """With the whole invoice as an attached XML, as invoicing platforms make it."""
    lines = "".join(
        f"<fp:GoodsInfo><fp:Item>{row.name}</fp:Item><fp:Amount>{row.net:.2f}</fp:Amount>"
        f"<fp:TaxScheme>{row.rate}</fp:TaxScheme><fp:TaxAmount>{row.tax:.2f}</fp:TaxAmount></fp:GoodsInfo>"
        for row in made.rows
    )
    graph = f"<fp:GraphCode>{made.qr}</fp:GraphCode>" if made.qr else ""
    attached = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0">'
        f"<fp:InvoiceNo>{made.number}</fp:InvoiceNo><fp:IssueDate>{made.day:%Y年%m月%d日}</fp:IssueDate>"
        f"<fp:Buyer><fp:BuyerName>{escape(made.buyer)}</fp:BuyerName>"
        f"<fp:BuyerTaxID>{made.buyer_id}</fp:BuyerTaxID></fp:Buyer>"
        f"<fp:Seller><fp:SellerName>{escape(made.seller)}</fp:SellerName>"
        f"<fp:SellerTaxID>{made.seller_id}</fp:SellerTaxID></fp:Seller>"
        f"<fp:TaxInclusiveTotalAmount>{made.total:.2f}</fp:TaxInclusiveTotalAmount>"
        f"<fp:TaxTotalAmount>{made.tax:.2f}</fp:TaxTotalAmount>"
        f"<fp:TaxExclusiveTotalAmount>{made.net:.2f}</fp:TaxExclusiveTotalAmount>{graph}"
        f"<fp:GoodsInfos>{lines}</fp:GoodsInfos></eInvoice>"
    )
    return ofd_of(_page(made), attached=attached)


def as_bare_ofd(made: Invoice) -> bytes:
    """With text on its page and nothing beside it."""
    return ofd_of(_page(made))


WAYS: tuple[Callable[[Invoice], bytes], ...] = (as_xml, as_ofd, as_bare_ofd)

Text = tuple[float, float, str]
"""Millimetres from the left and from the top, and the words."""


def _page(made: Invoice) -> list[Text]:
    rows: list[Text] = []
    for number, row in enumerate(made.rows):
        y = 58.0 + 5 * number
        rows += [(8, y, row.name), (130, y, f"{row.net:.2f}"), (160, y, row.rate), (180, y, f"{row.tax:.2f}")]
    return [
        (60, 10, "电子发票（普通发票）"),
        (140, 12, f"发票号码：{made.number}"),
        (140, 18, f"开票日期：{made.day:%Y年%m月%d日}"),
        (8, 32, f"名称：{made.buyer}"),
        (108, 32, f"名称：{made.seller}"),
        (8, 40, f"统一社会信用代码/纳税人识别号：{made.buyer_id}"),
        (108, 40, f"统一社会信用代码/纳税人识别号：{made.seller_id}"),
        (8, 50, "项目名称"),
        (130, 50, "金额"),
        (160, 50, "税率"),
        (180, 50, "税额"),
        *rows,
        (8, 100, "合计"),
        (126, 100, f"¥{made.net:.2f}"),
        (176, 100, f"¥{made.tax:.2f}"),
        (8, 108, "价税合计（大写）"),
        (50, 108, made.capital),
        (140, 108, f"（小写）¥{made.total:.2f}"),
    ]


SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_of(texts: list[Text], *, attached: str = "", named: dict[str, str] | None = None) -> bytes:
    """A one-page OFD of these texts; what ends in a colon goes into the template, as labels do."""
    data = "".join(
        f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>' for name, value in (named or {}).items()
    )
    parts = {
        "OFD.xml": f'<ofd:OFD {SPACE} DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:CustomDatas>{data}</ofd:CustomDatas></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {SPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 140"
        '</ofd:PhysicalBox></ofd:PageArea><ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>'
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/Tpls/Tpl_0/Content.xml": _layer([text for text in texts if text[2].endswith("：")]),
        "Doc_0/Pages/Page_0/Content.xml": _layer(
            [text for text in texts if not text[2].endswith("：")], '<ofd:Template TemplateID="2"/>'
        ),
    }
    if attached:
        parts["Doc_0/Attachs/original_invoice.xml"] = attached
    return zipped(parts)


def _layer(texts: list[Text], head: str = "") -> str:
    objects = "".join(
        f'<ofd:TextObject ID="{100 + number}" Boundary="{x} {y} {3 * len(words)} 4" Size="3">'
        f'<ofd:TextCode X="0" Y="3">{escape(words)}</ofd:TextCode></ofd:TextObject>'
        for number, (x, y, words) in enumerate(texts)
    )
    return f"<ofd:Page {SPACE}>{head}<ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"


def zipped(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()
