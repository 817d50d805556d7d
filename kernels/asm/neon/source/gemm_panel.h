// The panel kernel of gemm_vector.go and gemm64.go, for elements of type T in vectors V of LANES.
//
// It multiplies up to 6 rows of A by a block of B and walks along the columns of C in tiles whose elements stay in registers: four
// vectors wide, then one, then single elements. So an element is one sum over k in increasing order, wherever it stands.

#define ROWS 6
#define WIDE 4 // vectors of a tile: two of what the other files call a vector, which is of 32 bytes
#define LANES (16 / (long)sizeof(T))

// panel is the type of that name in package kernels, which checks these offsets at compile time. Steps are in bytes.
struct panel {
  const char *a;
  long stepA; // from one row of A to the next if byRows, otherwise from one k to the next
  const char *b;
  long stepB, nextB; // from one k to the next, and from one tile to the next
  char *c;
  long stepC;
  long rows, cols, depth, byRows, add;
  T alpha;
};

// READ_A reads one element of A into the first lane. The instruction is stated, because the compiler would fill the vector with the
// element, which takes a place among the multiplications.
#define READ_A(v, p) __asm__("ldr %" WIDTH "0, %1" : "=w"(v) : "Q"(*(const T *)(p)))

INLINE V loadC(const char *p, int one) { return one ? LOAD_LANE((const T *)p, SPLAT(0), 0) : LOAD((const T *)p); }

INLINE void storeC(char *p, V x, int one) {
  if (one)
    STORE_LANE((T *)p, x, 0);
  else
    STORE((T *)p, x);
}

// tile computes rows of C of some vectors, or of one element if one.
INLINE void tile(const struct panel *p, const char *b, char *c, const int rows, const int byRows, const int vectors, const int one) {
  V sum[ROWS][WIDE];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = SPLAT(0);
  const char *a[ROWS];
  UNROLL for (int r = 0; r < rows; r++) a[r] = byRows ? p->a + r * p->stepA : p->a + r * (long)sizeof(T);
  const long nextA = byRows ? (long)sizeof(T) : p->stepA, stepB = p->stepB;
  long at = 0;
  for (long left = p->depth; left > 0; left--, b += stepB, at += nextA) {
    V y[WIDE];
    UNROLL for (int v = 0; v < vectors; v++) y[v] = loadC(b + 16 * v, one);
    UNROLL for (int r = 0; r < rows; r++) {
      V x;
      READ_A(x, byRows ? a[r] + at : a[0] + at + r * (long)sizeof(T));
      UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = MULTIPLY_ADD(sum[r][v], y[v], x);
    }
  }
  const long stepC = p->stepC;
  if (p->add) {
    const T alpha = p->alpha;
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) {
      char *to = c + r * stepC + 16 * v;
      storeC(to, SCALE_ADD(loadC(to, one), sum[r][v], alpha), one);
    }
    return;
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) storeC(c + r * stepC + 16 * v, sum[r][v], one);
}

INLINE void rowsOf(const struct panel *p, const int rows, const int byRows) {
  const char *b = p->b;
  char *c = p->c;
  long cols = p->cols;
  for (; cols >= WIDE * LANES; cols -= WIDE * LANES, b += p->nextB, c += 16 * WIDE)
    tile(p, b, c, rows, byRows, WIDE, 0);
  for (; cols >= LANES; cols -= LANES, b += 16, c += 16)
    tile(p, b, c, rows, byRows, 1, 0);
  for (; cols > 0; cols--, b += sizeof(T), c += sizeof(T))
    tile(p, b, c, rows, byRows, 1, 1);
}

#define CASE(n)               \
  case n:                     \
    if (p->byRows)            \
      rowsOf(p, n, 1);        \
    else                      \
      rowsOf(p, n, 0);        \
    break;

void NAME(const struct panel *p, const struct constants *k) {
  switch (p->rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
  }
}
