package special_test

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp/internal/special"
)

// The expected values are mpmath's at 40 digits.

// checkClose reports a relative error above tolerance.
func checkClose(t *testing.T, got, want, tolerance float64) {
	t.Helper()
	if diff := math.Abs(got - want); !(diff <= tolerance*math.Abs(want)) {
		t.Errorf("got %.17g, want %.17g: relative error %.2g, tolerance %.2g", got, want, diff/math.Abs(want), tolerance)
	}
}

func TestErfcx(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{-5, 144009798674.66104}, {-1, 5.0089800807622835}, {0, 1}, {1e-8, 0.99999998871620843},
		{0.3, 0.73459933456765514}, {2, 0.25539567631050574}, {5, 0.11070463773306863},
		{9.99, 0.056196640706858821}, {10, 0.056140992743822586}, {26, 0.021683584850562907},
		{1000, 0.00056418930145338765}, {1e10, 5.6418958354775629e-11},
	} {
		t.Run(fmt.Sprint(c.x), func(t *testing.T) { checkClose(t, special.Erfcx(c.x), c.want, 2e-15) })
	}
	if got := special.Erfcx(-100); !math.IsInf(got, 1) {
		t.Errorf("Erfcx(-100) = %g, want +Inf", got)
	}
	if got := special.Erfcx(math.NaN()); !math.IsNaN(got) {
		t.Errorf("Erfcx(NaN) = %g", got)
	}
}

func TestNormal(t *testing.T) {
	for _, c := range []struct{ x, logCDF, mills float64 }{
		{-1e4, -50000010.129278915, 10000.000099999998}, {-100, -5005.5242086942051, 100.00999800099926},
		{-20, -203.91715537109726, 20.049753068527851}, {-8, -35.01343715991455, 8.1213681122361127},
		{-7.9, -34.206228170981713, 8.0228172462087803}, {-1, -1.8410216450092635, 1.5251352761609812},
		{0, -0.69314718055994531, 0.79788456080286536}, {0.5, -0.36894641528865639, 0.50916043383703349},
		{3, -0.0013508099647481938, 0.0044378390421256638}, {8, -6.2209605742717861e-16, 5.0522710835368954e-15},
		{30, -4.9067139271481871e-198, 1.4736461348785475e-196},
	} {
		t.Run(fmt.Sprint(c.x), func(t *testing.T) {
			checkClose(t, special.LogNormalCDF(c.x), c.logCDF, math.Max(1e-14, c.x*math.Abs(c.x)*2.5e-16))
			checkClose(t, special.InverseMills(c.x), c.mills, math.Max(1e-14, c.x*math.Abs(c.x)*2.5e-16))
		})
	}
}

func TestKummer1F1(t *testing.T) {
	for _, c := range []struct{ a, b, x, want float64 }{
		{-0.5, 0.5, -0.1, 1.0983660805630779}, {-0.5, 0.5, -1, 1.8615277067962964}, {-0.5, 0.5, -30, 9.7081295627784978},
		{-0.5, 0.5, -49.9, 12.520601958936746}, {-0.5, 0.5, -50.1, 12.545668254216219},
		{-0.5, 0.5, -400, 35.449077018110321}, {1, 2, 3, 6.3618456410625559}, {0.5, 1.5, -4, 0.44104069538121084},
		{1.5, 2.5, 20, 35452994.62287137},
	} {
		t.Run(fmt.Sprint(c.a, c.b, c.x), func(t *testing.T) {
			checkClose(t, special.Kummer1F1(c.a, c.b, c.x), c.want, 1e-13)
		})
	}
	if got := special.Kummer1F1(1, -2, 1); !math.IsNaN(got) {
		t.Errorf("b = -2: got %g, want NaN", got)
	}
}

func TestOwenT(t *testing.T) {
	for _, c := range []struct{ h, a, want float64 }{
		{0, 0.5, 0.073791808825216637088}, {0, 3, 0.19879180882521663709}, {0.0625, 0.25, 0.038911930234701366897},
		{0.5, 1, 0.10667106296144851629}, {1, 0.3, 0.027728115901104102724}, {1, 2, 0.078468186993084096345},
		{2, 0.9999, 0.011116135934593662571}, {2.5, 1.0001, 0.0030855680476573407188}, {3, 7, 0.00067494901581504726333},
		{0.2, 1000, 0.21037014528044848848}, {5, 0.99, 1.4332573223919577252e-7}, {6, 0.1, 2.2788009989042248251e-10}, {8, 1, 3.1104802871358901267e-16},
	} {
		t.Run(fmt.Sprintf("h=%g/a=%g", c.h, c.a), func(t *testing.T) {
			got := special.OwenT(c.h, c.a)
			if diff := math.Abs(got - c.want); !(diff <= 1e-16) {
				t.Errorf("got %.17g, want %.17g: error %.2g", got, c.want, diff)
			}
			if c.a <= 1 && c.h <= 5 {
				checkClose(t, got, c.want, 1e-13)
			}
		})
	}
	if got := special.OwenT(math.Inf(1), 0.5); got != 0 {
		t.Errorf("T(∞, 0.5) = %g", got)
	}
	if got := special.OwenT(1, math.NaN()); !math.IsNaN(got) {
		t.Errorf("T(1, NaN) = %g", got)
	}
}
