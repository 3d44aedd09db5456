"""The roles: which module runs each, and how many processes `windhover up` starts of it."""

import sys
from collections.abc import Mapping

import msgspec

from pipeline.settings import to_environment
from simulate.fleet import thing_ids
from system.home import Home
from system.supervisor import ProcessPlan

#: role -> module with `main(settings) -> int`. Also the order in which they stop: sources first.
ROLES = {
    "ingress": "pipeline.ingress.role",
    "normalize": "agents.normalize",
    "land": "agents.land",
    "egress": "agents.egress",
    "api": "api.server",
}

#: glibc keeps the megabytes of a fetch instead of giving them back after each chunk: 5-10 % less CPU for consumers.
MEMORY_ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "33554432",
    "MALLOC_ARENA_MAX": "2",
}


class Fleet(msgspec.Struct, frozen=True):
    """The simulated fleet that `windhover up` starts; `aircraft` 0 starts none."""

    aircraft: int = 12
    docks: int = 3
    things: int = 6
    seed: int = 1


def fleet_things(fleet: Fleet) -> list[str]:
    """The ids of the fleet's Cayenne things, which must be provisioned before their data counts."""
    return thing_ids(fleet.things)


def role_plans(
    home: Home,
    environment: Mapping[str, str],
    counts: Mapping[str, int] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> list[ProcessPlan]:
    """A plan for each process of each role. `counts`: processes by role, 1 where not named; `overrides`: settings."""
    plans: list[ProcessPlan] = []
    for role in ROLES:
        count = (counts or {}).get(role, 1)
        for index in range(count):
            ops_port = home.ports.ops_first + len(plans)
            settings = msgspec.structs.replace(
                home.settings(index, ops_port),
                **{"ingress_processes": (counts or {}).get("ingress", 1), **(overrides or {})},
            )
            plans.append(
                ProcessPlan(
                    name=role if count == 1 else f"{role}-{index}",
                    command=(sys.executable, "-m", "cli.run", role),
                    environment={
                        **environment,
                        **MEMORY_ENVIRONMENT,
                        **to_environment(settings),
                        "WINDHOVER_HOME": str(home.path),
                    },
                    ops_port=ops_port,
                )
            )
    return plans


def fleet_plan(home: Home, environment: Mapping[str, str], fleet: Fleet) -> ProcessPlan:
    """The simulated fleet as a process of its own."""
    return ProcessPlan(
        name="simulate",
        command=(
            sys.executable, "-m", "cli.main", "simulate", "--count", str(fleet.aircraft), "--docks", str(fleet.docks),
            "--things", str(fleet.things), "--seed", str(fleet.seed), "--seconds", "0",
        ),
        environment={**environment, "WINDHOVER_HOME": str(home.path)},
        stop_seconds=5.0,
    )  # fmt: skip
