#!/usr/bin/env bash
# Format, lint, type hints, the floors, the tests: what a commit has to pass. `--no-tests` leaves the tests out.
set -euo pipefail
cd "$(dirname "$0")/.."
ruff format --check .
ruff check .
mypy
python -m tools.check_floors
if [ "${1:-}" != "--no-tests" ]; then python -m pytest; fi
