# Needs Go, gcc and make; each target fetches what else it uses through the Go module proxy.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
OUT         ?= runs

# Where go generate writes. lint compares checksums before and after it.
GENERATED := sha256sum kernels/include/list.cuh kernels/fatbin/kernels.cu kernels/internal/vector/*

# The GPU binary is linked with a libcuda that has the names of cuda.h and no code, and calls itself libdl, which is
# everywhere. So it starts without a driver; cuda/init.c opens the driver where there is one. Not with LD_BIND_NOW.
STUB := bin/link/libcuda.so
CUDA := CGO_ENABLED=1 CGO_LDFLAGS="-L$(CURDIR)/bin/link -Wl,-z,lazy" $(GO)

EMULATED := $(CURDIR)/bin/emulated

# The fatbin and what it was made from. lint compares them with the list that make kernels left. One nvcc makes the fatbin, the one
# of make cuda-toolkit: PTX of a newer one needs a newer driver than the README promises.
NVCC_BUILD := Build cuda_11.8.r11.8/compiler.31833905_0
NVCC    := nvcc -Ikernels/include -std=c++17 -O3 -fmad=false -fatbin -Xfatbin=-compress-all \
	-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=[sm_90,compute_90]
NVCC_VERSION := nvcc --version | tail -n 1
KERNELS := { echo "$(NVCC)"; sha256sum $(sort $(wildcard kernels/*.cu kernels/include/*.cuh)) kernels/fatbin/kernels.cu kernels/fatbin/kernels.fatbin; }

# The systems that make cross compiles for and make release packs for. Windows is vetted, not released: nobody has run it there.
CROSS    := linux/amd64 linux/arm64 darwin/arm64 windows/amd64
RELEASES := linux/amd64 linux/arm64 darwin/arm64
VERSION  ?= $(shell git describe --tags --always --dirty)
PACKED   := bin/release

.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## train three autoencoders in two minutes and print them beside the theory
	bin/autoamp demo --out $(OUT)/demo

test: ## run every test
	$(GO) test -timeout 12m ./...
	cd train/sweep/kubernetes/strict && $(GO) test ./...
	cd cmd/autoamp/serve/browser && $(GO) test ./...

build: ## build bin/autoamp, without cgo
	CGO_ENABLED=0 $(GO) build -buildvcs=auto -o bin/autoamp ./cmd/autoamp

# Without OpenBLAS, which purego opens by way of the loader of glibc. The products of vector kernels do not need it.
build-static: ## build bin/autoamp-static, which starts on any linux, musl and empty images too, and opens no library
	CGO_ENABLED=0 $(GO) build -tags static -buildvcs=auto -o bin/autoamp-static ./cmd/autoamp

# chroot is for root: in a user namespace, or else by sudo.
EMPTY := $(shell test "$$(id -u)" = 0 || { unshare -r true 2>/dev/null && echo unshare -r || echo sudo; }) chroot
static-check: build-static ## run the static binary in an empty root
	@root=$$(mktemp -d) && trap 'rm -rf "$$root"' EXIT && cp bin/autoamp-static "$$root/autoamp" \
	&& $(EMPTY) "$$root" /autoamp version && $(EMPTY) "$$root" /autoamp theory --data sparse-gaussian --p 0.4 --rate 1 --json >"$$root/theory.json" \
	&& $(EMPTY) "$$root" /autoamp train --dim 20 --batch 20 --steps 50 --out /run --json >"$$root/run.json" \
	&& grep -q '"test_mse"' "$$root/run.json" && test -s "$$root/run/loss.svg"

build-gpu: $(STUB) ## build bin/autoamp-gpu, with cgo and the CUDA headers
	$(CUDA) build -buildvcs=auto -tags gpu -o bin/autoamp-gpu ./cmd/autoamp

test-binary: $(STUB) ## build bin/cuda.test, the GPU's tests for bench/gpu.sh to run on another machine
	$(CUDA) test -tags gpu -c -ldflags='-s -w' -o bin/cuda.test ./cuda

glibc-check: build-gpu test-binary ## check that the GPU binaries run with the glibc that bench/gpu.sh names
	@oldest=GLIBC_$$(sed -n 's/^glibc=//p' bench/gpu.sh); for file in bin/autoamp-gpu bin/cuda.test; do \
		newest=$$(objdump -T $$file | grep -o 'GLIBC_[0-9.]*' | sort -V | tail -n 1); \
		test "$$(printf '%s\n' $$oldest $$newest | sort -V | tail -n 1)" = $$oldest || \
		{ echo "$$file needs $$newest, and bench/gpu.sh promises $$oldest:"; objdump -T $$file | grep $$newest; exit 1; }; done

gpu-kit: glibc-check ## pack the binaries and bench/gpu.sh into bin/gpu-kit.tar.xz, for a machine with a GPU
	rm -rf bin/gpu-kit && mkdir -p bin/gpu-kit
	cp bench/gpu.sh bin/cuda.test bin/gpu-kit/ && strip -o bin/gpu-kit/autoamp-gpu bin/autoamp-gpu
	tar -C bin -cJf bin/gpu-kit.tar.xz gpu-kit && ls -l bin/gpu-kit.tar.xz
	@bytes=$$(wc -c <bin/gpu-kit.tar.xz); test $$bytes -le 41943040 || { echo "bin/gpu-kit.tar.xz has $$bytes bytes, and may have 40 MiB to travel"; exit 1; }

$(STUB):
	mkdir -p $(@D)
	echo '#include <cuda.h>' | $(CC) -I/usr/local/cuda/include -E -P -o $(@D)/cuda.i -
	grep -oE '\bcu[A-Z][A-Za-z0-9_]*\(' $(@D)/cuda.i | sort -u | sed 's/^/void /; s/$$/void) {}/' \
	| $(CC) -shared -Wl,-soname,libdl.so.2 -x c -o $@ -

# How a target installs what its tests need. DEBIAN ends it where the system is another one, and says what to install: elsewhere.
DEBIAN  := if ! command -v apt-get >/dev/null || ! . /etc/os-release || test "$$ID" != debian; then echo "$$elsewhere"; exit 1; fi; \
	sudo=; test "$$(id -u)" = 0 || sudo=sudo
INSTALL := $$sudo apt-get update -qq && $$sudo apt-get install -qq --no-install-recommends

# Debian's toolkit is in non-free, and drags in a GUI unless its recommendations are left out.
cuda-toolkit: ## install CUDA 11.8 for build-gpu and kernels (Debian; elsewhere it says what to install)
	@command -v g++ >/dev/null && nvcc -x cu -E /dev/null >/dev/null 2>&1 && exit; \
	elsewhere="install g++ and the CUDA toolkit 11.8 or 12 (nvcc and cuda.h): https://developer.nvidia.com/cuda-toolkit-archive"; $(DEBIAN); \
	$$sudo sed -i '/^Components:.* non-free\( \|$$\)/! s/^Components:.*/& contrib non-free/' /etc/apt/sources.list.d/debian.sources; \
	$(INSTALL) nvidia-cuda-toolkit g++ g++-11 # nvcc takes no newer one, and with clang-14 here apt would leave it out

