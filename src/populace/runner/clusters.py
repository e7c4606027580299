"""Which cluster is meant, and how it is reached: workers of its own for one seed, a scheduler at an address, or one in
Kubernetes.

Dask is an extra: it is loaded where a cluster is asked for, and a plan can be made without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from populace.errors import BadInput
from populace.runner.executors import MOST_WORKERS

if TYPE_CHECKING:
    from populace.runner.cluster import Cluster

ALLOWED = "local:N, tcp://HOST:PORT, tls://HOST:PORT, kubernetes:NAME"
_SCHEDULER = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_NAME = re.compile(r"([a-z0-9][a-z0-9-]*/)?[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Address:
    """A cluster as it was named. name: how many workers, the scheduler's URL, or the name in Kubernetes."""

    kind: Literal["local", "scheduler", "kubernetes"]
    name: str

    @classmethod
    def parse(cls, text: str, where: str) -> Address:
        """The cluster that a text names. Raises BadInput for what is none, and where its packages are missing."""
        scheme, _, rest = text.partition(":")
        found = None
        if scheme == "local" and re.fullmatch(r"\d{1,4}", rest):
            if not 1 <= int(rest) <= MOST_WORKERS:
                raise BadInput(
                    "so many workers cannot be", where=where, given=text,
                    allowed=f"local:1 to local:{MOST_WORKERS}; more by a scheduler of your own",
                )  # fmt: skip
            found = cls("local", str(int(rest)))
        elif (match := _SCHEDULER.fullmatch(text)) and 0 < int(match[3]) < 1 << 16:
            found = cls("scheduler", text)
        elif scheme == "kubernetes" and _NAME.fullmatch(rest):
            found = cls("kubernetes", rest)
        if found is None:
            # What is before an @ may be a password.
            raise BadInput("this is not a cluster", where=where, given=None if "@" in text else text, allowed=ALLOWED)
        found._require_packages(where)
        return found

    def _require_packages(self, where: str) -> None:
        if find_spec("distributed") is None:
            raise BadInput(
                "the package distributed is not installed", where=where, given=str(self),
                todo="pip install 'populace[dask]', here and on every worker",
            )  # fmt: skip
        if self.kind == "kubernetes" and find_spec("dask_kubernetes") is None:
            raise BadInput(
                "the package dask-kubernetes is not installed", where=where, given=str(self),
                todo="pip install dask-kubernetes; or forward the scheduler's port and name tcp://127.0.0.1:8786",
            )  # fmt: skip

    def __str__(self) -> str:
        return self.name if self.kind == "scheduler" else f"{self.kind}:{self.name}"


@contextmanager
def connected(address: Address) -> Iterator[Cluster]:
    """A cluster that can be given work; workers that were started for it end with the block.

    Raises TargetUnavailable where no scheduler answers or nobody works for it, BadInput where its workers have another
    version of this package, or none.
    """
    from populace.runner import cluster, dask_workers

    if address.kind == "local":
        many = int(address.name)
        with cluster.silent(), dask_workers.started(many) as url, cluster.joined(url, address, many) as one:
            yield one
        return
    url = dask_workers.in_kubernetes(address.name) if address.kind == "kubernetes" else address.name
    with cluster.joined(url, address) as one:
        yield one
