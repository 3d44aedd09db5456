"""How a command ends: errors of ours are plain lines on standard error.

Exit codes: 0 done, 1 not now or not found, 2 wrong settings or arguments.
"""

import sys
from collections.abc import Callable

from pipeline.errors import ConfigurationError, RequestError, WindhoverError


def ended(command: Callable[[], object]) -> None:
    """Run a command to its end; leaves the process with the exit code that its error stands for."""
    try:
        command()
    except (ConfigurationError, RequestError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except WindhoverError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
