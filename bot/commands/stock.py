"""`stock`: the sample stock and its ledger, and putting a lot right with a reason."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands.console import FAILED, WRONG_USAGE, Trouble, database, note, settings_of

if TYPE_CHECKING:
    from config.settings import Settings
    from domain.people import Product
    from domain.stock import StockRules
    from storage.store import Store

KINDS = {
    "counted": "盘点",
    "reserved": "占用",
    "released": "归还",
    "issued": "出库",
    "returned": "退回入库",
    "adjusted": "调整",
}
MOST_MOVEMENTS = 30
CHANGE = re.compile(r"(?P<sign>[+-]?)(?P<number>\d+(?:\.\d+)?)(?P<unit>\D*)")

app = typer.Typer(no_args_is_help=True, help="查看样品库存和流水，有理由地调整。")


@app.command("show", help="全部样品库存；写了产品编码时，再列出它最近的流水。")
def show(
    context: typer.Context,
    code: Annotated[str | None, typer.Argument(metavar="PRODUCT", help="产品编码。")] = None,
) -> None:
    from domain.stock import balance_of, in_words
    from storage.stock import Stock
    from storage.stock_books import differences, movements

    settings = settings_of(context)
    rules, zone = _rules(settings), ZoneInfo(settings.company.timezone)
    now = datetime.now(UTC)
    with database(settings) as store, store.read() as session:
        products = _products(store)
        stock = Stock(session, who="", now=now, inbox_id=None)
        asked = {code: stock.lots(_known(code, products).code)} if code else stock.all_lots()
        for of, lots in asked.items():
            product, balance = products[of], balance_of(lots, now.astimezone(zone).date())
            have, held, free = (
                in_words(amount, product, rules)
                for amount in (balance.on_hand, balance.reserved, balance.available)
            )
            typer.echo(f"{of}  {product.name}  可用 {free}，现有 {have}，占用 {held}")
        for moved, lot in movements(session, code, MOST_MOVEMENTS) if code else ():
            signed = [
                f"{label}{'+' if amount > 0 else '-'}{in_words(abs(amount), products[code or ''], rules)}"
                for label, amount in (("现有", moved.on_hand), ("占用", moved.reserved))
                if amount
            ]
            words = "  ".join(filter(None, (KINDS[moved.kind], *signed, lot, moved.who, moved.reason)))
            typer.echo(f"  {moved.at.astimezone(zone):%Y-%m-%d %H:%M}  {words}")
        wrong = differences(session)
    if wrong:
        note(f"库存和流水对不上：{'、'.join(wrong)}。")
        raise typer.Exit(FAILED)


@app.command("adjust", help="给一个产品的库存加减，理由记进流水。")
def adjust(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="PRODUCT", help="产品编码。")],
    by: Annotated[str, typer.Option("--by", help="加减多少，例如 -2、+1.5 或 -6瓶；不写单位时按产品单位。")],
    reason: Annotated[str, typer.Option("--reason", help="为什么，例如 破损。")],
    lot: Annotated[str, typer.Option("--lot", help="批号；不分批的不写。")] = "",
) -> None:
    from bot.stock_counts import look_soon
    from domain.stock import in_words
    from storage.stock import Stock

    settings = settings_of(context)
    rules, now = _rules(settings), datetime.now(UTC)
    if not reason.strip():
        raise Trouble("调整库存要写理由，例如 --reason 破损。", WRONG_USAGE)
    with database(settings) as store:
        product = _known(code, _products(store))
        delta = _change(by, product, rules)
        with store.write() as session:
            stock = Stock(session, who="xiaofang stock", now=now, inbox_id=None)
            if not stock.adjust(product.code, delta, reason.strip(), lot=lot):
                raise Trouble(
                    f"没有调整：「{product.name}」没有{'批号 ' + lot if lot else '不分批的库存'}，"
                    "或者调整后会少于申请已占用的数量。先看 xiaofang stock show。"
                )
            look_soon(session, now, f"adjusted:{product.code}")
            left = sum((one.on_hand for one in stock.lots(product.code)), Decimal(0))
    typer.echo(f"「{product.name}」现有 {in_words(left, product, rules)}。")


def _change(words: str, product: "Product", rules: "StockRules") -> Decimal:
    from domain.errors import Refusal
    from domain.stock import in_pieces

    found = CHANGE.fullmatch(words.strip())
    if not found:
        raise Trouble(f"看不懂“{words}”。请写成 -2、+1.5 或 -6瓶。", WRONG_USAGE)
    try:
        amount = in_pieces(found["number"], found["unit"].strip(), product, rules)
    except Refusal as refusal:
        raise Trouble(refusal.words, WRONG_USAGE) from None
    return -amount if found["sign"] == "-" else amount


def _known(code: str, products: "dict[str, Product]") -> "Product":
    if code not in products:
        some = "、".join(list(products)[:8])
        raise Trouble(f"没有产品“{code}”。现有：{some or '还没有导入产品'}。")
    return products[code]


def _products(store: "Store") -> "dict[str, Product]":
    from storage.people import all_products

    with store.read() as session:
        return {product.code: product for product in all_products(session)}


def _rules(settings: "Settings") -> "StockRules":
    from config import rulebook

    return rulebook.load(settings.rulebook_dir).stock
