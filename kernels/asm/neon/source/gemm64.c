// The inner kernel of the float64 product, gemm64.go.

#include "neon.h"

#define T double
#define V float64x2_t
#define NAME panel64
#define WIDTH "d"
#define SPLAT vdupq_n_f64
#define LOAD vld1q_f64
#define STORE vst1q_f64
#define LOAD_LANE vld1q_lane_f64
#define STORE_LANE vst1q_lane_f64
#define MULTIPLY_ADD(sum, y, x) vfmaq_laneq_f64(sum, y, x, 0)
#define SCALE_ADD(c, sum, alpha) vfmaq_n_f64(c, sum, alpha)

#include "gemm_panel.h"
