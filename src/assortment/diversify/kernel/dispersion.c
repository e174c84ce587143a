#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "lazy.h"
#include "methods.h"
#include "screen.h"

#define PI 3.14159265358979323846f

static float distance_of(Distance distance, float cosine) {
    if (distance == COSINE) return 1 - cosine;
    return acosf(cosine < -1 ? -1 : cosine > 1 ? 1 : cosine) / PI;
}

/* Max-sum dispersion. Later gains are larger, so all are computed at every step. rows [picks]: the vectors of the picks, those
   given first; far [n]: the sum of the distances of each candidate from the picks that it knows of. */
typedef struct {
    Method method;
    Task *task;
    float less, more;
    const float **rows;
    float *sums, *far;
    int *known;
    int count;
} Angles;

static float angles_gain(Method *method, int candidate) {
    Angles *state = (Angles *)(void *)method;
    int known = state->known[candidate], fresh = state->count - known;
    dots(state->rows + known, fresh, row_of(state->task, candidate), state->task->d, state->sums);
    float finite = 0;
    for (int i = 0; i < fresh; i++) {
        state->far[candidate] += distance_of(ANGULAR, state->sums[i]);
        finite += state->sums[i] * 0;
    }
    state->known[candidate] = state->count;
    return state->less * state->task->relevance[candidate] + state->more * state->far[candidate] + finite;
}

static Outcome angles_took(Method *method, int candidate) {
    Angles *state = (Angles *)(void *)method;
    state->rows[state->count++] = row_of(state->task, candidate);
    method->rises = 1;
    return DONE;
}

static Outcome by_angles(Task *task, float diversity) {
    size_t n = (size_t)task->n, most = (size_t)(task->k + task->given_count);
    Angles state = {.method = {angles_gain, angles_took, NULL, 0}, .task = task};
    state.less = 1 - diversity;
    state.more = diversity;
    state.rows = malloc(sizeof(float *) * (most + 1));
    state.far = calloc(n + most + 1, sizeof(float));
    state.known = calloc(n + 1, sizeof(int));
    state.sums = state.far ? state.far + n : NULL;
    Outcome outcome = state.rows && state.far && state.known ? choose(task, &state.method) : NO_MEMORY;
    free((void *)state.rows);
    free(state.far);
    free(state.known);
    return outcome;
}

/* The same of 1 - cos: its sum over the picks is their number less the dot product with their sum. A screen says roughly what
   that is for all, and only who could still win is looked at. */
typedef struct {
    Method method;
    Task *task;
    Screen screen;
    float less, more;
    float *sum;
    int count;
} Cosines;

static float cosines_gain(Method *method, int candidate) {
    Cosines *state = (Cosines *)(void *)method;
    const float *row = row_of(state->task, candidate);
    float cosines = 0;
    if (state->count) dots(&row, 1, state->sum, state->task->d, &cosines);
    return state->less * state->task->relevance[candidate] + state->more * ((float)state->count - cosines) + cosines * 0;
}

WIDEST static void far_at_most(const float *relevance, int n, float less, float more, float most, float *bounds) {
    for (int i = 0; i < n; i++) bounds[i] = less * relevance[i] + more * (most - bounds[i]);
}

static Outcome cosines_bounds(Method *method, float *bounds, int *told) {
    Cosines *state = (Cosines *)(void *)method;
    float error = 0;
    if (state->count)
        error = look(&state->screen, state->sum, bounds) + 1e-6f * (float)state->count;
    else
        memset(bounds, 0, sizeof(float) * (size_t)state->task->n);
    far_at_most(state->task->relevance, state->task->n, state->less, state->more, (float)state->count + error, bounds);
    *told = 1;
    return DONE;
}

static Outcome cosines_took(Method *method, int candidate) {
    Cosines *state = (Cosines *)(void *)method;
    const float *row = row_of(state->task, candidate), once = 1;
    add_rows(state->sum, &row, &once, 1, state->task->d);
    state->count++;
    method->rises = 1;
    return DONE;
}

static Outcome by_cosines(Task *task, float diversity) {
    Cosines state = {.method = {cosines_gain, cosines_took, NULL, 0}, .task = task};
    state.less = 1 - diversity;
    state.more = diversity;
    state.sum = calloc((size_t)task->d + 1, sizeof(float));
    if (!state.sum) return NO_MEMORY;
    Outcome outcome = DONE;
    if (screens_here() && task->n > 0) {
        outcome = make_screen(&state.screen, task);
        state.method.bounds = cosines_bounds;
    }
    if (outcome == DONE) {
        outcome = choose(task, &state.method);
        if (state.method.bounds) drop_screen(&state.screen);
    }
    free(state.sum);
    return outcome;
}

static Outcome spread(Task *task, float diversity, Distance distance) {
    return distance == COSINE ? by_cosines(task, diversity) : by_angles(task, diversity);
}

