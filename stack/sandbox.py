"""Runs a program without privileges, in a root of its own if need be, with its data folder at a fixed place.

The program gets a private mount namespace: nothing that is mounted there is seen by the host or outlives the program,
and deleting the root or the data can never reach the host's devices. Every step replaces the one before (`exec`), so
the process that is started is in the end the program itself, under the same pid.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

#: Where the data folder is seen by the program.
DATA = "/run/windhover"

# $1 root, $2 user:group, then pairs of folder and place, then --, then the program. /dev is bound as a whole because
# PostgreSQL's shared memory needs /dev/shm. The root / is the host's own: everything is there already.
_SCRIPT = f"""
set -e
root=${{1%/}} user=$2
shift 2
[ -z "$root" ] || mount --rbind /dev "$root/dev"
mkdir -p "$root{DATA}"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  shift 2
done
shift
exec chroot --groups= --userspec="$user" "$root/" "$@"
"""


class User(msgspec.Struct, frozen=True):
    """Numbers of a user and its group, as the root's own /etc/passwd has them."""

    uid: int
    gid: int


def find_user(root: Path, name: str) -> User:
    """The user `name` of the root's /etc/passwd.

    Raises:
        LookupError: the root has no such user.
    """
    for line in (root / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return User(int(fields[2]), int(fields[3]))
    raise LookupError(f"{root}/etc/passwd has no user {name}")


def confined(
    root: Path,
    user: User,
    folders: Mapping[Path, str],
    program: Sequence[str],
    *,
    working_folder: str = DATA,
    environment: Mapping[str, str],
) -> list[str]:
    """The command line that runs `program` (paths inside `root`) as `user` with `folders` bound to their places.

    The first of `folders` goes to `DATA`; others may go to folders inside it. Nothing of the caller's environment
    passes; `environment` is all there is.
    """
    pairs = [part for folder, place in folders.items() for part in (str(folder), place)]
    words = [f"{name}={value}" for name, value in environment.items()]
    chroot = [str(root), f"{user.uid}:{user.gid}", *pairs, "--"]
    enter = ["/usr/bin/env", "--ignore-environment", f"--chdir={working_folder}", *words]
    unshare = ["unshare", "--mount", "--propagation", "private"]
    return [*unshare, "/bin/sh", "-c", _SCRIPT, "windhover-confined", *chroot, *enter, *program]
