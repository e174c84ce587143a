#include "methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "lazy.h"




/* Vectors [most, d] against which candidates are held as they are looked at, one for each pick; known [n]: how many of them
   each candidate was held against. */
typedef struct {
    Method method;
    Task *task;
    float less, more;
    int32_t *known;
    float *vectors, *sums;
    const float **rows;
    int count;
    float *worth;
} Against;

static Outcome against(Against *state, Task *task, float diversity, float start) {
    size_t n = (size_t)task->n, most = (size_t)(task->k + task->given_count), d = (size_t)task->d;
    char *memory = malloc(sizeof(float *) * most + sizeof(float) * (2 * n + most * (d + 1)) + 64);
    if (!memory) return NO_MEMORY;
    state->task = task;
    state->less = 1 - diversity;
    state->more = diversity;
    state->count = 0;
    state->rows = (const float **)(void *)memory;
    state->vectors = (float *)(void *)(memory + ((sizeof(float *) * most + 63) & ~(size_t)63));
    state->sums = state->vectors + most * d;
    state->worth = state->sums + most;
    state->known = (int32_t *)(void *)(state->worth + n);
    for (size_t row = 0; row < most; row++) state->rows[row] = state->vectors + row * d;
    for (size_t i = 0; i < n; i++) state->worth[i] = start;
    memset(state->known, 0, sizeof(int32_t) * n);
    return DONE;
}

static void forget(Against *state) { free((void *)state->rows); }

/* The dot products of a candidate with the vectors that it was not yet held against; how many there are. */
static int held(Against *state, int candidate) {
    int known = state->known[candidate], fresh = state->count - known;
    dots(state->rows + known, fresh, row_of(state->task, candidate), state->task->d, state->sums);
    state->known[candidate] = state->count;
    return fresh;
}

/* Maximal marginal relevance, and aspects beside it. worth: the likeness to the nearest pick, -INFINITY before the first. */
typedef struct {
    Against picks;
    const Aspects *aspects;
    float alike, personal;
    float *unmet;
} Hybrid;

static float share_of(const Aspects *aspects, int candidate) {
    int labels = 0;
    for (int place = 0; place < aspects->m; place++) labels += aspects->codes[(int64_t)candidate * aspects->m + place] >= 0;
    return labels ? 1.0f / (float)labels : 0;
}

static float appeal(const Hybrid *state, int candidate) {
    const Aspects *aspects = state->aspects;
    float sum = 0, share = share_of(aspects, candidate);
    for (int place = 0; place < aspects->m; place++) {
        int32_t label = aspects->codes[(int64_t)candidate * aspects->m + place];
        if (label >= 0) sum += aspects->wanted[label] * state->unmet[label] * share;
    }
    return sum;
}

static float hybrid_gain(Method *method, int candidate) {
    Hybrid *state = (Hybrid *)(void *)method;
    Against *picks = &state->picks;
    int fresh = held(picks, candidate);
    float nearest = picks->worth[candidate], finite = 0;
    for (int i = 0; i < fresh; i++) {
        nearest = picks->sums[i] > nearest ? picks->sums[i] : nearest;
        finite += picks->sums[i] * 0;
    }
    picks->worth[candidate] = nearest;
    float gain = picks->less * picks->task->relevance[candidate] - state->alike * (picks->count ? nearest : 0) + finite;
    return state->personal > 0 ? gain + state->personal * appeal(state, candidate) : gain;
}

static Outcome hybrid_took(Method *method, int candidate) {
    Hybrid *state = (Hybrid *)(void *)method;
    Against *picks = &state->picks;
    memcpy(picks->vectors + (int64_t)picks->count * picks->task->d, row_of(picks->task, candidate),
           sizeof(float) * (size_t)picks->task->d);
    method->rises = picks->count == 0 && state->alike > 0;
    picks->count++;
    if (state->personal > 0) {
        float share = share_of(state->aspects, candidate);
        for (int place = 0; place < state->aspects->m; place++) {
            int32_t label = state->aspects->codes[(int64_t)candidate * state->aspects->m + place];
            if (label >= 0) state->unmet[label] *= exp2f(-share);
        }
    }
    return DONE;
}

Outcome hybrid(Task *task, float diversity, const Aspects *aspects, float personal) {
    Hybrid state = {.picks.method = {hybrid_gain, hybrid_took, NULL, 0}, .aspects = aspects};
    state.alike = diversity * (1 - personal);
    state.personal = diversity * personal;
    state.unmet = malloc(sizeof(float) * (size_t)(aspects->labels + 1));
    if (!state.unmet) return NO_MEMORY;
    for (int label = 0; label < aspects->labels; label++) state.unmet[label] = 1;
    Outcome outcome = against(&state.picks, task, diversity, -INFINITY);
    if (outcome == DONE) {
        outcome = choose(task, &state.picks.method);
        forget(&state.picks);
    }
    free(state.unmet);
    return outcome;
}

/* Volume and spectrum. worth: the square of what is new in a candidate, beside the picks. The vectors are the picks less what
   was in the picks before them, so scaled that a candidate's dot product with each is its row of the Cholesky factor. */
typedef struct {
    Against picks;
    int root;
} Volume;

static float volume_gain(Method *method, int candidate) {
    Volume *state = (Volume *)(void *)method;
    Against *picks = &state->picks;
    int fresh = held(picks, candidate);
    float left = picks->worth[candidate];
    for (int i = 0; i < fresh; i++) left -= picks->sums[i] * picks->sums[i];
    picks->worth[candidate] = left;
    float floored = left < NOTHING ? NOTHING : left;
    return picks->less * picks->task->relevance[candidate] + picks->more * (state->root ? sqrtf(floored) : logf(floored));
}

static Outcome volume_took(Method *method, int candidate) {
    Against *picks = &((Volume *)(void *)method)->picks;
    int d = picks->task->d, count = picks->count;
    const float *row = row_of(picks->task, candidate);
    float *fresh = picks->vectors + (int64_t)count * d;
    memcpy(fresh, row, sizeof(float) * (size_t)d);
    dots(picks->rows, count, row, d, picks->sums);
    float left = picks->worth[candidate];
    if (picks->known[candidate] < count) {
        for (int i = picks->known[candidate]; i < count; i++) left -= picks->sums[i] * picks->sums[i];
        picks->worth[candidate] = left;
        picks->known[candidate] = count;
    }
    for (int i = 0; i < count; i++) add_scaled(fresh, -picks->sums[i], picks->rows[i], d);
    float scale = left < NOTHING ? 0 : 1 / sqrtf(left), finite = 0;
    for (int i = 0; i < d; i++) {
        finite += fresh[i] * 0;
        fresh[i] *= scale;
    }
    picks->count++;
    return finite == 0 ? DONE : NOT_A_NUMBER;
}

Outcome volume(Task *task, float diversity, float jitter, int root) {
    Volume state = {.picks.method = {volume_gain, volume_took, NULL, 0}, .root = root};
    Outcome outcome = against(&state.picks, task, diversity, 1 + jitter);
    if (outcome != DONE) return outcome;
    outcome = choose(task, &state.picks.method);
    forget(&state.picks);
    return outcome;
}
