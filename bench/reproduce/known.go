package reproduce

import "sync"

// known keeps what figures and claims have computed from arguments alone, such as curves of the theory.
type known struct {
	mu     sync.Mutex
	values map[any]any // by asked
}

// asked is a key of known. Values of other types have other keys.
type asked[K comparable, V any] struct{ arguments K }

// Once returns what compute returns for the arguments. It is computed once for all figures and claims of an experiment, and for all times
// that the figures are drawn while cells come in. compute must depend on nothing but the arguments, whose type is the caller's own. An
// error is not kept.
func Once[K comparable, V any](r *Results, arguments K, compute func() (V, error)) (V, error) {
	if r.known == nil {
		return compute()
	}
	if v, ok := r.known.get(asked[K, V]{arguments}); ok {
		return v.(V), nil // the key has the type
	}
	v, err := compute()
	if err == nil {
		r.known.put(asked[K, V]{arguments}, v)
	}
	return v, err
}

func (k *known) get(key any) (any, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.values[key]
	return v, ok
}

func (k *known) put(key, value any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.values == nil {
		k.values = map[any]any{}
	}
	k.values[key] = value
}