slurm: ## install Slurm and munge for the tests of train/sweep/slurm (Debian; elsewhere it says what to install)
	@PATH=$$PATH:/usr/sbin; command -v sbatch >/dev/null && command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null && exit; \
	elsewhere="install Slurm 22.05 or newer (sbatch, slurmctld, slurmd) and munge: https://slurm.schedmd.com/quickstart_admin.html"; $(DEBIAN); \
	$(INSTALL) slurm-wlm munge

# clang compiles the kernels for NEON again, and qemu runs the tests of arm64 on another processor.
arm64-tools: ## install clang and qemu-user for test-arm64 and lint (Debian; elsewhere it says what to install)
	@command -v clang >/dev/null && command -v qemu-aarch64 >/dev/null && exit; \
	elsewhere="install clang (14.0.6 to compare the kernels of NEON) and qemu-user"; $(DEBIAN); \
	$(INSTALL) clang qemu-user

# The tests of kernels and of the CPU's executor on arm64, under qemu where the processor is another one. They are static, since
# qemu has no loader of arm64. Tests that start the go command, or that compare speeds, are of amd64's run.
test-arm64: ## run the tests of the kernels and of the CPU's executor on arm64
	@emulated="-exec qemu-aarch64"; test "$$($(GO) env GOHOSTARCH)" != arm64 || emulated=; \
	CGO_ENABLED=0 GOARCH=arm64 $(GO) test $$emulated -tags static -short -timeout 20m ./kernels ./kernels/cpu

