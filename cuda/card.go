package cuda

import (
	"slices"
	"strings"
)

// Card is the constants of a kind of GPU, from its maker. They are peaks, which no program reaches; see assumptions.
type Card struct {
	Name   string  // as ParseCard takes it
	Title  string  // as the maker writes it
	device string  // part of the name that the driver gives the device
	sms    float64 // streaming multiprocessors
	shared int     // bytes of shared memory that one block can have
	clock  float64 // GHz, boost
	memory float64 // GB/s
	fp32   float64 // TFLOP/s of CUDA cores
	tf32   float64 // TFLOP/s of tensor cores, without sparsity
	bf16   float64 // the same, with sums in float32
	sync   float64 // share of bf16 that mma.sync does; the rest takes wgmma, which only Hopper has
}

// Cards lists the cards that Predict knows.
//
// Sources: NVIDIA H200 Tensor Core GPU datasheet (SXM; tensor cores at half of the rates with sparsity) and H100 Tensor Core GPU
// architecture whitepaper (multiprocessors, clock); NVIDIA A100 Tensor Core GPU datasheet (SXM, 80 GB) and architecture
// whitepaper; CUDA C++ programming guide, technical specifications (shared memory); Luo and others, arXiv:2501.12084, section 6.2 (mma.sync on
// Hopper: 62.9 % of the peak, the mean of its shapes and types on an H800, as others quote it); NVIDIA Ada GPU architecture whitepaper, appendix A (GeForce RTX 4090).
func Cards() []Card {
	return []Card{
		{Name: "h200", Title: "NVIDIA H200 SXM", device: "H200", sms: 132, shared: 227 << 10, clock: 1.98, memory: 4800, fp32: 66.9, tf32: 494.7, bf16: 989.4, sync: 0.629},
		{Name: "a100", Title: "NVIDIA A100 SXM 80 GB", device: "A100", sms: 108, shared: 163 << 10, clock: 1.41, memory: 2039, fp32: 19.5, tf32: 156, bf16: 312, sync: 1},
		{Name: "rtx4090", Title: "NVIDIA GeForce RTX 4090", device: "RTX 4090", sms: 128, shared: 99 << 10, clock: 2.52, memory: 1008, fp32: 82.6, tf32: 82.6, bf16: 165.2, sync: 1},
	}
}

// ParseCard returns the card of a name, as h200; false for a name that is not among Cards.
func ParseCard(name string) (Card, bool) {
	return find(func(c Card) bool { return c.Name == name })
}

// CardOf returns the card of a device, by the description that an executor gives of it; false for a device that is not among
// Cards.
func CardOf(description string) (Card, bool) {
	return find(func(c Card) bool { return strings.Contains(description, c.device) })
}

func find(wanted func(c Card) bool) (Card, bool) {
	all := Cards()
	if i := slices.IndexFunc(all, wanted); i >= 0 {
		return all[i], true
	}
	return Card{}, false
}
