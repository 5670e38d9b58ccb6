"""`xiaofang bench understanding [CUSTOMERS]`: how long understanding takes, beside what others take in the same run.

Printed: a parse of sentences as reps say them, with the demo company and with many customers; building the index and
the memory of the whole process; linking of misheard and abbreviated names, beside rapidfuzz's `extractOne` over the
same list; reading times, beside JioNLP where `make bench-peers` has built an environment for it.
"""

import csv
import json
import random
import resource
import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

import config
from config.rulebook import Rulebook, load
from domain.people import Competitor, Customer, Person, Product
from nlu.language.lexicon import Lexicon
from nlu.language.normalise import normalise
from nlu.language.sounds import sound
from nlu.language.times import find_times
from nlu.understanding import understand

SEED = 20260310
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PEERS = Path(".venv-peers/bin/python")
BUILD_PEERS = "没有对照环境：运行 make bench-peers 建一个（装 JioNLP，和产品的环境分开）"
TERRITORY = 200
"""Customers of one rep."""

CITIES = ["北京", "上海", "广州", "深圳", "成都", "武汉", "南京", "杭州", "西安", "重庆"]
LETTERS = "永惠好福家佳美旺鑫源盛发隆顺和祥瑞丰泰康宁安华联万客来多乐邻居百利天地金银星月春秋"
KINDS = ["超市", "便利店", "商店", "生活超市", "百货", "批发部", "食品店", "商行"]
PLACES = [
    "朝阳",
    "海淀",
    "望京",
    "东城",
    "西城",
    "通州",
    "昌平",
    "南山",
    "福田",
    "武昌",
    "江宁",
    "西湖",
    "青羊",
]
TIMES = [
    "下周三之前",
    "明天下午三点半",
    "后天上午",
    "大后天",
    "本周五下班前",
    "这周日",
    "上周四",
    "昨晚八点",
    "下个月15号",
    "三天后",
    "星期四下午两点一刻",
    "月底",
    "月底前",
    "季度末",
    "国庆前",
    "15号之前",
    "年底",
    "五一之后",
    "端午节前",
    "中秋节",
    "明早九点",
    "两周内",
    "半小时后",
    "下下周一",
]


def many_customers(count: int) -> list[Customer]:
    """So many shops with different names, the same ones every time."""
    seeded = random.Random(SEED)
    names: dict[str, None] = {}
    while len(names) < count:
        city = seeded.choice(CITIES) if seeded.random() < 0.3 else ""
        brand = "".join(seeded.sample(LETTERS, seeded.choice((2, 3))))
        branch = seeded.choice(PLACES) + seeded.choice(("店", "路店", "一店", "二店"))
        names[city + brand + seeded.choice(KINDS) + branch] = None
    return [Customer(code=f"N{i:06d}", name=name) for i, name in enumerate(names)]


def main(args: list[str]) -> None:
    count = int(args[0]) if args else 100_000
    rules = load()
    sentences = (Path(__file__).parent / "said.txt").read_text(encoding="utf-8").split()
    people = _people()
    small = Lexicon.build(_customers(), (), _products(), _competitors(), people)
    _parses("parse, demo company", sentences, small, small.owned_by("P101"), rules, "goal 2 / 5 ms")

    shops = many_customers(count)
    start, cpu = time.perf_counter(), time.process_time()
    large = Lexicon.build([*_customers(), *shops], (), _products(), _competitors(), people)
    _say(
        f"index of {count:,} customers",
        f"{time.perf_counter() - start:.1f} s ({time.process_time() - cpu:.1f} s of processor), "
        f"whole process at its peak {_peak()} MB   (goal 5 s, 400 MB)",
    )
    seeded = random.Random(SEED)
    mine = small.owned_by("P101") | {c.code for c in seeded.sample(shops, min(TERRITORY, count))}
    large.territory(mine)
    _parses(f"parse, {count:,} customers", sentences, large, mine, rules, "goal 10 / 30 ms")
    _linking(large, mine, shops, seeded)
    _times(sentences)


def _parses(
    title: str, sentences: list[str], company: Lexicon, mine: frozenset[str], rules: Rulebook, goal: str
) -> None:
    def parse(text: str) -> object:
        return understand(text, now=NOW, lexicon=company, rulebook=rules, own=mine)

    for text in sentences:
        parse(text)
    cpu = time.thread_time()
    spread = _spread(_milliseconds(partial(parse, text)) for text in sentences * 10)
    each = (time.thread_time() - cpu) * 100 / len(sentences)
    _say(title, f"{spread}   ({goal}; mean of processor time {each:.2f} ms)")


