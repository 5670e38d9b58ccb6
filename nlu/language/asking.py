"""What is asked rather than told: questions, commands, dreams. Nothing of it becomes a record."""

import re

from domain.forms import Rulebook
from nlu.language.events import Event
from nlu.language.matching import Match, word_pattern
from nlu.language.spans import LETTERS, SOFT, Scan

REPORTED = re.compile(
    "(?:客户|他|她|老板|店长|经理|采购|主任|[\ue007])(?:还|又|在|一直|也|就)?(?:问|想知道)|问(?:我|咱|了|能|一下|价|[\ue003\ue004])"
    "|[说讲][^，。？]{0,8}(?:能不能|可不可以|行不行|能否|能到|可以)"
)


def asked(event: Event, scan: Scan, commands: list[Match], rulebook: Rulebook) -> bool:
    """Whether the words only ask, or give a command: then nothing is recorded."""
    start, end = scan.soft_clause(event.start)
    clause = scan.masked[start:end]
    if REPORTED.search(clause):
        return False
    for command in commands:
        if command.key == "objection_help":
            if start <= command.start <= end and 0 <= command.start - event.end < 4:
                return True
        elif command.key != "chitchat" and start <= command.start <= end:
            return True
    sentence = scan.sentence(event.start)
    if word_pattern(rulebook.words("actions", "unreal")).search(scan.masked, *sentence):
        return True
    if scan.masked[sentence[1] : sentence[1] + 1] == "？":
        return True
    if event.form == "sample_request" and _POLITE.search(clause):
        return False
    asking = question(clause, rulebook)
    if asking is None:
        return False
    return not any(c.key == "objection_help" for c in commands) or start + asking.start() < event.end + 2


_POLITE = re.compile("(?:可以|行|好|成|方便|能行)[吗么不嘛]？?$")
"""申请一下样品可以吗: a request, however it is put."""
_NO_QUESTION = re.compile("[没不无管看](?:说|什么|怎么|要|有|个)?$"), re.compile("都|也|年了|年没|有点|有些")


_FINDS_OUT = re.compile(
    f"[{LETTERS['date']}去来].*(?:看看|看下|看一下|了解|问问|问下|确认|检查|核实|核对|盘)"
)
"""后天去看看卖得怎么样 is an errand, no question."""


def question(words: str, rulebook: Rulebook) -> re.Match[str] | None:
    """A word that asks. 没什么, 不怎么 and 多少年了 ask nothing."""
    for found in word_pattern(rulebook.words("actions", "asking")).finditer(words):
        before, after = _NO_QUESTION
        if _FINDS_OUT.search(words[: found.start()]):
            continue
        if found.group() == "了没" and words[found.end() : found.end() + 1] not in {"", *SOFT}:
            continue
        if not before.search(words[: found.start()]) and not after.match(words, found.end()):
            return found
    return None
