# Two commands: `make demo` and `make test`. Each makes the virtual environment it needs and asks nothing.

PYTHON ?= python3
BIN := .venv/bin
TORCH := torch==2.13.0
KERNEL := $(wildcard src/assortment/*/kernel/*)

export UV_NO_PROGRESS := 1

.PHONY: demo test check clean

demo: .venv/base
	$(BIN)/assortment demo demo

test: .venv/tests
	.ci/chromium
	$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

check: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyrefly check
	$(BIN)/lint-imports

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv

.venv/base: pyproject.toml $(KERNEL) | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable .
	@touch $@

# torch comes by pip, which takes a CPU build where one is at hand; uv then leaves it alone.
.venv/tests: pyproject.toml $(KERNEL) | .venv/bin/uv
	$(BIN)/python -c 'import torch' 2>/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check $(TORCH)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[server,traces,train,rl]' --group test --group lint
	@touch $@ .venv/base

clean:
	rm -rf .venv demo
