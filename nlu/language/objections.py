"""Objections that were heard, and the record that each of them lives on."""

from domain.intents.records import Said
from nlu.language.drafts import Draft
from nlu.language.matching import Compiled, Match
from nlu.language.spans import Scan


def place_objections(drafts: list[Draft], scan: Scan, cues: Compiled) -> None:
    """Each objection lives on the visit where it was heard, else on the nearest action of that customer."""
    void = list(cues.not_objections.find(scan.masked))
    for match in sorted(cues.objections.find(scan.masked), key=lambda m: m.start):
        if any(v.key == match.key and v.solid & match.solid for v in void):
            continue
        host = _host(match, drafts, scan)
        if host is None:
            continue
        words = scan.words(match.start, match.end)
        said = host.fields.get("objections")
        if said is None:
            host.fields["objections"] = Said(value=[match.key], words=words)
        elif match.key not in said.value:
            host.fields["objections"] = Said(value=[*said.value, match.key], words=said.words)


def _host(match: Match, drafts: list[Draft], scan: Scan) -> Draft | None:
    named = [s for s in scan.spans if s.kind == "customer" and s.at < match.start]
    candidates = [d for d in drafts if d.form.field("objections") and d.form.key != "complaint"]
    if any(
        d.form.key in ("complaint", "sample_request") and d.start <= match.start < d.right for d in drafts
    ):
        return None
    if named:
        # What one customer says is never another's objection.
        candidates = [d for d in candidates if d.customer and d.customer.value == named[-1].value]
    visits = [d for d in candidates if d.form.key == "visit" and not d.planned]
    pool = visits or candidates
    return min(pool, key=lambda d: abs(d.start - match.start), default=None)
