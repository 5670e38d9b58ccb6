"""Invoices that go on over several pages, and invoices whose goods stand on a list of their own."""

from dataclasses import dataclass

from tests.papers.contents import Bill, Chance, bill, capital, yuan
from tests.papers.paper import Paper

Line = tuple[str, str]
"""Name and amount."""


@dataclass(frozen=True)
class Long:
    fields: dict[str, str]
    goods: tuple[Line, ...]
    pages: tuple[Paper, ...]


def digital_on_two_pages(chance: Chance) -> Long:
    """A fully digital invoice: every page repeats the head, the last one has the sum."""
    made = bill(chance)
    number = chance.digital_number(made.day)
    lines = _amounts(made)
    half = (len(lines) + 1) // 2
    pages = []
    for place, goods in enumerate((lines[:half], lines[half:]), start=1):
        paper = Paper(1400, 900, (255, 255, 255))
        paper.centre("电子发票（普通发票）", 38)
        paper.y = 40
        paper.put((1000, f"发票号码：{number}"), size=22)
        paper.put((1000, f"开票日期：{made.day:%Y年%m月%d日}"), size=22)
        paper.put((1000, f"共2页 第{place}页"), size=20)
        _parties(paper, made)
        _goods(paper, made, goods)
        if place == 1:
            paper.put((120, "小        计"), (880, f"¥{goods[0][1]}"), size=21)
        else:
            _sum(paper, made)
        pages.append(paper)
    return Long({"invoice_number": number} | made.fields(), lines, tuple(pages))


def vat_with_list(chance: Chance) -> Long:
    """An older invoice that says 详见销货清单, and the list on the page behind it."""
    made, code, number = bill(chance), chance.digits(12), chance.digits(8)
    lines = _amounts(made)
    paper = Paper(1400, 900, (255, 255, 255))
    paper.centre("北京增值税电子普通发票", 38)
    paper.put((1000, f"发票代码：{code}"), size=22)
    paper.put((1000, f"发票号码：{number}"), size=22)
    paper.put((1000, f"开票日期：{made.day:%Y年%m月%d日}"), size=22)
    _parties(paper, made)
    paper.put((60, "货物或应税劳务、服务名称"), (760, "金额"), (900, "税率"), (-50, "税额"), size=20)
    paper.put((44, "(详见销货清单)"), (760, yuan(made.net)), (900, made.rate), (-50, yuan(made.tax)), size=20)
    _sum(paper, made)
    listed = Paper(1400, 900, (255, 255, 255))
    listed.centre("销售货物或者提供应税劳务、服务清单", 34)
    listed.put((60, f"购买方名称：{made.buyer}"), size=20)
    listed.put((60, f"销售方名称：{made.seller}"), size=20)
    listed.put((60, f"所属增值税电子普通发票代码：{code}"), (800, f"号码：{number}"), size=20)
    _goods(listed, made, lines)
    listed.put((120, "合计"), (880, f"¥{yuan(made.net)}"), (-50, f"¥{yuan(made.tax)}"), size=21)
    fields = {"invoice_code": code, "invoice_number": number} | made.fields()
    return Long(fields, lines, (paper, listed))


def _amounts(made: Bill) -> tuple[Line, ...]:
    return tuple((name, yuan(amount)) for name, _, _, amount, _ in made.lines)


def _parties(paper: Paper, made: Bill) -> None:
    paper.y += 20
    paper.put((92, f"名称：{made.buyer}"), (742, f"名称：{made.seller}"), size=21)
    label = "统一社会信用代码/纳税人识别号："
    paper.put((92, label + made.buyer_id), (742, label + made.seller_id), size=21)


def _goods(paper: Paper, made: Bill, goods: tuple[Line, ...]) -> None:
    paper.put((60, "项目名称"), (760, "金额"), (900, "税率"), (-50, "税额"), size=20)
    taxes = {(name, yuan(amount)): yuan(tax) for name, _, _, amount, tax in made.lines}
    for line in goods:
        paper.put((44, line[0]), (760, line[1]), (900, made.rate), (-50, taxes[line]), size=20)


def _sum(paper: Paper, made: Bill) -> None:
    paper.put((120, "合        计"), (880, f"¥{yuan(made.net)}"), (-50, f"¥{yuan(made.tax)}"), size=21)
    whole = f"（小写）¥{yuan(made.total)}"
    paper.put((100, "价税合计（大写）"), (400, capital(made.total)), (900, whole), size=21)
