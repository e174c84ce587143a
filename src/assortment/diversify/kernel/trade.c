#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "methods.h"

/* Less than this of distance, or of relevance, is rounding. */
#define LITTLE 1e-5f

/* How many candidates ahead numbers are asked for from memory. */
#define AHEAD 8

/* The most relevant picks, traded for others one at a time. rows [n]: the vectors of the candidates; near [n]: the sum of the dot
   products of each with the picks, the given among them; beside [picks, n]: those with each pick; may [n]: who may come in, caps
   apart. */
typedef struct {
    Task *task;
    float less, more;
    const float **rows;
    float *near, *beside;
    uint8_t *may;
} Bargains;

/* A candidate in place of a pick, and how much distance is gained for each bit of relevance that is given up. */
typedef struct {
    int place, newcomer;
    float price;
} Bargain;

static float *beside_of(const Bargains *state, int place) { return state->beside + (int64_t)place * state->task->n; }

WIDEST static void add(float *near, const float *beside, float sign, int n) {
    for (int i = 0; i < n; i++) near[i] += sign * beside[i];
}

/* The sum of the vectors of the given: the product with it is the sum of the products with each. */
static void summed(const Bargains *state, float *whole) {
    for (int given = 0; given < state->task->given_count; given++)
        add(whole, state->rows[state->task->given[given]], 1, state->task->d);
}

/* The products of all candidates with all picks, and with the whole of the given, a candidate at a time, whose row is then near;
   picks: room for a row for each and one more. */
static int measured(Bargains *state, const float **picks, float *sums, float *whole) {
    const Task *task = state->task;
    int many = task->count + 1;
    float finite = 0;
    summed(state, whole);
    for (int place = 0; place < task->count; place++) picks[place] = state->rows[task->chosen[place]];
    picks[task->count] = whole;
    for (int i = 0; i < task->n; i++) {
        for (int at = 0; at < task->d && i + AHEAD < task->n; at += LINE) __builtin_prefetch(state->rows[i + AHEAD] + at);
        dots(picks, many, state->rows[i], task->d, sums);
        for (int pick = 0; pick < many; pick++) state->near[i] += sums[pick];
        for (int place = 0; place < task->count; place++) beside_of(state, place)[i] = sums[place];
        finite += state->near[i] * 0;
    }
    return finite == 0;
}

static void look_at(const Bargains *state, int place, Bargain *best) {
    const Task *task = state->task;
    int pick = (int)task->chosen[place];
    const float *beside = beside_of(state, place);
    float alone = state->near[pick] - beside[pick], mine = task->relevance[pick];
    for (int i = 0; i < task->n; i++) {
        float gain = alone - state->near[i] + beside[i], loss = mine - task->relevance[i];
        loss = loss > LITTLE ? loss : LITTLE;
        if (gain > best->price * loss && gain > LITTLE && state->may[i] && fits(task, i, pick))
            *best = (Bargain){place, i, gain / loss};
    }
}

/* Make the best bargain; 0 where none is good enough. Which one is best does not depend on what is good enough, so that who asks for
   more goes the same way, and further. */
static int trade_one(Bargains *state) {
    Task *task = state->task;
    Bargain best = {-1, -1, state->less / state->more};
    for (int place = 0; place < task->count; place++) look_at(state, place, &best);
    if (best.place < 0) return 0;
    int pick = (int)task->chosen[best.place];
    float *beside = beside_of(state, best.place);
    add(state->near, beside, -1, task->n);
    dots(state->rows, task->n, state->rows[best.newcomer], task->d, beside);
    add(state->near, beside, 1, task->n);
    move_labels(task, pick, 1);
    move_labels(task, best.newcomer, -1);
    state->may[pick] = 1;
    state->may[best.newcomer] = 0;
    task->chosen[best.place] = best.newcomer;
    return 1;
}

static void take_the_most_relevant(Task *task) {
    while (task->count < task->k) {
        int best = -1;
        for (int i = 0; i < task->n; i++)
            if (task->open[i] && (best < 0 || before(task, i, best))) best = i;
        if (best < 0) return;
        take(task, best);
        task->chosen[task->count++] = best;
    }
}

/* Insertion sort: there are few. */
static void put_by_relevance(Task *task) {
    for (int place = 1; place < task->count; place++) {
        int64_t pick = task->chosen[place];
        int to = place;
        for (; to > 0 && before(task, (int)pick, (int)task->chosen[to - 1]); to--) task->chosen[to] = task->chosen[to - 1];
        task->chosen[to] = pick;
    }
}

/* numbers: zeros; rows and bytes: room for what is written there. */
static Outcome with_room(Task *task, float diversity, float *numbers, const float **rows, uint8_t *bytes) {
    size_t n = (size_t)task->n, labels = (size_t)task->labels, k = (size_t)task->k, d = (size_t)task->d;
    Bargains state = {task, 1 - diversity, diversity, rows, numbers, numbers + n, bytes + n};
    float *whole = state.beside + n * k, *sums = whole + d;
    int32_t *left = (int32_t *)(void *)(sums + k + 1);
    for (int given = 0; given < task->given_count; given++) task->open[task->given[given]] = 0;
    memcpy(bytes, task->open, n);
    memcpy(state.may, bytes, n);
    if (labels) memcpy(left, task->left, sizeof(int32_t) * labels);
    for (int i = 0; i < task->n; i++) rows[i] = row_of(task, i);
    take_the_most_relevant(task);
    if (diversity > 0) {
        if (!measured(&state, rows + n, sums, whole)) return NOT_A_NUMBER;
        for (int place = 0; place < task->count; place++) state.may[task->chosen[place]] = 0;
        for (int trades = 0; trades < 10 * task->count && trade_one(&state); trades++) continue;
    }
    put_by_relevance(task);
    take_all(task, bytes, left);
    return DONE;
}

Outcome trade(Task *task, float diversity) {
    size_t n = (size_t)task->n, k = (size_t)task->k, d = (size_t)task->d;
    float *numbers = calloc(n + n * k + d + k + 1 + (size_t)task->labels, sizeof(float));
    const float **rows = malloc(sizeof(float *) * (n + k + 1));
    uint8_t *bytes = malloc(2 * n + 1);
    Outcome outcome = numbers && rows && bytes ? with_room(task, diversity, numbers, rows, bytes) : NO_MEMORY;
    free(numbers);
    free((void *)rows);
    free(bytes);
    return outcome;
}
