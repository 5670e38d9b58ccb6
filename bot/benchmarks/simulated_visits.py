"""Weeks of honest visits and of cheats, simulated from how each comes about, never from how it is found out.

Everything is drawn from one seeded generator. Distances in metres, positions in GCJ-02.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import cos, exp, log, radians
from zoneinfo import ZoneInfo

from domain.check_ins import metres_to
from domain.positions import Position
from domain.visits import Fix, Note, Photo, Place, Visit

ZONE = ZoneInfo("Asia/Shanghai")
DEGREE = 111_195.0
"""Metres in a degree of latitude."""
DRIFT = 80.0
"""Metres, one standard deviation along each axis."""
TOWN = (31.2300, 121.4700)
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)

# What reps say. Short stock phrases repeat; the rest is put together anew for each visit.
STOCK = ("一切正常", "老样子，下周再来", "老板不在，改天再来", "补了货，没别的事", "例行拜访")
OPENINGS = (
    "见了{who}，",
    "{who}说最近客流少，",
    "跟{who}聊了半个多小时，",
    "{who}刚从总部开会回来，",
    "今天{who}值班，",
    "到店时{who}正在理货，",
    "{who}先问了上次的破损，",
    "等了一会儿才见到{who}，",
)
MIDDLES = (
    "货架上还剩{n}箱原味酸奶，",
    "嫌草莓酸奶的进价比隔壁高了{n}毛，",
    "冰柜坏了一台，{n}号能修好，",
    "想在端午前多备{n}箱纯牛奶，",
    "蒙牛上周来铺了{n}个堆头，",
    "上个月卖了{n}箱，比前月差一点，",
    "门口的海报被撕了，答应换{n}张新的，",
    "要求临期的{n}箱给调换，",
    "新来的店员不认识我们的牌子，讲了{n}分钟，",
    "试吃台摆了{n}个小时，反响还行，",
)
ENDINGS = (
    "下周{d}给他报价。",
    "周{d}前把样品送过去。",
    "月底再看要不要上新口味。",
    "账期的事他要问财务。",
    "答应周{d}之前给答复。",
    "他说先看看促销政策再定。",
    "陈列位置谈到了收银台旁边。",
    "合同等他老板签字。",
    "让我周{d}带物料再来一次。",
)
PEOPLE = ("王经理", "李店长", "陈老板", "赵姐", "刘主任", "孙采购")


@dataclass(frozen=True)
class Shop:
    code: str
    position: Position
    place: Place | None

    @property
    def name(self) -> str:
        return f"百惠超市{self.code}店"

    @property
    def listed(self) -> Position:
        """Its entry in the map's list, which anybody may pick from anywhere."""
        return self.position.model_copy(update={"label": self.name})


@dataclass(frozen=True)
class Visited:
    """One visit as it lies in the database, honest or not."""

    person: str
    shop: Shop
    fix: Fix | None
    at: datetime
    words: str
    voice: str | None = None
    photo: Photo | None = None


@dataclass
class Case:
    """The visits of some weeks, of which one is judged."""

    kind: str
    visits: list[Visited] = field(default_factory=list)
    target: Visited | None = None


