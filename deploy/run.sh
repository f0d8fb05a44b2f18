#!/usr/bin/env bash
# One command from a clone to a running demo: a virtual environment from the lock file, the data folder var/, keys, tables,
# invented people. The second start takes up what the first one made. Settings: TELEHEALTH_*, see deploy/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077
. deploy/venv.sh

install_locked deploy/requirements.lock
export TELEHEALTH_LOG_LEVEL="${TELEHEALTH_LOG_LEVEL:-warning}"
exec .venv/bin/python -m telehealth serve --prepare "$@"
