"""What is found for and against a visit."""

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.benchmarks import visits as bench
from bot.benchmarks.simulated_visits import CHEATS, Town, facts, honest
from config.rulebook import load
from domain.authenticity import Finding, Verdict
from domain.judging import judge
from domain.positions import Position
from domain.visits import Fix, Note, Photo, Place, Visit

RULES = load().authenticity
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
SHOP = Position(latitude=39.9219, longitude=116.4435)
DEGREE = 111_195
NOTE = "见了王经理，货架上还剩8箱原味酸奶，下周三之前把样品送过去"


def place(metres: float, accuracy: float | None = 20.0) -> Position:
    north = SHOP.latitude + metres / DEGREE
    return SHOP.model_copy(update={"latitude": round(north, 6), "accuracy": accuracy})


def fix(minutes: float = 0, metres: float = 30, customer: str | None = "C1", **more: Any) -> Fix:
    known = {"person": "P1", "position": place(metres), "at": NOON + timedelta(minutes=minutes)}
    return Fix.model_validate({"ref": f"check_in:{minutes:.0f}", "customer": customer, **known, **more})


def visit(here: Fix | None = None, **more: Any) -> Visit:
    known = {
        "person": "P1",
        "customer": "C1",
        "happened_at": NOON,
        "place": Place(position=SHOP),
        "fix": here or fix(),
        "notes": (Note(ref="evidence:1", at=NOON, words=NOTE),),
        "photos": (Photo(ref="evidence:2", minutes_off=3, place_match=True),),
    }
    return Visit.model_validate({**known, **more})


def verdict(**more: Any) -> Verdict:
    return judge(visit(**more), RULES)


def against(**more: Any) -> list[str]:
    return [f.code for f in verdict(**more).of("against")]


def only(code: str, **more: Any) -> Finding:
    found = verdict(**more)
    assert [f.code for f in found.of("against")] == [code], found
    return found.of("against")[0]


def test_a_visit_with_everything_is_trusted_and_says_why() -> None:
    found = verdict()
    assert (found.score, found.level) == (100, "trusted")
    assert [f.words for f in found.findings] == ["签到位置离店 30 米", "照片上印的时间地点对得上"]
    assert all(f.evidence for f in found.findings)


def test_what_is_missing_is_said_and_makes_nobody_suspicious() -> None:
    found = judge(visit().model_copy(update={"fix": None, "photos": (), "notes": ()}), RULES)
    assert found.level == "unsure"
    assert [f.words for f in found.of("missing")] == ["没有现场位置", "没有说聊了什么", "没有现场照片"]
    assert found.of("against") == ()


def test_a_position_kilometres_away_is_suspicious_however_vague_the_phone() -> None:
    far = verdict(here=fix(position=place(3000, accuracy=20_000)))
    assert far.level == "suspicious"
    assert far.of("against")[0].words == "签到位置离店 3.0 公里"
    assert far.of("against")[1].words == "定位很不准：误差 20.0 公里，只按 100 米算"


def test_far_from_a_learned_place_says_how_it_was_learned() -> None:
    learned = Place(position=SHOP, source="learned", spread=60, visits=4)
    assert against(here=fix(position=place(340)), place=learned) == []
    found = only("far_from_learned", here=fix(position=place(2000)), place=learned)
    assert "按最近 4 次拜访学到的位置" in found.words


def test_a_spot_that_the_manager_accepted_is_no_longer_far() -> None:
    assert against(here=fix(position=place(2000)), accepted=(place(2050),)) == []
    assert against(here=fix(position=place(2000)), accepted=(place(3000),)) == ["far"]


@pytest.mark.parametrize(
    ("minutes", "kilometres", "found"),
    [
        (20, 60, ["teleport"]),  # 180 km/h
        (25, 30, []),  # by car
        (90, 400, []),  # high-speed rail
        (90, 700, ["teleport"]),  # 467 km/h
        (4, 3, ["teleport"]),  # nobody visits a shop and drives three kilometres in four minutes
        (4, 0.3, []),  # the shop next door
    ],
)
def test_faster_than_anybody_travels(minutes: float, kilometres: float, found: list[str]) -> None:
    before = fix(-minutes, kilometres * 1000, customer="C2")
    assert against(own=(before,)) == found
    after = fix(minutes, kilometres * 1000, customer="C2")
    assert against(own=(after,)) == found


