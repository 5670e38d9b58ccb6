"""Words that the company taught: other names for what is known, and other ways to say an action."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from domain.forms import Rulebook
from domain.values import Value

WordKind = Literal["alias", "cue"]


class LearnedWord(Value):
    """`target` is `customer:C0001`, `product:…`, `person:…` or `competitor:…` for an alias, `form:sample` for a cue."""

    kind: WordKind
    target: str
    words: str

    @property
    def thing(self) -> tuple[str, str]:
        """(what kind of thing, its code)."""
        what, _, code = self.target.partition(":")
        return what, code


def with_cues(rulebook: Rulebook, learned: Iterable[LearnedWord]) -> Rulebook:
    """The rulebook with the cues that were taught; its version tells which they are."""
    forms = dict(rulebook.forms)
    taught = []
    for word in learned:
        _, key = word.thing
        form = forms.get(key) if word.kind == "cue" else None
        if form is not None and word.words not in form.cues:
            forms[key] = form.model_copy(update={"cues": (*form.cues, word.words)})
            taught.append(f"{key}\0{word.words}")
    if not taught:
        return rulebook
    digest = sha256("\n".join(sorted(taught)).encode()).hexdigest()[:6]
    return rulebook.model_copy(update={"forms": forms, "version": f"{rulebook.version}+{digest}"})
