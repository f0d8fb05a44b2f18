#!/usr/bin/env bash
# Runs every check of the project and says at the end how many passed and failed.
#   deploy/test.sh          what CI runs; starts its own PostgreSQL, coturn and Chromium and leaves nothing running
#   deploy/test.sh --fast   without browser, PostgreSQL and coturn
#   deploy/test.sh --full   with the long loops and every bad line as well, within an hour
#   deploy/test.sh --nightly   the ten-minute runs on bad lines besides
# Further arguments go to pytest, as in: deploy/test.sh --fast tests/records
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/venv.sh

mode=usual
case "${1:-}" in
  --fast | --full | --nightly)
    mode="${1#--}"
    shift
    ;;
esac
for name in $(compgen -e TELEHEALTH_ || true); do unset "$name"; done
export TESTRUN="$$-$RANDOM"        # every process of this run carries it, so that none is left behind
work="$(mktemp -d)"
export PYTHONPYCACHEPREFIX="$work/bytecode"   # compiled once for the hundreds of servers that the tests start; nothing in the tree
unset PYTHONDONTWRITEBYTECODE
passed=0 failed=0 skipped=0

main() {
  trap finish EXIT
  install_programs
  install_locked deploy/requirements-test.lock
  check "ruff" .venv/bin/ruff check --no-cache .
  check "mypy" .venv/bin/mypy --cache-dir "$work/mypy"
  check "import contracts" .venv/bin/lint-imports --no-cache
  check "djlint" .venv/bin/djlint --lint --quiet web/templates
  scripts
  case "$mode" in
    fast) unit_tests "not (postgres or coturn or browser or full or nightly)" "$@" ;;
    usual) unit_tests "not (full or nightly)" "$@" ;;
    full) unit_tests "not nightly" "$@" ;;
    nightly) unit_tests "" "$@" ;;
  esac
  if [ "$mode" != fast ] && [ $# -eq 0 ]; then
    browser_tests tests/browser
    lab_tests
  fi
}

# ---------------------------------------------------------------- what the tests need

install_programs() {
  local missing=()
  have_python_venv || missing+=(python3-venv)
  if [ "$mode" = fast ]; then
    echo "fast: no browser, no PostgreSQL, no coturn; tests that need one are left out"
    command -v node >/dev/null && command -v npm >/dev/null || echo "fast: node and npm are not here, so scripts are not checked"
  else
    command -v chromium >/dev/null || missing+=(chromium)
    command -v turnserver >/dev/null || missing+=(coturn)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    command -v espeak-ng >/dev/null || missing+=(espeak-ng)
    compgen -G '/usr/share/fonts/truetype/noto/NotoSans-Regular.*' >/dev/null || missing+=(fonts-noto-core)
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    command -v runuser >/dev/null || missing+=(util-linux)
    command -v ip >/dev/null || missing+=(iproute2)
    command -v certutil >/dev/null || missing+=(libnss3-tools)
  fi
  if [ "${#missing[@]}" -gt 0 ]; then apt_install "${missing[@]}"; fi
}

have_python_venv() {
  [ -x .venv/bin/python ] || "$(find_python)" -c 'import ensurepip, venv' 2>/dev/null
}

apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "These packages are missing: $*. Run 'apt install $*' as root, or deploy/test.sh --fast."
  fi
  echo "Installing $*"
  # A package that starts a service of its own would leave it running: forbidden while we install.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d; finish' EXIT
  fi
  apt-get update -qq >"$work/apt.log" 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$work/apt.log" 2>&1 ||
    { tail -20 "$work/apt.log" >&2; fail "apt could not install $*."; }
  rm -f "$policy"
  trap finish EXIT
}

# ---------------------------------------------------------------- the checks

# check NAME COMMAND…: one line when it passes, its output when it fails.
check() {
  local name="$1" start=$SECONDS
  shift
  if "$@" >"$work/output" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    cat "$work/output"
  fi
}

scripts() {
  command -v node >/dev/null && command -v npm >/dev/null || return 0
  check "npm ci" npm ci --prefix tests/js --no-audit --no-fund --ignore-scripts
  check "types of the scripts" tests/js/node_modules/.bin/tsc --project tests/js/tsconfig.json
  if compgen -G 'tests/js/*.test.js' >/dev/null; then
    node_tests
  fi
}

