"""`python -m tests.papers FOLDER` writes one picture of every layout and of every perturbation."""

import sys
from pathlib import Path

from tests.papers.gallery import LAYOUTS, sample, together
from tests.papers.photography import HARD, READABLE, UNREADABLE

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for layout in LAYOUTS:
    (folder / f"{layout}.jpg").write_bytes(sample(layout, "as printed", 1, coded=True).data)
for name in (*READABLE, *HARD, *UNREADABLE):
    (folder / f"{name}.jpg").write_bytes(sample("till", name, 1).data)
for number, several in enumerate(together(3, 1)):
    (folder / f"several {number}.jpg").write_bytes(several.data)
