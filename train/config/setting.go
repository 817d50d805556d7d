package config

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Setting is a row of the table of settings: a field of Config with its flag, help, default and bounds. The rows are the
// only source of defaults, validation, the flags of autoamp train and the table of train/README.md.
type Setting struct {
	// Key is the dotted name, as in config.yaml.
	Key string
	// Help explains the setting in a sentence.
	Help string
	// Default is the default in words. It is empty where the default is false, or where a setting has no default.
	Default string
	// Elements names the allowed elements of a list.
	Elements string
	// Flag is the flag of autoamp train that sets the setting; zero for none.
	Flag Flag

	only []condition // it applies where all hold; elsewhere it must be left out
	// earlier is what earlier versions meant by leaving it out, where that is not the default; nil elsewhere.
	earlier func(c Config) any

	start  func(c Config) any                      // the default, a function of the settings above it in the table; nil for zero
	bounds []bound                                 // of a value that applies
	with   []bound                                 // bounds between settings, checked after every setting's own bounds
	each   func(c Config, yield func(any, string)) // of a list: yields elements that are not allowed, and the allowed values
}

// Flag is how the command line sets a setting.
type Flag struct {
	Name        string // without dashes
	Group       string // of the help page
	Placeholder string
	Negatable   bool   // there is --no-name too
	Inverted    bool   // the flag is true where the setting is false
	Xor         string // groups of flags; a command may give one flag of a group
}

// String is the flag that sets the setting to true: --no-whiten sets data.no_whiten.
func (f Flag) String() string {
	if f.Inverted {
		return "--no-" + f.Name
	}
	return "--" + f.Name
}

// condition is a reason for which a setting may not apply.
type condition struct {
	holds     func(c Config) bool
	otherwise func(c Config) string
	words     string // for the documentation
}

// bound is a condition on a value.
type bound struct {
	names   []string // of the values that the bound is about, for texts
	holds   func(c Config, v any) bool
	allowed func(c Config) string
	words   string // for the documentation, where allowed depends on other settings
}

// Settings lists the table in the order of config.yaml. Only steps, batch and seeds are out of order, because defaults of other
// settings need them, and the temperature, whose defaults need the learning rate.
func Settings() []Setting { return slices.Clone(table()) }

// table is Settings, made once.
var table = sync.OnceValue(func() []Setting {
	return slices.Concat(algorithmSettings, modelSettings, tiedSettings, dataSettings, setSettings, dictionarySettings, gdminSettings,
		runSettings, listedSettings, optimizerSettings, scheduleSettings, temperatureSettings, evaluationSettings, checkpointSettings, tensorboardSettings)
})

// Find returns the setting with a key.
func Find(key string) (Setting, bool) {
	all := table()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return all[i], true
}

