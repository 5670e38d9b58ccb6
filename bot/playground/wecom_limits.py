"""What message/send accepts: byte limits, required fields of cards, and what the platform cuts silently."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
NOTICES = frozenset({"text_notice", "news_notice"})
MEDIA_TYPES = frozenset({"image", "voice", "file"})

CUT = {
    "text": {"content": 2048},
    "textcard": {"title": 128, "description": 512},
    "video": {"title": 128, "description": 512},
}
"""Bytes after which the platform cuts without a word."""

ARTICLE_CUT = {"title": 128, "description": 512}

ADVICE = {
    ("source", "desc"): 20,
    ("main_title", "title"): 36,
    ("main_title", "desc"): 44,
    ("emphasis_content", "title"): 14,
    ("emphasis_content", "desc"): 22,
    ("sub_title_text",): 160,
}
"""Characters that are shown; longer text is cut in display only."""

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


class Refused(Exception):
    """The call is refused with this errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


def require(met: object, errmsg: str, errcode: int = 40058) -> None:
    if not met:
        raise Refused(errcode, errmsg)


def cut_bytes(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def size(text: object) -> int:
    return len(str(text).encode())


def checked_body(message: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The part under `msgtype` as members will see it, and the names of fields that were cut.

    Raises `Refused` as the platform would.
    """
    kind = message.get("msgtype")
    require(kind in CHECKS, f"invalid message type {kind!r}", 40008)
    body = message.get(str(kind))
    require(isinstance(body, dict) and body, f"missing {kind}", 44004 if kind == "text" else 40058)
    shown = dict(body or {})
    cut = CHECKS[str(kind)](shown)
    for name, limit in CUT.get(str(kind), {}).items():
        if size(shown.get(name, "")) > limit:
            shown[name] = cut_bytes(str(shown[name]), limit)
            cut.append(name)
    return shown, cut


def _text(body: dict[str, Any]) -> list[str]:
    require(isinstance(body.get("content"), str) and body["content"], "empty content", 44004)
    return []


def _markdown(body: dict[str, Any]) -> list[str]:
    _text(body)
    require(size(body["content"]) <= 2048, "content exceeds 2048 bytes", 45002)
    return []


def _media(body: dict[str, Any]) -> list[str]:
    require(body.get("media_id"), "missing media_id", 40007)
    return []


def _textcard(body: dict[str, Any]) -> list[str]:
    for name in ("title", "description", "url"):
        require(body.get(name), f"missing textcard.{name}")
    require(size(body["url"]) <= 2048, "textcard.url exceeds 2048 bytes")
    require(len(body.get("btntxt", "")) <= 4, "textcard.btntxt exceeds 4 characters")
    return []


def _news(body: dict[str, Any]) -> list[str]:
    articles = body.get("articles")
    require(isinstance(articles, list) and 1 <= len(articles) <= 8, "1 to 8 articles")
    cut: list[str] = []
    for article in articles or []:
        require(article.get("title"), "missing article title")
        require(article.get("url") or article.get("appid"), "missing article url")
        require(size(article.get("url", "")) <= 2048, "article url exceeds 2048 bytes")
        for name, limit in ARTICLE_CUT.items():
            if size(article.get(name, "")) > limit:
                article[name] = cut_bytes(article[name], limit)
                cut.append(f"articles.{name}")
    return cut


def _card(card: dict[str, Any]) -> list[str]:
    check_card(card)
    return over_advice(card)


def check_card(card: Mapping[str, Any]) -> None:
    """Raises `Refused` where a required field is missing or a hard limit is passed."""
    kind = card.get("card_type")
    require(kind in INTERACTIVE | NOTICES, f"invalid card_type {kind!r}")
    _check_shared(card)
    if kind in NOTICES:
        action = card.get("card_action") or {}
        require(action.get("type") in (1, 2), "card_action.type 1 or 2 is required")
        require(
            action.get("url") if action.get("type") == 1 else action.get("appid"), "card_action has no target"
        )
    if kind in INTERACTIVE or card.get("action_menu"):
        require(TASK_ID.fullmatch(str(card.get("task_id", ""))), "task_id missing or malformed")
    for check in CARD_CHECKS[str(kind)]:
        check(card)


def _check_shared(card: Mapping[str, Any]) -> None:
    menu = (card.get("action_menu") or {}).get("action_list", [])
    if card.get("action_menu"):
        require(1 <= len(menu) <= 3, "action_menu.action_list takes 1 to 3")
        _check_keys("action_menu", menu)
    rows = card.get("horizontal_content_list", [])
    require(len(rows) <= 6, "horizontal_content_list takes at most 6")
    for row in rows:
        require(row.get("keyname"), "horizontal_content_list.keyname is required")
        require(row.get("type", 0) in (0, 1, 2, 3), "horizontal_content_list.type")
    require(len(card.get("jump_list", [])) <= 3, "jump_list takes at most 3")


def _check_keys(where: str, entries: Iterable[Mapping[str, Any]]) -> None:
    keys = [entry.get("key", "") for entry in entries]
    require(all(entry.get("text") for entry in entries), f"{where}: text is required")
    require(all(keys), f"{where}: key is required")
    require(all(size(key) <= 1024 for key in keys), f"{where}: key exceeds 1024 bytes")
    require(len(set(keys)) == len(keys), f"{where}: keys must differ")


def _check_options(where: str, question: Mapping[str, Any], most: int) -> None:
    require(question.get("question_key"), f"{where}: question_key is required")
    options = question.get("option_list") or []
    require(1 <= len(options) <= most, f"{where}: 1 to {most} options")
    ids = [str(option.get("id", "")) for option in options]
    require(all(ids) and all(size(one) <= 128 for one in ids), f"{where}: option id of 1 to 128 bytes")
    require(len(set(ids)) == len(ids), f"{where}: option ids must differ")
    require(all(option.get("text") for option in options), f"{where}: option text is required")


def _has_title(card: Mapping[str, Any]) -> None:
    require((card.get("main_title") or {}).get("title"), "main_title.title is required")


def _text_notice(card: Mapping[str, Any]) -> None:
    has_title = (card.get("main_title") or {}).get("title")
    require(has_title or card.get("sub_title_text"), "main_title.title or sub_title_text is required")


def _news_notice(card: Mapping[str, Any]) -> None:
    require(
        card.get("card_image") or card.get("image_text_area"), "card_image or image_text_area is required"
    )
    require(len(card.get("vertical_content_list", [])) <= 4, "vertical_content_list takes at most 4")


def _buttons(card: Mapping[str, Any]) -> None:
    buttons = card.get("button_list") or []
    require(1 <= len(buttons) <= 6, "button_list takes 1 to 6")
    _check_keys("button_list", [button for button in buttons if button.get("type", 0) == 0])
    for button in buttons:
        require(button.get("type", 0) == 0 or button.get("url"), "a button of type 1 needs a url")
        require(button.get("style", 1) in (1, 2, 3, 4), "button style 1 to 4")
    if card.get("button_selection"):
        _check_options("button_selection", card["button_selection"], 10)


def _vote(card: Mapping[str, Any]) -> None:
    require(card.get("checkbox"), "checkbox is required")
    _check_options("checkbox", card["checkbox"], 20)


def _multiple(card: Mapping[str, Any]) -> None:
    questions = card.get("select_list") or []
    require(1 <= len(questions) <= 3, "select_list takes 1 to 3")
    for question in questions:
        _check_options("select_list", question, 10)
    keys = [question["question_key"] for question in questions]
    require(len(set(keys)) == len(keys), "select_list: question keys must differ")


def _submit(card: Mapping[str, Any]) -> None:
    button = card.get("submit_button") or {}
    require(button.get("text") and button.get("key"), "submit_button needs text and key")
    require(size(button["key"]) <= 1024, "submit_button.key exceeds 1024 bytes")


def over_advice(card: Mapping[str, Any]) -> list[str]:
    """The fields whose text is longer than what a phone shows."""
    over = []
    for path, limit in ADVICE.items():
        value: Any = card
        for step in path:
            value = (value or {}).get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str) and len(value) > limit:
            over.append(".".join(path))
    return over


CHECKS = {
    "text": _text,
    "markdown": _markdown,
    "image": _media,
    "voice": _media,
    "file": _media,
    "video": _media,
    "textcard": _textcard,
    "news": _news,
    "template_card": _card,
}

CARD_CHECKS = {
    "text_notice": (_text_notice,),
    "news_notice": (_has_title, _news_notice),
    "button_interaction": (_has_title, _buttons),
    "vote_interaction": (_has_title, _vote, _submit),
    "multiple_interaction": (_has_title, _multiple, _submit),
}
