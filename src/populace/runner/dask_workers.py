"""Workers of Dask that are started for one seed and end with it, and the scheduler of a cluster in Kubernetes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from distributed import LocalCluster

from populace.errors import TargetUnavailable

_DEATH_TIMEOUT_S = 10
_END_S = 10.0


@contextmanager
def started(many: int) -> Iterator[str]:
    """A scheduler in this process and so many workers beside it, one thread each; the scheduler's URL.

    A worker that dies is replaced. They listen on the loopback interface only, without a dashboard. They are a command
    of Dask's: the processes that it makes itself would run the caller's main module again.
    """
    with LocalCluster(
        n_workers=0,
        host="127.0.0.1",
        scheduler_port=0,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=False,
    ) as cluster:
        url = str(cluster.scheduler_address)
        words = f"{url} --nworkers {many} --nthreads 1 --host 127.0.0.1 --memory-limit 0 --no-dashboard".split()
        words += f" --death-timeout {_DEATH_TIMEOUT_S}".split()
        crew = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"},
            # Ctrl-C at a terminal is for whoever gives them work.
            start_new_session=True,
        )
        try:
            yield url
        finally:
            _end(crew)


def _end(crew: subprocess.Popen[bytes]) -> None:
    """End a command and the processes that it made."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(crew.pid, number)
        with suppress(subprocess.TimeoutExpired):
            crew.wait(_END_S)


def in_kubernetes(name: str) -> str:
    """The URL of the scheduler of a DaskCluster, `NAME` or `NAMESPACE/NAME`, that is there."""
    from dask_kubernetes.operator import KubeCluster

    space, _, called = name.rpartition("/")
    try:
        cluster = KubeCluster.from_name(called, **({"namespace": space} if space else {}))
        return str(cluster.scheduler_address)
    except Exception as error:
        raise TargetUnavailable(
            f"this cluster cannot be reached: {type(error).__name__}: {error}",
            where="seed.cluster",
            given=f"kubernetes:{name}",
            todo="look at it with: kubectl get daskclusters",
        ) from error
