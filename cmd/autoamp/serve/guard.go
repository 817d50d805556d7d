package serve

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// tokenKey is the token in the query of the address that is printed. Only a server that other machines reach has a token.
const tokenKey = "token"

// tokenCookie is the token's cookie, which the page then has. Cookies do not tell ports apart, and so their names do.
func (s *Server) tokenCookie() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String()) // a listener's address has a port
	return "autoamp-token-" + port
}

// newToken is a secret of 128 bits at least.
func newToken() string { return rand.Text() }

// policy allows the page nothing but what this server has: no code in the text, no other server, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard refuses what is not from this server's own page, and asks for the token.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "serve: method "+r.Method+": must be GET or HEAD, nothing can be changed here", http.StatusMethodNotAllowed)
		case !s.ownHost(r.Host):
			http.Error(w, "serve: host is not this server's: open the address that autoamp serve printed", http.StatusForbidden)
		case !ownOrigin(r):
			http.Error(w, "serve: the request comes from another site's page", http.StatusForbidden)
		case !s.authorised(w, r):
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownHost reports whether a request names this machine. A page of another site whose name leads to this address (DNS rebinding)
// sends that name. Where there is a token, other machines know this one by names that it does not know, and the token keeps such a
// page out.
func (s *Server) ownHost(host string) bool {
	if s.token != "" {
		return host != ""
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// ownOrigin reports whether a request comes from this server's page, or from a person who opens its address. A link on another
// page opens the page too; what the page shows cannot be read there.
func ownOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" || u.Host != r.Host {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// authorised reports whether a request has the token, if there is one. The address with the token gives the page a cookie, and leads to the
// address without it.
func (s *Server) authorised(w http.ResponseWriter, r *http.Request) bool {
	if s.token == "" {
		return true
	}
	if given := r.URL.Query().Get(tokenKey); given != "" && s.isToken(given) {
		http.SetCookie(w, &http.Cookie{Name: s.tokenCookie(), Value: s.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		if r.URL.Path != "/" {
			return true
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return false
	}
	if cookie, err := r.Cookie(s.tokenCookie()); err == nil && s.isToken(cookie.Value) {
		return true
	}
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && s.isToken(given) {
		return true
	}
	http.Error(w, "serve: the token is missing or wrong: open the whole address that autoamp serve printed, with ?token=…", http.StatusUnauthorized)
	return false
}

func (s *Server) isToken(given string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(s.token)) == 1
}
