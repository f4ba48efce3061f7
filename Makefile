# make run serves the playground, make test checks everything; both first install what they need into .venv.
PYTHON := .venv/bin/python
CREATED := .venv/.created
RUNTIME := .venv/.installed-runtime
DEV := .venv/.installed-dev
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check

.PHONY: help install run test check bench chaos audit sbom clean browser
.DEFAULT_GOAL := help

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s%s\n", $$1, $$2 }'

install: $(RUNTIME) $(DEV)  ## set up .venv for running and developing; instant when nothing changed
	@:

run: $(RUNTIME)  ## serve the playground on http://127.0.0.1:8050 (another port: make run PORT=9000)
	@$(PYTHON) app.py

test: check browser  ## check the code, then run every test (some of them: make test ARGS="tests/jobs -x")
	@$(PYTHON) -m pytest $(ARGS)

check: $(DEV)  ## formatting, lint and types
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy

bench: $(RUNTIME)  ## measure the kernels against NumPy on this machine
	@$(PYTHON) -m spikedash bench $(ARGS)

audit: $(DEV)  ## look up known vulnerabilities of all that is installed; fails when it could not look
	@mkdir -p build
	@$(PYTHON) -m pip_audit --local --strict --progress-spinner off -o build/audit.txt 2>build/audit.log; found=$$?; \
	if ! grep -Eq '^(No known|Found [0-9]+ known) vulnerabilit' build/audit.log; then \
	  echo "Nothing was audited, so nothing is known of the packages: $$(tail -n 1 build/audit.log)" >&2; \
	  exit 2; \
	fi; \
	cat build/audit.log build/audit.txt; exit $$found

sbom: $(DEV)  ## write build/sbom.cdx.json: what is installed, as CycloneDX
	@mkdir -p build
	@$(PYTHON) -m cyclonedx_py environment --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.cdx.json $(PYTHON)
	@echo "build/sbom.cdx.json lists what is installed in .venv."

chaos: $(DEV)  ## five minutes of killed processes, a full disk and 200 browsers; prints what was lost
	@PYTHONPATH=.:tests $(PYTHON) -m chaos $(ARGS)

clean:  ## remove .venv and everything rebuilt by itself; runs and uploads stay
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv whose Python is gone (upgraded away, say) is made anew; a failed creation leaves no half-made one behind.
ifneq ($(shell [ -x $(PYTHON) ] && echo there),there)
.PHONY: $(CREATED)
endif
$(CREATED):
	@for python in python3.11 python3 python; do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "Creating .venv with $$($$python --version) ..."; \
	    $$python -m venv --clear .venv && touch $@ && exit 0; \
	    rm -rf .venv; \
	    echo "$$python cannot create .venv (see above); on Debian and Ubuntu: apt-get install python3-venv." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 found as python3.11, python3 or python; install one, then try again." >&2; \
	exit 1

$(RUNTIME): requirements.txt $(CREATED)
	@echo "Installing requirements.txt (a minute or two the first time) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

# After the runtime, never beside it: two pips in one .venv would trip over each other under make -j.
$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing requirements-dev.txt ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

browser:
	@present() { command -v chromium || command -v chromium-browser || command -v google-chrome; }; \
	present >/dev/null && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  echo "Installing Chromium for the browser tests ..."; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	fi; \
	present >/dev/null && exit 0; \
	echo "The browser tests need Chromium or Chrome: install it so that chromium, chromium-browser or google-chrome is on PATH." >&2; \
	exit 1
