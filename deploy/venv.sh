# Sourced by run.sh and test.sh, from the root of the project: the virtual environment .venv, filled from a lock file.

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

# What the environment holds is known by a stamp: the hash of the lock file and the Python. Only a change installs anything.
lock_stamp() {
  echo "$(sha256sum <"$1" | cut -c-64) $(readlink -f .venv/bin/python 2>/dev/null || true)"
}

# install_locked LOCK: after it, .venv holds everything that LOCK names, each file checked against its hash.
install_locked() {
  local lock="$1" python mark
  mark=".venv/$(basename "$lock").stamp"
  if [ -x .venv/bin/python ] && [ "$(cat "$mark" 2>/dev/null)" = "$(lock_stamp "$lock")" ]; then
    return
  fi
  python="$(find_python)"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "The module venv of Python is missing: run 'apt install python3-venv' and start again." \
      "Thiếu mô-đun venv của Python: hãy chạy 'apt install python3-venv' rồi chạy lại."
  echo "Installing the libraries, once / Đang cài thư viện, chỉ một lần …" >&2
  .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
  .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: --no-deps -r "$lock" ||
    fail "The libraries could not be installed: is there a network, and room on the disk?" \
      "Không cài được thư viện: hãy kiểm tra mạng và dung lượng đĩa."
  lock_stamp "$lock" >"$mark"
}
