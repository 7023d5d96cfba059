# make demo   read the sample pages into out/, in an environment of its own
# make test   run the tests
# make lint   check style, types and which folder imports which
# make figures  render docs/figures.json, which digitscan benchmark --json writes, into the README and docs/figures.md
# make schema write docs/results.schema.json again, after a change of the JSON document of results
# make clean  remove the environment and what was made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# OpenCV's wheel is linked to libraries that a machine without a screen may lack.
CHECK_OPENCV = $(BIN)/python -c 'import cv2' \
  || { echo "OpenCV does not load; on Debian and Ubuntu: sudo apt install libgl1 libglib2.0-0"; exit 1; }

.PHONY: demo test lint schema clean
.DELETE_ON_ERROR:

demo: $(VENV)/.installed
	$(BIN)/digitscan scan samples --out out/results.csv --json out/results.json --annotate out/checked
	@$(BIN)/digitscan evaluate out/results.csv samples/truth.json | head -n 6
	@echo
	@echo "The numbers:                out/results.csv"
	@echo "What was read, on the page: out/checked/"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

schema: $(VENV)/.installed-dev
	$(BIN)/python -c 'from scanner.results import results_document as d; print(d.results_schema(), end="")' \
	  > docs/results.schema.json

figures: $(VENV)/.installed-dev
	$(BIN)/python -m scanner.evaluation.figures

clean:
	rm -rf $(VENV) out

# The stamps spare installing again what has not changed.
$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable .
	@$(BIN)/python -m compileall -q scanner
	@$(CHECK_OPENCV)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	@$(BIN)/python -m compileall -q scanner
	@$(CHECK_OPENCV)
	@touch $@ $(VENV)/.installed

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "digitscan needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "Python lacks its venv module; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
