/* Dot products. The sum of a pair is the same to the last bit, whatever else is computed beside it. */
#ifndef ASSORTMENT_DOTS_H
#define ASSORTMENT_DOTS_H

#include <stdint.h>

/* With GCC and glibc on x86 there are three builds of what is looped over, and the widest that runs here is taken; elsewhere there is
   the one. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
#define LEVELS
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST
#endif

/* sums[r] = rows[r] . x, for `count` rows of d numbers. */
void dots(const float *const *rows, int count, const float *x, int d, float *sums);

/* x += the sum of scales[r] * rows[r], `count` rows of d numbers. */
void add_rows(float *restrict x, const float *const *rows, const float *scales, int count, int d);

/* x *= by, d numbers. */
void multiply(float *x, float by, int d);

#endif
