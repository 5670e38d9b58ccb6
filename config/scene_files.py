"""What can be wrong with the files of the role-play, beyond their shape."""

from collections.abc import Collection, Iterator

from config.sources import Problem, Source, cue_problem
from domain.coaching import LostCase
from domain.roleplay import RolePlay, Scene


def scene_problems(source: Source, scene: Scene, scripts: Collection[str] | None) -> Iterator[Problem]:
    """Cues that cannot be read, secrets that come out by themselves; `scripts` of None are not known."""
    if scene.script and scripts is not None and scene.script not in scripts:
        yield source.problem(f"没有叫 {scene.script} 的报价话术，scripts/ 里有的才能写。", "script")
    for number, secret in enumerate(scene.secrets):
        at = ("secrets", number)
        for index, cue in enumerate(secret.ask):
            yield from cue_problem(source, cue, {}, *at, "ask", index)
        for index, line in enumerate(secret.tell):
            if not any(word in line for word in secret.words):
                words = (
                    f"“{line}”里没有 words 里的词，看不出这句讲的就是这件隐情；把词写进这句，或补进 words。"
                )
                yield source.problem(words, *at, "tell", index)
        for word in secret.words:
            if leak := next((line for line in scene.lines_but(secret) if word in line), ""):
                words = f"隐情“{word}”在别的话里漏了底：“{leak}”。换一种说法。"
                yield source.problem(words, *at, "words")


def roleplay_problems(
    source: Source, common: RolePlay, checks: Collection[str], cases: Collection[LostCase]
) -> Iterator[Problem]:
    for act, words in common.acts.items():
        for index, check in enumerate(words.checks):
            if check not in checks:
                problem = f"评分表 rubric.yaml 里没有 {check} 这一条。"
                yield source.problem(problem, "acts", act, "checks", index)
        for part in ("cues", "unless"):
            for index, cue in enumerate(getattr(words, part)):
                yield from cue_problem(source, cue, {}, "acts", act, part, index)
    for number, topic in enumerate(common.topics):
        for index, cue in enumerate(topic.ask):
            yield from cue_problem(source, cue, {}, "topics", number, "ask", index)
    known = {name for topic in common.topics for name in topic.names}
    for case in cases:
        for name in case.hidden_facts:
            if name not in known:
                problem = f"案例 {case.id} 的隐情“{name}”没有写怎么问才会说，请在 topics 里给它加一组。"
                yield source.problem(problem, "topics")
