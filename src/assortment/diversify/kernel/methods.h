/* The methods, each with its formula in select.py. */
#ifndef ASSORTMENT_METHODS_H
#define ASSORTMENT_METHODS_H

#include "task.h"

/* The smallest square of a new direction that float32 tells from none. */
#define NOTHING 1e-6f

/* codes [n, m]: labels of each candidate, -1 for none; wanted [labels]. */
typedef struct {
    int m, labels;
    const int32_t *codes;
    const float *wanted;
} Aspects;

Outcome hybrid(Task *task, float diversity, const Aspects *aspects, float personal);

/* root: 0 for log det, 1 for the length of what is new. */
Outcome volume(Task *task, float diversity, float jitter, int root);

/* The same of the last w picks alone. */
Outcome window(Task *task, float diversity, float jitter, int root, int w);

typedef enum { COSINE, ANGULAR } Distance;

/* swaps: 1 to exchange picks for others afterwards, while that raises the whole. */
Outcome dispersion(Task *task, float diversity, Distance distance, int swaps);

/* The most relevant, exchanged for others while that is worth what it costs. */
Outcome trade(Task *task, float diversity);

#endif
