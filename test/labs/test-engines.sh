#!/usr/bin/env bash
# Runs the live tests that depend on the Engine on other Engines than this machine's.
#
#   LABS="bookworm trixie sid"      Debian releases whose Engine is started here for it: 20.10, 26.1, 28.5
#   ENGINES="unix:///… tcp://…"     these instead, as they are. What tests find on this machine only is then left out
#   SUITES="test/live/terminals …"  which tests
#   KEEP=1                          leaves the labs' Engines up
set -euo pipefail
cd "$(dirname "$0")/../.."

LANGUAGES=python,javascript,bun,c,bash,csharp,go
ALL="docker execute sessions piston sandbox files archives terminals projects preview snapshots"
SUITES=${SUITES:-$(for suite in $ALL; do echo "test/live/$suite"; done)}
LOG=$(mktemp -t berth-engines.XXXXXX)
results=()
failed=0

# Of an Engine that is elsewhere, ports on loopback and bridges are not here.
NEED_THE_HOST=test/live/projects/network.test.ts
NO_DEPENDENCE='test/live/execute/smoke.test.ts'

# suite NAME COMMAND...: the tests, by way of a command that runs what follows it.
suite() {
  local name=$1 excluded=() file summary; shift
  for file in $left_out; do excluded+=(--exclude "$file"); done
  "$@" env "RUNTIMES=$LANGUAGES" node dist/setup/main.js
  # shellcheck disable=SC2086
  if "$@" npx vitest run --project 'live*' "${excluded[@]}" $SUITES 2>&1 | tee "$LOG"; then :; else failed=1; fi
  summary=$(sed 's/\x1b\[[0-9;]*m//g' "$LOG" | grep -E '^ +Tests ' | tail -n 1 | tr -s ' ')
  results+=("$name:${summary:- no summary}")
}

if [ -n "${ENGINES:-}" ]; then
  left_out="$NO_DEPENDENCE $NEED_THE_HOST"
  echo "left out, as ports and bridges of these Engines may not be on this machine: $NEED_THE_HOST"
  for engine in $ENGINES; do suite "$engine" env "DOCKER_HOST=$engine"; done
else
  left_out=$NO_DEPENDENCE
  # shellcheck disable=SC2046
  for lab in ${LABS:-bookworm trixie sid}; do
    test/labs/engine-lab.sh up "$lab" > /dev/null
    test/labs/engine-lab.sh load "$lab" $(npx tsx test/labs/images.ts ${LANGUAGES//,/ })
    suite "$lab" test/labs/engine-lab.sh run "$lab"
    [ -n "${KEEP:-}" ] || test/labs/engine-lab.sh down "$lab"
  done
fi
echo "left out, as it is about the images, which are the same everywhere: $NO_DEPENDENCE"
printf '%s\n' "${results[@]}"
rm -f "$LOG"
exit $failed
