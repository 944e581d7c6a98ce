"""The `scrt` command, which first notes in a file, its first argument, each password that the sign-in page looks at."""

import os
import sys

from scrt_workflow.cli import scrt
from scrt_workflow.operations.passwords import is_password
from scrt_workflow.web import sign_in

FILE = sys.argv.pop(1)


def counted(kept: str | None, password: str) -> bool:
    """Note the password in one write, which no other process cuts in two, and the process that looks at it."""
    file = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, f"{os.getpid()} {password}\n".encode())
    os.close(file)
    return is_password(kept, password)


vars(sign_in)["is_password"] = counted
scrt()