class Town:
    """A town with shops, a rep and his honest ways."""

    def __init__(self, rng: random.Random, person: str = "rep") -> None:
        self.rng = rng
        self.person = person
        self.shops = [self.shop(f"S{n}", self.around(TOWN, rng.uniform(300, 8000))) for n in range(14)]
        self.measures = rng.random() < 0.6
        """Whether this rep's positions come with an accuracy; positions sent in a chat do not."""
        self.number = 0

    # places and positions -------------------------------------------------------------------------------------

    def around(self, centre: tuple[float, float], metres: float) -> Position:
        angle = self.rng.uniform(0, 360)
        return self.beside(centre, metres * cos(radians(angle)), metres * cos(radians(angle - 90)))

    def beside(self, centre: tuple[float, float], north: float, east: float) -> Position:
        latitude = centre[0] + north / DEGREE
        return Position(latitude=latitude, longitude=centre[1] + east / DEGREE / cos(radians(latitude)))

    def shop(self, code: str, position: Position, known: float = 0.9) -> Shop:
        """Most places are in the master data, a little off; some were learned from visits."""
        listed = self.drifted(position, 15)
        if self.rng.random() < known:
            return Shop(code, position, Place(position=listed))
        learned = Place(position=self.drifted(position, 40), source="learned", spread=90, visits=4)
        return Shop(code, position, learned)

    def drifted(self, position: Position, sigma: float) -> Position:
        point = (position.latitude, position.longitude)
        moved = self.beside(point, self.rng.gauss(0, sigma), self.rng.gauss(0, sigma))
        return Position(latitude=round(moved.latitude, 6), longitude=round(moved.longitude, 6))

    def measured(self, position: Position, sigma: float = DRIFT) -> Position:
        """What the phone says at this place."""
        accuracy = round(self.lognormal(sigma * 0.8, 0.5), 1) if self.measures else None
        return self.drifted(position, sigma).model_copy(update={"accuracy": accuracy})

    def lognormal(self, median: float, sigma: float) -> float:
        return exp(self.rng.gauss(log(median), sigma))

    # visits ---------------------------------------------------------------------------------------------------

    def visit(self, shop: Shop, at: datetime, position: Position | None = None, **more: object) -> Visited:
        """An honest visit, unless `more` says otherwise."""
        self.number += 1
        rng = self.rng
        minutes = max(5.0, self.lognormal(25, 0.5))
        here = position or self.measured(shop.position)
        lag = timedelta(seconds=rng.uniform(0, 4))
        fix = Fix(
            ref=f"check_in:{self.person}{self.number}",
            person=self.person,
            at=at + lag,
            sent_at=at,
            position=here,
            customer=shop.code,
            left_at=at + timedelta(minutes=minutes) if rng.random() < 0.3 else None,
        )
        told = Visited(
            self.person,
            shop,
            fix,
            at + timedelta(minutes=minutes),
            self.words(),
            self.voice() if rng.random() < 0.4 else None,
            self.photo() if rng.random() < 0.6 else None,
        )
        return replace(told, **more)  # type: ignore[arg-type]

    def words(self) -> str:
        if self.rng.random() < 0.15:
            return self.rng.choice(STOCK)
        return self.long_words()

    def long_words(self) -> str:
        rng = self.rng
        parts = (rng.choice(OPENINGS), rng.choice(MIDDLES), rng.choice(MIDDLES), rng.choice(ENDINGS))
        said = "".join(parts)
        for _ in range(said.count("{n}")):
            said = said.replace("{n}", str(rng.randint(2, 60)), 1)
        return said.replace("{who}", rng.choice(PEOPLE)).replace("{d}", rng.choice("一二三四五"))

    def voice(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def photo(self) -> Photo:
        """A fresh photo; six of ten come from a watermark camera, which is not always readable, or is misread."""
        rng = self.rng
        if rng.random() < 0.4 or rng.random() < 0.05:
            return Photo(ref=f"evidence:{self.number}")
        return Photo(
            ref=f"evidence:{self.number}",
            minutes_off=rng.uniform(0, 20),
            place_match=rng.choices([True, None, False], [84, 15, 1])[0],
        )

    def day(self, start: datetime, shops: list[Shop]) -> Iterator[Visited]:
        """A day's round: each visit, then the way to the next shop at 12 to 40 km/h."""
        at = start
        for number, shop in enumerate(shops):
            visit = self.visit(shop, at)
            yield visit
            if number + 1 < len(shops):
                metres = metres_to(shop.position, shops[number + 1].position)
                way = metres / (self.rng.uniform(12, 40) / 3.6)
                at = visit.at + timedelta(seconds=60 + way)

    def weeks(self, days: int) -> list[Visited]:
        """Honest days before the one that matters; each shop comes round again."""
        visits: list[Visited] = []
        for number in range(days):
            shops = self.rng.sample(self.shops, self.rng.randint(4, 7))
            visits.extend(self.day(self.morning(number), shops))
        return visits

    def morning(self, day: int) -> datetime:
        return MONDAY + timedelta(days=day, hours=8.5, minutes=self.rng.uniform(0, 60))


def facts(case: Case, target: Visited) -> Visit:
    """What the house would gather about the target from all that lies in the database."""
    others = [v for v in case.visits if v is not target]
    fix = target.fix
    own = [v.fix for v in others if v.fix and v.person == target.person and fix]
    near = [f for f in own if fix and (abs(f.at - fix.at) < timedelta(days=1.5) or f.same_point(fix))]
    colleagues = [v.fix for v in others if v.fix and v.person != target.person and fix]
    notes = [v for v in others if v.person == target.person or v.shop.code == target.shop.code]
    places = {v.shop.code: v.shop.place for v in case.visits if v.shop.place}
    return Visit(
        person=target.person,
        customer=target.shop.code,
        called=(target.shop.name,),
        names=PEOPLE,
        happened_at=target.at,
        place=target.shop.place,
        fix=fix,
        own=tuple(near),
        others=tuple(
            f for f in colleagues if fix and (f.same_point(fix) or (f.device and f.device == fix.device))
        ),
        places={code: place for code, place in places.items() if place},
        notes=(_note(target),) if target.words or target.voice else (),
        photos=(target.photo,) if target.photo else (),
        earlier=tuple(_note(v) for v in sorted(notes, key=lambda v: v.at, reverse=True)[:40]),
    )


def _note(visit: Visited) -> Note:
    ref = f"evidence:note{id(visit)}"
    return Note(ref=ref, at=visit.at, customer=visit.shop.code, words=visit.words, sha256=visit.voice)


# honest ----------------------------------------------------------------------------------------------------------


def plain(town: Town) -> Case:
    visits = town.weeks(10)
    return Case("plain", visits, town.rng.choice(visits[-6:]))


def by_train(town: Town) -> Case:
    """A visit in the morning, some hundred kilometres by high-speed train or plane, a visit in the afternoon."""
    visits = town.weeks(5)
    at = town.morning(5)
    first = town.visit(town.shops[0], at)
    metres = town.rng.uniform(120, 1300) * 1000
    flies = metres > 900_000
    speed = town.rng.uniform(450, 600) if flies else town.rng.uniform(200, 320)  # from gate to gate
    around = town.rng.uniform(1.5, 3.5) if flies else town.rng.uniform(0.6, 2.5)
    way = timedelta(hours=metres / 1000 / speed + around)
    there = town.shop("B", town.around(TOWN, metres))
    second = town.visit(there, first.at + way)
    return Case("by_train", [*visits, first, second], town.rng.choice([first, second]))


def underground(town: Town) -> Case:
    """A shopping centre's basement: a position from the nearest cells, now and then the very same one."""
    visits = town.weeks(4)
    shop = town.shops[0]
    cell = town.drifted(shop.position, 90)
    for day in range(4, 12):
        accuracy = round(town.rng.uniform(80, 1200), 1)
        here = cell if town.rng.random() < 0.05 else town.drifted(shop.position, 110)
        here = here.model_copy(update={"accuracy": accuracy if town.measures else None})
        visits.append(town.visit(shop, town.morning(day), here))
    return Case("underground", visits, visits[-1])


def neighbours(town: Town) -> Case:
    """Four shops of one street, one after another."""
    visits = town.weeks(5)
    start = (town.shops[0].position.latitude, town.shops[0].position.longitude)
    street = [
        town.shop(f"N{n}", town.beside(start, 0, n * town.rng.uniform(20, 60)), known=0.8) for n in range(4)
    ]
    day = list(town.day(town.morning(5), street))
    return Case("neighbours", visits + day, town.rng.choice(day))


def tower(town: Town) -> Case:
    """Several customers in one office tower, three of ten of whom nobody knows the place of."""
    visits = town.weeks(5)
    spot = town.shops[0].position
    offices = [town.shop(f"T{n}", town.drifted(spot, 15), known=1) for n in range(town.rng.randint(2, 4))]
    offices = [replace(s, place=None) if town.rng.random() < 0.3 else s for s in offices]
    day = list(town.day(town.morning(5), offices))
    return Case("tower", visits + day, town.rng.choice(day))


def every_day(town: Town) -> Case:
    """The same key account every morning."""
    visits = [town.visit(town.shops[0], town.morning(day)) for day in range(20)]
    return Case("every_day", visits, visits[-1])


def honest_picker(town: Town) -> Case:
    """In the shop, but always picks it in the map's list instead of his own position."""
    visits = town.weeks(5)
    shop = town.shops[0]
    stint = [town.visit(shop, town.morning(day), shop.listed) for day in range(5, 12)]
    return Case("honest_picker", visits + stint, town.rng.choice(stint))


def bare(town: Town) -> Case:
    """Words alone: no position, no photo."""
    visits = town.weeks(6)
    last = replace(visits[-1], fix=None, photo=None, voice=None)
    return Case("bare", [*visits[:-1], last], last)


def offline(town: Town) -> Case:
    """No network for some hours: all of the morning's messages arrive together."""
    visits = town.weeks(5)
    morning = list(town.day(town.morning(5), town.rng.sample(town.shops, 4)))
    arrived = morning[-1].at + timedelta(minutes=town.rng.uniform(1, 60))
    held = [
        replace(v, fix=v.fix.model_copy(update={"at": arrived + timedelta(seconds=n), "left_at": None}))
        for n, v in enumerate(morning)
        if v.fix
    ]
    return Case("offline", visits + held, town.rng.choice(held))


def late(town: Town) -> Case:
    """Early birds and evening markets."""
    visits = town.weeks(5)
    at = MONDAY + timedelta(
        days=5, hours=town.rng.choice([town.rng.uniform(5.5, 7), town.rng.uniform(20, 22.5)])
    )
    last = town.visit(town.shops[0], at)
    return Case("late", [*visits, last], last)


HONEST: dict[Callable[[Town], Case], int] = {
    plain: 49,
    by_train: 8,
    underground: 10,
    neighbours: 8,
    tower: 5,
    every_day: 5,
    honest_picker: 3,
    bare: 5,
    offline: 4,
    late: 3,
}
"""Ways of being honest, and how many of a hundred visits are of each."""

# cheats ----------------------------------------------------------------------------------------------------------


def fake_gps(town: Town) -> Case:
    """An app holds the phone at one point for days, which was picked on a map near the shop."""
    visits = town.weeks(5)
    shop = town.shops[0]
    point = town.drifted(shop.position, 40)
    if town.rng.random() < 0.8:
        point = point.model_copy(update={"accuracy": town.rng.choice([1.0, 5.0, 10.0, 20.0])})
    stint = [town.visit(shop, town.morning(day), point) for day in range(5, 5 + town.rng.randint(4, 9))]
    return Case("fake_gps", visits + stint, town.rng.choice(stint))


def at_home(town: Town) -> Case:
    """At home, with his real position, he taps the customer's name."""
    visits = town.weeks(5)
    shop = town.rng.choice(town.shops)
    home = town.around((shop.position.latitude, shop.position.longitude), town.lognormal(5000, 0.8))
    last = town.visit(shop, town.morning(5), town.measured(home, 30), photo=None)
    return Case("at_home", [*visits, last], last)


def huge_accuracy(town: Town) -> Case:
    """Kilometres away, with a phone or an app that admits to kilometres of error."""
    visits = town.weeks(5)
    shop = town.rng.choice(town.shops)
    away = town.around((shop.position.latitude, shop.position.longitude), town.lognormal(3000, 0.7))
    here = away.model_copy(update={"accuracy": town.rng.uniform(1000, 50_000)})
    last = town.visit(shop, town.morning(5), here)
    return Case("huge_accuracy", [*visits, last], last)


def teleport(town: Town) -> Case:
    """From the sofa the app jumps from shop to shop, with a little jitter so as to look real."""
    visits = town.weeks(5)
    at = town.morning(5)
    tour = []
    for shop in town.rng.sample(town.shops, town.rng.randint(5, 8)):
        quick = town.visit(shop, at, town.measured(shop.position, 10))
        tour.append(replace(quick, fix=quick.fix and quick.fix.model_copy(update={"left_at": None})))
        at += timedelta(minutes=town.rng.uniform(1, 6))
    return Case("teleport", visits + tour, town.rng.choice(tour))


def reused_photo(town: Town) -> Case:
    """An earlier photo again; one in a hundred is not recognised."""
    return _with_photo(town, "reused_photo", reuse_of="3月2日的照片" if town.rng.random() < 0.99 else "")


def old_photo(town: Town) -> Case:
    """A watermark photo of an earlier day, never sent before. One in twenty is badly blurred or tiny; of 30 drawn ones
    nothing was read on four of the twelve that were, day and time on all others."""
    off = town.rng.uniform(1, 20) * 24 * 60 + town.rng.uniform(-300, 300)
    unread = town.rng.random() < 0.05 and town.rng.random() < 1 / 3
    return _with_photo(town, "old_photo", minutes_off=None if unread else off)


def altered_photo(town: Town) -> Case:
    """An earlier photo mirrored or cropped; a crop keeps its old watermark four times in ten."""
    if town.rng.random() < 0.5:
        return _with_photo(town, "altered_photo", reuse_of="旧照片" if town.rng.random() < 0.99 else "")
    kept = town.rng.uniform(1, 20) * 24 * 60 if town.rng.random() < 0.4 else None
    found = "旧照片" if town.rng.random() < 0.90 else ""
    return _with_photo(town, "altered_photo", reuse_of=found, minutes_off=kept)


def _with_photo(town: Town, kind: str, **seen: object) -> Case:
    """The position is faked well: only the photo can tell."""
    visits = town.weeks(5)
    photo = Photo.model_validate({"ref": "evidence:p", **seen})
    last = town.visit(town.rng.choice(town.shops), town.morning(5), photo=photo)
    return Case(kind, [*visits, last], last)


def for_a_colleague(town: Town) -> Case:
    """A colleague in the shop checks in, then does it once more in the other's name, with the same phone.

    Three times in four the phone hands out the fix that it still has; two in three he sends the same photo; every
    second platform names the device.
    """
    rng = town.rng
    visits = town.weeks(5)
    shop = rng.choice(town.shops)
    colleague = Town(rng, "colleague")
    device = "device-1" if rng.random() < 0.5 else ""
    at = town.morning(5)
    first = colleague.visit(shop, at)
    assert first.fix is not None
    here = first.fix.position if rng.random() < 0.75 else colleague.measured(shop.position)
    photo = Photo(ref="evidence:p", reuse_of="同事的照片" if rng.random() < 0.99 else "")
    second = town.visit(shop, at + timedelta(minutes=rng.uniform(0.5, 3)), here)
    if rng.random() < 0.67:
        second = replace(second, photo=photo)
    pair = [replace(v, fix=v.fix.model_copy(update={"device": device})) for v in (first, second) if v.fix]
    return Case("for_a_colleague", [*visits, *pair], pair[1])


def batch(town: Town) -> Case:
    """In the evening, from one spot, the whole day's customers; every second place nobody knows."""
    rng = town.rng
    visits = town.weeks(5)
    home = town.around(TOWN, town.lognormal(4000, 0.6))
    at = MONDAY + timedelta(days=5, hours=rng.uniform(18, 23))
    row = []
    for shop in rng.sample(town.shops, rng.randint(4, 8)):
        claimed = replace(shop, place=None) if rng.random() < 0.5 else shop
        quick = town.visit(claimed, at, town.measured(home, 20), photo=None)
        row.append(replace(quick, fix=quick.fix and quick.fix.model_copy(update={"left_at": None})))
        at += timedelta(minutes=rng.uniform(0.5, 4))
    return Case("batch", visits + row, rng.choice(row))


def copied_note(town: Town) -> Case:
    """A detailed note of an earlier visit pasted again, the contact's name replaced half of the time."""
    visits = town.weeks(5)
    older = replace(visits[-town.rng.randint(1, 10)], words=town.long_words())
    words = older.words
    if town.rng.random() < 0.5:
        for name in PEOPLE:
            words = words.replace(name, town.rng.choice(PEOPLE))
    last = town.visit(town.rng.choice(town.shops), town.morning(5), words=words)
    return Case("copied_note", [*visits, older, last], last)


def replayed_voice(town: Town) -> Case:
    """An old voice note forwarded."""
    visits = town.weeks(5)
    older = replace(visits[-town.rng.randint(1, 10)], voice=town.voice())
    last = town.visit(town.rng.choice(town.shops), town.morning(5), voice=older.voice, words=older.words)
    return Case("replayed_voice", [*visits, older, last], last)


CHEATS: tuple[Callable[[Town], Case], ...] = (
    fake_gps,
    at_home,
    huge_accuracy,
    teleport,
    reused_photo,
    old_photo,
    altered_photo,
    for_a_colleague,
    batch,
    copied_note,
    replayed_voice,
)

# what no rule can tell --------------------------------------------------------------------------------------------


def jittering_app(town: Town) -> Case:
    """A fake position that jitters like a phone, at the shop, at the pace of an honest day, with fresh words."""
    case = plain(town)
    return replace(case, kind="jittering_app")


def listed_picker(town: Town) -> Case:
    """From the sofa he picks the shop in the map's list, as some do who are there."""
    return replace(honest_picker(town), kind="listed_picker")


LIMITS: tuple[Callable[[Town], Case], ...] = (jittering_app, listed_picker)


def honest(rng: random.Random) -> Case:
    make = rng.choices(list(HONEST), weights=list(HONEST.values()))[0]
    return make(Town(rng))
