"""Worker processes under accidents: killed, stuck, greedy, orphaned. Real processes, real engines."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.senses.config import SensesConfig
from nlu.senses.errors import ModelBroken, ModelMissing
from nlu.senses.perception import TRANSIENT
from nlu.senses.workers import SensePool
from tests.senses.bad_files import BAD
from tests.senses.conftest import SPEECH
from tests.senses.receipts import as_jpeg, as_pdf, invoice, taxi
from tests.senses.sounds import BOMBS

NOW = datetime(2026, 3, 21, tzinfo=UTC)
LINES = (SPEECH / "sentences.txt").read_text(encoding="utf-8").split()
NOTE = (SPEECH / "clips" / "note12.amr").read_bytes()
LONG_WORK = as_pdf(*[invoice()] * 6)
# Note 12 some fifty times over: four and a half minutes of speech.
LONG_NOTE = b"#!AMR\n" + NOTE.removeprefix(b"#!AMR\n") * 52
CONFIG = SensesConfig(model_dir=SPEECH / "model", temperatures=(0.0,))

pytestmark = pytest.mark.xdist_group("senses workers")


def wait_until(happened: Callable[[], object], patience: float = 60) -> None:
    pause = threading.Event()
    for _ in range(round(patience / 0.01)):
        if happened():
            return
        pause.wait(0.01)
    pytest.fail("it never happened")


def runs(pid: int) -> bool:
    """Whether the process is there and more than a corpse that nobody has buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_note_and_a_receipt_go_through_the_workers(pool: SensePool) -> None:
    heard, seen = pool.hear(NOTE, ["惠民超市"]), pool.read(as_jpeg(taxi()), NOW)
    assert (heard.text, heard.problem) == (LINES[11], None)
    assert seen.documents[0].fields["total"].value == "46.50"


def test_many_threads_share_one_worker(pool: SensePool) -> None:
    texts: dict[int, str] = {}

    def hear(number: int) -> None:
        clip = SPEECH / "clips" / f"note{number:02d}.amr"
        texts[number] = pool.hear(clip.read_bytes()).text

    threads = [threading.Thread(target=hear, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {number: LINES[number - 1] for number in range(1, 7)}


def test_bad_files_are_answered_and_kill_nobody(pool: SensePool) -> None:
    for name, (data, problem, words) in BAD.items():
        seen = pool.read(data, NOW)
        assert (seen.kind, seen.readable, seen.problem, seen.documents) == ("other", False, problem, ()), name
        assert seen.ask is not None and words in seen.ask and "请" in seen.ask, name
    assert pool.hear(b"").problem == "empty"
    assert pool.hear(NOTE).text == LINES[11]


def test_bad_recordings_are_answered_and_kill_nobody(pool: SensePool) -> None:
    pool.hear(NOTE)
    workers = pool.waiting()
    answers = {name: pool.hear(data) for name, (data, _) in BOMBS.items()}
    assert {name: heard.problem for name, heard in answers.items()} == {
        n: code for n, (_, code) in BOMBS.items()
    }
    assert all("请" in heard.words for heard in answers.values())
    for bad in (SPEECH / "bad").iterdir():
        assert pool.hear(bad.read_bytes()).problem in ("empty", "not_audio", "truncated")
    assert pool.hear(NOTE).text == LINES[11]
    assert pool.waiting() == workers, "the same process all along"


def test_a_worker_killed_in_the_middle_of_an_item_is_replaced(pool: SensePool) -> None:
    answers = []
    thread = threading.Thread(target=lambda: answers.append(pool.read(LONG_WORK, NOW)))
    thread.start()
    wait_until(pool.working)
    (victim,) = pool.working()
    os.kill(victim, signal.SIGKILL)
    thread.join()
    (lost,) = answers
    assert (lost.readable, lost.problem, lost.documents) == (False, "worker_lost", ())
    assert lost.ask is not None and "请过一会儿再发一遍" in lost.ask
    assert lost.problem in TRANSIENT
    assert pool.read(as_jpeg(taxi()), NOW).readable
    assert not runs(victim)


def test_a_worker_that_died_while_idle_is_not_noticed(pool: SensePool) -> None:
    pool.hear(NOTE)
    idle = pool.waiting()
    for pid in idle:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(runs, idle)))
    assert pool.hear(NOTE).text == LINES[11]


def test_an_item_that_takes_too_long_is_given_up() -> None:
    with SensePool(CONFIG.model_copy(update={"hear_seconds": 0.3})) as hasty:
        given_up = hasty.hear(LONG_NOTE)
        assert (given_up.text, given_up.problem) == ("", "too_slow")
        assert given_up.words.startswith("这段语音处理得太久")
        assert hasty.hear(b"").problem == "empty"


def test_an_item_that_takes_too_much_memory_is_given_up() -> None:
    with SensePool(CONFIG.model_copy(update={"item_memory_mb": 8})) as frugal:
        given_up = frugal.hear(LONG_NOTE)
        assert given_up.text == ""
        # A library may report that it got no memory, or end its process over it.
        assert given_up.problem in ("too_heavy", "worker_lost")
        assert frugal.hear(b"").problem == "empty"


def test_a_worker_is_renewed_after_so_many_items() -> None:
    with SensePool(CONFIG.model_copy(update={"most_items": 1})) as pool:
        first = pool.hear(NOTE)
        assert pool.waiting() == set()
        assert pool.hear(NOTE) == first


def test_without_a_model_the_note_may_wait_and_is_heard_once_it_is_there(tmp_path: Path) -> None:
    import shutil

    with SensePool(CONFIG.model_copy(update={"model_dir": tmp_path / "later"})) as pool:
        with pytest.raises(ModelMissing, match="models fetch speech"):
            pool.hear(NOTE)
        shutil.copytree(SPEECH / "model", tmp_path / "half")
        (tmp_path / "half" / "config.json").unlink()
        (tmp_path / "half").rename(tmp_path / "later")
        with pytest.raises(ModelBroken, match=r"config\.json"):
            pool.hear(NOTE)
        shutil.copy(SPEECH / "model" / "config.json", tmp_path / "later")
        assert pool.hear(NOTE).text == LINES[11]


def test_closing_answers_what_is_under_way_and_leaves_no_process() -> None:
    pool = SensePool(CONFIG)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(pool.read(LONG_WORK, NOW)))
    thread.start()
    wait_until(pool.working)
    workers = pool.working()
    pool.close()
    thread.join()
    assert answers[0].problem == "worker_lost"
    assert not any(map(runs, workers))
    with pytest.raises(RuntimeError, match="closed"):
        pool.hear(NOTE)


PARENT = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from nlu.senses.config import SensesConfig
from nlu.senses.workers import SensePool

pool = SensePool(SensesConfig(model_dir=Path(sys.argv[1]), temperatures=(0.0,)))
pool.hear(Path(sys.argv[2]).read_bytes())
work = Path(sys.argv[3]).read_bytes()
threading.Thread(target=lambda: pool.read(work, datetime.now(UTC)), daemon=True).start()
while not pool.working():
    pass
print(*pool.waiting(), *pool.working(), flush=True)
threading.Event().wait()
"""


def test_workers_die_with_their_parent_even_when_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "work.pdf").write_bytes(LONG_WORK)
    given = (SPEECH / "model", SPEECH / "clips" / "note12.amr", tmp_path / "work.pdf")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *map(str, given)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        text=True,
    )
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    assert all(map(runs, workers))
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(runs, workers)), patience=20)
