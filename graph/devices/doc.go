// Package devices lets several executors of one machine work side by side.
//
// An Executor divides the replicas of a run over devices: it is itself a graph.Executor, and train does not notice. A Pool hands
// whole jobs out, such as the cells of an experiment, one at a time to each device. Replicas do not know of each other, so the
// numbers are those of one device.
//
// A device that fails is left out. Its replicas continue on the others from the last checkpoint (Survivors), and its job begins
// again on another device.
package devices
