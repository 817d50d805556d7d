package config

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"autoamp/datasets/durable"
	"autoamp/train/internal/await"
)

// Load reads a Config from a YAML file, with overrides as Parse takes them.
func Load(path string, overrides ...string) (Config, error) {
	return LoadContext(context.Background(), path, overrides...)
}

// LoadContext is Load of a file that may be a pipe. If ctx is cancelled while the pipe gives no data, LoadContext
// returns the error of ctx, wrapped.
func LoadContext(ctx context.Context, path string, overrides ...string) (Config, error) {
	data, err := readConfig(ctx, path)
	if err != nil {
		return Config{}, fmt.Errorf("train: config: %w", err)
	}
	c, err := Parse(data, overrides...)
	if err != nil {
		return Config{}, fmt.Errorf("train: %s: %w", path, err)
	}
	return c, nil
}

// readConfig reads a file of bounded size. Opening or reading a pipe may block for ever, in a call that cannot be ended:
// readConfig leaves such a call behind when ctx is cancelled.
func readConfig(ctx context.Context, path string) ([]byte, error) {
	data, err := await.Result(ctx, func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return durable.ReadAll(f, MaxBytes)
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("%s: reading it was interrupted: %w", path, err)
	}
	return data, err
}

// Parse reads a Config from YAML, then applies overrides such as
// "optimizer.learning_rate=3e-4" or "data.p=[0.2, 0.4]" in their order.
//
// An unknown key, a value of the wrong type, and a zero that would mean "the default" are errors. The errors name line
// and column. Numbers are decimal, whatever they begin with. Text that is not UTF-8, too long, too deep, or has anchors
// or tags is refused before it is parsed. Bounds of fields are Validate's business.
func Parse(data []byte, overrides ...string) (Config, error) {
	var c Config
	if err := c.merge(data); err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	for _, o := range overrides {
		if err := c.override(o); err != nil {
			return Config{}, fmt.Errorf("override %q: %w", shortened(o), err)
		}
	}
	return c, nil
}

// ParseStored is Parse of a configuration that a run wrote, which is resolved but may be older than some settings. What it leaves
// out is what autoamp did before it had the setting; in another configuration that is the default.
func ParseStored(data []byte, overrides ...string) (Config, error) {
	c, err := Parse(data, overrides...)
	if err != nil {
		return c, err
	}
	return c.Earlier(), nil
}

// shortened cuts a text that is too long for a message.
func shortened(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}

// YAML returns c as config.yaml holds it.
func (c Config) YAML() ([]byte, error) {
	data, err := yaml.MarshalWithOptions(c, yaml.UseSingleQuote(false))
	if err != nil {
		return nil, fmt.Errorf("train: config: %w", err)
	}
	return data, nil
}

// override sets one field by its dotted name.
func (c *Config) override(o string) error {
	name, value, ok := strings.Cut(o, "=")
	if !ok || name == "" || strings.TrimSpace(value) == "" {
		return errors.New("must be like optimizer.learning_rate=3e-4")
	}
	keys := strings.Split(strings.TrimSpace(name), ".")
	tree, err := valueFor(keys, value)
	if err == nil {
		err = c.assign(keys, tree)
	}
	if config := (*Error)(nil); errors.As(err, &config) {
		return config
	}
	if err != nil {
		return errors.New(firstLine(err)) // line and column would be those of our own text
	}
	if strings.Join(keys, ".") == "model.init_from" {
		c.Model.InitSHA256 = "" // it is that of the file that was named before
	}
	return nil
}

// valueFor reads the YAML of a value for the field that keys name.
func valueFor(keys []string, text string) (any, error) {
	node, err := document([]byte(text))
	if err != nil || node == nil {
		return nil, err
	}
	field := reflect.TypeFor[Config]()
	for _, key := range keys {
		if field != nil {
			field = fieldType(field, key)
		}
	}
	if field != nil {
		if node, err = settle(node, field, strings.Join(keys, ".")); err != nil {
			return nil, err
		}
	}
	var tree any
	err = yaml.NodeToValue(node, &tree)
	return tree, err
}

