#include "methods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "lazy.h"
#include "screen.h"

/* How many dot products a candidate of n may cost on average until a screen is worth its making. */
#define PATIENCE 6

/* And how many picks must be left for it to help with. */
#define FEW 12

/* Vectors [most, d] against which candidates are held as they are looked at, one for each pick; worth [n]: what came of it, and
   known [n]: how many of them that knows of; bound [n]: a bound on that from the screen, which knows of `screened`. */
typedef struct {
    Method method;
    Task *task;
    float less, more;
    int count, screened;
    int64_t products;
    const float **rows;
    float *vectors, *sums, *worth, *bound, *rough;
    int32_t *known;
    Screen screen;
} Against;

static Outcome against(Against *state, Task *task, float diversity, float start) {
    size_t n = ((size_t)task->n + 15) & ~(size_t)15, most = (size_t)(task->k + task->given_count), d = (size_t)task->d;
    size_t pointers = (sizeof(float *) * most + 63) & ~(size_t)63;
    char *memory = malloc(pointers + sizeof(float) * (4 * n + most * (d + 1)));
    if (!memory) return NO_MEMORY;
    state->task = task;
    state->less = 1 - diversity;
    state->more = diversity;
    state->rows = (const float **)(void *)memory;
    state->vectors = (float *)(void *)(memory + pointers);
    state->sums = state->vectors + most * d;
    state->worth = state->sums + most;
    state->bound = state->worth + n;
    state->rough = state->bound + n;
    state->known = (int32_t *)(void *)(state->rough + n);
    for (size_t row = 0; row < most; row++) state->rows[row] = state->vectors + row * d;
    for (size_t i = 0; i < n; i++) state->worth[i] = state->bound[i] = start;
    memset(state->known, 0, sizeof(int32_t) * n);
    return DONE;
}

static void forget(Against *state) {
    if (state->screen.blocks) drop_screen(&state->screen);
    free((void *)state->rows);
}

/* The dot products of a candidate with the vectors that it was not yet held against; how many there are. */
static int held(Against *state, int candidate) {
    int known = state->known[candidate], fresh = state->count - known;
    dots(state->rows + known, fresh, row_of(state->task, candidate), state->task->d, state->sums);
    state->known[candidate] = state->count;
    state->products += fresh;
    return fresh;
}

/* Whether there is a screen; makes one once the dot products have cost as much. */
static Outcome see_to_screen(Against *state, int *there) {
    const Task *task = state->task;
    int pays = state->products > (int64_t)PATIENCE * task->n && task->k - task->count > FEW;
    Outcome outcome = pays && !state->screen.blocks && screens_here() ? make_screen(&state->screen, task) : DONE;
    *there = outcome == DONE && state->screen.blocks != NULL;
    return outcome;
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

WIDEST static void raise_floor(const float *rough, int n, float error, float *floor) {
    for (int i = 0; i < n; i++) floor[i] = rough[i] - error > floor[i] ? rough[i] - error : floor[i];
}

WIDEST static void less_nearest(const Against *picks, float alike, float *bounds) {
    for (int i = 0; i < picks->task->n; i++) bounds[i] = picks->less * picks->task->relevance[i] - alike * picks->bound[i];
}

static Outcome hybrid_bounds(Method *method, float *bounds, int *told) {
    Hybrid *state = (Hybrid *)(void *)method;
    Against *picks = &state->picks;
    Outcome outcome = see_to_screen(picks, told);
    if (!*told) return outcome;
    for (; picks->screened < picks->count; picks->screened++) {
        float error = look(&picks->screen, picks->rows[picks->screened], picks->rough);
        raise_floor(picks->rough, picks->task->n, error, picks->bound);
    }
    less_nearest(picks, state->alike, bounds);
    return DONE;
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
    Hybrid state = {.picks.method = {hybrid_gain, hybrid_took, personal > 0 ? NULL : hybrid_bounds, 0}, .aspects = aspects};
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

#define AT_ONCE 8

/* The pick less what of it lies in the vectors before, a few of these at a time while they are near; the square of its length. */
static float rest_of(Against *picks, int candidate, float *rest) {
    int d = picks->task->d;
    const float *row = row_of(picks->task, candidate);
    float left = picks->worth[candidate];
    memcpy(rest, row, sizeof(float) * (size_t)d);
    for (int first = 0; first < picks->count; first += AT_ONCE) {
        int some = picks->count - first < AT_ONCE ? picks->count - first : AT_ONCE;
        dots(picks->rows + first, some, row, d, picks->sums);
        for (int i = 0; i < some; i++) {
            if (first + i >= picks->known[candidate]) left -= picks->sums[i] * picks->sums[i];
            picks->sums[i] = -picks->sums[i];
        }
        add_rows(rest, picks->rows + first, picks->sums, some, d);
    }
    return left;
}

static Outcome volume_took(Method *method, int candidate) {
    Against *picks = &((Volume *)(void *)method)->picks;
    float *fresh = picks->vectors + (int64_t)picks->count * picks->task->d;
    float left = rest_of(picks, candidate, fresh);
    multiply(fresh, left < NOTHING ? 0 : 1 / sqrtf(left), picks->task->d);
    dots(picks->rows + picks->count, 1, fresh, picks->task->d, picks->sums);
    picks->count++;
    return isfinite(picks->sums[0]) ? DONE : NOT_A_NUMBER;
}

Outcome volume(Task *task, float diversity, float jitter, int root) {
    Volume state = {.picks.method = {volume_gain, volume_took, NULL, 0}, .root = root};
    Outcome outcome = against(&state.picks, task, diversity, 1 + jitter);
    if (outcome != DONE) return outcome;
    outcome = choose(task, &state.picks.method);
    forget(&state.picks);
    return outcome;
}
