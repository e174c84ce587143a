/* The methods, each with its formula in select.py. */
#ifndef ASSORTMENT_METHODS_H
#define ASSORTMENT_METHODS_H

#include "task.h"

/* codes [n, m]: labels of each candidate, -1 for none; wanted [labels]. */
typedef struct {
    int m, labels;
    const int32_t *codes;
    const float *wanted;
} Aspects;

Outcome hybrid(Task *task, float diversity, const Aspects *aspects, float personal);

/* root: 0 for log det, 1 for the length of what is new. */
Outcome volume(Task *task, float diversity, float jitter, int root);

#endif
