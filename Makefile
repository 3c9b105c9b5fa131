# Every target is a sentence about the market. Nothing but Python 3.11 to 3.13 is needed.
PYTHON ?= python3

.PHONY: run test quick races check market-day storm rush bench fuzz audit

run: ## Open the market on this machine.
	$(PYTHON) manage.py up

test: ## Run every test on servers of its own.
	$(PYTHON) manage.py test

quick: ## Check everything but what starts whole processes.
	$(PYTHON) manage.py verify --quick

races: ## Run the races alone, five times over.
	for round in 1 2 3 4 5; do $(PYTHON) manage.py test tests/races || exit 1; done

check: ## Check everything that must hold before a change lands.
	$(PYTHON) manage.py verify

market-day: ## Tell one whole day of the market on a stack of its own.
	$(PYTHON) manage.py market-day

storm: ## Break everything that can break for ten minutes, under load, and look at the books.
	$(PYTHON) manage.py storm

rush: ## Let everybody order in the same ten seconds, then want the same hundred things.
	$(PYTHON) manage.py rush

bench: ## Measure what fast means here, with the floors beside it.
	$(PYTHON) manage.py bench

fuzz: ## Send thousands of odd requests and bombs to a whole market, as everybody.
	$(PYTHON) manage.py fuzz

audit: ## Ask whether a weakness of anything we stand on is known, and write the bill of materials.
	$(PYTHON) manage.py audit
