#!/usr/bin/env bash
# One command from a clone to a running demo: a virtual environment from the lock file, the data folder var/, keys, tables,
# invented people. The second start takes up what the first one made. Settings: TELEHEALTH_*, see deploy/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$name" ] && command -v "$name" >/dev/null &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "Python 3.11 or newer is needed: on Debian 12 or newer run 'apt install python3 python3-venv'." \
    "Cần Python 3.11 trở lên: trên Debian 12 trở lên hãy chạy 'apt install python3 python3-venv'."
}

# The stamp changes with the lock file and with the Python: only then is anything installed.
install_libraries() {
  local lock=deploy/requirements.lock python stamp
  stamp="$(sha256sum <"$lock" | cut -c-64) $(readlink -f .venv/bin/python 2>/dev/null || true)"
  if [ -x .venv/bin/python ] && [ "$(cat .venv/lock-stamp 2>/dev/null)" = "$stamp" ]; then
    return
  fi
  python="$(find_python)"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "The module venv of Python is missing: run 'apt install python3-venv' and start again." \
      "Thiếu mô-đun venv của Python: hãy chạy 'apt install python3-venv' rồi chạy lại."
  echo "Installing the libraries, once / Đang cài thư viện, chỉ một lần …" >&2
  .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
  .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: --no-deps \
    -r "$lock" || fail "The libraries could not be installed: is there a network, and room on the disk?" \
    "Không cài được thư viện: hãy kiểm tra mạng và dung lượng đĩa."
  echo "$(sha256sum <"$lock" | cut -c-64) $(readlink -f .venv/bin/python)" >.venv/lock-stamp
}

install_libraries
export TELEHEALTH_LOG_LEVEL="${TELEHEALTH_LOG_LEVEL:-warning}"
exec .venv/bin/python -m telehealth serve --prepare "$@"
