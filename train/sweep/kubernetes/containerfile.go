package kubernetes

// Containerfile is the text of the image's Containerfile. The folder that it is built in holds the binary as autoamp.
//
// The binary is linked with libc, so an empty image does not start it. A GPU build finds the driver in the pod, and cuBLAS in the
// image.
func Containerfile(gpu bool) string {
	base := "debian:12-slim"
	if gpu {
		base = "nvidia/cuda:11.8.0-runtime-ubuntu22.04"
	}
	return `FROM ` + base + `
COPY autoamp /usr/local/bin/autoamp
ENTRYPOINT []
CMD ["autoamp", "version"]
`
}
