// Package completion completes command lines in bash, zsh and fish.
//
// A shell runs a short script, which Script returns. When the user presses Tab, the script calls the program again, with Verb, the
// shell's name and the words up to the cursor, and Complete answers from the commands and flags that the program parses: there is no
// second list of them, and an installed script stays right when commands change.
//
// The values of a flag or an argument are those of its enum tag, or what its complete tag says:
//
//	file         a file
//	dir          a directory, such as that of a run
//	@laws        a list of that name, see Lists
//	adam,sgd     these
//	-            text that nobody can complete
package completion
