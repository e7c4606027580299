"""Other users of this machine, in child processes."""

from __future__ import annotations

import os
from collections.abc import Callable


def as_user(uid: int, gid: int, work: Callable[[], object]) -> str:
    """What `work` answers when another user does it, "" for None; an error by its type and text.

    In a fork, because that user may not be able to read this Python installation.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            answer = work()
            said = "" if answer is None else str(answer)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said_there:
        said = said_there.read()
    os.waitpid(child, 0)
    return said
