// Package tensorboard writes what a run measures into event files, which TensorBoard shows.
//
// The files are named events.out.tfevents.TIME.autoamp, as TensorBoard looks for them. TensorBoard lays lines of one name from
// several folders over each other, so a run writes into several:
//
//	.                      the rows of metrics.csv and structure.csv, pictures of BᵀB and AB, settings; of a single replica
//	replica-R_p=P_seed=S/  the same of each of several replicas
//	theory/LINE/           a level of the theory, under the name metrics/test_mse; theory/p=P/LINE/ with several p
//
// A session of a run writes a file of its own in each folder. It begins with a SessionLog that says at which step the session
// begins; TensorBoard then drops what an interrupted session wrote after its last checkpoint, and shows no step twice. A file
// that TensorBoard may be reading is never cut.
//
// A file is a list of records of the TFRecord format, each an Event of TensorFlow's event.proto; settings are in the messages
// of TensorBoard's plugins/hparams/plugin_data.proto. Package wire writes them; the binary has no generated code.
package tensorboard
