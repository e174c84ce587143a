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

WIDEST static void shut(const uint8_t *open, int n, int32_t *ranks) {
    for (int i = 0; i < n; i++) ranks[i] = open[i] ? ranks[i] : CLOSED;
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

/* Ask for the numbers of a candidate, so that they are near when its turn comes. */
static void fetch(const Task *task, int candidate) {
    const float *row = row_of(task, candidate);
    for (int at = 0; at < task->d; at += LINE) __builtin_prefetch(row + at);
}

/* Compute the gain of a candidate that might be the best anew; 0 where it is not a number. */
static int look_again(const Task *task, Bounds *bounds, Method *method, int picks, int candidate, int *best) {
    if (candidate < 0 || !wins(task, bounds, candidate, *best)) return 1;
    if (!renew(bounds, method, candidate, picks)) return 0;
    if (wins(task, bounds, candidate, *best)) *best = candidate;
    return 1;
}

/* The open candidate with the highest gain, -1 where none is open. */
static Outcome next(const Task *task, Bounds *bounds, Method *method, int picks, int *best) {
    int waiting = -1;
    find_peaks(bounds->ranks, bounds->blocks, bounds->peaks);
    *best = highest(task, bounds);
    if (*best < 0) return DONE;
    if (!renew(bounds, method, *best, picks)) return NOT_A_NUMBER;
    for (int block = 0; block < bounds->blocks; block++) {
        if (bounds->peaks[block] < bounds->ranks[*best]) continue;
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
            if (bounds->ranks[i] == CLOSED || !wins(task, bounds, i, *best)) continue;
            fetch(task, i);
            if (!look_again(task, bounds, method, picks, waiting, best)) return NOT_A_NUMBER;
            waiting = i;
        }
    }
    return look_again(task, bounds, method, picks, waiting, best) ? DONE : NOT_A_NUMBER;
}

static Outcome renew_all(const Task *task, Bounds *bounds, Method *method, int picks) {
    for (int i = 0; i < task->n; i++) {
        if (picks > 0 && i + 1 < task->n) fetch(task, i + 1);
        if (task->open[i] && !renew(bounds, method, i, picks)) return NOT_A_NUMBER;
    }
    return DONE;
}

WIDEST static void lower(const float *above, const uint8_t *open, int n, int anew, int32_t *ranks) {
    for (int i = 0; i < n; i++) {
        int32_t rank = rank_of(above[i]);
        ranks[i] = !open[i] ? CLOSED : anew || rank < ranks[i] ? rank : ranks[i];
    }
}

/* Bring the bounds up to date with the picks. */
static Outcome catch_up(const Task *task, Bounds *bounds, Method *method, int picks) {
    int told = 0, rises = method->rises;
    method->rises = 0;
    Outcome outcome = method->bounds ? method->bounds(method, bounds->above, &told) : DONE;
    if (outcome != DONE) return outcome;
    if (told)
        lower(bounds->above, task->open, task->n, rises, bounds->ranks);
    else
        shut(task->open, task->n, bounds->ranks);
    return rises && !told ? renew_all(task, bounds, method, picks) : DONE;
}

static Outcome follow(Task *task, Bounds *bounds, Method *method) {
    int picks = 0;
    Outcome outcome = DONE;
    for (; picks < task->given_count && outcome == DONE; picks++) {
        task->open[task->given[picks]] = 0;
        outcome = method->took(method, (int)task->given[picks]);
    }
    method->rises = 1;
    for (; outcome == DONE && task->count < task->k; picks++) {
        int best = -1;
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
