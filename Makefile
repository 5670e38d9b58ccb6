# Two commands matter: `make demo` and `make test`. Both build the environment first.
# The environment is made by uv where it is installed, else by the standard library's venv and pip.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.PHONY: demo test check lock clean bench-peers
.DELETE_ON_ERROR:

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Xiaofang needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one with: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@rm -rf $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  echo "Building the environment with uv ..." && \
	  env -u UV_PYTHON uv venv --quiet --python $(PYTHON) $(VENV) && \
	  env -u UV_PYTHON uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
	  env -u UV_PYTHON uv pip install --quiet --python $(BIN)/python --no-deps -e . ; \
	else \
	  echo "Building the environment with venv and pip (a few minutes) ..." && \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --no-deps -e . ; \
	fi
	@touch $@

demo: $(STAMP)
	@$(BIN)/xiaofang demo

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2

check: $(STAMP)
	@$(BIN)/python -m tests.checks

# Peers to compare with, in an environment of their own: JioNLP pulls in GPL code, which the product must not.
bench-peers:
	@$(PYTHON) -m venv .venv-peers && .venv-peers/bin/python -m pip install --quiet jionlp==1.5.31
	@echo "Ready. Run: xiaofang bench understanding"

lock:
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .venv-peers