node_tests() {
  local file="$work/node"
  node --test --test-reporter=tap tests/js/*.test.js >"$file" 2>&1 || grep -B 2 -A 30 '^ *not ok' "$file" || true
  local ok no
  ok="$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$file" | tail -1)"
  no="$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$file" | tail -1)"
  if [ -z "$ok" ]; then cat "$file"; fi
  passed=$((passed + ${ok:-0}))
  failed=$((failed + ${no:-1}))
  echo "scripts: ${ok:-0} passed, ${no:-1} failed"
}

# python_tests NAME ARGUMENTS…: pytest, counted.
python_tests() {
  local name="$1" status=0
  shift
  .venv/bin/python -m pytest -q -p no:cacheprovider --durations=8 --durations-min=5 --junitxml="$work/$name.xml" "$@" || status=$?
  if [ "$status" -gt 1 ] && [ "$status" -ne 5 ]; then failed=$((failed + 1)); fi   # 5: nothing was collected
  count "$work/$name.xml"
}

# unit_tests MARKS [ARGUMENTS…]: everything that needs no loop of its own.
unit_tests() {
  local marks="$1"
  shift
  python_tests unit -m "$marks" -n 2 "${@:-tests}" --ignore=tests/browser --ignore=tests/netlab
}

# browser_tests FOLDER [ARGUMENTS…]: one event loop for all of them, as Playwright wants it.
browser_tests() {
  local scope=session marks="not (full or nightly)"
  if [ "$mode" = full ]; then marks="not nightly"; fi
  if [ "$mode" = nightly ]; then marks=""; fi
  python_tests "$(basename "$1")" -m "$marks" "$@" \
    -o "asyncio_default_fixture_loop_scope=$scope" -o "asyncio_default_test_loop_scope=$scope"
}

# Calls on bad lines; they need root and TUN devices.
lab_tests() {
  if [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ]; then
    local show=()
    if [ "$mode" != usual ]; then show=(-rP); fi      # what was measured, of tests that passed too
    browser_tests tests/netlab "${show[@]}"
  else
    echo "bad lines: left out, they need root and /dev/net/tun"
  fi
}

count() {
  [ -f "$1" ] || return 0
  local numbers
  numbers="$(.venv/bin/python -c '
import sys, xml.etree.ElementTree as tree
suites = tree.parse(sys.argv[1]).getroot().iter("testsuite")
total = [0, 0, 0]
for suite in suites:
    bad = int(suite.get("failures")) + int(suite.get("errors"))
    left = int(suite.get("skipped"))
    total = [total[0] + int(suite.get("tests")) - bad - left, total[1] + bad, total[2] + left]
print(*total)' "$1")"
  read -r ok no left <<<"$numbers"
  passed=$((passed + ok)) failed=$((failed + no)) skipped=$((skipped + left))
}

# ---------------------------------------------------------------- the end

finish() {
  local status=$? left
  for _ in 1 2 3 4 5 6; do
    left="$(left_running)"
    [ -n "$left" ] || break
    sleep 0.5           # what was told to end may need a moment
  done
  if [ -n "$left" ]; then
    failed=$((failed + 1))
    echo "FAILED  left running: $left"
    kill -KILL $(cut -d: -f1 <<<"$left") 2>/dev/null || true
  fi
  rm -rf "$work"
  echo
  if [ "$skipped" -gt 0 ]; then echo "$skipped skipped"; fi
  echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
  echo "$passed passed, $failed failed"
  if [ "$failed" -gt 0 ]; then status=1; fi
  trap - EXIT
  exit "$status"
}

# Processes of this run that are still there: pid:name, one a line.
left_running() {
  local folder
  for folder in /proc/[0-9]*; do
    if tr '\0' '\n' 2>/dev/null <"$folder/environ" | grep -qx "TESTRUN=$TESTRUN"; then
      echo "${folder#/proc/}:$(cat "$folder/comm" 2>/dev/null)"
    fi
  done 2>/dev/null
}

main "$@"
