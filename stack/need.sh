#!/usr/bin/env bash
# need.sh COMMAND PACKAGE...: install Debian packages when a command (or the Python module ensurepip) is missing.
set -euo pipefail
command=$1
shift
if [[ $command == ensurepip ]]; then
  python3 -c 'import ensurepip' 2>/dev/null && exit 0
else
  command -v "$command" >/dev/null && exit 0
fi
command -v apt-get >/dev/null || { echo "$command is missing: install $* with your system's package manager" >&2; exit 2; }
((EUID == 0)) || { echo "$command is missing: run 'apt-get install $*' as root" >&2; exit 2; }
echo "installing $*"
apt-get -qq update >/dev/null
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
