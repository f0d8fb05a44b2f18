#!/usr/bin/env bash
# Writes the lock files anew from pyproject.toml: exact versions, with the hashes of every wheel and source archive.
# Run it with the oldest Python that is supported, in the project's virtual environment. The files name no package index.
#   deploy/lock.sh            keep the locked versions that still fit
#   deploy/lock.sh --upgrade  take the newest
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-.venv/bin/python}"
"$python" -m pip show --quiet pip-tools || "$python" -m pip install --quiet pip-tools

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$python" - > "$work/test.in" <<'PY'
import tomllib

with open("pyproject.toml", "rb") as file:
    groups = tomllib.load(file)["dependency-groups"]
print("\n".join(groups["test"] + groups["lint"]))
PY

compile() {
  "$python" -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --extra postgres "$@"
}
compile -o deploy/requirements.lock pyproject.toml "${@}"
compile -o deploy/requirements-test.lock -c deploy/requirements.lock pyproject.toml "$work/test.in" "${@}"
sed -i "s#^-c .*##" deploy/requirements-test.lock

if grep -nE '://|--(index|extra-index|find-links)' deploy/requirements*.lock; then
  echo "a lock file names a package index" >&2
  exit 1
fi
