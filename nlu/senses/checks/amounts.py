"""Figures that have to make one another: lines, net, tax, total, and the total in capitals."""

from decimal import ROUND_HALF_UP, Decimal

from domain.capital_amounts import amount_of, same
from domain.checks import Check
from domain.tax_rates import HIDDEN, is_legal, percent
from nlu.senses.checks.evidence import Evidence, broken

LINE_TOLERANCE = Decimal("0.01")
INVOICE_TOLERANCE = Decimal("0.06")
"""Invoicing software rounds every line by itself, and the sum of the lines may be off by a few fen."""
CENT = Decimal("0.01")


def tax_arithmetic(evidence: Evidence) -> Check | None:
    """Net times rate is the tax, line by line to a fen, and as a whole to six."""
    taxed = [item for item in evidence.items if item.amount and item.tax and item.rate]
    for number, item in enumerate(taxed, start=1):
        net, tax, rate = Decimal(item.amount or 0), Decimal(item.tax or 0), percent(item.rate or "")
        if rate is not None and abs(due(net, rate) - tax) > LINE_TOLERANCE:
            words = (
                f"第 {number} 行“{item.name}”金额 {net} 按税率 {item.rate} 应有税额 {due(net, rate)}，"
                f"票面是 {tax}。请核对原票。"
            )
            return broken("tax_arithmetic", evidence.severity("items"), words, "items")
    total = evidence.money("tax")
    if not taxed or len(taxed) != len(evidence.items) or total is None:
        return _whole_tax(evidence)
    summed = sum((Decimal(item.tax or 0) for item in taxed), Decimal(0))
    if abs(summed - total) <= INVOICE_TOLERANCE:
        return None
    words = f"各行税额相加是 {summed}，与票面税额 {total} 不符。请核对原票。"
    return broken("tax_arithmetic", "error", words, "tax")


def _whole_tax(evidence: Evidence) -> Check | None:
    net, tax = evidence.money("net"), evidence.money("tax")
    printed = evidence.text("rate")
    rate = percent(printed)
    if net is None or tax is None or rate is None or abs(due(net, rate) - tax) <= INVOICE_TOLERANCE:
        return None
    words = f"金额 {net} 按税率 {printed} 应有税额 {due(net, rate)}，票面是 {tax}。请核对原票。"
    return broken("tax_arithmetic", "error", words, "tax")


def due(net: Decimal, rate: Decimal) -> Decimal:
    return (net * rate / 100).quantize(CENT, ROUND_HALF_UP)


def total_arithmetic(evidence: Evidence) -> Check | None:
    """Net and tax make the total, to the fen."""
    net, tax, total = map(evidence.money, ("net", "tax", "total"))
    if net is None or tax is None or total is None or net + tax == total:
        return None
    words = f"金额 {net} 加税额 {tax} 等于 {net + tax}，与价税合计 {total} 不符。请核对原票。"
    return broken("total_arithmetic", "error", words, "total")


def lines_sum(evidence: Evidence) -> Check | None:
    """The lines make the net of an invoice, or the total of a receipt; a receipt may have a discount."""
    base = evidence.money("net") or evidence.money("total")
    amounts = [item.amount for item in evidence.items]
    if not amounts or None in amounts or base is None:
        return None
    summed = sum((Decimal(amount) for amount in amounts if amount), Decimal(0))
    if summed == base or ("net" not in evidence.fields and summed > base):
        return None
    words = f"各行金额相加是 {summed}，与票面合计 {base} 不符。请核对原票。"
    # Recognition may have missed a line; and a receipt without net may have a discount below its lines.
    severity = evidence.severity("items") if "net" in evidence.fields else "warning"
    return broken("lines_sum", severity, words, "items")


def capital_mismatch(evidence: Evidence) -> Check | None:
    """The total in capitals is the total in figures. Nothing is said of capitals that recognition garbled."""
    total, capital = evidence.money("total"), evidence.capital
    if total is None or capital is None or same(capital.text, total):
        return None
    amount = amount_of(capital.text)
    if amount is None and capital.source.origin == "ocr":
        return None
    meaning = f"（{amount:.2f}）" if amount is not None else ""
    words = f"大写金额“{capital.text}”{meaning}与小写 {total} 不符。请核对原票。"
    return broken("capital_mismatch", "error", words, "total")


def illegal_rate(evidence: Evidence) -> Check | None:
    """Only rates that the tax law knows, at the time of the invoice."""
    printed = [item.rate for item in evidence.items if item.rate] or [evidence.text("rate")]
    for words in filter(None, printed):
        rate = percent(words)
        if HIDDEN.fullmatch(words) or (rate is not None and is_legal(rate, evidence.day)):
            continue
        told = f"税率“{words}”不在现行增值税税率之列（0、1、3、5、6、9、13%、免税、不征税）。请核对原票。"
        return broken("illegal_rate", "error", told, "rate" if "rate" in evidence.fields else "items")
    return None


def cancelled(evidence: Evidence) -> Check | None:
    """A red invoice (红字发票) takes an earlier one back: its total is negative, and nothing was spent."""
    total = evidence.money("total")
    if total is None or total >= 0 or "invoice_number" not in evidence.fields:
        return None
    words = f"价税合计是负数（{total}），这是一张红字发票，是用来冲销原发票的，不能报销。请发蓝字发票。"
    return broken("cancelled", "error", words, "total")
