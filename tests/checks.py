"""`make check`: everything about the code that is not a test. Runs all checks, then says in a line what failed.

`python -m tests.checks --licences` only looks at the packages of the environment that runs it.
"""

import json
import subprocess
import sys
from pathlib import Path

PACKAGES = ["bot", "handlers", "nlu", "domain", "storage", "coaching", "config"]
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "ruff lint": [str(BIN / "ruff"), "check", "-q", "."],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "-q", "."],
    "mypy --strict": [str(BIN / "mypy"), "--strict", *PACKAGES],
    "import-linter": [str(BIN / "lint-imports")],
    "rulebook": [str(BIN / "xiaofang"), "rulebook", "check"],
}

FORBIDDEN = ("GPL", "AFFERO")
ALLOWED = ("LGPL", "LESSER", "MPL")
"""Used as unmodified libraries, which these licences allow: see decisions/0006."""


def licences() -> list[str]:
    """The packages whose licence we may not ship. Development tools are looked at too: none of them is GPL either."""
    listed = subprocess.run(
        [str(BIN / "pip-licenses"), "--format=json", "--from=mixed"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(listed.stdout)
    print(f"{len(found)} packages")
    return [f"{p['Name']} {p['Version']}: {p['License']}" for p in found if forbidden(p["License"])]


def forbidden(licence: str) -> bool:
    """Whether every alternative of a licence expression is one that we may not ship."""
    alternatives = licence.upper().replace("-OR-LATER", "").split(" OR ")
    return all(
        any(word in one for word in FORBIDDEN) and not any(word in one for word in ALLOWED)
        for one in alternatives
    )


def main(only_licences: bool = False) -> int:
    failed = []
    for name, command in () if only_licences else CHECKS.items():
        print(f"--- {name}", flush=True)
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print("--- licences", flush=True)
    if bad := licences():
        print("\n".join(bad))
        failed.append("licences")
    print(f"FAILED: {', '.join(failed)}" if failed else "all checks passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(only_licences="--licences" in sys.argv))