def test_a_position_shared_on_the_train_is_no_teleport() -> None:
    assert against(own=(fix(-25, 100_000, customer=None),)) == []


def test_a_message_held_up_without_network_is_no_teleport() -> None:
    here = fix(sent_at=NOON)
    before = fix(-1, 20_000, customer="C2", sent_at=NOON - timedelta(minutes=70))
    assert against(here=here, own=(before,)) == []


def test_the_same_measured_point_on_three_days_is_suspicious() -> None:
    days = tuple(fix(-24 * 60 * n) for n in (1, 2))
    assert only("same_point", own=days).words == "3 天的位置一模一样（手机每次定位都会有偏差）"
    assert against(own=days[:1]) == []
    jittered = tuple(fix(-24 * 60 * n, 30 + n) for n in (1, 2))
    assert against(own=jittered) == []


def test_a_point_that_may_be_picked_on_a_map_is_asked_about_before_it_counts() -> None:
    picked = place(30, accuracy=None)
    days = tuple(fix(-24 * 60 * n, position=picked) for n in (1, 2, 3))
    assert verdict(here=fix(position=picked), own=days[:1]).of("missing") == ()
    told = verdict(here=fix(position=picked), own=days[:2])
    assert (told.level, [f.code for f in told.of("missing")], told.of("against")) == (
        "unsure", ["not_measured"], (),
    )  # fmt: skip
    assert "请发手机定位的当前位置" in told.findings[0].words
    assert against(here=fix(position=picked), own=days) == ["picked_point"]
    assert against(here=fix(position=picked), own=days, accepted=(picked,)) == []


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("惠民超市(朝阳店) 朝阳北路101号", "unsure"),
        ("惠民超市", "unsure"),
        ("朝阳北路101号", "suspicious"),
        ("青年汇小区 朝阳北路", "suspicious"),
        ("", "suspicious"),
    ],
)
def test_who_picks_the_shop_in_the_maps_list_is_not_suspected_nor_believed(label: str, level: str) -> None:
    picked = place(0, accuracy=None).model_copy(update={"label": label})
    days = tuple(fix(-24 * 60 * n, position=picked) for n in range(1, 9))
    assert verdict(here=fix(position=picked), own=days, called=("惠民超市朝阳店",)).level == level


def test_two_people_at_one_point_and_two_people_with_one_phone() -> None:
    assert against(others=(fix(2, person="P2"),)) == ["shared_point"]
    assert against(others=(fix(2, 31, person="P2"),)) == []
    mine = fix(device="d1")
    assert against(here=mine, others=(fix(-3000, 90, person="P2", device="d1"),)) == ["device_shared"]


def test_many_customers_from_one_spot_unless_they_are_all_there() -> None:
    row = tuple(fix(n, 35, customer=f"C{n}") for n in (20, 40, 60))
    nowhere: Any = None
    assert against(place=nowhere, own=row) == ["one_spot"]
    tower = {f.customer: Place(position=SHOP) for f in row}
    assert against(place=nowhere, own=row, places=tower) == []
    assert against(own=row) == []


def test_three_customers_in_ten_minutes_are_a_batch() -> None:
    row = (fix(3, 35, customer="C3"), fix(7, 40, customer="C7"))
    assert against(own=row) == ["batch"]
    slow = (fix(7, 35, customer="C3"), fix(15, 40, customer="C7"))
    assert against(own=slow) == []


