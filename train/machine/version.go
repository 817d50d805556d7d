package machine

import "runtime/debug"

// Version is the version of this program: of its module or, for a build from a checkout, its revision; unknown without either.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && version == "(devel)" {
			return s.Value
		}
	}
	return version
}
