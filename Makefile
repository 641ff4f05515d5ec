# `make` prints the targets. Each that needs Python makes .venv first (.ci/bootstrap).
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check lint coverage run migrate pins clean venv

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv ## play the main job against the sandbox: no Slack, no Amazon, no network
	@$(BIN)/jetpack-care demo

test: venv ## run all tests and show the branch coverage
	@$(BIN)/python -m pytest -q --cov --cov-report=term:skip-covered

check: lint test ## everything a change must pass

lint: venv ## the static half of check: ruff, mypy --strict, the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

coverage: venv ## run the tests and write htmlcov/index.html
	@$(BIN)/python -m pytest -q --cov --cov-report=html

run: venv ## the bot in a real workspace, over Socket Mode (needs the two Slack tokens)
	@$(BIN)/jetpack-care run

migrate: venv ## bring the database's schema up to date
	@$(BIN)/jetpack-care migrate

pins: ## resolve pyproject.toml afresh into constraints.txt
	@sh .ci/pins

clean: ## remove what was built; var/ and .env stay
	@rm -f .venv/bootstrap.stamp
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@sh .ci/bootstrap
