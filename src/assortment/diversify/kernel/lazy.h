/* Greedy choice by gains that only fall as the slate grows (Minoux 1978): an old gain is a bound, and only those whose bound
   still wins are computed anew. The picks are those of computing all gains at every step. */
#ifndef ASSORTMENT_LAZY_H
#define ASSORTMENT_LAZY_H

#include "task.h"

/* gain: the gain of a candidate after all picks so far, NAN where its numbers are not finite. took: a pick was made; `shown` is
   0 for one that was given. rises: 1 while gains may still rise, so that all are computed: after the first pick, say. */
typedef struct Method {
    float (*gain)(struct Method *method, int candidate);
    Outcome (*took)(struct Method *method, int candidate);
    int rises;
} Method;

Outcome choose(Task *task, Method *method);

#endif
