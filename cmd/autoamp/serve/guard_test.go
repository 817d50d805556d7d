package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHostAndOrigin sends what a browser sends for pages of this server and of others.
func TestHostAndOrigin(t *testing.T) {
	t.Parallel()
	s := serving(t, t.TempDir())
	own := s.listener.Addr().String()
	_, port, _ := net.SplitHostPort(own)
	for _, c := range []struct {
		path    string
		headers []string
		want    int
	}{
		{"/api/list", nil, 200},
		{"/api/list", []string{"Host", "localhost:" + port}, 200},
		{"/api/list", []string{"Host", "LOCALHOST"}, 200},
		{"/api/list", []string{"Host", "[::1]:" + port}, 200},
		{"/api/list", []string{"Host", "127.0.0.1:9"}, 200}, // through a tunnel
		{"/api/list", []string{"Host", "evil.example:" + port}, 403},
		{"/", []string{"Host", "evil.example"}, 403},
		{"/api/list", []string{"Host", "127.0.0.1.evil.example"}, 403},
		{"/api/list", []string{"Host", "10.0.0.1:" + port}, 403},
		{"/api/list", []string{"Host", ""}, 403},
		{"/api/list", []string{"Origin", "http://" + own}, 200},
		{"/api/list", []string{"Origin", "http://evil.example"}, 403},
		{"/api/list", []string{"Origin", "null"}, 403},
		{"/api/list", []string{"Origin", "https://" + own}, 403},
		{"/api/events", []string{"Origin", "http://localhost:1"}, 403},
		{"/api/list", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"/api/list", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"/api/list", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"/api/list", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403},
		{"/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		{"/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
	} {
		if r := ask(t, s, c.path, c.headers...); r.StatusCode != c.want {
			t.Errorf("%s %v: %s, want %d", c.path, c.headers, r.Status, c.want)
		}
	}
}

// TestOnlyReading refuses every other method.
func TestOnlyReading(t *testing.T) {
	t.Parallel()
	s := serving(t, t.TempDir())
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"} {
		r := httptest.NewRequest(method, "/api/list", strings.NewReader("x"))
		r.Host = s.listener.Addr().String()
		w := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// TestPolicy checks that no page may hold code in its text or ask another server.
func TestPolicy(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	trained(t, filepath.Join(root, "a"))
	s := serving(t, root)
	id := fetch[List](t, s, "/api/list").Rows[0].ID
	if err := os.WriteFile(filepath.Join(root, "a", "loss.svg"), []byte("<svg>"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/api/list", "/api/nothing", "/api/run/" + id + "/file/loss.svg", "/no.js"} {
		h := ask(t, s, path).Header
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src 'unsafe") || strings.Contains(policy, "script-src *") {
			t.Errorf("%s: %q", path, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if policy := ask(t, s, "/api/run/"+id+"/file/loss.svg").Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") {
		t.Errorf("a file is not in a sandbox: %q", policy)
	}
}

// TestToken opens a server that other machines reach.
func TestToken(t *testing.T) {
	t.Parallel()
	s := servingAs(t, Settings{Dirs: []string{t.TempDir()}, Addr: "0.0.0.0:0"})
	u, err := url.Parse(s.URL())
	token := u.Query().Get("token")
	if err != nil || len(token) < 20 || strings.Contains(u.Host, "0.0.0.0") {
		t.Fatalf("%s: %v", s.URL(), err)
	}
	for _, c := range []struct {
		path    string
		headers []string
		want    int
	}{
		{"/", nil, 401}, {"/api/list", nil, 401}, {"/api/events", nil, 401}, {"/?token=", nil, 401}, {"/?token=" + token[1:], nil, 401},
		{"/?token=" + strings.ToLower(token), nil, 401}, {"/api/list", []string{"Authorization", "Bearer x"}, 401}, {"/api/list", []string{"Authorization", token}, 401},
		{"/api/list", []string{"Cookie", s.tokenCookie() + "=wrong"}, 401}, {"/api/list", []string{"Cookie", "autoamp-token=" + token}, 401},
		{"/?token=" + token, nil, 303}, {"/api/list?token=" + token, nil, 200}, {"/api/list", []string{"Authorization", "Bearer " + token}, 200},
		{"/api/list", []string{"Cookie", s.tokenCookie() + "=" + token}, 200},
		{"/api/list", []string{"Cookie", s.tokenCookie() + "=" + token, "Origin", "http://evil.example"}, 403},
	} {
		r := ask(t, s, c.path, c.headers...)
		body := text(t, r)
		if r.StatusCode != c.want {
			t.Errorf("%s %v: %s, want %d", c.path, c.headers, r.Status, c.want)
		}
		if c.want == 401 && !strings.Contains(body, "the token is missing or wrong") || strings.Contains(body, token) {
			t.Errorf("%s: %s", c.path, body)
		}
	}
	r := ask(t, s, "/?token="+token)
	if cookie := r.Cookies()[0]; !cookie.HttpOnly || cookie.Value != token || r.Header.Get("Location") != "/" {
		t.Errorf("%+v", r.Header)
	}
}

// TestLoopbackNeedsNoToken covers every form of the loopback.
func TestLoopbackNeedsNoToken(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"", "localhost:0", "127.0.0.2:0"} {
		if s := servingAs(t, Settings{Dirs: []string{t.TempDir()}, Addr: addr}); s.token != "" || strings.Contains(s.URL(), "?") {
			t.Errorf("%s: %s", addr, s.URL())
		}
	}
}

// TestPaths sends paths as no client library would: byte by byte.
func TestPaths(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	trained(t, filepath.Join(root, "runs", "a"))
	const secret = "SECRET"
	if err := os.WriteFile(filepath.Join(root, "secret.txt"), []byte(secret), 0o666); err != nil {
		t.Fatal(err)
	}
	s := serving(t, filepath.Join(root, "runs"))
	id := fetch[List](t, s, "/api/list").Rows[0].ID
	for _, path := range []string{
		"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/..%5csecret.txt", "//secret.txt", "/./../secret.txt", "/page/../../secret.txt",
		"/api/run/../../secret.txt", "/api/run/%2e%2e/log", "/api/run/" + id + "/file/../../../secret.txt", "/api/run/" + id + "/file/..%2f..%2fsecret.txt",
		"/api/run/" + id + "/file/%2e%2e%2f%2e%2e%2fsecret.txt", "/api/run/" + id + "/file/loss.svg%00", "/api/run/" + id + "/file/config.yaml",
		"/api/run/" + id + "/picture/..%2f..%2f40/0/gram.png", "/api/reproduce/" + id + "/figure/..%2f/secret.txt.svg",
		"/api/run/" + filepath.Join(root, "runs", "a"), "/api/run/" + url.PathEscape(filepath.Join(root, "runs", "a")),
	} {
		answer := raw(t, s, path)
		if strings.Contains(answer, secret) || strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Errorf("%s: %.200s", path, answer)
		}
	}
	if answer := raw(t, s, "/api/run/"+id); !strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Errorf("%.200s", answer)
	}
}

// raw sends a path as it is.
func raw(t *testing.T, s *Server, path string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, s.listener.Addr())
	data, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestLinksOut puts links to files outside into a run. Links inside are followed.
func TestLinksOut(t *testing.T) {
	t.Parallel()
	const secret = "SECRET"
	for _, name := range []string{"log.txt", "metrics.csv", "structure.csv", "config.yaml", "summary.json", "checkpoints", "loss.svg"} {
		root, outside := t.TempDir(), t.TempDir()
		dir := filepath.Join(root, "a")
		trained(t, dir)
		moved := filepath.Join(outside, name)
		if err := os.Rename(filepath.Join(dir, name), moved); err != nil && name != "loss.svg" {
			t.Fatal(err)
		}
		if name != "checkpoints" {
			if err := os.WriteFile(moved, []byte(secret+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(moved, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		s := serving(t, root)
		row := fetch[List](t, s, "/api/list").Rows[0]
		if name != "loss.svg" && (row.State != "damaged" || !strings.Contains(row.Reason, name+" is a link out of")) {
			t.Errorf("%s: %s: %s", name, row.State, row.Reason)
		}
		for _, path := range []string{"", "/log", "/metrics", "/structure", "/file/loss.svg", "/picture/40/0/gram.png"} {
			r := ask(t, s, "/api/run/"+row.ID+path)
			if body := text(t, r); strings.Contains(body, secret) || name == "checkpoints" && r.Header.Get("Content-Type") == "image/png" {
				t.Errorf("%s: %s: %.80q", name, path, body)
			}
		}
	}
}
