package train_test

import (
	"context"
	"fmt"

	"autoamp/kernels/cpu"
	"autoamp/train"
)

func Example() {
	executor, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer := train.Trainer{
		Config: train.Config{
			Model: train.ModelConfig{Name: "shallow", Dim: 50, Rate: 0.5},
			Steps: 3000,
			Seeds: []uint64{1, 2},
		},
		Executor: executor, // and Dir: "runs/first" to keep weights, metrics and figures
	}
	s, err := trainer.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d updates, MSE %.2f, theory %.2f\n", s.TrainSteps, s.TestMSE, s.Points[0].Expected)
	// Output: 3000 updates, MSE 0.69, theory 0.69
}
