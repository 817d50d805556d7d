// Package resident tells how much memory this process has had in use.
package resident
