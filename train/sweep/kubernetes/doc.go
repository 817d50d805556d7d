// Package kubernetes writes the manifest of a sweep as an Indexed Job, and the Containerfile of its image. It talks to no cluster:
// kubectl does.
//
//	text, err := kubernetes.Job{Name: "grid", Image: image, Volume: "results", Tasks: 24, File: file}.Manifest()
//
// Task I is the pod of index I. All pods mount one volume, which holds the sweep's directory. Each pod first makes that directory
// and its plan, if no other pod has, and then does its task. The pod's exit status tells Kubernetes what to do: after 130, saved and
// interrupted, another pod continues and the retries are not counted; after 1, a cell has failed, the index has failed, since
// training the same cell again fails again; after 2, bad usage, the job has failed. Any other end, such as for want of memory, is
// tried again a few times.
package kubernetes
