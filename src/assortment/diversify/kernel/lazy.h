/* Greedy choice by gains that only fall as the slate grows (Minoux 1978): an old gain is a bound, and only those whose bound
   still wins are computed anew. The picks are those of computing all gains at every step. */
#ifndef ASSORTMENT_LAZY_H
#define ASSORTMENT_LAZY_H

#include "task.h"

/* gain: the gain of a candidate after all picks so far, NAN where its numbers are not finite. took: a pick was made. bounds: fills
   `bounds` [n, rounded up to a multiple of 16] with what no gain is above, before the first pick too, and says so in `told`; or is NULL.
   rises: 1 while gains may have risen since they were last computed, so that all are, where `bounds` tells nothing. */
typedef struct Method {
    float (*gain)(struct Method *method, int candidate);
    Outcome (*took)(struct Method *method, int candidate);
    Outcome (*bounds)(struct Method *method, float *bounds, int *told);
    int rises;
} Method;

Outcome choose(Task *task, Method *method);

#endif
