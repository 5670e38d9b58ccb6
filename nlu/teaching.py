"""Words that teach: 以后“小惠民”就是惠民超市朝阳店, “铺货”也算样品发放, 别名：伟哥=李伟, 忘掉小惠民. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.cues import CueError, check_cue
from domain.forms import Rulebook
from domain.learning import LearnedWord, with_cues
from nlu.dialogue.replies import reply_word
from nlu.language.lexicon import Lexicon
from nlu.language.times import find_times
from nlu.understanding import understand

SHORTEST, LONGEST = 2, 16
TOO_COMMON = 0.2
"""A word that changes more than this share of the messages says too little."""
FEW = 20
"""Of fewer messages than this no share is taken."""
MOST_EXAMPLES = 3

_OPEN, _CLOSE = "“\"「『‘'", "”\"」』’'"
_TEACHES = re.compile(
    rf"^(?P<lead>以后|今后|记住|你记住|学一下|教你|别名|简称|外号|俗称)?[，,：:\s]*(?:如果)?(?:我|我们|大家)?(?:再)?(?:说到?|讲|提到|听到)?\s*"
    rf"(?P<quote>[{_OPEN}])?(?P<words>[^{_OPEN}{_CLOSE}=＝，。]{{1,24}}?)[{_CLOSE}]?\s*，?"
    rf"(?P<verb>就是指?|等于|指的就?是|指|也算是?|也叫做?|也是|算是?|就算|即|的意思是|意思是|=|＝)\s*"
    rf"(?P<named>[{_OPEN}])?(?P<target>[^，。！？=＝{_OPEN}{_CLOSE}]{{2,30}}?)[{_CLOSE}]?(?:的意思|的简称|的别名)?[。！!]?$"
)
_FORGETS = re.compile(
    rf"^(?:忘掉|忘了|忘记|不要再?认|别再?认|删掉别名|取消别名)[：:\s]*[{_OPEN}]?(?P<words>[^{_OPEN}{_CLOSE}，。]{{1,24}}?)[{_CLOSE}]?(?:这个词|这个别名|吧)?[。！]?$"
)
_LISTS = re.compile(
    r"^(?:你|小访)?(?:都)?(?:学了|学会了|学过|记了)(?:哪些|什么)(?:新)?(?:词|别名|说法|叫法)[？?]?$|^(?:别名|新词|学到的词)(?:列表|清单|有哪些)[？?]?$"
)
_LOOSE = ("=", "＝")

KINDS = {"customer": "客户", "product": "产品", "person": "同事", "competitor": "竞品", "form": "动作"}


@dataclass(frozen=True)
class Taught:
    """What somebody wants taught: `word` where it can be, else `problem`, in the words that he is told."""

    words: str
    word: LearnedWord | None = None
    problem: str = ""


def words_taught(text: str) -> tuple[str, ...]:
    """What a text may want to teach, as far as its shape tells: either side of it; empty where it teaches nothing."""
    match = _match(text)
    return (match["words"].strip(), match["target"].strip()) if match else ()


def _match(text: str) -> re.Match[str] | None:
    if len(text) > 80:
        return None
    match = _TEACHES.match(text.strip())
    if match is None or not (match["lead"] or match["quote"] or match["named"] or match["verb"] in _LOOSE):
        return None
    return match


def forgets(text: str) -> str | None:
    match = _FORGETS.match(text.strip())
    return match["words"].strip() if match else None


def asks_for_words(text: str) -> bool:
    return _LISTS.match(text.strip()) is not None


def taught(text: str, now: datetime, lexicon: Lexicon, rulebook: Rulebook) -> Taught | None:
    """What the text teaches, checked against everything that has a name; None where it teaches nothing."""
    match = _match(text)
    if match is None:
        return None
    words, target = match["words"].strip(), match["target"].strip()
    meant = things_named(target, lexicon, rulebook)
    either_way = match["named"] or match["verb"] in (*_LOOSE, "也叫", "也叫做")
    if not meant and either_way and (turned := things_named(words, lexicon, rulebook)):
        words, target, meant = target, words, turned  # 惠民超市朝阳店也叫小惠民
    if not meant:
        if not match["quote"] and match["lead"] not in (
            "别名",
            "简称",
            "外号",
            "俗称",
            "记住",
            "你记住",
            "教你",
        ):
            return None
        return Taught(words, problem=_unknown(target))
    if len(meant) > 1:
        names = "、".join(named(t, lexicon, rulebook) for t in meant[:4])
        return Taught(words, problem=f"“{target}”可能是{names}，请说全名，我再学。")
    word = LearnedWord(kind="cue" if meant[0].startswith("form:") else "alias", target=meant[0], words=words)
    return Taught(words, word, _problem(word, now, lexicon, rulebook))


def _unknown(target: str) -> str:
    return f"我不知道“{target}”是什么：它不是客户、产品、同事、竞品的名字，也不是一种记录。请说它的全名。"


def things_named(words: str, lexicon: Lexicon, rulebook: Rulebook) -> list[str]:
    """Everything that is called exactly so, as targets."""
    found: list[str] = []
    for what, code, names in _all_names(lexicon):
        if words in names:
            found.append(f"{what}:{code}")
    found += [
        f"form:{f.key}" for f in rulebook.forms.values() if words == f.label or words in f.label.split("/")
    ]
    return list(dict.fromkeys(found))


def _all_names(lexicon: Lexicon) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for customer in lexicon.customers.values():
        yield "customer", customer.code, (customer.name, *customer.aliases)
    for product in lexicon.products.values():
        yield "product", product.code, (product.name, *product.aliases)
    for person in lexicon.people.values():
        yield "person", person.id, (person.name, *person.nicknames)
    for competitor in lexicon.competitors.values():
        yield "competitor", competitor.name, (competitor.name, *competitor.aliases)


def named(target: str, lexicon: Lexicon, rulebook: Rulebook) -> str:
    """客户“惠民超市朝阳店”: a target in words."""
    what, _, code = target.partition(":")
    tables: dict[str, Any] = {
        "customer": lexicon.customers,
        "product": lexicon.products,
        "person": lexicon.people,
    }
    known = tables.get(what, {}).get(code)
    name = known.name if known else code
    if what == "form" and code in rulebook.forms:
        name = rulebook.forms[code].label
    return f"{KINDS[what]}“{name}”"


def _problem(word: LearnedWord, now: datetime, lexicon: Lexicon, rulebook: Rulebook) -> str:
    """Why the word cannot be learned, and what to do; empty where it can."""
    words = word.words
    if len(words) < SHORTEST:
        return f"“{words}”只有一个字，太容易碰上别的话。请教一个两个字以上的说法。"
    if len(words) > LONGEST:
        return f"“{words}”太长了，最多 {LONGEST} 个字。请教一个短一点的说法。"
    if not re.search(r"[\u4e00-\u9fffA-Za-z]", words):
        return f"“{words}”里没有字，数字和符号不能当名字。"
    clash = things_named(words, lexicon, rulebook)
    if word.target in clash:
        return f"这个我已经认识：“{words}”就是{named(word.target, lexicon, rulebook)}。"
    if clash:
        return f"“{words}”已经是{named(clash[0], lexicon, rulebook)}的名字，再用会分不清。请换一个说法。"
    if reply_word(words) or any(w.end - w.start == len(words) for w in find_times(words, now)):
        return f"“{words}”平时有别的意思，不能当名字。请换一个说法。"
    try:
        if word.kind == "cue":
            check_cue(words)
    except CueError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Trial:
    """What a word would change among the messages of the last time."""

    changed: int = 0
    total: int = 0
    examples: tuple[str, ...] = ()

    @property
    def too_common(self) -> bool:
        return self.total >= FEW and self.changed > TOO_COMMON * self.total


def tried(
    word: LearnedWord, texts: Iterable[str], total: int, now: datetime, lexicon: Lexicon, rulebook: Rulebook
) -> Trial:
    """Understand the messages without the word and with it. An alias is tried by the name that it stands for."""
    richer = with_cues(rulebook, [word])
    name = re.sub(r"^.*?“|”$", "", named(word.target, lexicon, rulebook))
    changed: list[str] = []
    for text in texts:
        other = text.replace(word.words, name) if word.kind == "alias" else text
        before = gist(text, now, lexicon, rulebook)
        if before != gist(other, now, lexicon, richer):
            changed.append(text)
    return Trial(len(changed), total, tuple(changed[:MOST_EXAMPLES]))


def gist(text: str, now: datetime, lexicon: Lexicon, rulebook: Rulebook) -> list[Any]:
    meaning = understand(text, now=now, lexicon=lexicon, rulebook=rulebook)
    return [
        (getattr(i, "form", i.intent), sorted((k, repr(s.value)) for k, s in i.fields.items() if _told(k)))
        for i in meaning.intents
    ]


def _told(field: str) -> bool:
    return field not in ("result", "reason", "next_step", "purpose")
