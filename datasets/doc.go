// Package datasets supplies training data: synthetic sources whose batches are functions of a
// seed, a stream and a step, and the random orthogonal matrices of the theory.
//
// A source holds no state, so a resumed run needs nothing saved to see the same data:
//
//	law, err := datasets.NewLaw("sparse-gaussian", 0.4, 0)
//	source, err := datasets.Synthetic(law, 100, seed, datasets.Training)
//	err = source.Fill(batch, step) // len(batch) is a multiple of 100
//
// The arithmetic is that of package kernels, which executors share: a source and a program's
// sampling instruction draw the same numbers.
//
// Images are finite data: Fetch brings MNIST or CIFAR-10 to the disk, and Images makes classes of them into tables of
// training and test samples, augmented, centred and whitened.
//
//	set, err := datasets.Images(ctx, datasets.ImageSettings{Name: "mnist", Classes: []int{3}, Augment: true, Whiten: true})
//	err = set.Train.Row(x, 17) // len(x) is 784
//
// Arrays of NumPy are finite data too, mapped and as large as the disk allows; Split holds some of their rows out, and
// NewSurvey and NewSecondMoments measure them. Package train/codec compresses their rows with a trained model.
//
// A dictionary model y = A*ᵀx* + η (Rangamani et al., Nguyen et al.) is a source too: Dictionary draws the atoms, NewCodeLaw
// names the law of the sparse codes, and Bilinear draws both and returns the codes where they are wanted.
//
// What is not here: the theory of these laws (package amp).
package datasets
