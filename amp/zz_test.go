package amp_test
import ("testing";"math/rand/v2";"autoamp/amp")
func BenchmarkZZ(b *testing.B){
 r:=rand.New(rand.NewPCG(1,2)); law:=amp.SparseLaplace{P:0.5}; s:=make([]float64,30000); for i:=range s{s[i]=law.Sample(r)}
 e,_:=amp.NewEmpirical(s,0)
 for b.Loop(){ p,_:=amp.PredictPrior(e,1,nil); _=p }
}
