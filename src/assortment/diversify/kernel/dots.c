#include "dots.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#ifdef LEVELS
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
#define NAME(of) of##_512
#define LANES 16
#define ROWS 4
#include "dots_in_lanes.h"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define NAME(of) of##_256
#define LANES 8
#define ROWS 3
#include "dots_in_lanes.h"
#pragma GCC pop_options
#endif

#define NAME(of) of##_128
#define LANES 4
#define ROWS 2
#include "dots_in_lanes.h"

void dots(const float *const *rows, int count, const float *x, int d, float *sums) {
#ifdef LEVELS
    if (__builtin_cpu_supports("x86-64-v4"))
        dots_512(rows, count, x, d, sums);
    else if (__builtin_cpu_supports("x86-64-v3"))
        dots_256(rows, count, x, d, sums);
    else
#endif
        dots_128(rows, count, x, d, sums);
}

WIDEST void add_rows(float *restrict x, const float *const *rows, const float *scales, int count, int d) {
    int row = 0;
    for (; row + 4 <= count; row += 4) {
        const float *a = rows[row], *b = rows[row + 1], *c = rows[row + 2], *e = rows[row + 3];
        float of_a = scales[row], of_b = scales[row + 1], of_c = scales[row + 2], of_e = scales[row + 3];
        for (int i = 0; i < d; i++) x[i] += (of_a * a[i] + of_b * b[i]) + (of_c * c[i] + of_e * e[i]);
    }
    for (; row < count; row++)
        for (int i = 0; i < d; i++) x[i] += scales[row] * rows[row][i];
}

WIDEST void multiply(float *x, float by, int d) {
    for (int i = 0; i < d; i++) x[i] *= by;
}
