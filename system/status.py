"""What the processes of a running system say about themselves: up, ready, lag, rate."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from system.supervisor import ProcessState, read_states

_RECEIVED = "windhover_messages_received_total"
_LAG_SECONDS = "windhover_lag_seconds"
_LAG_RECORDS = "windhover_consumer_lag_records"


class RoleStatus(msgspec.Struct, frozen=True):
    """One process. `rate` in messages a second over the last sample, `lag_records` summed over partitions."""

    name: str
    pid: int
    up: bool
    ready: bool
    reason: str | None
    rate: float
    lag_records: float | None
    lag_seconds: float | None
    restarts: int


def role_status(folder: Path, sample_seconds: float = 1.0) -> list[RoleStatus]:
    """The state of every process of the system in `folder`; takes `sample_seconds` for the rates."""
    states = read_states(folder)
    before = {state.name: _samples(state) for state in states}
    time.sleep(sample_seconds if states else 0)
    return [_status(state, before[state.name], _samples(state), sample_seconds) for state in states]


def is_ready(state: ProcessState) -> tuple[bool, str | None]:
    """Whether a process says that it does its work, and if not, why."""
    if not state.ops_port:
        return Path(f"/proc/{state.pid}").exists(), None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{state.ops_port}/readyz", timeout=2):
            return True, None
    except urllib.error.HTTPError as error:
        answer = msgspec.json.decode(error.read())
        return False, str(answer.get("reason"))
    except (OSError, msgspec.DecodeError) as error:
        return False, f"does not answer: {error}"


def _samples(state: ProcessState) -> dict[str, float] | None:
    if not state.ops_port:
        return {}
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{state.ops_port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in {_RECEIVED, _LAG_SECONDS, _LAG_RECORDS}:
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


def _status(
    state: ProcessState, before: dict[str, float] | None, after: dict[str, float] | None, seconds: float
) -> RoleStatus:
    up = Path(f"/proc/{state.pid}").exists()
    ready, reason = is_ready(state) if up else (False, "not running")
    rate = 0.0
    if before and after:
        rate = max(0.0, after.get(_RECEIVED, 0.0) - before.get(_RECEIVED, 0.0)) / seconds
    return RoleStatus(
        name=state.name,
        pid=state.pid,
        up=up,
        ready=ready,
        reason=reason,
        rate=rate,
        lag_records=(after or {}).get(_LAG_RECORDS),
        lag_seconds=(after or {}).get(_LAG_SECONDS),
        restarts=state.restarts,
    )
