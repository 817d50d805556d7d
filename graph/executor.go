package graph

import (
	"errors"
	"fmt"
)

// ErrLost is wrapped by the errors of a device that can do nothing any more, whatever it is asked for.
var ErrLost = errors.New("the device is lost")

// Executor loads programs on one device. The executor of the CPU is in kernels/cpu, the executor of
// the GPU is in cuda. train and bench use both only through this interface.
type Executor interface {
	// Device describes the device for people and for summary.json,
	// for instance "cpu: 2 threads, avx512, simd (avx512)".
	Device() string

	// Load allocates every buffer of the programs once per replica and returns a Runner. Programs
	// share buffers of the same name: weights, optimizer state, inputs. Replicas share data sets.
	Load(replicas []Replica, programs ...*Program) (Runner, error)
}

// Replica holds the settings that may differ between the models that one Runner trains side by
// side. Shapes, optimizer rule and kind of law are the program's; these numbers are the replica's.
type Replica struct {
	// Seed keys the random streams: fresh data, evaluation data, coins at sign(0).
	Seed uint64
	// LearningRate is the peak learning rate; the program's Schedule multiplies it.
	LearningRate float64
	// P is the probability in (0, 1] that a coordinate of the data is non-zero.
	P float64
	// Mean is the mean m of the two bumps of the sparse mixture; other laws ignore it.
	Mean float64
}

// Runner runs loaded programs. It is not safe for concurrent use.
type Runner interface {
	// Run runs the program-th loaded program for the given number of steps. The first step has the
	// number first: random draws and schedules are functions of the step's number alone. So a run
	// that stops and continues gives the same results as a run that never stopped.
	//
	// losses has length steps·replicas and receives the loss of every step, row-major
	// (steps, replicas). A loss that is not finite ends the run before that step's update
	// with a *NonFiniteError.
	Run(program int, first uint64, steps int, losses []float64) error

	// Read copies the named tensor of one replica into dst, row-major.
	Read(tensor string, replica int, dst []float32) error

	// Write replaces the named tensor of one replica. All replicas share a data set: for it replica is 0.
	Write(tensor string, replica int, src []float32) error

	// Close releases the buffers. The Runner must not be used afterwards.
	Close() error
}

// Viewer is a Runner whose tensors lie in the memory of this process.
type Viewer interface {
	// View returns the named tensor of one replica, row-major, of size elements. It is the Runner's own: to be read, and only until the
	// next call of Run, Write or Close.
	View(tensor string, replica, size int) ([]float32, error)
}

// NonFiniteError reports the first NaN or infinity of a run.
type NonFiniteError struct {
	Step    uint64 // the step whose loss was not finite
	Replica int    // the replica, counted from 0
	Tensor  string // the first tensor of that step, in program order, with such an element
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("graph: step %d, replica %d: %s is not finite", e.Step, e.Replica, e.Tensor)
}
