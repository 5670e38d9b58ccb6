"""Who holds a claim, and whether he still lives.

A worker's name says on which machine it runs and as which process. Claims of a process that is gone are set free at
once by whoever starts on the same machine; claims of workers elsewhere are left to their leases.
"""

import os
import platform
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import Session, SQLModel

from storage.claims import table_of
from storage.tables import DueRow, InboxRow, OutboxRow
from storage.todo_copies import TodoCopyRow

CLAIMED: tuple[type[SQLModel], ...] = (InboxRow, OutboxRow, DueRow, TodoCopyRow)


def machine() -> str:
    """This boot of this machine and its process namespace: process numbers mean something only within it.

    Two containers with the same host name differ; so does the same container started again.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # not Linux: nothing is known to be the same machine, so leases alone decide
        boot, namespace = secrets.token_hex(4), ""
    return f"{platform.node()}/{boot}/{namespace}"


def worker_name() -> str:
    """A name that no other process has or ever had."""
    return f"{machine()}:{os.getpid()}:{secrets.token_hex(3)}"


def free_claims_of_the_dead(session: Session, now: datetime) -> int:
    """Let the leases of processes of this machine that are gone run out now. Returns how many rows that were."""
    here = machine()
    freed = 0
    for row in CLAIMED:
        table = table_of(row)
        names = session.execute(select(table.c.worker).where(table.c.state == "claimed").distinct()).scalars()
        dead = [name for name in names if name and name.startswith(f"{here}:") and not _lives(name)]
        if dead:
            done = update(table).where(table.c.state == "claimed", table.c.worker.in_(dead))
            freed += session.execute(done.values(lease_until=now)).rowcount  # type: ignore[attr-defined]
    return freed


def _lives(name: str) -> bool:
    """A process with this number runs, and it is not this one under an older name."""
    pid = int(name.split(":")[-2])
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return pid != os.getpid() and state != "Z"
