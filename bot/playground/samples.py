"""The quick-start chips: example texts and files from a directory."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "image", "voice", "file", "place"]
"""`place` opens the map."""
Side = Literal["wecom", "dingtalk", "both"]

SHIPPED = Path(__file__).parent / "samples"

KINDS: dict[str, Kind] = {
    ".jpg": "image",
    ".jpeg": "image",
    ".png": "image",
    ".amr": "voice",
    ".ogg": "voice",
    ".mp3": "voice",
    ".pdf": "file",
}


@dataclass(frozen=True)
class Sample:
    kind: Kind
    label: str
    text: str = ""
    file: str = ""
    side: Side = "wecom"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Samples:
    directory: Path
    rows: tuple[Sample, ...]

    def content(self, name: str) -> bytes:
        """The bytes of one listed file; KeyError for any other name."""
        if not any(row.file == name for row in self.rows if row.file):
            raise KeyError(name)
        return (self.directory / name).read_bytes()


def load_samples(directory: Path = SHIPPED) -> Samples:
    """What `samples.json` lists, then every further picture, recording or document of the directory."""
    index = directory / "samples.json"
    listed = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else []
    rows = [Sample(**row) for row in listed if not row.get("file") or (directory / row["file"]).is_file()]
    known = {row.file for row in rows}
    more = [
        one for one in sorted(directory.glob("*")) if one.suffix.lower() in KINDS and one.name not in known
    ]
    rows += [Sample(KINDS[one.suffix.lower()], one.stem, file=one.name) for one in more]
    return Samples(directory, tuple(rows))
