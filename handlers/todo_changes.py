"""Changing a to-do that stands, by a word of whoever has to do it or of whoever noted it."""

from domain.cards import Text
from domain.errors import Refusal
from domain.intents.records import Said
from domain.intents.todos import TodoChange
from handlers.todos import MOST_SHOWN, in_words, means, numbered
from handlers.turn import Reply, Turn, say, tell
from storage.tables import RecordRow
from storage.todos import open_todos, todos_about


def change(intent: TodoChange, turn: Turn) -> Reply:
    """Raises Refusal where no to-do of his is meant, or more than one may be, or it is not said clearly to what."""
    row = _meant(intent, turn)
    if intent.cancel:
        return _cancel(row, turn)
    was, owner_was = in_words(row, turn), str(row.data.get("owner"))
    if intent.due:
        _set(row, "due", intent.due, turn)
    if intent.owner:
        _set(row, "owner", intent.owner, turn)
    owner = turn.work.people.ever(str(row.data.get("owner")))
    now = f"{in_words(row, turn)}，由{owner.name if owner else '?'}负责"
    words = f"{turn.person.name} 改了待办「{was}」：现在是{now}。"
    return say(turn, f"好，待办改成：{now}。") + _told(row, words, turn, owner_was)


def _cancel(row: RecordRow, turn: Turn) -> Reply:
    turn.work.records.set_status(row, "undone", f"{turn.person.name}取消")
    words = f"{turn.person.name} 取消了待办：{in_words(row, turn)}。"
    return say(turn, f"好，已取消待办：{in_words(row, turn)}。") + _told(row, words, turn)


def _meant(intent: TodoChange, turn: Turn) -> RecordRow:
    row = turn.work.records.hold(_found(intent, turn))
    if row.status != "confirmed" or row.data.get("status") == "done":
        raise Refusal("这条待办刚刚已经完成或取消了。")
    return row


def _found(intent: TodoChange, turn: Turn) -> RecordRow:
    if intent.number:
        return numbered(intent.number, open_todos(turn.work.session, turn.person.id))
    rows, title = todos_about(turn.work.session, turn.person.id), intent.title
    exactly = [row for row in rows if str(row.data.get("title")) == title]
    found = exactly or [row for row in rows if means(title, str(row.data.get("title")))]
    if not found:
        raise Refusal(f"你名下、或你记下的未完成待办里，没有“{title}”。说“我的待办”可以看。")
    if len(found) > 1:
        several = "；".join(in_words(row, turn) for row in found[:MOST_SHOWN])
        raise Refusal(f"有 {len(found)} 条像的：{several}。把内容说全一点，我就知道是哪一条。")
    return found[0]


def _set(row: RecordRow, field: str, said: Said, turn: Turn) -> None:
    """Raises Refusal where the words have several readings."""
    if said.value is None:
        raise Refusal(f"“{said.words}”我不能确定是哪一个，说得具体一点再改。")
    if row.data.get(field) != said.value:
        turn.work.records.change(row, field, said.value, said.words, "本人说的")


def _told(row: RecordRow, words: str, turn: Turn, *others: str) -> Reply:
    """Everybody concerned who did not say it himself."""
    people = dict.fromkeys((str(row.data.get("owner")), row.reporter_id, *others))
    return sum((tell(who, Text(text=words)) for who in people if who != turn.person.id), Reply())
