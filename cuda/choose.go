package cuda

import "autoamp/graph"

// choose returns the precision of Auto for a program on a card: Split where the model expects it to be faster than FP32 on a card
// that is close to its peaks, and FP32 everywhere else. TF32 is not among its choices, since its errors show in trained models.
//
// The choice is for one replica. So it does not depend on how replicas are divided over devices.
func choose(p *graph.Program, c Card) (Precision, error) {
	fp32, err := Predict(p, 1, FP32, c)
	if err != nil {
		return "", err
	}
	split, err := Predict(p, 1, Split, c)
	if err != nil {
		return "", err
	}
	if split.Ms < fp32.Low {
		return Split, nil
	}
	return FP32, nil
}
