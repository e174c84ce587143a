#include "lazy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"

#define BLOCK 32
#define CLOSED INT32_MIN

/* What is known of the n candidates: ranks [n], the bound of each as an integer that sorts as the float does, CLOSED for those
   that may not be taken; since [n], the number of picks that it knows of; peaks, the highest rank of each block; above [n]: what a
   method says no gain is above. */
typedef struct {
    int32_t *ranks, *since, *peaks;
    float *above;
    int blocks;
} Bounds;

static inline int32_t rank_of(float gain) {
    int32_t bits;
    memcpy(&bits, &gain, sizeof bits);
    return bits ^ ((bits >> 31) & INT32_MAX);
}

WIDEST static void find_peaks(const int32_t *ranks, int blocks, int32_t *peaks) {
    for (int block = 0; block < blocks; block++) {
        int32_t peak = CLOSED;
        for (int i = 0; i < BLOCK; i++) peak = ranks[block * BLOCK + i] > peak ? ranks[block * BLOCK + i] : peak;
        peaks[block] = peak;
    }
}

static int wins(const Task *task, const Bounds *bounds, int one, int best) {
    if (best < 0 || bounds->ranks[one] != bounds->ranks[best]) return best < 0 || bounds->ranks[one] > bounds->ranks[best];
    return before(task, one, best);
}

static void shut(const Task *task, Bounds *bounds) {
    for (int i = 0; i < task->n; i++)
        if (!task->open[i]) bounds->ranks[i] = CLOSED;
}

static int renew(Bounds *bounds, Method *method, int candidate, int picks) {
    if (bounds->since[candidate] == picks) return 1;
    float gain = method->gain(method, candidate);
    bounds->ranks[candidate] = rank_of(gain);
    bounds->since[candidate] = picks;
    return !isnan(gain);
}

static int highest(const Task *task, const Bounds *bounds) {
    int best = -1, peak = CLOSED;
    for (int block = 0; block < bounds->blocks; block++)
        if (bounds->peaks[block] > peak) peak = bounds->peaks[block];
    for (int block = 0; block < bounds->blocks && peak > CLOSED; block++)
        for (int i = block * BLOCK; bounds->peaks[block] == peak && i < (block + 1) * BLOCK; i++)
            if (bounds->ranks[i] == peak && wins(task, bounds, i, best)) best = i;
    return best;
}

/* The open candidate with the highest gain, -1 where none is open. */
static Outcome next(const Task *task, Bounds *bounds, Method *method, int picks, int *best) {
    find_peaks(bounds->ranks, bounds->blocks, bounds->peaks);
    *best = highest(task, bounds);
    if (*best < 0) return DONE;
    if (!renew(bounds, method, *best, picks)) return NOT_A_NUMBER;
    for (int block = 0; block < bounds->blocks; block++) {
        if (bounds->peaks[block] < bounds->ranks[*best]) continue;
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
            if (bounds->ranks[i] == CLOSED || !wins(task, bounds, i, *best)) continue;
            if (!renew(bounds, method, i, picks)) return NOT_A_NUMBER;
            if (wins(task, bounds, i, *best)) *best = i;
        }
    }
    return DONE;
}

static Outcome renew_all(const Task *task, Bounds *bounds, Method *method, int picks) {
    for (int i = 0; i < task->n; i++)
        if (task->open[i] && !renew(bounds, method, i, picks)) return NOT_A_NUMBER;
    return DONE;
}

WIDEST static void lower(const float *above, int n, int anew, int32_t *ranks) {
    for (int i = 0; i < n; i++) {
        int32_t rank = rank_of(above[i]);
        ranks[i] = ranks[i] == CLOSED ? CLOSED : anew || rank < ranks[i] ? rank : ranks[i];
    }
}

/* Bring the bounds up to date with the picks. */
static Outcome catch_up(const Task *task, Bounds *bounds, Method *method, int picks) {
    int told = 0, rises = method->rises;
    method->rises = 0;
    if (method->bounds && picks > 0) {
        Outcome outcome = method->bounds(method, bounds->above, &told);
        if (outcome != DONE) return outcome;
    }
    if (told)
        lower(bounds->above, task->n, rises, bounds->ranks);
    else if (rises)
        return renew_all(task, bounds, method, picks);
    return DONE;
}

static Outcome follow(Task *task, Bounds *bounds, Method *method) {
    int picks = 0;
    Outcome outcome = DONE;
    for (; picks < task->given_count && outcome == DONE; picks++) {
        task->open[task->given[picks]] = 0;
        outcome = method->took(method, (int)task->given[picks]);
    }
    if (outcome == DONE) outcome = renew_all(task, bounds, method, picks);
    for (; outcome == DONE && task->count < task->k; picks++) {
        int best = -1;
        shut(task, bounds);
        outcome = catch_up(task, bounds, method, picks);
        if (outcome == DONE) outcome = next(task, bounds, method, picks, &best);
        if (outcome != DONE || best < 0) break;
        take(task, best);
        task->chosen[task->count++] = best;
        if (task->count < task->k) outcome = method->took(method, best);
    }
    return outcome;
}

Outcome choose(Task *task, Method *method) {
    int blocks = (task->n + BLOCK - 1) / BLOCK, n = blocks * BLOCK;
    int32_t *numbers = malloc(sizeof(int32_t) * (size_t)(3 * n + blocks + 1));
    if (!numbers) return NO_MEMORY;
    Bounds bounds = {numbers, numbers + n, numbers + 2 * n, (float *)(numbers + 2 * n + blocks), blocks};
    for (int i = 0; i < n; i++) bounds.ranks[i] = CLOSED;
    memset(bounds.since, -1, sizeof(int32_t) * (size_t)n);
    Outcome outcome = follow(task, &bounds, method);
    free(numbers);
    return outcome;
}
