"""`config/lead_stages.yaml`, checked beyond its shape: the forms that it names are there."""

from collections.abc import Iterator, Mapping

from config.sources import Problem, Source
from domain.forms import Form


def problems_of(source: Source, forms: Mapping[str, Form]) -> Iterator[Problem]:
    """Only for a file whose shape is right."""
    for index, stage in enumerate(source.data.get("stages") or []):
        for number, form in enumerate(stage.get("after") or []):
            if form not in forms:
                yield source.problem(_gone(form, forms), "stages", index, "after", number)
    for number, form in enumerate(source.data.get("not_follow_ups") or []):
        if form not in forms:
            yield source.problem(_gone(form, forms), "not_follow_ups", number)


def _gone(form: str, forms: Mapping[str, Form]) -> str:
    return f"没有表单 {form}，可用的是 {'、'.join(forms)}。"
