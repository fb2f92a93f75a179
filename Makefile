# The suite's commands. `make run` is the main job, `make test` passes all tests; both fetch what they need or name it.
SHELL := /bin/sh
PREFIX ?= /usr
DESTDIR ?=
SECONDS ?=
CONFIG ?=
RUNS ?=
EPOCH = $${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || date -u -d 00:00 +%s)}
RID := $(shell uname -m | sed 's/x86_64/linux-x64/; s/aarch64/linux-arm64/')
PROGRAMS := src/clockd src/ntpd src/ntskeyd src/ptpd src/lookupd src/ctl bench/clock-error
empty :=
FOLDERS = $(subst $(empty) $(empty),;,$(strip $(PROGRAMS)))
# One process compiles all projects, analyzers loaded: half the time.
BY_SERVER := -p:UseSharedCompilation=true
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: all build run test scenarios fuzz publish bench bench-server bench-nts bench-ptp soak deb tarball vm-test install uninstall clean

all: publish

out:
	@mkdir -p out

build: out
	@build/require.sh sdk
	@dotnet build TimeSuite.sln $(BY_SERVER) -v q -nologo -clp:NoSummary

# Native AOT binaries in out/bin, restored by the lock files (src/Locked.props; with another SDK than theirs without, which is said) and dated by the last commit: the same sources make the same programs, octet for octet, in whatever folder. A warning is an error.
publish: out
	@build/require.sh sdk native confinement
	@echo "publishing $(PROGRAMS)"
	@for target in Restore Publish; do \
	  SOURCE_DATE_EPOCH=$(EPOCH) dotnet msbuild build/publish.proj $(BY_SERVER) -t:$$target -p:Rid=$(RID) -p:Locked=true '-p:Folders="$(FOLDERS)"' -v:q -nologo -clp:NoSummary -m || exit 1; \
	done
	@grep -v '^locked$$' out/restored || true
	@mkdir -p out/bin && cp out/restored out/bin/.restored && echo $(EPOCH) >out/bin/.epoch && for binary in clockd ntpd ntskeyd ptpd lookupd timectl clock-error; do for made in out/publish/*/$$binary; do [ ! -e $$made ] || install -m 755 $$made out/bin/$$binary; done; done

# The main job, unprivileged, in shadow: SECONDS=60 ends by itself, CONFIG=file uses another configuration.
run: publish
	@build/run.sh "$(SECONDS)" "$(CONFIG)"

test: out
	@build/require.sh sdk native tests
	@$(MAKE) --no-print-directory build publish
	@dotnet build-server shutdown --vbcscompiler >/dev/null
	@build/test.sh

# Every scenario of tests/scenarios with 25 seeds, in virtual time: what `make test` does with one.
scenarios: out
	@build/require.sh sdk
	@dotnet build tests/scenarios -c Release -v q -nologo -clp:NoSummary
	@SCENARIO_SEEDS=25 dotnet test tests/scenarios -c Release --no-build --nologo -v q --logger "console;verbosity=minimal"

# SharpFuzz on the server's whole step, RUNS mutated requests (10 million). What goes a new way stays in tests/fuzz/corpus.
fuzz: out
	@build/require.sh sdk
	@bench/fuzz/run.sh $(RUNS)

bench: publish
	@bench/run.sh

# What a reply costs, beside chronyd, ntpsec, openntpd and a bare responder: writes bench/results/server.md.
bench-server: publish
	@dotnet publish bench/load -c Release -r $(RID) -o out/publish/ntp-load -v q -nologo -clp:NoSummary
	@install -m 755 out/publish/ntp-load/ntp-load out/bin/ntp-load
	@bench/server.sh

# What NTS costs: protected replies, key exchanges, plain time under a flood of them, beside chronyd: writes bench/results/nts.md.
bench-nts: publish
	@for tool in load:ntp-load ke:ke-load nts:nts-bench; do \
	  dotnet publish bench/$${tool%:*} -c Release -r $(RID) -o out/publish/$${tool#*:} -v q -nologo -clp:NoSummary && \
	  install -m 755 out/publish/$${tool#*:}/$${tool#*:} out/bin/$${tool#*:} || exit 1; \
	done
	@bench/nts.sh

# What it costs to follow a PTP master, beside ptp4l, as root: writes bench/results/ptp-cost.md.
bench-ptp: publish
	@bench/ptp.sh

# An hour (SECONDS) of mixed load with reloads, slews and steps, on shadow clocks: writes bench/results/soak.md.
soak: publish
	@dotnet publish bench/load -c Release -r $(RID) -o out/publish/ntp-load -v q -nologo -clp:NoSummary
	@install -m 755 out/publish/ntp-load/ntp-load out/bin/ntp-load
	@bench/soak.sh "$(SECONDS)"

# The Debian package, and its debug symbols apart: out/timesuite_VERSION_ARCH.deb.
deb: publish
	@build/require.sh package
	@packaging/deb.sh $(VERSION)

# For other systems: what `make install` would put in place, in one file with an install.sh.
tarball: publish
	@packaging/tarball.sh

# The package in a Debian with systemd and AppArmor, in a virtual machine: prints what was tried and seen. Takes root.
vm-test: publish
	@build/require.sh package tests
	@tests/debian/run.sh all

install: publish
	@packaging/install.sh "$(DESTDIR)" "$(PREFIX)"

uninstall:
	@packaging/uninstall.sh "$(DESTDIR)" "$(PREFIX)"

clean:
	rm -rf out src/*/bin src/*/obj tests/*/bin tests/*/obj
