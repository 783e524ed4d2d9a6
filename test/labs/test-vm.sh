#!/usr/bin/env bash
# Runs live tests with the Engine of a whole Debian machine (systemd, cgroup v2, AppArmor, Docker 26) under emulation, then
# restarts that Engine and pulls the machine's plug. It takes an hour.
#
#   SUITES="test/live/terminals …"  which tests
#   TEST_PATIENCE=10                how much longer they wait than on a real machine
#   KEEP=1                          leaves the machine on
#   VM_…                            see vm-lab.sh; VM_ACCEL=kvm where the processor can be used
set -euo pipefail
cd "$(dirname "$0")/../.."
export VM_LAB=${VM_LAB:-/var/lib/berth-vm} TEST_PATIENCE=${TEST_PATIENCE:-10} TEST_WORKERS=1

LANGUAGES=python,javascript,bun,c
# Of verdicts, resets, limits and the life of projects and terminals: what a kernel counts and what systemd has its hands in.
SUITES=${SUITES:-test/live/execute/results.test.ts test/live/execute/isolation.test.ts test/live/execute/reuse.test.ts
  test/live/piston/execute.test.ts test/live/sandbox test/live/projects/requests.test.ts test/live/projects/reconcile.test.ts
  test/live/projects/exec.test.ts test/live/projects/isolation.test.ts test/live/projects/deep.test.ts test/live/terminals}

vm=test/labs/vm-lab.sh
lab=test/labs/engine-lab.sh
if ! $vm status > /dev/null; then
  $vm build
  # The images, by way of an Engine of the same version on this machine.
  $lab up trixie > /dev/null
  # shellcheck disable=SC2046
  $lab load trixie $(npx tsx test/labs/images.ts ${LANGUAGES//,/ })
  $lab run trixie env "RUNTIMES=$LANGUAGES" node dist/setup/main.js
  $lab down trixie
  $vm images "${ENGINE_LAB:-/var/lib/berth-engines}/trixie/data"
fi
$vm boot
[ -n "${KEEP:-}" ] || trap '$vm down' EXIT
export DOCKER_HOST=unix://$VM_LAB/docker.sock
RUNTIMES=$LANGUAGES node dist/setup/main.js
failed=0
# shellcheck disable=SC2086
npx vitest run --project 'live*' $SUITES || failed=1
npx vitest run --project machine || failed=1
exit $failed
