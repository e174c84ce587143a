#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "methods.h"

/* Less than this of distance, or of relevance, is rounding. */
#define LITTLE 1e-5f

/* The most relevant picks, exchanged for others one at a time. rows [n]: the vectors of the candidates; sum [d]: of those of the
   picks, the given among them; near [n]: the dot product of each candidate with that sum; own [picks]: of each pick with itself;
   beside [picks, n]: of each pick with each candidate, NAN where it was not asked for; may [n]: who may come in, caps apart. */
typedef struct {
    Task *task;
    float less, more;
    const float **rows;
    float *sum, *near, *own, *beside;
    uint8_t *may;
} Bargains;

/* A candidate in place of a pick, and how much distance is gained for each bit of relevance that is given up. */
typedef struct {
    int place, newcomer;
    float price;
} Bargain;

static void settle_in(Bargains *state, int place) {
    const Task *task = state->task;
    const float *row = state->rows[task->chosen[place]], once = 1;
    dots(&row, 1, row, task->d, state->own + place);
    add_rows(state->sum, &row, &once, 1, task->d);
    for (int i = 0; i < task->n; i++) state->beside[(int64_t)place * task->n + i] = NAN;
}

static int measured(Bargains *state) {
    const Task *task = state->task;
    float finite = 0;
    dots(state->rows, task->n, state->sum, task->d, state->near);
    for (int i = 0; i < task->n; i++) finite += state->near[i] * 0;
    return finite == 0;
}

/* What an exchange adds to the sum of the distances of all pairs. */
static float gained(Bargains *state, int place, int newcomer) {
    const Task *task = state->task;
    float *beside = state->beside + (int64_t)place * task->n + newcomer;
    if (isnan(*beside)) dots(state->rows + newcomer, 1, state->rows[task->chosen[place]], task->d, beside);
    return state->near[task->chosen[place]] - state->own[place] - state->near[newcomer] + *beside;
}

/* Look at all exchanges for one candidate. No two goods are more alike than one is to itself, which tells of most that they are too
   dear before their product is known. */
static void look_at(Bargains *state, int newcomer, Bargain *best) {
    const Task *task = state->task;
    for (int place = 0; place < task->count; place++) {
        int pick = (int)task->chosen[place];
        float most = state->near[pick] - state->near[newcomer] + LITTLE;
        float loss = fmaxf(task->relevance[pick] - task->relevance[newcomer], LITTLE);
        if (state->more * most <= state->less * loss || most <= best->price * loss) continue;
        float gain = gained(state, place, newcomer), price = gain / loss;
        if (gain > LITTLE && state->more * price > state->less && price > best->price && fits(task, newcomer, pick))
            *best = (Bargain){place, newcomer, price};
    }
}

/* Make the best bargain; 0 where none is good enough. Which one is best does not depend on what is good enough, so that who asks for
   more goes the same way, and further. */
static int exchange_one(Bargains *state) {
    Task *task = state->task;
    Bargain best = {-1, -1, 0};
    for (int i = 0; i < task->n; i++)
        if (state->may[i]) look_at(state, i, &best);
    if (best.place < 0) return 0;
    int pick = (int)task->chosen[best.place];
    const float gone = -1;
    add_rows(state->sum, state->rows + pick, &gone, 1, task->d);
    move_labels(task, pick, 1);
    move_labels(task, best.newcomer, -1);
    state->may[pick] = 1;
    state->may[best.newcomer] = 0;
    task->chosen[best.place] = best.newcomer;
    settle_in(state, best.place);
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

static Outcome bargain(Bargains *state) {
    Task *task = state->task;
    const float once = 1;
    for (int given = 0; given < task->given_count; given++)
        add_rows(state->sum, state->rows + task->given[given], &once, 1, task->d);
    for (int place = 0; place < task->count; place++) {
        state->may[task->chosen[place]] = 0;
        settle_in(state, place);
    }
    for (int rounds = 0; rounds < 10 * task->count; rounds++) {
        if (!measured(state)) return NOT_A_NUMBER;
        if (!exchange_one(state)) break;
    }
    return DONE;
}

/* Take the picks as if they were the first to be taken: open and left are what was there before any was. */
static void take_all(Task *task, const uint8_t *open, const int32_t *left) {
    memcpy(task->open, open, (size_t)task->n);
    if (task->labels) memcpy(task->left, left, sizeof(int32_t) * (size_t)task->labels);
    for (int place = 0; place < task->count; place++) take(task, (int)task->chosen[place]);
}

static Outcome with_room(Task *task, float diversity, float *numbers, const float **rows, uint8_t *bytes) {
    size_t n = (size_t)task->n, labels = (size_t)task->labels, k = (size_t)task->k;
    int32_t *left = (int32_t *)(void *)(numbers + task->d + n + k + k * n);
    for (int given = 0; given < task->given_count; given++) task->open[task->given[given]] = 0;
    memcpy(bytes, task->open, n);
    if (labels) memcpy(left, task->left, sizeof(int32_t) * labels);
    for (int i = 0; i < task->n; i++) rows[i] = row_of(task, i);
    take_the_most_relevant(task);
    Bargains state = {task, 1 - diversity, diversity, rows, numbers, numbers + task->d, numbers + task->d + n, NULL, bytes + n};
    state.beside = state.own + k;
    memcpy(state.may, bytes, n);
    Outcome outcome = diversity > 0 ? bargain(&state) : DONE;
    if (outcome == DONE) {
        put_by_relevance(task);
        take_all(task, bytes, left);
    }
    return outcome;
}

Outcome trade(Task *task, float diversity) {
    size_t n = (size_t)task->n, k = (size_t)task->k;
    float *numbers = calloc((size_t)task->d + n + k + k * n + (size_t)task->labels + 1, sizeof(float));
    const float **rows = malloc(sizeof(float *) * (n + 1));
    uint8_t *bytes = malloc(2 * n + 1);
    Outcome outcome = numbers && rows && bytes ? with_room(task, diversity, numbers, rows, bytes) : NO_MEMORY;
    free(numbers);
    free((void *)rows);
    free(bytes);
    return outcome;
}
