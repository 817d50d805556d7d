# Needs Go, gcc and make; each target fetches what else it uses through the Go module proxy.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
OUT         ?= runs

# Where go generate writes. lint compares checksums before and after it.
GENERATED := sha256sum kernels/*.go kernels/*.s

.PHONY: help demo test build bench generate lint format vet static generated nocgo

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## train three autoencoders in two minutes and print them beside the theory
	bin/autoamp demo --out $(OUT)/demo

test: ## run every test
	$(GO) test -timeout 12m ./...

build: ## build bin/autoamp, without cgo
	CGO_ENABLED=0 $(GO) build -o bin/autoamp ./cmd/autoamp

bench: build ## measure a training step at five sizes beside PyTorch and gorgonia's TapeMachine
	bin/autoamp bench suite --out $(OUT)/bench

generate: ## write the assembly kernels from their generators
	$(GO) generate ./kernels/...

lint: format vet static generated nocgo ## run the linters and check generated code

format:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "gofmt -w would change:"; echo "$$files"; exit 1; }

vet:
	$(GO) vet ./...
	cd kernels/asm && $(GO) vet ./...

static:
	$(GO) run $(STATICCHECK) ./...

generated:
	@sums=$$(mktemp) && trap 'rm -f "$$sums"' EXIT && $(GENERATED) >"$$sums" \
	&& $(GO) generate ./kernels/... \
	&& $(GENERATED) | diff "$$sums" - \
	|| { echo "the files above differ from what their generator writes: commit the result of make generate"; exit 1; }

nocgo:
	CGO_ENABLED=0 $(GO) build ./...
