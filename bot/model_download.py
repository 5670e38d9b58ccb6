"""A model from the hub into its folder: resumable, verified, and never half there.

The hub's client says which files there are, in one fixed revision, with their sizes and checksums. The bytes are
collected beside the model's place, in `.NAME.part`, where the next attempt goes on; only a whole and verified model is
moved to its place. HF_ENDPOINT names a mirror, HTTPS_PROXY a proxy.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from huggingface_hub import HfApi, hf_hub_url

from nlu.senses.models import Parts

HUB = "https://huggingface.co"
BLOCK = 1024 * 1024
MOST_BREAKS = 5
"""So many broken connections a file, each resumed where it broke."""
BUSY = (429, 500, 502, 503, 504)
QUIET_SECONDS = 60.0
"""Nothing arriving for so long counts as a broken connection."""


class FetchFailed(Exception):
    """Chinese words: what happened, why, what to do."""


@dataclass(frozen=True)
class Remote:
    name: str
    size: int
    checksum: str
    """sha256 of the content for large files, git's blob id for small ones."""

    def verified(self, file: Path) -> bool:
        """Whether these are the bytes that the hub has, to the last one."""
        if not file.is_file() or file.stat().st_size != self.size:
            return False
        head = b"" if len(self.checksum) == 64 else f"blob {self.size}\0".encode()
        digest = hashlib.sha256() if len(self.checksum) == 64 else hashlib.sha1(usedforsecurity=False)
        digest.update(head)
        with file.open("rb") as opened:
            while block := opened.read(BLOCK):
                digest.update(block)
        return digest.hexdigest() == self.checksum


@dataclass(frozen=True)
class Source:
    """A repository at one commit."""

    endpoint: str
    repository: str
    commit: str
    files: tuple[Remote, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def url(self, file: Remote) -> str:
        return hf_hub_url(self.repository, file.name, revision=self.commit, endpoint=self.endpoint)


def look_up(repository: str, parts: Parts, endpoint: str | None = None) -> Source:
    """What has to be fetched. Raises FetchFailed, and whatever the hub's client raises."""
    endpoint = endpoint or os.environ.get("HF_ENDPOINT") or HUB
    info = HfApi(endpoint=endpoint).model_info(repository, files_metadata=True, timeout=30)
    there = {one.rfilename: one for one in info.siblings or ()}
    files = []
    for names in parts.values():
        name = next((name for name in names if name in there), None)
        if name is None:
            raise FetchFailed(
                f"{repository} 里没有 {' 或 '.join(names)}，它不是这个引擎的模型。请检查 speech.model。"
            )
        found = there[name]
        checksum = found.lfs.sha256 if found.lfs else found.blob_id
        if found.size is None or not checksum:
            raise FetchFailed(
                f"{endpoint} 没有给出 {name} 的大小和校验值，无法核对。请换一个 HF_ENDPOINT 镜像。"
            )
        files.append(Remote(name, found.size, checksum))
    return Source(endpoint, repository, info.sha or "main", tuple(files))


def fetch(
    source: Source,
    folder: Path,
    *,
    arrived: Callable[[int], object] = lambda count: None,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Bring the model to `folder`; `arrived` is told of bytes as they come. Raises FetchFailed.

    What was there before stays usable until the new model is whole.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.part")
    with _alone(folder):
        _recover(folder)
        part.mkdir(exist_ok=True)
        have = sum(file.stat().st_size for file in part.iterdir())
        free = shutil.disk_usage(part).free
        if free < source.size - have:
            need = (source.size - have) / 1e6
            raise FetchFailed(
                f"{folder.parent} 只剩 {free / 1e6:.0f} MB，还要 {need:.0f} MB。请清理磁盘再试。"
            )
        with httpx.Client(follow_redirects=True, timeout=QUIET_SECONDS) as client:
            for file in source.files:
                _one(client, source, file, part, arrived, sleep)
        for stray in part.iterdir():  # of an earlier revision
            if stray.name not in {file.name for file in source.files}:
                stray.unlink()
        _put_in_place(part, folder)


def _one(
    client: httpx.Client,
    source: Source,
    file: Remote,
    part: Path,
    arrived: Callable[[int], object],
    sleep: Callable[[float], object],
) -> None:
    whole = part / file.name
    if file.verified(whole):
        arrived(file.size)
        return
    growing = part / f"{file.name}.{file.checksum[:12]}.incomplete"
    arrived(growing.stat().st_size if growing.exists() else 0)
    for attempt in range(1, MOST_BREAKS + 1):
        try:
            _append(client, source.url(file), file, growing, arrived)
            break
        except httpx.TransportError as broken:
            if attempt == MOST_BREAKS:
                raise FetchFailed(
                    f"{file.name} 下到一半断了 {MOST_BREAKS} 次（{type(broken).__name__}）。"
                    "下好的部分留着，请检查网络后再运行一次，会接着下。"
                ) from broken
            sleep(2.0 ** (attempt - 1))
    if not file.verified(growing):
        growing.unlink()
        raise FetchFailed(
            f"{file.name} 下载完了，但和 {source.endpoint} 给的大小或校验值对不上，已经删掉。"
            "请再运行一次；还是这样就换一个 HF_ENDPOINT 镜像。"
        )
    growing.rename(whole)


def _append(
    client: httpx.Client, url: str, file: Remote, growing: Path, arrived: Callable[[int], object]
) -> None:
    """What is missing of one file, from where the last attempt ended."""
    have = growing.stat().st_size if growing.exists() else 0
    if have == file.size:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code in BUSY:
            raise httpx.RemoteProtocolError(f"the hub answered {response.status_code}")
        response.raise_for_status()
        if have and response.status_code != httpx.codes.PARTIAL_CONTENT:  # no ranges here: from the start
            arrived(-have)
            have = 0
        with growing.open("r+b" if have else "wb") as opened:
            opened.seek(have)
            for block in response.iter_raw():  # as it arrives: nothing is lost when the line breaks
                have += len(block)
                if have > file.size:  # verified later, and refused
                    break
                opened.write(block)
                arrived(len(block))
            opened.flush()
            os.fsync(opened.fileno())
    if have < file.size:
        raise httpx.RemoteProtocolError("the connection ended before the file did")


def _put_in_place(part: Path, folder: Path) -> None:
    old = _old(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    part.rename(folder)
    folder.chmod(0o755)
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """A fetch may have been killed between the two renames: then the old model goes back."""
    if _old(folder).exists() and not folder.exists():
        _old(folder).rename(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FetchFailed("另一个 models fetch 正在下载同一个模型，请等它结束。") from None
        yield
