//go:build gpu

package cuda

// The structures of kernels.cuh, with the same fields in the same order. Addresses are the device's.

// tensor is Tensor, Halves or Sums: memory of every replica.
type tensor struct {
	data   uint64
	stride int64 // elements between replicas
}

// replicaState is Replica.
type replicaState struct {
	seed, step, failed       uint64
	learningRate             float64
	power1, power2           float64
	rate, correct1, correct2 float32
	_                        int32
}

// notFailed is NOT_FAILED.
const notFailed = ^uint64(0)

// lawConstants is Law.
type lawConstants struct {
	limit       int32
	scale, mean float32
}

// reduction is Reduction.
type reduction struct {
	parts, total uint64
	stride       int64
	count, size  int32
}

// schedule is Schedule.
type schedule struct {
	shape         int64
	warmUp, steps uint64
	final         float64
	every         uint64
	factor        float64
	beta1, beta2  float64
}

// weight is Weight.
type weight struct {
	w, m, v, g tensor
	sum        tensor
	size       int64
	first      int64
}

// clip is Clip.
type clip struct {
	norms tensor
	count int64
	bound float64
}

// shallow is Shallow of train.cu, and weightTensors its Trained.
type shallow struct {
	encoder, decoder, theta weightTensors
	schedule                schedule
	batch, d, n, law        int32
	family, project         int32
	stream, coins           uint32
	scale, tau              float32
	beta1, beta2, epsilon   float32
	tile                    int32
}

type weightTensors struct{ w, m, v tensor }
