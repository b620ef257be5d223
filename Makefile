# The commands of Windlass. Each is one line here; what it does is in tools/.
# Settings are variables, `make run STACK=b API_PORT=9000` or in .env; see docs/setup.md.

stack := @sh tools/stack/stack.sh
# After `prepare` this is the Node that package.json pins.
node := @sh tools/stack/stack.sh prepare && node_modules/.bin/node

.DEFAULT_GOAL := help
.PHONY: help run stop restart status logs run-api run-worker run-watcher run-lockmgr test verify docs clean nemesis bench

help: ## lists these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## brings up the platform and shows that it works (TOUR=0: without the tour)
	$(stack) run
stop: ## ends everything of the stack
	$(stack) stop
restart: ## stops and starts the stack (APP=worker: only that app)
	$(stack) restart
status: ## shows each component; exit code 0 when all is well
	$(stack) status
logs: ## shows all logs in one, or one of them (APP=worker); follows on a terminal (FOLLOW=0, 1)
	$(stack) logs
run-api: ## runs the API in this terminal instead of the supervised one
	$(stack) run-api
run-worker: ## runs the worker in this terminal
	$(stack) run-worker
run-watcher: ## runs the watcher in this terminal
	$(stack) run-watcher
run-lockmgr: ## runs a lock manager in this terminal: the stack's first one, or one alone
	$(stack) run-lockmgr
test: ## everything that CI runs
	$(node) tools/check/src/test.ts
verify: ## shows which programs are installed, and what to do about missing ones
	@sh tools/stack/verify.sh
docs: ## says where the documentation is
	$(stack) docs
clean: ## stops the stack and removes its data, logs and ports
	$(stack) clean
nemesis: ## ten minutes of faults against the running stack
	$(node) tools/nemesis/src/main.ts $(ARGS)
bench: ## measures the platform (ARGS=deployments, accept, memory or sync)
	$(node) tools/bench/src/main.ts $(ARGS)