def _linking(company: Lexicon, mine: frozenset[str], shops: list[Customer], seeded: random.Random) -> None:
    alike: dict[str, list[str]] = {}
    for letter in map(chr, range(0x4E00, 0x9FA5)):
        alike.setdefault(sound(letter), []).append(letter)

    def misheard(name: str) -> str:
        place = seeded.randrange(len(name))
        return name[:place] + seeded.choice(alike[sound(name[place])]) + name[place + 1 :]

    territory = [company.customers[code] for code in sorted(mine)]
    others = seeded.sample(shops, min(300, len(shops)))
    _link("link, own, one homophone", [(c.code, misheard(c.name)) for c in territory], company, mine)
    _link("link, own, abbreviated", [(c.code, company.index.short(c.name)) for c in territory], company, mine)
    asked = [(c.code, misheard(c.name)) for c in others]
    ours = _link("link, anybody's, one homophone", asked, company, mine)

    names = [c.name for c in company.customers.values()]
    codes = list(company.customers)
    spent, right = [], 0
    for code, name in asked[:40]:
        start = time.perf_counter()
        found = process.extractOne(name, names, scorer=fuzz.ratio)
        spent.append((time.perf_counter() - start) * 1000)
        right += codes[found[2]] == code
    _say("rapidfuzz extractOne, same names", f"{_spread(spent)}   right {right / len(spent):.1%}, never asks")
    _say("ratio of medians", f"{_middle(spent) / ours:.1f} : 1")


def _link(title: str, said: list[tuple[str, str]], company: Lexicon, mine: frozenset[str]) -> float:
    """The median time of one link, in milliseconds."""
    spent, right, wrong = [], 0, 0
    for code, name in said:
        start = time.perf_counter()
        found = company.link(name, mine)
        spent.append((time.perf_counter() - start) * 1000)
        right += found.code == code
        wrong += found.code not in (None, code)
    total = len(said)
    _say(
        title,
        f"{_spread(spent)}   right {right / total:.1%}, wrong {wrong / total:.1%}, "
        f"asked {(total - right - wrong) / total:.1%}",
    )
    return _middle(spent)


def _times(sentences: list[str]) -> None:
    texts = [normalise(text).text for text in TIMES]
    spent = [_milliseconds(lambda t=text: list(find_times(t, NOW))) for text in texts * 20]  # type: ignore[misc]
    _say("times, ours", f"{_spread(spent)}   read {sum(any(find_times(t, NOW)) for t in texts)}/{len(texts)}")
    if not PEERS.exists():
        _say("times, JioNLP", BUILD_PEERS)
        return
    asked = {"now": NOW.timestamp(), "texts": TIMES, "rounds": 20}
    script = Path(__file__).parent / "peer_times.py"
    done = subprocess.run(
        [PEERS, script], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        _say("times, JioNLP", f"对照环境跑不起来：{done.stderr.strip().splitlines()[-1]}。{BUILD_PEERS}")
        return
    # JioNLP prints a greeting before the answer.
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    read = sum(1 for found in answer["read"] if found)
    _say("times, JioNLP", f"{_spread(answer['milliseconds'])}   read {read}/{len(TIMES)}")
    _say("ratio of medians", f"{_middle(answer['milliseconds']) / _middle(spent):.1f} : 1")


def _milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _spread(times: Iterable[float]) -> str:
    ordered = sorted(times)
    half, most = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95))
    return f"p50 {half:7.2f} ms   p95 {most:7.2f} ms   max {ordered[-1]:7.2f} ms"


def _middle(times: Iterable[float]) -> float:
    ordered = sorted(times)
    return ordered[len(ordered) // 2]


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _say(what: str, figures: str) -> None:
    print(f"{what:34}{figures}", flush=True)


def _rows(name: str) -> list[dict[str, str]]:
    path = Path(config.__file__).parent / "demo" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


def _customers() -> list[Customer]:
    return [
        Customer(code=r["code"], name=r["name"], aliases=_list(r["aliases"]), owner_id=r["owner_id"])
        for r in _rows("customers")
    ]


def _products() -> list[Product]:
    return [
        Product(code=r["code"], name=r["name"], aliases=_list(r["aliases"]), unit=r["unit"])
        for r in _rows("products")
    ]


def _competitors() -> list[Competitor]:
    return [Competitor(name=r["name"], aliases=_list(r["aliases"])) for r in _rows("competitors")]


def _people() -> list[Person]:
    return [Person(id=r["id"], name=r["name"], nicknames=_list(r["nicknames"])) for r in _rows("people")]
