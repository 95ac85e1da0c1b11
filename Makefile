# samltap: make run · make test · make lint · make asan · make fuzz · make install
# Everything made goes to $(BUILD). Second runs skip what is done.

BUILD ?= build
PREFIX ?= /usr/local
CC ?= cc
OPT ?= -O2 -g
SANITIZE ?=
JOBS ?= 2

.PHONY: all run test test-build clang-build unit corpus program e2e lint tidy asan asan-build fuzz fuzz-build alloc-fail soak interop bench deps deps-test \
        install clean help
.DEFAULT_GOAL := all

# --- folders, what each may include, and what it may see of other libraries ---------------------
#
#   proxy → {inspect, certs};  inspect → decode → decode/base;  certs → decode/base
#
# A header that is not listed here cannot be found by the compiler: that is how the direction of
# dependencies is enforced.

FOLDERS := decode/base decode certs inspect inspect/report inspect/vendors \
           $(patsubst %/,%,$(wildcard inspect/checks/*/)) \
           proxy proxy/relay proxy/desk proxy/lab

SEE_decode/base := decode/base
SEE_decode := decode $(SEE_decode/base)
SEE_certs := certs $(SEE_decode/base)
SEE_inspect := inspect $(SEE_decode)
SEE_inspect/report := inspect/report $(SEE_inspect)
SEE_inspect/vendors := $(SEE_inspect)
SEE_inspect/checks := $(SEE_inspect)
SEE_proxy := proxy proxy/relay proxy/desk proxy/lab inspect/report $(SEE_inspect) certs
SEE_proxy/relay := proxy/relay proxy certs $(SEE_decode)
SEE_proxy/desk := proxy/desk proxy inspect/report $(SEE_inspect)
SEE_proxy/lab := proxy/lab proxy certs $(SEE_decode)
SEE_tests := tests/support proxy/relay proxy/desk proxy/lab proxy inspect/report $(SEE_inspect) certs

see = $(addprefix -iquote ,$(if $(filter inspect/checks/%,$1),$(SEE_inspect/checks),$(SEE_$1)))

PKG_decode := libxml-2.0 xmlsec1-openssl libcrypto zlib jansson libbrotlidec libzstd libnghttp2
PKG_certs := libssl libcrypto
PKG_inspect := jansson libcrypto
PKG_proxy := libevent libevent_openssl libssl libcrypto jansson
PKGS := $(sort $(PKG_decode) $(PKG_certs) $(PKG_inspect) $(PKG_proxy))

# Asked only when something is compiled, so that `make deps` works on a bare machine. libxml2 and
# xmlsec are system headers to us: their warnings are not ours.
pkg_cflags = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKG_$(firstword $(subst /, ,$1)))))
LDLIBS = $(shell pkg-config --libs $(PKGS)) -lpthread

# clang takes libxml2's BAD_CAST on a literal for a dropped const; gcc knows better.
WARN := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wwrite-strings -Wmissing-prototypes \
        -Wstrict-prototypes -Wold-style-definition -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough $(if $(findstring clang,$(CC)),,-Wcast-qual)
HARDEN := -fstack-protector-strong -fPIE
FORTIFY := $(if $(filter -O2 -O3,$(OPT)),-D_FORTIFY_SOURCE=2)
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE $(OPT) $(WARN) $(HARDEN) $(FORTIFY) $(SANITIZE) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(SANITIZE) $(LDFLAGS)

SOURCES := $(foreach folder,$(FOLDERS),$(sort $(wildcard $(folder)/*.c)))
PROGRAM_SOURCES := proxy/main.c
LIB_SOURCES := $(filter-out $(PROGRAM_SOURCES),$(SOURCES))
OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
HEADERS := $(wildcard $(addsuffix /*.h,$(FOLDERS)))
LIBRARY := $(BUILD)/libsamltap.a
PROGRAM := $(BUILD)/samltap

all: $(PROGRAM)

$(PROGRAM): $(BUILD)/proxy/main.o $(LIBRARY)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	@$(AR) rcs $@ $^

# Generated lists: the row is the registration.
CHECK_SOURCES := $(sort $(wildcard inspect/checks/*/*.c))
VENDOR_SOURCES := $(sort $(wildcard inspect/vendors/*.c))

$(BUILD)/generated/check_list.h: $(CHECK_SOURCES) | $(BUILD)/generated
	@sed -n 's/^CHECK_SET(\([a-z0-9_]*\),.*/CHECK_LIST_ENTRY(\1)/p' $(CHECK_SOURCES) /dev/null >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/generated/vendor_list.h: $(VENDOR_SOURCES) | $(BUILD)/generated
	@sed -n 's/^VENDOR(\([a-z0-9_]*\)).*/VENDOR_LIST_ENTRY(\1)/p' $(VENDOR_SOURCES) /dev/null >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/generated:
	@mkdir -p $@
GENERATED := $(BUILD)/generated/check_list.h $(BUILD)/generated/vendor_list.h
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*_fuzz.c))
$(BUILD)/generated/fuzz_list.h: $(FUZZ_SOURCES) | $(BUILD)/generated
	@sed -n 's/^FUZZ_TARGET(\([a-z0-9_]*\)).*/FUZZ_LIST_ENTRY(\1)/p' $(FUZZ_SOURCES) /dev/null >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