// assign merges the value of one field.
func (c *Config) assign(keys []string, tree any) error {
	for _, key := range slices.Backward(keys) {
		tree = map[string]any{key: tree}
	}
	data, err := yaml.Marshal(tree)
	if err != nil {
		return err
	}
	return c.merge(data)
}

// firstLine is a YAML error without its position and the source below it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	if _, message, ok := strings.Cut(line, "] "); ok && strings.HasPrefix(line, "[") {
		return message
	}
	return line
}

// merge decodes YAML over c, strictly.
func (c *Config) merge(data []byte) error {
	node, err := document(data)
	if err != nil || node == nil {
		return err
	}
	return c.mergeNode(node, data)
}

// mergeNode is merge of a part of a document.
func (c *Config) mergeNode(node ast.Node, data []byte) error {
	node, err := settle(node, reflect.TypeFor[Config](), "")
	if errors.As(err, new(*kindError)) {
		return positioned(err, data)
	}
	if err != nil {
		return err
	}
	if err := yaml.NodeToValue(node, c, yaml.Strict()); err != nil {
		return positioned(err, data)
	}
	return c.checkGiven(node)
}

// checkGiven compares every value that was written with the value that c will use. The two differ
// if the decoder cut 1.5 to 1, or if a written zero means the default.
func (c *Config) checkGiven(node ast.Node) error {
	var tree map[string]any
	if err := yaml.NodeToValue(node, &tree); err != nil {
		return err
	}
	given, used := map[string]any{}, c.WithDefaults().flat()
	flatten("", tree, given)
	for _, key := range sortedKeys(given) {
		if err := checkValue(key, given[key], used[key]); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(key string, given, used any) error {
	list, isList := given.([]any)
	switch {
	case used == nil && given == "":
		return &Error{key, given, "must not be empty; leave it out"}
	case used == nil || equalValues(given, used): // nil: a field that does not apply is Validate's to refuse
		return nil
	case isList && len(list) == 0:
		return &Error{key, given, fmt.Sprintf("must not be empty; leave it out for the default, %v", used)}
	case isList:
		return &Error{key, given, "must be whole numbers"}
	case isZero(given):
		return &Error{key, given, fmt.Sprintf("%s; leave it out for the default, %v", notZero(key, given, used), used)}
	}
	return &Error{key, given, "must be a whole number"}
}

// notZero words the allowed values of a field whose default is not zero.
func notZero(key string, given, used any) string {
	_, text := used.(string)
	_, float := used.(float64)
	switch {
	case text || given == nil:
		return "must not be empty"
	case float:
		return "must be positive"
	case refusesOne(key):
		return "must be at least 2"
	}
	return "must be at least 1"
}

// refusesOne says that a whole number is to be at least 2.
func refusesOne(key string) bool {
	s, ok := Find(key)
	return ok && s.Type().Kind() == reflect.Int && slices.ContainsFunc(s.bounds, func(b bound) bool { return !b.holds(Config{}, 1) })
}

func isZero(v any) bool { return v == nil || reflect.ValueOf(v).IsZero() }

// equalValues compares two YAML values; numbers by their value.
func equalValues(a, b any) bool {
	if x, ok := a.([]any); ok {
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, equalValues)
	}
	x, isX := numberIn(a)
	y, isY := numberIn(b)
	if !isX || !isY {
		return fmt.Sprint(a) == fmt.Sprint(b)
	}
	return x == y || math.IsNaN(x) && math.IsNaN(y)
}

// numberIn reads a YAML value as a number; 3e-4, without a point, arrives as a string.
func numberIn(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		x, err := strconv.ParseFloat(s, 64)
		return x, err == nil
	}
	r, float := reflect.ValueOf(v), reflect.TypeFor[float64]()
	if v == nil || !r.CanConvert(float) {
		return 0, false
	}
	return r.Convert(float).Float(), true
}

// flat returns c as a map from dotted names to YAML values.
func (c Config) flat() map[string]any {
	data, err := c.YAML()
	if err != nil {
		panic(err) // a Config has only numbers, strings and lists of them
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		panic(fmt.Sprintf("train: config does not survive YAML: %v", err))
	}
	out := map[string]any{}
	flatten("", tree, out)
	return out
}

func flatten(prefix string, tree, out map[string]any) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			flatten(prefix+k+".", sub, out)
			continue
		}
		out[prefix+k] = v
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
