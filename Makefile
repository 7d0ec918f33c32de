# `make help` lists the targets. The environment lives in .venv and is made anew only when the lock file changes.

SHELL := /bin/sh
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
SNAKEMAKE := .venv/bin/snakemake --cores $(CORES)
READY := .venv/.made-from-lock
CLUSTER := .venv/cluster/.made-from-lock
PLUGIN := snakemake_executor_plugin_slurm_batch
TOOL := PYTHONPATH=scripts .venv/bin/python scripts/tools
BENCHMARK := PYTHONPATH=scripts .venv/bin/python scripts/benchmarks

# STUDY=... and DATASET=... take names, with spaces between several; CONFIG='seeds=3' sets other keys of the config.
comma := ,
space := $(subst ,, )
SETTINGS := $(if $(strip $(DATASET)),'dataset=[$(subst $(space),$(comma),$(strip $(DATASET)))]') $(CONFIG)

.DEFAULT_GOAL := help
.PHONY: help study answer test test-quick test-faults test-page test-cluster cluster lint report figures verify archive calibrate bench growth describe lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

study: $(READY)  ## the default studies, or STUDY=... on DATASET=...; without internet, on the simulated stand-in
	@.venv/bin/python scripts/tools/study.py $(SNAKEMAKE) --targets $(STUDY) --settings $(SETTINGS)

answer: $(READY)  ## print the answers that are in results/
	@$(TOOL)/answer.py

test: $(READY)  ## linters and every test
	@$(MAKE) --no-print-directory lint
	@.venv/bin/python -m pytest -q -n $(CORES) --dist worksteal -m "not faults" tests --ignore tests/cluster --ignore tests/page

test-quick: $(READY)  ## the tests of what most changes touch, under a minute
	@.venv/bin/python -m pytest -q -n $(CORES) --dist worksteal -m "not faults and not slow" tests/unit

test-faults: $(READY)  ## killed processes, full disks, damaged files, hostile names (some minutes)
	@.venv/bin/python -m pytest -q -n $(CORES) --dist worksteal -m faults tests/unit tests/workflow

test-page: $(READY)  ## the answers' pages in a real browser, Debian's Chromium, which root installs
	@.venv/bin/python -m pytest -q tests/page

cluster: $(CLUSTER)  ## .venv/cluster/snakemake, which has what Slurm needs; docs/cluster.md

test-cluster: $(CLUSTER)  ## the same studies on a real Slurm, started on this machine by root from Debian's packages
	@.venv/bin/python -m pytest -q tests/cluster

lint: $(READY)  ## ruff, mypy, snakefmt and Snakemake's own linter
	@.venv/bin/ruff check scripts tests
	@.venv/bin/ruff format --check scripts tests
	@.venv/bin/mypy
	@.venv/bin/snakefmt --check workflow
	@.venv/bin/snakemake --lint
	@PYTHONPATH=scripts .venv/bin/lint-imports --no-cache >/dev/null || PYTHONPATH=scripts .venv/bin/lint-imports --no-cache

report: $(READY)  ## report.html of the default studies, or of STUDY=... on DATASET=...
	@$(SNAKEMAKE) $(STUDY) --quiet rules host --report report.html $(if $(strip $(SETTINGS)),--config $(SETTINGS))

figures: $(READY)  ## the README's pictures, docs/figures, from results/banknote
	@$(TOOL)/figures.py

verify: $(READY)  ## whether results are what today's config makes: looked at first, then computed anew
	@$(TOOL)/verify.py $(SNAKEMAKE) --settings $(CONFIG)

archive: $(READY)  ## code, config, lock file, data and results in one file, learning-rate-study.tar.gz
	@$(TOOL)/archive.py

describe: $(READY)  ## write config/README.md from the schemas' descriptions
	@$(TOOL)/describe_config.py

calibrate: $(READY)  ## how often the answer is right where the truth is known, docs/calibration.csv (half an hour)
	@$(BENCHMARK)/calibrate.py

bench: $(READY)  ## the benchmarks, printed as ratios, in results/bench.json
	@$(BENCHMARK)/bench.py

growth: $(READY)  ## time and memory against seeds, rates and rows, docs/performance.md (half an hour, nothing beside it)
	@$(BENCHMARK)/growth.py

# The second of the three only sees whether the cluster's packages go with the others; the third then writes them alone.
LOCK := .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --fork-strategy fewest \
	--no-emit-index-url --no-header --no-annotate --upgrade
lock:  ## write requirements.lock and requirements-cluster.lock from their .in
	@$(LOCK) requirements.in -o requirements.lock
	@$(LOCK) --constraint requirements.lock requirements-cluster.in >/dev/null
	@$(LOCK) --constraint requirements.lock --no-deps requirements-cluster.in -o requirements-cluster.lock

clean:  ## remove everything computed; fetched data and the environment stay
	@find results -mindepth 1 ! -name README.md -delete
	@rm -rf .snakemake report.html

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
		{ echo "error: Python 3.11, 3.12 or 3.13 is needed, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1); name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "error: $(PYTHON) has no venv module; install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "Making the environment in .venv (a few minutes, once) ..."
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Beside .venv's own packages, for Snakemake imports every plugin that it sees at each start, and this one pandas. A
# Snakemake in the same folder sees it; others, also those that it starts on the nodes, do not.
$(CLUSTER): $(READY) requirements-cluster.lock scripts/cluster/$(PLUGIN)/__init__.py
	@rm -rf .venv/cluster
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--target .venv/cluster -r requirements-cluster.lock
	@mkdir .venv/cluster/$(PLUGIN)
	@cp scripts/cluster/$(PLUGIN)/__init__.py .venv/cluster/$(PLUGIN)/
	@cp .venv/bin/snakemake .venv/cluster/
	@touch $@

%:
	@echo "error: there is no target '$@'; 'make help' lists them" >&2; exit 2