define folder_rule
$(BUILD)/$1/%.o: $1/%.c $(GENERATED) Makefile
	@mkdir -p $$(@D)
	@echo "  CC $$<"
	@$$(CC) $$(CFLAGS_ALL) $$(call pkg_cflags,$1) $$(call see,$1) -iquote $(BUILD)/generated -MMD -MP -c -o $$@ $$<
endef
$(foreach folder,$(FOLDERS),$(eval $(call folder_rule,$(folder))))

# --- tests -----------------------------------------------------------------------------------------

UNIT_SOURCES := $(sort $(wildcard tests/unit/*_test.c))
UNIT_PROGRAMS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
SUPPORT_SOURCES := $(sort $(wildcard tests/support/*.c))
SUPPORT_OBJECTS := $(SUPPORT_SOURCES:%.c=$(BUILD)/%.o)
MAKER_OBJECTS := $(patsubst %,$(BUILD)/tests/support/%.o,jwt_maker saml_maker saml_maker_encrypt saml_maker_keys \
                 saml_maker_send)
FUZZ_SUPPORT := $(patsubst %,$(BUILD)/tests/%.o,fuzz/fuzz fuzz/fuzz_key support/case_file) $(MAKER_OBJECTS)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(BUILD)/%.o) $(FUZZ_SUPPORT)
TEST_CFLAGS = $(CFLAGS_ALL) $(call pkg_cflags,proxy) $(call pkg_cflags,decode) $(call see,tests) -iquote $(BUILD)/generated

$(BUILD)/tests/support/%.o: tests/support/%.c $(GENERATED) Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/tests/fuzz/%.o: tests/fuzz/%.c $(GENERATED) $(BUILD)/generated/fuzz_list.h Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/tests/unit/fuzz_smoke_test.o: $(BUILD)/generated/fuzz_list.h
$(BUILD)/tests/unit/fuzz_smoke_test: $(BUILD)/tests/unit/fuzz_smoke_test.o $(FUZZ_OBJECTS) $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/unit/%.o: tests/unit/%.c $(GENERATED) Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(SUPPORT_OBJECTS) $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS) -lcmocka

# The n-th allocation is refused here, so the linker leads every one through tests/fault/alloc_fault.c.
WRAPPED := malloc calloc realloc strdup strndup free arena_alloc arena_calloc arena_copy arena_grow xmlC14NExecute
$(BUILD)/tests/fault/%.o: tests/fault/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/tests/unit/alloc_fail_test: $(BUILD)/tests/unit/alloc_fail_test.o $(BUILD)/tests/fault/alloc_fault.o \
                                     $(SUPPORT_OBJECTS) $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) $(WRAPPED:%=-Wl,--wrap=%) -o $@ $^ $(LDLIBS) -lcmocka

$(BUILD)/tests/bench/%.o: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/tests/bench/verify_bench: $(BUILD)/tests/bench/verify_bench.o $(MAKER_OBJECTS) $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS)

.PRECIOUS: $(BUILD)/tests/unit/%.o $(BUILD)/tests/support/%.o $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/%_libfuzzer.o

-include $(OBJECTS:.o=.d) $(BUILD)/proxy/main.d $(SUPPORT_OBJECTS:.o=.d) $(UNIT_PROGRAMS:=.d) $(FUZZ_OBJECTS:.o=.d) $(BUILD)/tests/fault/alloc_fault.d

unit: $(UNIT_PROGRAMS)
	@tests/run unit $(BUILD)

corpus: $(PROGRAM)
	@tests/run corpus $(BUILD)

program: $(PROGRAM)
	@tests/run program $(BUILD)

e2e: $(PROGRAM) $(BUILD)/node_modules/.done
	@tests/run e2e $(BUILD)

# The browser driver and the identity provider that others wrote, from npm, outside the tree.
$(BUILD)/node_modules/.done: tests/e2e/package.json
	@mkdir -p $(BUILD)
	@cp tests/e2e/package.json $(BUILD)/package.json
	cd $(BUILD) && PUPPETEER_SKIP_DOWNLOAD=1 npm install --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
	@touch $@

test: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory test-build -j$(JOBS)
	@tests/run all $(BUILD)

test-build: $(PROGRAM) $(UNIT_PROGRAMS) $(BUILD)/node_modules/.done clang-build

# More mutants than `make test` takes: ours against xmlsec1.
differential: $(BUILD)/tests/unit/dsig_differential_test
	SAMLTAP_MUTANTS=$(or $(MUTANTS),40000) $(BUILD)/tests/unit/dsig_differential_test

# The same sources under the second compiler, warnings as errors.
clang-build:
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=$(BUILD)/clang OPT=-O1 $(BUILD)/clang/samltap

lint: $(BUILD)/.deps-test
	@tests/lint/lint $(BUILD)

# clang-tidy, one answer a file, asked again when the file or one of its headers changed.
tidy: $(SOURCES:%.c=$(BUILD)/lint/%.tidy)
define tidy_rule
$(BUILD)/lint/$1/%.tidy: $1/%.c $(BUILD)/$1/%.o .clang-tidy
	@mkdir -p $$(@D)
	@clang-tidy --quiet $$< -- -std=c11 -D_GNU_SOURCE $$(call pkg_cflags,$1) $$(call see,$1) -iquote $(BUILD)/generated \
	    >$$@.new 2>/dev/null; grep -E 'warning:|error:' $$@.new && exit 1; mv $$@.new $$@
endef
$(foreach folder,$(FOLDERS),$(eval $(call tidy_rule,$(folder))))

# Every unit test, case and corpus row again under AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer.
ASAN := $(BUILD)/asan
asan: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(ASAN) OPT='-O1 -g' \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' asan-build
	@tests/run unit,corpus,program $(ASAN)
asan-build: $(PROGRAM) $(UNIT_PROGRAMS)

# Every allocation of every case refused in its turn; make test tries a few of each case.
alloc-fail: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/tests/unit/alloc_fail_test
	@$(BUILD)/tests/unit/alloc_fail_test --all

# FUZZ_SECONDS each. A crash leaves its input in $(BUILD)/fuzz. FUZZ='saml http2': only these.
FUZZ_SECONDS ?= 60
FUZZ ?= $(patsubst tests/fuzz/%_fuzz.c,%,$(FUZZ_SOURCES))
fuzz: $(BUILD)/.deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=$(BUILD)/fuzz OPT='-O1 -g' FUZZ='$(FUZZ)' \
	    SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined' fuzz-build
	@tests/fuzz/run $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)
fuzz-build: $(BUILD)/tests/fuzz/make_seeds $(FUZZ:%=$(BUILD)/tests/fuzz/%_fuzz)
$(BUILD)/tests/fuzz/%_libfuzzer.o: tests/fuzz/libfuzzer.c tests/fuzz/fuzz.h
	@mkdir -p $(@D)
	@$(CC) $(TEST_CFLAGS) -DFUZZ_NAME=fuzz_target_$* -c -o $@ $<
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_libfuzzer.o $(BUILD)/tests/fuzz/%_fuzz.o $(FUZZ_SUPPORT) \
                            $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)
$(BUILD)/tests/fuzz/make_seeds: $(BUILD)/tests/fuzz/make_seeds.o $(FUZZ_OBJECTS) $(LIBRARY)
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS)

# Random traffic through every mode: SOAK times as many requests as in make test, bodies up to 64 MiB.
# Then 1 GiB down and 1 GiB up over 64 connections, within the memory that is promised.
SOAK ?= 20
soak: $(BUILD)/tests/unit/relay_exact_test $(PROGRAM)
	@SOAK=$(SOAK) $<
	@tests/e2e/soak $(BUILD)

# With software that others wrote, also what takes too long for make test.
interop: $(BUILD)/.deps-interop $(PROGRAM)
	@tests/e2e/interop $(BUILD)

# Beside sslsplit, squid, nginx, haproxy and a bare loop. WHAT='keepalive,conn' PEERS='minproxy samltap' REPEAT=4: only these.
bench: $(BUILD)/.deps-bench
	@$(MAKE) --no-print-directory -j$(JOBS) $(PROGRAM) $(BUILD)/tests/bench/verify_bench
	@tests/bench/run $(BUILD)

# --- people ------------------------------------------------------------------------------------------

deps: $(BUILD)/.deps-run
deps-test: $(BUILD)/.deps-test
$(BUILD)/.deps-%: .ci/deps
	@mkdir -p $(BUILD)
	@.ci/deps $*
	@touch $@

run: $(BUILD)/.deps-run
	@$(MAKE) --no-print-directory -s -j$(JOBS) $(PROGRAM)
# At a terminal Ctrl-C is for samltap alone, which ends with 0: make, in the same process group, would
# call it an error. setpriv ends samltap when somebody ends make instead.
	@if [ -t 0 ] && command -v setpriv >/dev/null; then \
	    sh -mc 'setpriv --pdeathsig TERM $(PROGRAM) lab --demo; exit $$?'; \
	else exec $(PROGRAM) lab --demo; fi

install: $(PROGRAM)
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/samltap

help:
	@echo 'make run      install what is missing, build, show a good and a failing sign-in, stay up as proxy'
	@echo 'make test     install what is missing, build with warnings as errors, run every test'
	@echo 'make lint     format, static analysis, layers, include loops, sizes'
	@echo 'make asan     the tests under sanitizers'
	@echo 'make soak     random traffic through every mode, SOAK=$(SOAK) times as much as in make test; 1 GiB over 64 connections'
	@echo 'make interop  Firefox, h2load and wrk in front of it; nginx, squid, mitmproxy, a second samltap behind it'
	@echo 'make differential  MUTANTS=40000 of them: do we and xmlsec1 agree on each signature?'
	@echo 'make fuzz     fuzzers, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make bench    speed and memory beside sslsplit, squid, nginx, haproxy and the limits, about six minutes'
	@echo 'make alloc-fail  every case with every allocation refused in its turn'
	@echo 'make install  PREFIX=$(PREFIX)'

clean:
	rm -rf $(BUILD)
