package kubernetes

// Containerfile is the text of the image's Containerfile. The folder that it is built in holds the binary as autoamp.
//
// The image for CPUs is empty, so it needs the static binary. A GPU build finds libc and cuBLAS in the image, and the driver in the
// pod.
func Containerfile(gpu bool) string {
	from := `# autoamp is the static binary of make build-static, or of a release: the image has no loader for another one.
FROM scratch
ENV PATH=/usr/local/bin
`
	if gpu {
		from = `# autoamp is the binary of make build-gpu.
FROM nvidia/cuda:11.8.0-runtime-ubuntu22.04
`
	}
	return from + `COPY autoamp /usr/local/bin/autoamp
ENTRYPOINT []
CMD ["autoamp", "version"]
`
}
