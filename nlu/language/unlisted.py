"""Shops that no list and no word for their kind gives away: a chain, a name after 去了 or after 新客户叫."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from domain.forms import Rulebook
from nlu.language.lexicon import Lexicon
from nlu.language.mentions import BLANK, Found, Mention, contact_pattern
from nlu.language.sounds import sound

_NAMED_NEW = re.compile(
    "(?:新[开签谈拓增开发的了]{1,3}|开发[了的]?|陌拜[了的]?|新客户|新店|新网点|建[个档]{1,2})[^，。；！？\x00]{0,8}?"
    "(?:名叫|名字叫|叫做|叫|：)(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,10}?)(?=[，。；！？\x00]|在|$)"
)
_WENT_TO = re.compile(
    "(?<![见碰遇找收看想等拿说谈听做提送发转打聊约感得])(?:去了|到了|去过|跑了趟|去了趟|去了一趟|去趟|拜访了|走访了|又去|又到|转到)"
    "(?P<name>[\u4e00-\u9fffA-Za-z0-9]{2,5})(?=[，。；！？]|$)"
)
_NO_NAME = re.compile(
    "[一二两三四五六七八九十几半里面边上次趟圈遍时候的吗呢吧啊看转聊谈说送收拿做找见人们我你他她就也都又才没不要把被和跟听等查问催]"
    "|[这那他她家]$|家店$|后$|^[0-9]"
)


def find_unlisted(text: str, rulebook: Rulebook, lexicon: Lexicon, own: frozenset[str]) -> Iterator[Found]:
    """Shops that no word for their kind gives away: a known chain (沃尔玛), a name after 去了 or after 新客户…叫."""
    taken: list[tuple[int, int]] = []
    refused = rulebook.words("names", "not_names")
    somebody = contact_pattern(rulebook.words("names", "surnames"), rulebook.words("names", "titles"))
    places = [m.span("name") for m in _NAMED_NEW.finditer(text)]
    places += [
        m.span("name")
        for m in _WENT_TO.finditer(text)
        if not (_NO_NAME.search(m["name"]) or m["name"].startswith(refused) or somebody.match(m["name"]))
    ]
    sounds = lexicon.territory(own).sounds
    for at in _AT_SHOP.finditer(text):
        yield from _sounding(text, at.end(), sounds, taken, _THEN)
    for at in _CLAUSE.finditer(text):
        yield from _sounding(text, at.end(), sounds, taken, _OF_SHOP)
    places += [m.span() for m in _any_of(rulebook.words("names", "chains")).finditer(text)]
    if not places and BLANK not in text:
        places = [m.span("name") for m in _bare_pattern(rulebook.words("names", "shops")).finditer(text)]
    for start, end in places:
        if any(start < b and a < end for a, b in taken):
            continue
        taken.append((start, end))
        link = lexicon.link(text[start:end], own)
        sure = link.code is not None
        yield (
            start,
            end,
            "customer",
            Mention((link.code,) if link.code else link.candidates, text[start:end], sure),
        )


_AT_SHOP = re.compile(
    "(?:去了|去的|到了|到的|拜访了?|走访了?|回访了?|(?<![过出回下进])去|(?<![收说谈看听想见碰遇找送发转打])到|在)"
)
_THEN = re.compile("老板|店长|店|的|，|。|看|对|收|送|盘|谈|采购|经理|找|转|聊|检|把|铺|$")


_CLAUSE = re.compile("^|(?<=[，。；！？：])")
_OF_SHOP = re.compile("老板|店长|那边|那家|这家|掌柜|采购|的?[王李张刘陈杨赵周吴][经店主老]|要|订了|补|欠")


def _sounding(
    text: str,
    start: int,
    sounds: Mapping[str, tuple[str, ...]],
    taken: list[tuple[int, int]],
    follows: re.Pattern[str],
) -> Iterator[Found]:
    """去加美看一下: after a word that leads to a shop, one that only sounds like an own customer's short name."""
    for length in (4, 3, 2):
        end = start + length
        codes = sounds.get(sound(text[start:end])) if BLANK not in text[start:end] else None
        if codes and end <= len(text) and follows.match(text, end):
            taken.append((start, end))
            yield start, end, "customer", Mention(codes, text[start:end], sure=len(codes) == 1)
            return


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)) or "(?!)")


@lru_cache(maxsize=8)
def _bare_pattern(shops: tuple[str, ...]) -> re.Pattern[str]:
    """去了便利店: some shop, and nothing tells which."""
    return re.compile(
        rf"(?:去了|到了|跑了趟|去了趟|拜访了|走访了)(?P<name>{_any_of(shops).pattern})(?=[，。；！？]|$)"
    )
