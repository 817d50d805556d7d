// Package durable writes files so that they are there whole or not at all, and reads them back so that damage is seen.
//
// Everything that changes files goes through a [Disk], so that tests can make any single call fail, or lose what a power cut
// would lose (package durabletest). Reading needs no Disk.
//
//	err := durable.WriteFile(durable.OS, "runs/first/summary.json", write)
//
// A directory that one process writes into is held, see [Hold]: locked, and not made anew when somebody removes it meanwhile.
//
// A text that is read back carries its CRC-32C: [SealJSON] and [SealText] add it, [OpenJSON] and [OpenText] check it. Files
// that grow keep the CRC-32C of their bytes so far beside them, see [Checksum].
package durable
