package terminal

import (
	"fmt"
	"time"
)

// Pace measures how fast a count grows.
type Pace struct {
	// Window is the time that counts, back from now; 0 is all.
	Window time.Duration

	seen []reading
}

type reading struct {
	at   time.Duration
	done float64
}

// apart is the least time between two readings that are kept, as a part of the window.
const apart = 50

// Add adds a reading of the count. Readings come in the order of time.
func (p *Pace) Add(at time.Duration, done float64) {
	now := reading{at, done}
	if n := len(p.seen); n >= 2 && (p.Window == 0 || p.seen[n-1].at-p.seen[n-2].at < p.Window/apart) {
		p.seen[n-1] = now
	} else {
		p.seen = append(p.seen, now)
	}
	for p.Window > 0 && len(p.seen) > 2 && p.seen[1].at <= at-p.Window {
		p.seen = p.seen[1:]
	}
}

// PerSecond is the growth in a second; 0 before it is known.
func (p *Pace) PerSecond() float64 {
	if len(p.seen) < 2 {
		return 0
	}
	first, last := p.seen[0], p.seen[len(p.seen)-1]
	if last.at <= first.at {
		return 0
	}
	return (last.done - first.done) / (last.at - first.at).Seconds()
}

// Rate words PerSecond, with a unit such as steps; it is empty before the rate is known.
func (p *Pace) Rate(unit string) string {
	switch r := p.PerSecond(); {
	case r <= 0:
		return ""
	case r >= 100:
		return fmt.Sprintf("%.0f %s/s", r, unit)
	case r >= 1:
		return fmt.Sprintf("%.1f %s/s", r, unit)
	default:
		return fmt.Sprintf("%.2g %s/s", r, unit)
	}
}

// Left words the time until the count has grown by some more; it is empty before the rate is known.
func (p *Pace) Left(more float64) string {
	r := p.PerSecond()
	if r <= 0 {
		return ""
	}
	const longest = 1000 * 24 * time.Hour
	if more = max(0, more); more/r > longest.Seconds() {
		return "over 1000 days left"
	}
	return clock(time.Duration(more/r*float64(time.Second))) + " left"
}

// clock is a duration as minutes and seconds, with hours where there are any; from a day on as days and hours.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	switch days := s / 86400; {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, s/3600%24)
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
