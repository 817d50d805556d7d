//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdServing starts a server, asks it for paths, interrupts it and checks its exit status: serving 0 PATH… -- autoamp serve DIR.
// The answers go to answers.txt, its output to stdout.txt and stderr.txt. In a path, {N} is the N-th ID of the list, from 0.
func cmdServing(ts *testscript.TestScript, _ bool, args []string) {
	var paths []string
	status, args := args[0], args[1:]
	for args[0] != "--" {
		paths, args = append(paths, args[0]), args[1:]
	}
	cmd := command(ts, args[1:])
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	stderr, err := os.Create(ts.MkAbs("stderr.txt"))
	ts.Check(err)
	defer stderr.Close()
	cmd.Stderr = stderr
	ts.Check(cmd.Start())
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	if err == nil {
		askAll(ts, strings.TrimSpace(first), paths)
	}
	cmd.Process.Signal(syscall.SIGINT)
	rest, _ := io.ReadAll(lines)
	ts.Check(os.WriteFile(ts.MkAbs("stdout.txt"), append([]byte(first), rest...), 0o666))
	if got := exitStatus(cmd.Wait()); strconv.Itoa(got) != status {
		ts.Fatalf("exit status %d, want %s; standard error:\n%s", got, status, ts.ReadFile("stderr.txt"))
	}
}

var listed = regexp.MustCompile(`"id":"([0-9a-f]+)"`)

// askAll writes the answers to requests into answers.txt, each after its status.
func askAll(ts *testscript.TestScript, url string, paths []string) {
	base, query, _ := strings.Cut(url, "?")
	if query != "" {
		query = "?" + query
	}
	all := get(ts, base+"api/list"+query)
	for _, path := range paths {
		for i, id := range listed.FindAllStringSubmatch(all, -1) {
			path = strings.ReplaceAll(path, "{"+strconv.Itoa(i)+"}", id[1])
		}
		all += "\n" + get(ts, base+path+query)
	}
	ts.Check(os.WriteFile(ts.MkAbs("answers.txt"), []byte(all), 0o666))
}

// get is a status with the body.
func get(ts *testscript.TestScript, url string) string {
	answer, err := http.Get(url)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	return answer.Status + "\n" + string(body)
}
