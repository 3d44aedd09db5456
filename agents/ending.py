"""How a process of ours ends when it cannot go on: one log line with the reason, then at once."""

import logging
import os
from typing import NoReturn

#: Exit codes: asked to stop; a setting is wrong; the process cannot go on and is to be started again.
STOPPED, MISCONFIGURED, FAILED = 0, 2, 70

log = logging.getLogger(__name__)


def end(reason: str, code: int = FAILED, error: BaseException | None = None) -> NoReturn:
    """End the process now, without unwinding: whatever still runs in it must not write, send or commit any more.

    State is in Kafka and in the database; the supervisor starts the process again.
    """
    log.critical("process ends", extra={"reason": reason, "code": code}, exc_info=error)
    logging.shutdown()
    os._exit(code)
