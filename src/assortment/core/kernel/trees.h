/* Boosted trees. */
#ifndef ASSORTMENT_TREES_H
#define ASSORTMENT_TREES_H

#include <stdint.h>

/* A place where a tree forks, or, as its own child, ends: right where the feature is above the threshold, or is no number and
   `right_unknown`. */
typedef struct {
    float threshold;
    int32_t feature, right_unknown, ways[2];
} Fork;

/* roots, depths [trees]: where each tree begins, and how many forks its longest way has; values [forks] what ends say. */
typedef struct {
    int64_t trees, features;
    const int32_t *roots, *depths;
    const Fork *forks;
    const double *values;
} Forest;

/* Adds what each tree says of m rows to their sums, in the order of the trees. */
void walk(const Forest *forest, const float *table, int64_t m, double *sums);

#endif