/* The exchange of picks. apart [places, n]: the distances of each candidate from the pick in a place, 0 from itself; far [n]:
   their sums, those from the given among them; may [n]: who may be picked at all, caps apart. */
typedef struct {
    Task *task;
    float less, more;
    Distance distance;
    float *apart, *far;
    uint8_t *may;
} Exchange;

static void measure(Exchange *state, int place) {
    const Task *task = state->task;
    float *apart = state->apart + (int64_t)place * task->n;
    const float *pick = row_of(task, (int)task->chosen[place]);
    for (int i = 0; i < task->n; i++) {
        const float *row = row_of(task, i);
        dots(&row, 1, pick, task->d, apart + i);
        apart[i] = i == task->chosen[place] ? 0 : distance_of(state->distance, apart[i]);
        state->far[i] += apart[i];
    }
}

static void measure_given(Exchange *state) {
    const Task *task = state->task;
    for (int given = 0; given < task->given_count; given++)
        for (int i = 0; i < task->n; i++) {
            const float *row = row_of(task, i);
            float cosine;
            dots(&row, 1, row_of(task, (int)task->given[given]), task->d, &cosine);
            state->far[i] += distance_of(state->distance, cosine);
        }
}

static float worth(const Exchange *state, int newcomer, int place) {
    const Task *task = state->task;
    int pick = (int)task->chosen[place];
    float closer = state->far[newcomer] - state->apart[(int64_t)place * task->n + newcomer] - state->far[pick];
    return 2 * state->less * (task->relevance[newcomer] - task->relevance[pick]) + state->more * closer;
}

/* Make the exchange that gains most; 0 where none gains more than rounding might. */
static int exchange(Exchange *state) {
    Task *task = state->task;
    float best = 1e-5f;
    int into = -1, newcomer = -1;
    for (int place = 0; place < task->count; place++)
        for (int i = 0; i < task->n; i++)
            if (state->may[i] && worth(state, i, place) > best && fits(task, i, (int)task->chosen[place])) {
                best = worth(state, i, place);
                into = place;
                newcomer = i;
            }
    if (into < 0) return 0;
    for (int i = 0; i < task->n; i++) state->far[i] -= state->apart[(int64_t)into * task->n + i];
    state->may[task->chosen[into]] = 1;
    state->may[newcomer] = 0;
    move_labels(task, (int)task->chosen[into], 1);
    move_labels(task, newcomer, -1);
    task->chosen[into] = newcomer;
    measure(state, into);
    return 1;
}

static void exchange_all(Exchange *state) {
    Task *task = state->task;
    measure_given(state);
    for (int place = 0; place < task->count; place++) {
        measure(state, place);
        state->may[task->chosen[place]] = 0;
    }
    for (int rounds = 0; rounds < 10 * task->count && exchange(state); rounds++) continue;
}

/* The picks in the order in which they would have been chosen from among themselves. */
static Outcome put_in_order(Task *task, float diversity, Distance distance) {
    Task among = *task;
    among.m = 0;
    among.k = task->count;
    among.count = 0;
    memset(task->open, 0, (size_t)task->n);
    for (int place = 0; place < task->count; place++) task->open[task->chosen[place]] = 1;
    return spread(&among, diversity, distance);
}

static Outcome improve(Task *task, float diversity, Distance distance, const uint8_t *open, const int32_t *left) {
    size_t n = (size_t)task->n;
    Exchange state = {.task = task, .less = 1 - diversity, .more = diversity, .distance = distance};
    state.far = calloc(n * (size_t)(task->count + 1) + 1, sizeof(float));
    uint8_t *may = malloc(n + 1);
    Outcome outcome = NO_MEMORY;
    if (state.far && may) {
        state.apart = state.far + n;
        state.may = memcpy(may, open, n);
        exchange_all(&state);
        outcome = put_in_order(task, diversity, distance);
        take_all(task, open, left);
    }
    free(state.far);
    free(may);
    return outcome;
}

Outcome dispersion(Task *task, float diversity, Distance distance, int swaps) {
    if (!swaps) return spread(task, diversity, distance);
    size_t labels = sizeof(int32_t) * (size_t)task->labels;
    uint8_t *open = malloc((size_t)task->n + labels + 8);
    if (!open) return NO_MEMORY;
    int32_t *left = (int32_t *)(void *)(open + (((size_t)task->n + 7) & ~(size_t)7));
    for (int given = 0; given < task->given_count; given++) task->open[task->given[given]] = 0;
    memcpy(open, task->open, (size_t)task->n);
    if (labels) memcpy(left, task->left, labels);
    Outcome outcome = spread(task, diversity, distance);
    if (outcome == DONE) outcome = improve(task, diversity, distance, open, left);
    free(open);
    return outcome;
}
