# Two commands matter: `make demo` and `make test`. Both build the environment first.
# The environment is made by uv where it is installed, else by the standard library's venv and pip.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
PADDLE ?= .venv-paddle

.PHONY: demo test test-paddle check lock clean bench-peers
.DELETE_ON_ERROR:
# The tests start some hundred processes, each of which would else compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE

define build # an environment, its lock
@rm -rf $(1)
@if command -v uv >/dev/null 2>&1; then \
  echo "Building $(1) with uv ..." && \
  env -u UV_PYTHON uv venv --quiet --python $(PYTHON) $(1) && \
  env -u UV_PYTHON uv pip install --quiet --python $(1)/bin/python --require-hashes -r $(2) && \
  env -u UV_PYTHON uv pip install --quiet --python $(1)/bin/python --no-deps -e . ; \
else \
  echo "Building $(1) with venv and pip (a few minutes) ..." && \
  $(PYTHON) -m venv $(1) && \
  $(1)/bin/python -m pip install --quiet --require-hashes -r $(2) && \
  $(1)/bin/python -m pip install --quiet --no-deps -e . ; \
fi
@touch $(1)/.ready
endef

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Xiaofang needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one with: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(call build,$(VENV),requirements.lock)

# The second reading engine brings another OpenCV and lives apart. Its tests read with both and compare.
$(PADDLE)/.ready: requirements-paddle.lock pyproject.toml
	$(call build,$(PADDLE),requirements-paddle.lock)

demo: $(STAMP)
	@$(BIN)/xiaofang demo

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2

test-paddle: $(STAMP) $(PADDLE)/.ready
	@RAPIDOCR_PYTHON=$(abspath $(BIN))/python $(PADDLE)/bin/python -m pytest -p no:cacheprovider -o addopts=-q tests/paddle
	@$(PADDLE)/bin/python -m tests.checks --licences

check: $(STAMP)
	@$(BIN)/python -m tests.checks

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
  --no-emit-index-url --no-emit-find-links
# Peers to compare with, in an environment of their own: JioNLP pulls in GPL code, which the product must not.
bench-peers:
	@$(PYTHON) -m venv .venv-peers && .venv-peers/bin/python -m pip install --quiet jionlp==1.5.31
	@echo "Ready. Run: xiaofang bench understanding"

lock:
	@$(LOCK) --extra rapidocr --group dev pyproject.toml -o requirements.lock
	@$(LOCK) --extra paddleocr --group paddle pyproject.toml -o requirements-paddle.lock

clean:
	rm -rf $(VENV) $(PADDLE) .venv-peers