// Type is the type of the field's values: of a pointer, which tells false from the default, the type of what it points to.
func (s Setting) Type() reflect.Type {
	t := s.of(&Config{}).Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// Names are the values that the setting can have, where they have names; not all go with every other setting.
func (s Setting) Names() []string {
	var names []string
	for _, b := range s.bounds {
		for _, name := range b.names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// of is the field of c.
func (s Setting) of(c *Config) reflect.Value { return c.of(s.Key) }

// of is the field of a key.
func (c *Config) of(key string) reflect.Value {
	return reflect.ValueOf(c).Elem().FieldByIndex(places()[key])
}

// places are the places of the fields in a Config, by key. A sweep looks the settings up of thousands of configurations.
var places = sync.OnceValue(func() map[string][]int {
	out := map[string][]int{}
	listFields("", nil, reflect.TypeFor[Config](), out)
	return out
})

// listFields lists the fields of a struct, and of the structs in it, under their dotted YAML keys.
func listFields(prefix string, place []int, t reflect.Type, out map[string][]int) {
	for i := range t.NumField() {
		field, at := t.Field(i), append(slices.Clone(place), i)
		name, option, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			listFields(prefix, at, field.Type, out)
		case field.Type.Kind() == reflect.Struct:
			listFields(prefix+name+".", at, field.Type, out)
		default:
			out[prefix+name] = at
		}
	}
}

// applies reports whether the setting applies in c, and the reason if it does not.
func (s Setting) applies(c Config) (bool, string) {
	for _, o := range s.only {
		if !o.holds(c) {
			return false, o.otherwise(c)
		}
	}
	return true, ""
}

// complete sets the default, or another start, where nothing is set.
func (s Setting) complete(c *Config, start func(c Config) any) {
	if start == nil || !empty(s.of(c)) {
		return
	}
	if ok, _ := s.applies(*c); ok {
		v := s.of(c)
		v.Set(reflect.ValueOf(start(*c)).Convert(v.Type()))
	}
}

// empty reports a zero value or an empty list.
func empty(v reflect.Value) bool { return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 }

// check checks the setting against bounds: its own bounds, or its bounds with other settings.
func (s Setting) check(c *Config, bounds []bound) *Error {
	v := s.of(c)
	ok, why := s.applies(*c)
	switch {
	case !ok && empty(v):
		return nil
	case !ok:
		return &Error{s.Key, s.shown(v), why}
	}
	for _, b := range bounds {
		if !b.holds(*c, v.Interface()) {
			return &Error{s.Key, s.shown(v), b.allowed(*c)}
		}
	}
	return nil
}

// shown is the value in messages. For a list it is the number of elements.
func (s Setting) shown(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len()
	case reflect.Pointer:
		return v.Elem().Interface()
	}
	return v.Interface()
}

// checkEach checks the elements of a list.
func (s Setting) checkEach(c Config) (err *Error) {
	if s.each == nil {
		return nil
	}
	s.each(c, func(value any, allowed string) { err = cmp.Or(err, &Error{s.Key, value, allowed}) })
	return err
}

// WithDefaults returns c with every zero field that applies set to its default.
func (c Config) WithDefaults() Config {
	for _, s := range table() {
		s.complete(&c, s.start)
	}
	return c
}

// Earlier returns c as earlier versions completed it, which had fewer settings and other defaults.
func (c Config) Earlier() Config {
	for _, s := range table() {
		if s.earlier != nil {
			s.complete(&c, s.earlier)
		} else {
			s.complete(&c, s.start)
		}
	}
	return c
}

// Validate reports the first field that is out of bounds, or that contradicts another, as a
// *Error. Zero fields are valid: they stand for their defaults.
func (c Config) Validate() error {
	if problems := c.problems(1); len(problems) > 0 {
		return problems[0]
	}
	return nil
}

// Problems lists every field that is out of bounds or, where none is, every one that contradicts another, as *Error.
func (c Config) Problems() []error { return c.problems(math.MaxInt) }

// problems lists the first problems, at most most of them.
func (c Config) problems(most int) (out []error) {
	c = c.WithDefaults()
	all := table()
	for _, s := range all {
		if err := cmp.Or(s.check(&c, s.bounds), s.checkEach(c)); err != nil {
			out = append(out, err)
		}
		if len(out) >= most {
			return out
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, s := range all {
		if err := s.check(&c, s.with); err != nil && len(out) < most {
			out = append(out, err)
		}
	}
	return out
}

// The conditions. Each condition words the remedy for the case that it does not hold.

func where(holds func(c Config) bool, otherwise string) condition {
	return condition{holds, func(Config) string { return otherwise }, otherwise}
}

// only is a condition that is named by the values of another setting.
func only(key string, value func(c Config) string, names ...string) condition {
	return where(func(c Config) bool { return slices.Contains(names, value(c)) },
		"applies to "+key+": "+strings.Join(names, " or ")+" only; leave it out")
}

// The bounds.

// must is a bound whose words are always the same.
func must(holds func(c Config, v any) bool, allowed string) bound {
	return bound{holds: holds, allowed: func(Config) string { return allowed }, words: allowed}
}

// rule is a bound that has to do with other settings.
func rule(holds func(c Config) bool, allowed string) bound {
	return must(func(c Config, _ any) bool { return holds(c) }, allowed)
}

// told is a bound whose message, allowed, names the values of other settings. The documentation shows words instead.
func told(holds func(c Config) bool, allowed func(c Config) string, words string) bound {
	return bound{holds: func(c Config, _ any) bool { return holds(c) }, allowed: allowed, words: words}
}

func oneOf(names ...string) bound {
	return must(func(_ Config, v any) bool { return slices.Contains(names, v.(string)) }, "must be one of "+strings.Join(names, ", ")).of(names...)
}

// of is a bound that is about values with names.
func (b bound) of(names ...string) bound {
	b.names = names
	return b
}

func atLeast(least int) bound {
	return must(func(_ Config, v any) bool { return v.(int) >= least }, fmt.Sprintf("must be at least %d", least))
}

func atMost(most int, words string) bound {
	return must(func(_ Config, v any) bool { return v.(int) <= most }, "must be at most "+words)
}

func number(holds func(x float64) bool, allowed string) bound {
	return must(func(_ Config, v any) bool { return holds(v.(float64)) }, allowed)
}

// fixed is a default that is the same for every configuration.
func fixed[T any](value T) func(Config) any { return func(Config) any { return value } }

// always is fixed for a field that is a pointer, which tells a given zero from none.
func always[T any](value T) func(Config) any { return fixed(&value) }

// positive and fraction are bounds of numbers.
var (
	positive = number(func(x float64) bool { return x > 0 && !math.IsInf(x, 0) }, "must be positive")
	fraction = number(func(x float64) bool { return x > 0 && x < 1 }, "must be in (0, 1)")
)

func notNegative(allowed string) bound {
	return number(func(x float64) bool { return x >= 0 && !math.IsInf(x, 0) }, allowed)
}