# Bochs emulates a processor with AVX-512, and starts Debian's kernel for clouds from a CD. The kernel is unpacked into bin/bochs, not installed.
BOCHS_KERNEL := bin/bochs/vmlinuz
bochs: ## install Bochs, and a kernel for it in bin/bochs, for test-avx512 (Debian; elsewhere it says what to install)
	@test -e $(BOCHS_KERNEL) && command -v bochs >/dev/null && command -v genisoimage >/dev/null && command -v busybox >/dev/null && exit; \
	elsewhere="put a kernel of Linux in $(BOCHS_KERNEL), and install Bochs 2.7 with its BIOS and term library, genisoimage, isolinux and a static busybox"; $(DEBIAN); \
	$(INSTALL) bochs bochs-term bochsbios vgabios genisoimage isolinux syslinux-common busybox-static && mkdir -p $(dir $(BOCHS_KERNEL)) \
	&& cd $(dir $(BOCHS_KERNEL)) && apt-get download "$$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p')" \
	&& dpkg-deb --fsys-tarfile linux-image-*.deb | tar -xO --wildcards './boot/vmlinuz-*' >part && mv part vmlinuz && rm linux-image-*.deb

# The tests at AVX-512 on any amd64 processor. The other levels, plain Go and other numbers of threads are of make test, so their
# subtests are left out.
AVX512 := CGO_ENABLED=0 GOARCH=amd64 $(GO)
OTHERS := ^(scalar|avx2|go)(\#|$$)|^threads=[23]$$
test-avx512: bochs ## run the tests of the kernels and of the CPU's executor at AVX-512 on an emulated processor
	@level="$$($(AVX512) run -exec kernels/bochs/exec -tags static -ldflags=-s ./cmd/autoamp version)"; echo "$$level"; \
	echo "$$level" | grep -q avx512 || { echo "the emulated processor does not run at avx512"; exit 1; }
	$(AVX512) test -exec $(CURDIR)/kernels/bochs/exec -tags static -ldflags=-s -short -v -timeout 0 \
		-skip '^TestThreadsGiveTheSameBits$$|.*/($(OTHERS))|.*/.*/($(OTHERS))|.*/.*/.*/($(OTHERS))' ./kernels ./kernels/cpu

shells: ## install zsh and fish for the tests of completion (Debian; elsewhere it says what to install)
	@command -v zsh >/dev/null && command -v fish >/dev/null && exit; \
	elsewhere="install zsh and fish 3 or newer"; $(DEBIAN); \
	$(INSTALL) zsh fish

# onnxruntime's install script would download more; the package has what its tests need.
ONNXRUNTIME := onnxruntime-node@1.30.0
onnx: ## install onnxruntime (in bin/onnx), ONNX's checker, PyTorch and SciPy for the tests of train/export and bench/search (Debian; elsewhere it says what to install)
	@/usr/bin/python3 -c 'import onnx, scipy, torch' 2>/dev/null && command -v npm >/dev/null || { \
	elsewhere="install Node.js 18 or newer with npm, and the Python packages onnx, scipy and torch for /usr/bin/python3"; $(DEBIAN); \
	packages="python3-onnx python3-scipy python3-torch"; command -v npm >/dev/null || packages="$$packages nodejs npm"; \
	$(INSTALL) $$packages; }
	@test -d bin/onnx/node_modules/onnxruntime-node || { mkdir -p bin/onnx && npm install --prefix bin/onnx --ignore-scripts --no-audit --no-fund $(ONNXRUNTIME); }

AXE := axe-core@4.14.1
browser: ## install Chromium, and axe-core (in bin/axe), for the tests of the page of autoamp serve (Debian; elsewhere it says what to install)
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null && command -v npm >/dev/null || { \
	elsewhere="install Chromium 120 or newer, or Chrome, and Node.js with npm"; $(DEBIAN); \
	packages="chromium fonts-dejavu-core"; command -v npm >/dev/null || packages="$$packages nodejs npm"; \
	$(INSTALL) $$packages; }
	@test -d bin/axe/node_modules/axe-core || { mkdir -p bin/axe && npm install --prefix bin/axe --ignore-scripts --no-audit --no-fund $(AXE); }

# nvcc's choices in a large kernel depend on addresses in its own memory, and those on the length of the sources' path: both are fixed.
FIXED   := setarch -R
COMPILE := dir=$$(mktemp -d /tmp/autoamp-XXXXXXXX) && trap 'rm -rf "$$dir"' EXIT && mkdir -p "$$dir/kernels/fatbin" \
	&& cp -r kernels/*.cu kernels/include "$$dir/kernels" && cp kernels/fatbin/kernels.cu "$$dir/kernels/fatbin" \
	&& (cd "$$dir" && $(FIXED) $(NVCC) -o kernels/fatbin/kernels.fatbin kernels/fatbin/kernels.cu) && fatbin="$$dir/kernels/fatbin/kernels.fatbin"

kernels: ## compile the CUDA kernels into the fatbin that the GPU build embeds
	@here="$$($(NVCC_VERSION))"; test "$$here" = "$(NVCC_BUILD)" || { echo "nvcc here is: $$here; the fatbin needs: $(NVCC_BUILD) (on Debian 12: make cuda-toolkit)"; exit 1; }
	@$(COMPILE) && cp "$$fatbin" kernels/fatbin/kernels.fatbin
	@{ $(NVCC_VERSION); $(KERNELS); } >kernels/fatbin/kernels.sum

# nvcc writes the same bytes again, if it is the same nvcc and the system lets its addresses be fixed.
kernels-check: ## compile the kernels again and compare them with the fatbin
	@if test "$$($(NVCC_VERSION))" != "$$(head -n 1 kernels/fatbin/kernels.sum)"; then echo "nvcc here is another one than made the fatbin, $(NVCC_BUILD): nothing to compare"; exit; fi; \
	if ! $(FIXED) true 2>/dev/null; then echo "$(FIXED) is refused here, and nvcc's bytes depend on its addresses: nothing to compare"; exit; fi; \
	$(COMPILE) && cmp "$$fatbin" kernels/fatbin/kernels.fatbin \
	|| { echo "the fatbin is not what nvcc makes of its sources: commit the result of make kernels"; exit 1; }

# On a GPU if there is one. The emulated driver runs the tests of kernels and models three times: then also with threads in random
# order and a race detector, with approximations off upwards or downwards, and with products summed in other orders. Nothing comes from
# Go's cache, which does not see the driver change.
LONG := TestTrained|TestFaults|TestOneDeviceFails|TestOutOfMemory|TestCeilings|TestResume
test-gpu: $(STUB) emulated ## run the tests of the GPU build, on the emulated driver where there is no GPU
	nvidia-smi -L >/dev/null 2>&1 || export LD_LIBRARY_PATH="$(EMULATED):$(EMULATED)/cublas"; \
	$(CUDA) vet -tags gpu ./cuda ./cmd/autoamp && $(CUDA) run $(STATICCHECK) -tags gpu ./cuda ./cmd/autoamp \
	&& $(CUDA) test -count=1 -tags gpu -timeout 12m ./cuda && $(CUDA) test -count=1 -tags gpu -run TestGPUScripts ./cmd/autoamp || exit; \
	nvidia-smi -L >/dev/null 2>&1 && exit; \
	AUTOAMP_EMULATED_RACES=1 AUTOAMP_EMULATED_APPROXIMATIONS=1 AUTOAMP_EMULATED_SUMS=backwards \
	$(CUDA) test -count=1 -tags gpu -timeout 12m -skip '$(LONG)' ./cuda && \
	AUTOAMP_EMULATED_APPROXIMATIONS=-1 AUTOAMP_EMULATED_SUMS=halves $(CUDA) test -count=1 -tags gpu -timeout 12m -skip '$(LONG)' ./cuda

emulated: ## build and test the driver and cuBLAS that tests run on where there is no GPU
	$(MAKE) -C cuda/emulated -j2 OUT=$(EMULATED) GO=$(GO) all test

bench: build ## measure a training step at five sizes beside PyTorch and gorgonia's TapeMachine
	bin/autoamp bench suite --out $(OUT)/bench

generate: ## write the assembly, and the lists that CUDA is compiled with, from their generators
	$(GO) generate ./kernels/...

lint: format vet static generated fatbin nocgo ## run the linters and check generated code

format:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "gofmt -w would change:"; echo "$$files"; exit 1; }

vet:
	$(GO) vet ./...
	cd kernels/asm && $(GO) vet ./...
	cd train/sweep/kubernetes/strict && $(GO) vet ./...
	cd cmd/autoamp/serve/browser && $(GO) vet ./...

static:
	$(GO) run $(STATICCHECK) ./...

generated:
	@sums=$$(mktemp) && trap 'rm -f "$$sums"' EXIT && $(GENERATED) >"$$sums" \
	&& $(GO) generate ./kernels/... \
	&& $(GENERATED) | diff "$$sums" - \
	|| { echo "the files above differ from what their generator writes: commit the result of make generate"; exit 1; }

fatbin:
	@of="$$(head -n 1 kernels/fatbin/kernels.sum)"; test "$$of" = "$(NVCC_BUILD)" || { echo "another nvcc made the fatbin: $$of; it must be: $(NVCC_BUILD) (on Debian 12: make cuda-toolkit, then make kernels)"; exit 1; }
	@{ head -n 1 kernels/fatbin/kernels.sum; $(KERNELS); } | diff kernels/fatbin/kernels.sum - || { echo "the fatbin is not what the nvcc of kernels.sum made of these sources: commit the result of make kernels"; exit 1; }

nocgo:
	CGO_ENABLED=0 $(GO) build ./... && CGO_ENABLED=0 $(GO) vet -tags static ./kernels/... ./datasets/... ./cmd/...

cross: ## compile and vet for the other systems
	@set -e; for target in $(CROSS); do \
		echo "cross: $$target"; export CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/}; \
		$(GO) build ./... && $(GO) vet ./...; done

# The same bytes from the same commit and the same Go: no paths, no build id, no times in the archives. Needs GNU tar. Those for linux are
# static; a binary for macOS never is.
release: ## pack archives with checksums for linux and macOS into bin/release
	@rm -rf $(PACKED) && mkdir -p $(PACKED); set -e; for target in $(RELEASES); do \
		name=autoamp-$(VERSION)-$${target%/*}-$${target#*/}; mkdir $(PACKED)/$$name; \
		static=; test "$${target%/*}" != linux || static=static; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -tags "$$static" -trimpath -buildvcs=auto -ldflags='-s -w -buildid=' \
			-o $(PACKED)/$$name/autoamp ./cmd/autoamp; \
		cp LICENSE README.md CHANGELOG.md $(PACKED)/$$name; \
		tar -C $(PACKED) --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw -cf - $$name | gzip -9n >$(PACKED)/$$name.tar.gz; \
		rm -r $(PACKED)/$$name; done; \
	cd $(PACKED) && sha256sum *.tar.gz | tee SHA256SUMS
