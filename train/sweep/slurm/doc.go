// Package slurm runs the tasks of a sweep as one array job of Slurm, and tells what Slurm says about them.
//
//	options, err := slurm.ParseOptions("partition=gpu,gres=gpu:1,time=4:00:00")
//	submission, err := slurm.Submit(ctx, durable.OS, slurm.Array{Dir: dir, Tasks: tasks, Options: options, Work: command})
//	queue, err := slurm.Look(ctx, dir)
//	state, known := queue.Task(7)
//
// The package knows no grid and reads no results. A task is a number, and a command that ends with status 0 if all of its cells
// are done, 1 if one has failed, and 130 if it was interrupted after saving. A task that ends with 130 because its time is over
// is requeued, and goes on from its checkpoint. What a task has reached stands in the sweep's directory, and not in Slurm: Slurm
// is asked only about tasks that are neither done nor failed there.
//
//	DIR/slurm/submissions.json   the array jobs of the directory
//	DIR/slurm/N.sh               the script of each, as it was submitted
//	DIR/logs/TASK.log            what a task has printed, in all of its sessions
package slurm
