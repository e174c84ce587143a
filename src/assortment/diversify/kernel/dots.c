#include "dots.h"

#include <string.h>

#define WIDTH 16
#define INLINE static inline __attribute__((always_inline))

/* Sixteen floats at once, in however many registers the machine needs for them; and the same wherever it lies in memory. */
typedef float Lanes __attribute__((vector_size(WIDTH * sizeof(float))));
typedef float Stored __attribute__((vector_size(WIDTH * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef float Half __attribute__((vector_size(WIDTH / 2 * sizeof(float))));
typedef float Quarter __attribute__((vector_size(WIDTH / 4 * sizeof(float))));

/* Four partial sums, so that no addition waits for the one before it. */
typedef struct {
    Lanes first, second, third, fourth;
} Sum;

INLINE Lanes at(const float *numbers) { return *(const Stored *)numbers; }

INLINE void add_four(Sum *sum, const float *row, const float *x) {
    sum->first += at(row) * at(x);
    sum->second += at(row + WIDTH) * at(x + WIDTH);
    sum->third += at(row + 2 * WIDTH) * at(x + 2 * WIDTH);
    sum->fourth += at(row + 3 * WIDTH) * at(x + 3 * WIDTH);
}

INLINE float total(const Sum *sum, const float *row, const float *x, int done, int d) {
    Lanes lanes = (sum->first + sum->second) + (sum->third + sum->fourth);
    Half low, high;
    memcpy(&low, &lanes, sizeof low);
    memcpy(&high, (const char *)&lanes + sizeof low, sizeof high);
    low += high;
    Quarter first, second;
    memcpy(&first, &low, sizeof first);
    memcpy(&second, (const char *)&low + sizeof first, sizeof second);
    first += second;
    float all = (first[0] + first[2]) + (first[1] + first[3]);
    for (; done < d; done++) all += row[done] * x[done];
    return all;
}

INLINE void four_dots(const float *const *rows, const float *x, int d, float *sums) {
    const float *a = rows[0], *b = rows[1], *c = rows[2], *e = rows[3];
    Sum of_a = {{0}, {0}, {0}, {0}}, of_b = of_a, of_c = of_a, of_e = of_a;
    int done = 0;
    for (; done + 4 * WIDTH <= d; done += 4 * WIDTH) {
        add_four(&of_a, a + done, x + done);
        add_four(&of_b, b + done, x + done);
        add_four(&of_c, c + done, x + done);
        add_four(&of_e, e + done, x + done);
    }
    for (; done + WIDTH <= d; done += WIDTH) {
        of_a.first += at(a + done) * at(x + done);
        of_b.first += at(b + done) * at(x + done);
        of_c.first += at(c + done) * at(x + done);
        of_e.first += at(e + done) * at(x + done);
    }
    sums[0] = total(&of_a, a, x, done, d);
    sums[1] = total(&of_b, b, x, done, d);
    sums[2] = total(&of_c, c, x, done, d);
    sums[3] = total(&of_e, e, x, done, d);
}

INLINE float one_dot(const float *row, const float *x, int d) {
    Sum sum = {{0}, {0}, {0}, {0}};
    int done = 0;
    for (; done + 4 * WIDTH <= d; done += 4 * WIDTH) add_four(&sum, row + done, x + done);
    for (; done + WIDTH <= d; done += WIDTH) sum.first += at(row + done) * at(x + done);
    return total(&sum, row, x, done, d);
}

WIDEST void dots(const float *const *rows, int count, const float *x, int d, float *sums) {
    int row = 0;
    for (; row + 4 <= count; row += 4) four_dots(rows + row, x, d, sums + row);
    for (; row < count; row++) sums[row] = one_dot(rows[row], x, d);
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
