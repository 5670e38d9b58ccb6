"""`hand-over`: the customers of one person to another, for whoever runs the server."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import WRONG_USAGE, Trouble, database, settings_of

if TYPE_CHECKING:
    from domain.people import Person

SHOWN = 10


def hand_over(
    context: typer.Context,
    giver: Annotated[
        str, typer.Argument(metavar="FROM", help="现在的负责人：编号、姓名或小名，离职的也行。")
    ],
    taker: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="新的负责人；不写时要加 --public。")
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="放到公海，不给任何人。")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="真的交接；不加时只列出会交接哪些客户。")] = False,
) -> None:
    """把一个人的客户交给另一个人，或者放到公海；先列出来，加 --yes 才交接。"""
    from storage import transfers
    from storage.work import work_of

    if (taker is None) is not public:
        raise Trouble("请写清楚交给谁，或者加 --public 放到公海（两样只能选一样）。", WRONG_USAGE)
    now = datetime.now(UTC)
    with database(settings_of(context)) as store, store.write() as session:
        source = _one(transfers.people_named(session, giver), giver)
        target = _one(transfers.people_named(session, taker), taker) if taker else None
        if target and (not target.active or target.id == source.id):
            raise Trouble(f"{target.name} 已经离职，或者就是现在的负责人，不能交给他。")
        owned = transfers.customers_of(session, source.id)
        whom = target.name if target else "公海"
        names = "、".join(name for _, name in owned[:SHOWN]) + ("等" if len(owned) > SHOWN else "")
        if not yes or not owned:
            typer.echo(f"{source.name} 名下有 {len(owned)} 家客户{f'：{names}' if names else ''}。")
            if owned:
                typer.echo(f"加上 --yes 就全部交给{whom}。")
            return
        codes = [code for code, _ in owned]
        row = transfers.propose(
            session, source.id, target.id if target else None, codes, who="command line", now=now
        )
        transfers.decide(session, row, "done", now)
        records = work_of(session, who="command line", now=now, inbox_id=None).records
        moved = transfers.carry_out(records, row)
        records.audit(f"transfer:{row.id}", "state", None, "done", f"命令行交接 {len(moved)} 家")
        records.write()
        typer.echo(f"已把 {source.name} 的 {len(moved)} 家客户交给{whom}。")


def _one(found: "list[Person]", words: str) -> "Person":
    if len(found) == 1:
        return found[0]
    several = "、".join(f"{p.name}（{p.id}）" for p in found)
    raise Trouble(
        f"“{words}”有 {len(found)} 个人：{several}。请写编号。" if found else f"没有“{words}”这个人。"
    )
