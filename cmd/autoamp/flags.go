package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"autoamp/train/config"
)

// mapper reads a value of a flag or argument from its text.
func mapper[T any](parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue(target.Kind().String())
		if err != nil {
			return err
		}
		text := token.String()
		value, err := parse(text)
		if err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
		target.Set(reflect.ValueOf(value).Convert(target.Type()))
		return nil
	}
}

// mappers read every kind of value. Numbers follow the rule of configurations. Text stays as it is, because kong's own
// mapper replaces bytes of file names that are not UTF-8.
func mappers() []kong.Option {
	return []kong.Option{
		kong.KindMapper(reflect.String, mapper(func(text string) (string, error) { return text, nil })),
		kong.KindMapper(reflect.Int, mapper(config.ParseInt)),
		kong.KindMapper(reflect.Uint64, mapper(config.ParseUint)),
		kong.KindMapper(reflect.Float64, mapper(config.ParseFloat)),
	}
}

// checkGiven refuses likely mistakes on a command line. One is a flag given twice: one of its values would be lost. The
// other is an empty name or "-": no command takes "-" for standard input or output.
func checkGiven(command *kong.Context) error {
	given := map[*kong.Value]bool{}
	for _, path := range command.Path {
		value := path.Positional
		if path.Flag != nil {
			value = path.Flag.Value
		}
		if value == nil {
			continue
		}
		if given[value] && !value.IsCumulative() {
			return usagef("%s is given twice: give it once", value.ShortSummary())
		}
		given[value] = true
		name := strings.TrimSuffix(value.ShortSummary(), " ...") // of an argument that is a list
		if err := checkText(name, value.Target); err != nil {
			return err
		}
	}
	return nil
}

// checkText checks a value that was given, or every value of a list.
func checkText(name string, value reflect.Value) error {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			return checkText(name, value.Elem())
		}
	case reflect.Slice:
		if value.Len() == 0 {
			return usagef("%s is empty: give a value or leave it out", name)
		}
		for i := range value.Len() {
			if err := checkText(name, value.Index(i)); err != nil {
				return err
			}
		}
	case reflect.String:
		switch value.String() {
		case "":
			return usagef("%s is empty: give a value or leave it out", name)
		case "-":
			return usagef("%s = -: does not stand for standard input or output; ./- is a file of that name", name)
		}
	}
	return nil
}
