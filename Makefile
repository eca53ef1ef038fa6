# make demo    try Omni without Slack and without a key
# make run     run it for a real workspace (.env)
# make test    every test, against a real PostgreSQL that it starts itself
# make check   format and tests: what CI runs

# Several gigabytes of debug symbols are linked again after each change; the tests do not need an index either.
BUILD = swift build --disable-index-store
TEST = swift test --disable-index-store

.PHONY: demo run test check format lint build setup

setup:
	@scripts/setup

demo: setup
	$(BUILD) --product omni
	@.build/debug/omni demo

run: setup
	$(BUILD) --configuration release --scratch-path .build-release --product omni
	@.build-release/release/omni run

test:
	@scripts/setup test
	$(TEST)

build: setup
	$(BUILD)

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

check: lint test
