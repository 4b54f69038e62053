"""``python -m saker`` and the script ``saker``: the command itself, in place of this process."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    from .commands import command_path
    from .errors import NotFoundError

    try:
        command = command_path()
    except NotFoundError as error:
        sys.exit(f"saker: {error}")
    try:
        os.execv(command, [command, *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"saker: {command}: {error.strerror}")


if __name__ == "__main__":
    main()
