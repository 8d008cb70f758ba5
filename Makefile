# Set-up and every check, from one place. Needs only Python >= 3.11 with venv, and make.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup demo test e2e screenshots check bench lock clean
setup: $(STAMP)
	@$(BIN)/python -m lockgate.tools.frontend build

$(STAMP): requirements.lock pyproject.toml
	@sh lockgate/setup.sh "$(PYTHON)" "$(VENV)"

demo: setup
	@$(BIN)/lockgate demo --data .demo
# The stories of the browser; ends with JSON. FOLDER is where the pictures go, outside the repository by default.
e2e: setup
	@$(BIN)/python -m tests.e2e.run
screenshots: setup
	@$(BIN)/python -m tests.e2e.run screenshots $(FOLDER)
test: setup
	@$(BIN)/python -m pytest -n auto --dist loadgroup --durations=15
check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m lockgate.tools.classification --check
	@$(BIN)/python -m lockgate.tools.fhir_classification --check
	@$(BIN)/python -m lockgate.cli.reference --check
	@$(BIN)/python -m designer.openapi --check
	@$(BIN)/python -m designer.rights_table --check
	@$(BIN)/python -m lockgate.tools.frontend check
bench: setup
	@$(BIN)/python -m tests.bench.run

# Writes the hash-pinned lock again after a change of pyproject.toml.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group dev pyproject.toml -o requirements.lock
clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache
