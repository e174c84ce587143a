#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "lazy.h"
#include "methods.h"

/* Volume and spectrum of the last w picks alone. A gain may rise when a pick leaves the window, so all are computed at every
   step. vectors [w, d], in the places that their picks went to in turn: for the volume the picks, for the spectrum what was new
   in them, of length 1; held [n, w]: the dot products of each candidate with them; gram [w, w]: of the picks with one another;
   factor [w, w]: its Cholesky factor. */
typedef struct {
    Method method;
    Task *task;
    float less, more, start;
    int root, w, count;
    float *vectors, *held, *gram, *factor, *line;
    int *known;
} Window;

static int within(const Window *state) { return state->count < state->w ? state->count : state->w; }

static float *vector_at(const Window *state, int place) { return state->vectors + (int64_t)place * state->task->d; }

static float dot(const Window *state, const float *x, const float *y) {
    float sum;
    dots(&x, 1, y, state->task->d, &sum);
    return sum;
}

/* What of a candidate is new beside the window, squared, from its dot products with the picks. */
static float new_beside(const Window *state, const float *held) {
    float left = state->start;
    for (int row = 0; row < within(state); row++) {
        const float *factor = state->factor + (int64_t)row * state->w;
        float part = held[row];
        if (!state->root) {
            for (int column = 0; column < row; column++) part -= factor[column] * state->line[column];
            part = factor[row] > 0 ? part / factor[row] : 0;
        }
        state->line[row] = part;
        left -= part * part;
    }
    return left;
}

static float window_gain(Method *method, int candidate) {
    Window *state = (Window *)(void *)method;
    float *held = state->held + (int64_t)candidate * state->w;
    int oldest = state->count - within(state);
    for (int pick = state->known[candidate] > oldest ? state->known[candidate] : oldest; pick < state->count; pick++)
        held[pick % state->w] = dot(state, vector_at(state, pick % state->w), row_of(state->task, candidate));
    state->known[candidate] = state->count;
    float left = new_beside(state, held);
    if (!isfinite(left)) return NAN;
    left = left < NOTHING ? NOTHING : left;
    return state->less * state->task->relevance[candidate] + state->more * (state->root ? sqrtf(left) : logf(left));
}

static void factorise(Window *state) {
    for (int row = 0; row < within(state); row++)
        for (int column = 0; column <= row; column++) {
            float *one = state->factor + (int64_t)row * state->w, *other = state->factor + (int64_t)column * state->w;
            float left = state->gram[(int64_t)row * state->w + column];
            for (int before = 0; before < column; before++) left -= one[before] * other[before];
            if (row == column)
                one[column] = left > NOTHING ? sqrtf(left) : 0;
            else
                one[column] = other[column] > 0 ? left / other[column] : 0;
        }
}

static void keep_pick(Window *state, int place) {
    for (int other = 0; other < within(state); other++) {
        float alike = other == place ? state->start : dot(state, vector_at(state, other), vector_at(state, place));
        state->gram[(int64_t)place * state->w + other] = alike;
        state->gram[(int64_t)other * state->w + place] = alike;
    }
    factorise(state);
}

static void keep_what_is_new(Window *state, float *vector, const float *row) {
    float left = state->start;
    for (int other = 0; other < within(state); other++) {
        const float *held = vector_at(state, other);
        float part = dot(state, held, row), away = -part;
        add_rows(vector, &held, &away, 1, state->task->d);
        left -= part * part;
    }
    multiply(vector, left < NOTHING ? 0 : 1 / sqrtf(left), state->task->d);
}

static Outcome window_took(Method *method, int candidate) {
    Window *state = (Window *)(void *)method;
    const float *row = row_of(state->task, candidate);
    int place = state->count % state->w;
    memcpy(state->line, row, sizeof(float) * (size_t)state->task->d);
    if (state->root) keep_what_is_new(state, state->line, row);
    memcpy(vector_at(state, place), state->line, sizeof(float) * (size_t)state->task->d);
    state->count++;
    if (!state->root) keep_pick(state, place);
    method->rises = 1;
    return isfinite(dot(state, row, row)) ? DONE : NOT_A_NUMBER;
}

Outcome window(Task *task, float diversity, float jitter, int root, int w) {
    size_t n = (size_t)task->n, d = (size_t)task->d, width = (size_t)w;
    Window state = {.method = {window_gain, window_took, NULL, 0}, .task = task, .root = root, .w = w};
    state.less = 1 - diversity;
    state.more = diversity;
    state.start = 1 + jitter;
    state.known = calloc(n, sizeof(int));
    state.vectors = malloc(sizeof(float) * (width * d + n * width + 2 * width * width + (d > width ? d : width) + 1));
    Outcome outcome = NO_MEMORY;
    if (state.known && state.vectors) {
        state.held = state.vectors + width * d;
        state.gram = state.held + n * width;
        state.factor = state.gram + width * width;
        state.line = state.factor + width * width;
        outcome = choose(task, &state.method);
    }
    free(state.known);
    free(state.vectors);
    return outcome;
}
