// Package tfevents has generated code for the messages in event files. Only tests use it.
package tfevents
