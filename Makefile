# Few targets, each a short list of lines that one could type. Only relative paths, so that the
# folder may lie anywhere, also under a name with a space in it.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup test demo real-model real bench sbom clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  \1|/' | while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

setup: $(READY)  ## make .venv and install everything into it

$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 2; }
	@test -x $(BIN)/pip || "$(PYTHON)" -m venv .venv \
	  || { echo "make: Python's venv module is missing (Debian: apt-get install python3-venv)" >&2; exit 2; }
	$(RUN) pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

test: $(READY)  ## every check and the whole suite
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) basedpyright
	$(BIN)/lint-imports
	$(RUN) pytest -n 2 --dist loadfile

demo: $(READY)  ## the main job, small: data, training, the held-out report in outputs/demo
	$(RUN) fairweather study name=held_out size=small out=outputs/demo

real-model: $(READY)  ## train on drone-like frames alone, into outputs/real/model.safetensors
	$(RUN) fairweather generate experiment=drone_frames out=outputs/real/data
	$(RUN) fairweather train experiment=real_model data=outputs/real/data out=outputs/real

real: $(READY)  ## measure that model on the real images, where they are
	$(RUN) pytest -m real -s

bench: $(READY)  ## time generator, traffic and measuring, into outputs/bench.json
	$(RUN) tests.benchmarks.bench

# The version is dynamic in pyproject.toml; who reads only that file has to be told it.
sbom: $(READY)  ## every installed package with version and licence, into outputs/sbom.cdx.json
	mkdir -p outputs
	sed "s/^dynamic = .*/version = $$(sed -n 's/^VERSION = //p' simulator/version.py)/" \
	  pyproject.toml > outputs/pyproject.toml
	$(BIN)/cyclonedx-py environment --pyproject outputs/pyproject.toml --output-reproducible \
	  -o outputs/sbom.cdx.json
	rm outputs/pyproject.toml

clean:  ## remove what was made, except .venv
	rm -rf outputs build .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