def test_dwell_hours_and_clocks_are_mild() -> None:
    assert only("short_dwell", here=fix(left_at=NOON + timedelta(minutes=1))).words == "只停留了 1 分钟"
    assert "停留了 25 分钟" in [
        f.words for f in verdict(here=fix(left_at=NOON + timedelta(minutes=25))).of("for")
    ]
    late = only("clock_skew", here=fix(sent_at=NOON - timedelta(minutes=47)))
    assert late.words == "手机上 11:13 发的位置，12:00 才收到"
    assert only("clock_skew", here=fix(sent_at=NOON + timedelta(minutes=30))).words == "手机的钟快了 30 分钟"
    assert only("outside_hours", here=fix(-6 * 60)).words == "不在工作时间（06:00）"


@pytest.mark.parametrize(
    ("seen", "code", "words"),
    [
        ({"reuse_of": "3月2日 惠民超市"}, "photo_reused", "照片和以前的一张相同（3月2日 惠民超市）"),
        ({"minutes_off": -3 * 24 * 60}, "photo_old", "照片上印的时间差了 3 天"),
        ({"minutes_off": 150}, "photo_old", "照片上印的时间差了 2.5 小时"),
        ({"place_match": False}, "photo_elsewhere", "照片上印的地点不是这家"),
    ],
)
def test_photos_speak_against_a_visit(seen: dict[str, Any], code: str, words: str) -> None:
    found = only(code, photos=(Photo(ref="evidence:9", **seen),))
    assert (found.words, found.evidence) == (words, ("evidence:9",))


def test_a_replayed_voice_is_found() -> None:
    mine = Note(ref="evidence:1", at=NOON, words="聊了新品", sha256="a" * 64)
    earlier = mine.model_copy(update={"ref": "evidence:0", "at": NOON - timedelta(days=3)})
    found = only("voice_replayed", notes=(mine,), earlier=(earlier,))
    assert found.words == "语音和 3月7日 的是同一个文件"
    assert found.evidence == ("evidence:1", "evidence:0")


@pytest.mark.parametrize(
    ("earlier", "found"),
    [
        (NOTE, ["note_copied"]),
        (NOTE.replace("，", " "), ["note_copied"]),
        (NOTE.replace("王经理", "李店长"), ["note_copied"]),
        (NOTE.replace("8箱", "20箱"), []),
        ("一切正常", []),
        ("李店长嫌草莓酸奶的进价比隔壁高，月底再看要不要上新口味", []),
    ],
)
def test_a_wording_used_before_is_found_whatever_the_names(earlier: str, found: list[str]) -> None:
    before = Note(ref="evidence:0", at=NOON - timedelta(days=7), words=earlier)
    assert against(earlier=(before,), names=("王经理", "李店长")) == found


def test_short_notes_repeat_themselves_honestly() -> None:
    note = Note(ref="evidence:1", at=NOON, words="老样子，下周再来")
    assert against(notes=(note,), earlier=(note,)) == []


@given(st.integers(0, 100_000))
def test_every_verdict_is_the_sum_of_its_reasons(seed: int) -> None:
    rng = random.Random(seed)
    make = rng.choice([*CHEATS, lambda town: honest(town.rng)])
    case = make(Town(rng))
    assert case.target is not None
    found = judge(facts(case, case.target), RULES)
    weights = [f.weight for f in found.findings]
    assert found.score == max(0, 100 - sum(weights))
    assert all(
        f.words and (f.evidence or f.side == "missing" or f.code == "outside_hours") for f in found.findings
    )
    suspicion = sum(f.weight for f in found.of("against"))
    assert (found.level == "suspicious") == (suspicion >= RULES.levels.suspicious)
    assert found.level != "trusted" or found.score >= RULES.levels.trusted


def test_simulated_cheats_are_found_and_honest_visits_left_alone() -> None:
    """A sample; `xiaofang bench visits` prints each kind at full size beside its goal."""
    number = 30
    found = {make.__name__: bench.caught(make, number, 5, RULES)[0] / number for make in CHEATS}
    assert sum(found.values()) / len(found) >= 0.95, found
    assert min(found.values()) >= 0.85, found
    assert bench.suspects(200, 5, RULES)[0] / 200 <= 0.02
