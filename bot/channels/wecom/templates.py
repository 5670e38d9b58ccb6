"""The five kinds of template card, as the platform's JSON, with its limits kept.

Text over a limit is shortened with an ellipsis (the platform would cut it in display); too many of something
is a ValueError, since leaving out a button or an option would change what the card means.
Limits: developer.work.weixin.qq.com/document/path/90236. Characters, except where bytes are said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from bot.channels.wecom.texts import clean, clip

Json = dict[str, Any]
Thing = TypeVar("Thing")
Colour = Literal["grey", "black", "red", "green"]
Look = Literal[1, 2, 3, 4]
"""Of a button: blue, blue on white, red, grey."""

COLOURS: dict[Colour, int] = {"grey": 0, "black": 1, "red": 2, "green": 3}

SOURCE, TITLE, DESC, EMPHASIS, EMPHASIS_DESC, SUBTITLE = 20, 36, 44, 14, 22, 160
KEYNAME, VALUE, JUMP, BUTTON, CHECK, OPTION = 5, 30, 18, 10, 17, 16
QUOTE_TITLE, QUOTE, VERTICAL_TITLE, VERTICAL_DESC = 36, 160, 38, 160
TASK_ID_BYTES, KEY_BYTES, OPTION_ID_BYTES = 128, 1024, 128

TASK_ID = re.compile(rf"[0-9A-Za-z_\-@]{{1,{TASK_ID_BYTES}}}")


@dataclass(frozen=True)
class Head:
    """What every kind begins with."""

    title: str
    desc: str = ""
    source: str = ""
    colour: Colour = "grey"
    quote_title: str = ""
    quote: str = ""
    menu_desc: str = ""
    menu: tuple[tuple[str, str], ...] = ()
    """Up to three (text, key); with it a notice needs a task id."""


@dataclass(frozen=True)
class Row:
    keyname: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class CardButton:
    text: str
    key: str
    style: Look = 1


@dataclass(frozen=True)
class Option:
    id: str
    text: str
    checked: bool = False


@dataclass(frozen=True)
class Selection:
    question_key: str
    title: str
    options: tuple[Option, ...]
    selected: str = ""


def text_notice(
    head: Head,
    url: str,
    *,
    task_id: str = "",
    emphasis: tuple[str, str] | None = None,
    subtitle: str = "",
    rows: Sequence[Row] = (),
    jumps: Sequence[tuple[str, str]] = (),
) -> Json:
    """`jumps` are (title, url); a tap anywhere else leads to `url`."""
    if not head.title and not subtitle:
        raise ValueError("a text notice needs a title or a subtitle")
    return _filled(
        card_type="text_notice",
        **_head(head),
        emphasis_content=_texts(title=(emphasis[0], EMPHASIS), desc=(emphasis[1], EMPHASIS_DESC))
        if emphasis
        else None,
        sub_title_text=clip(subtitle, SUBTITLE),
        horizontal_content_list=_rows(rows),
        jump_list=_jumps(jumps),
        card_action={"type": 1, "url": url},
        task_id=_task_id(task_id, needed=bool(head.menu)),
    )


def news_notice(
    head: Head,
    url: str,
    image_url: str,
    *,
    task_id: str = "",
    aspect_ratio: float = 1.3,
    vertical: Sequence[tuple[str, str]] = (),
    rows: Sequence[Row] = (),
    jumps: Sequence[tuple[str, str]] = (),
) -> Json:
    """`aspect_ratio` is width to height, 1.3 to 2.25; `vertical` up to four (title, text)."""
    if not 1.3 <= aspect_ratio <= 2.25:
        raise ValueError(f"aspect ratio {aspect_ratio} of a card's picture must lie between 1.3 and 2.25")
    below = [
        _texts(title=(title, VERTICAL_TITLE), desc=(desc, VERTICAL_DESC))
        for title, desc in _at_most(4, vertical, "paragraphs")
    ]
    return _filled(
        card_type="news_notice",
        **_head(head),
        card_image={"url": image_url, "aspect_ratio": aspect_ratio},
        vertical_content_list=below,
        horizontal_content_list=_rows(rows),
        jump_list=_jumps(jumps),
        card_action={"type": 1, "url": url},
        task_id=_task_id(task_id, needed=bool(head.menu)),
    )


def button_interaction(
    head: Head,
    task_id: str,
    buttons: Sequence[CardButton],
    *,
    subtitle: str = "",
    rows: Sequence[Row] = (),
    selection: Selection | None = None,
    url: str = "",
) -> Json:
    """One to six buttons; `selection` is a menu of up to ten options beside them."""
    if not buttons:
        raise ValueError("a button card needs a button; without one it is a text notice")
    keys = _distinct([_key(button.key) for button in buttons], "button keys")
    return _filled(
        card_type="button_interaction",
        **_head(head),
        sub_title_text=clip(subtitle, SUBTITLE),
        horizontal_content_list=_rows(rows),
        card_action={"type": 1, "url": url} if url else None,
        task_id=_task_id(task_id),
        button_selection=_selection(selection) if selection else None,
        button_list=[
            {"type": 0, "text": clip(button.text, BUTTON) or "确定", "style": button.style, "key": key}
            for button, key in zip(_at_most(6, buttons, "buttons"), keys, strict=True)
        ],
    )


def vote_interaction(
    head: Head,
    task_id: str,
    question_key: str,
    options: Sequence[Option],
    *,
    submit: CardButton,
    several: bool = False,
) -> Json:
    """One to twenty options, of which one or `several` may be ticked."""
    ids = _distinct([_option_id(option.id) for option in options], "options")
    ticks = [
        {"id": name, "text": clip(option.text, CHECK) or name, "is_checked": option.checked}
        for option, name in zip(_at_most(20, options, "options", least=1), ids, strict=True)
    ]
    return _filled(
        card_type="vote_interaction",
        **_head(head),
        task_id=_task_id(task_id),
        checkbox={"question_key": _key(question_key), "option_list": ticks, "mode": int(several)},
        submit_button=_submit(submit),
    )


def multiple_interaction(
    head: Head, task_id: str, selections: Sequence[Selection], *, submit: CardButton
) -> Json:
    """One to three menus of up to ten options each."""
    _distinct([selection.question_key for selection in selections], "questions")
    return _filled(
        card_type="multiple_interaction",
        **_head(head),
        task_id=_task_id(task_id),
        select_list=[_selection(one) for one in _at_most(3, selections, "menus", least=1)],
        submit_button=_submit(submit),
    )


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────


def _head(head: Head) -> Json:
    quote = _texts(title=(head.quote_title, QUOTE_TITLE), quote_text=(head.quote, QUOTE))
    menu = [
        {"text": clip(text, BUTTON) or "…", "key": _key(key)}
        for text, key in _at_most(3, head.menu, "menu entries")
    ]
    _distinct([entry["key"] for entry in menu], "menu keys")
    source = clip(head.source, SOURCE)
    return {
        "source": {"desc": source, "desc_color": COLOURS[head.colour]} if source else None,
        "action_menu": {"desc": clip(head.menu_desc, BUTTON), "action_list": menu} if menu else None,
        "main_title": _texts(title=(head.title, TITLE), desc=(head.desc, DESC)),
        "quote_area": {"type": 0, **quote} if quote else None,
    }


def _rows(rows: Sequence[Row]) -> list[Json]:
    found = []
    for row in _at_most(6, rows, "rows"):
        link = {"type": 1, "url": row.url} if row.url else {}
        found.append({**link, "keyname": clip(row.keyname, KEYNAME) or "…", "value": clip(row.value, VALUE)})
    return found


def _jumps(jumps: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"type": 1, "title": clip(title, JUMP), "url": url} for title, url in _at_most(3, jumps, "links")]


def _selection(selection: Selection) -> Json:
    ids = _distinct([_option_id(option.id) for option in selection.options], "options")
    options = _at_most(10, selection.options, "options", least=1)
    return _filled(
        question_key=_key(selection.question_key),
        title=clip(selection.title, TITLE),
        option_list=[
            {"id": name, "text": clip(option.text, OPTION) or name}
            for option, name in zip(options, ids, strict=True)
        ],
        selected_id=selection.selected,
    )


def _submit(button: CardButton) -> Json:
    return {"text": clip(button.text, BUTTON) or "提交", "key": _key(button.key)}


def _texts(**fields: tuple[str, int]) -> Json:
    return _filled(**{name: clip(text, limit) for name, (text, limit) in fields.items()})


def _filled(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _task_id(task_id: str, needed: bool = True) -> str:
    if (task_id or needed) and not TASK_ID.fullmatch(task_id):
        raise ValueError(f"task id {task_id!r} must be 1 to {TASK_ID_BYTES} of 0-9A-Za-z_-@")
    return task_id


def _key(key: str) -> str:
    return _id(key, KEY_BYTES)


def _option_id(name: str) -> str:
    return _id(name, OPTION_ID_BYTES)


def _id(name: str, limit: int) -> str:
    if clean(name) != name or not 1 <= len(name.encode()) <= limit:
        raise ValueError(f"key of {len(name)} characters must be 1 to {limit} bytes of plain text")
    return name


def _at_most(limit: int, things: Sequence[Thing], called: str, least: int = 0) -> Sequence[Thing]:
    if not least <= len(things) <= limit:
        raise ValueError(f"{len(things)} {called} on a card, WeCom takes {least} to {limit}")
    return things


def _distinct(names: list[str], called: str) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError(f"{called} on a card must differ from one another")
    return names
