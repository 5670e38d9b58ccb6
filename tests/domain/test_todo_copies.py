"""Copies of to-dos: what is to be done next, and who wins where both sides were changed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.todo_copies import Content, Copy, Seen, content_of, merge, next_step, wanted

AT = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
QUOTE = Content(title="发报价", owner="P1", due="2026-03-13")

contents = st.builds(
    Content,
    title=st.sampled_from(["发报价", "送样"]),
    owner=st.sampled_from(["P1", "P2"]),
    due=st.sampled_from(["", "2026-03-13", "2026-03-16"]),
    done=st.booleans(),
)


def test_a_to_do_without_a_day_has_a_task_and_no_event() -> None:
    undated = QUOTE.model_copy(update={"due": ""})
    assert wanted("event", undated) is None
    assert wanted("task", undated) == undated


def test_a_creation_that_was_begun_is_repeated_even_where_nobody_wants_it_any_more() -> None:
    step = next_step(Copy(kind="event", generation=1, told=QUOTE), None, finished=False)
    assert step is not None and (step.do, step.content) == ("create", QUOTE)


def test_another_owner_gets_a_copy_of_his_own() -> None:
    there = Copy(kind="event", generation=1, remote_id="ev1", told=QUOTE)
    step = next_step(there, QUOTE.model_copy(update={"owner": "P2"}), finished=False)
    assert step is not None and step.do == "drop"


def test_what_is_done_already_is_not_entered() -> None:
    assert next_step(Copy(kind="task"), QUOTE.model_copy(update={"done": True}), finished=True) is None


def test_a_long_title_is_cut_to_what_the_platform_takes() -> None:
    assert len(content_of({"title": "报" * 3000, "owner": "P1"}).title) == 1024


def test_the_later_of_two_changes_wins() -> None:
    ours = QUOTE.model_copy(update={"due": "2026-03-16"})
    theirs = Seen(content=QUOTE.model_copy(update={"due": "2026-03-20"}), at=AT)
    earlier = merge(QUOTE, ours, theirs, {"due": AT - timedelta(minutes=1)})
    later = merge(QUOTE, ours, theirs, {"due": AT + timedelta(minutes=1)})
    assert earlier.conflicts and later.conflicts
    assert [c.value for c in earlier.theirs] == ["2026-03-20"] and not earlier.overruled
    assert [c.value for c in later.overruled] == ["2026-03-20"] and not later.theirs


@given(base=contents, ours=contents)
def test_the_echo_of_our_own_change_changes_nothing(base: Content, ours: Content) -> None:
    for echo in (base, ours):
        found = merge(base, ours, Seen(content=echo, at=AT), {})
        assert not found.theirs and not found.overruled and not found.conflicts


@given(base=contents, ours=contents, theirs=contents, minutes=st.integers(-5, 5))
def test_after_a_merge_both_sides_agree_once_ours_is_carried_over(
    base: Content, ours: Content, theirs: Content, minutes: int
) -> None:
    changed_at = dict.fromkeys(("title", "owner", "due", "done"), AT + timedelta(minutes=minutes))
    found = merge(base, ours, Seen(content=theirs, at=AT), changed_at)
    merged = ours.model_copy(update={c.field: c.value for c in found.theirs})
    for part in ("title", "owner", "due", "done"):
        was, mine, now = (getattr(c, part) for c in (base, ours, theirs))
        result = getattr(merged, part)
        assert result == (mine if now == was else now) or (mine != was and minutes > 0 and result == mine)
